import { computed, signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { age, clock, duration, metres, percent } from "@keepclear/shared/format";
import type { Alert, DeviceState } from "../data/model";
import { isAlert, isForSupervisors, isOngoing, sortAlerts } from "../data/order";
import { goesOn, isSilence, silenceBehind } from "../data/silence";
import { alerts, devices, known, now, selected } from "../data/store";
import { type Group, GROUPS, groupOf, needsAnswer } from "../data/triage";
import { t } from "../messages";
import { agoText, alertZoneName, cause, reason, silenceReason } from "../words";
import { select, showZone } from "./actions";
import { Empty } from "./empty";
import { StateIcon } from "./icons";
import { CouldHaveEntered, SilenceFacts } from "./silence";
import { useShown } from "./shown";
import { acknowledge, toggle, TriageBar } from "./triage";

const DWELL_S = 120;
const withApproaches = signal(false);

const shown = computed(() =>
  sortAlerts([...alerts.value.values()].filter((each) => isAlert(each) && (withApproaches.value || isForSupervisors(each)))),
);
/** How many wait for an answer, closed ones that have changed since among them: what the tabs and the title of the panel count. */
export const waitingCount = computed(() => [...alerts.value.values()].filter(needsAnswer).length);
const approachCount = computed(() => [...alerts.value.values()].filter((each) => !isForSupervisors(each)).length);

export function Alerts() {
  const groups = Object.fromEntries(GROUPS.map((group) => [group, shown.value.filter((each) => groupOf(each, now.value) === group)]));
  return (
    <div class="list-view alerts-view">
      <div class="scroll" tabIndex={0} role="region" aria-label={t("alerts")} onKeyDown={onKey}>
        {!known.value && <Empty icon="bell" title={t("loading")} />}
        {known.value && shown.value.length === 0 && <Empty icon="bell" title={t("noAlerts")} hint={t("noAlertsHint")} />}
        {GROUPS.map((each) => <AlertGroup key={each} group={each} alerts={groups[each] ?? []} />)}
      </div>
      <a class="figures-link" href="/figures">{t("figures")}</a>
      <p class="keys"><span><kbd>j</kbd> <kbd>k</kbd> {t("keyWalk")}</span> <span><kbd>a</kbd> {t("acknowledge")}</span> <span><kbd>e</kbd> {t("handle")}</span></p>
      {approachCount.value > 0 && (
        <label class="check">
          <input type="checkbox" checked={withApproaches.value} onChange={(event) => (withApproaches.value = event.currentTarget.checked)} />
          <span>{t("showApproaches")} <b>{approachCount.value}</b><small>{t("approachesHidden")}</small></span>
        </label>
      )}
    </div>
  );
}

/** j and k walk the rows, a acknowledges, e opens what can be done; typing in a form stays typing. */
function onKey(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select")) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".alert-row")];
  const index = rows.findIndex((each) => each.contains(target));
  const found = index < 0 ? undefined : alerts.value.get(rows[index]!.dataset.alert!);
  if (event.key === "j" || event.key === "k") {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + (event.key === "j" ? 1 : -1)))];
    next?.querySelector<HTMLElement>("button")?.focus();
  } else if (found && event.key === "a" && needsAnswer(found)) acknowledge(found);
  else if (found && event.key === "e") toggle(found.id);
  else return;
  event.preventDefault();
}

function AlertGroup({ group, alerts: some }: { group: Group; alerts: Alert[] }) {
  if (some.length === 0) return null;
  return (
    <section class={`alert-group is-${group}`}>
      <h3>{t(`group_${group}`)} <span>{some.length}</span></h3>
      <ol>
        {some.map((each) => <AlertRow key={each.id} alert={each} />)}
      </ol>
    </section>
  );
}

const SYMBOL: Record<Alert["kind"], DeviceState> = {
  approach: "approach", entry: "inside", dwell: "inside", exit: "inside", pass_through: "uncertain", gap: "uncertain", sos: "inside",
  silence: "clear",
};

const isStay = (alert: Alert): boolean => alert.kind === "entry" || alert.kind === "dwell" || alert.kind === "exit";

/** What is over loses its colour. */
const badgeOf = (alert: Alert): string =>
  isSilence(alert) ? (goesOn(alert) ? "silence" : "over")
  : alert.retracted || alert.excused !== null || (isStay(alert) && !isOngoing(alert)) ? "over" : SYMBOL[alert.kind];

function kindWord(alert: Alert): string {
  if (isSilence(alert) && alert.exit_at !== null) return t(alert.silence.over === "heard" ? "kind_heard" : "kind_silence_over");
  return isStay(alert) && alert.exit_at !== null ? t("kind_exit") : t(`kind_${alert.kind}`);
}

/** Its visitor, else its zone. */
export function show(alert: Alert): void {
  if (devices.value.has(alert.device)) select(alert.device);
  else if (alert.zone) showZone(alert.zone);
}

function AlertRow({ alert }: { alert: Alert }) {
  const classes = ["alert-row", isOngoing(alert) && "is-ongoing", alert.retracted && "is-retracted", alert.device === selected.value && "is-selected"];
  const row = useRef<HTMLLIElement>(null);
  useShown(row, alert.id);
  return (
    <li ref={row} class={classes.filter(Boolean).join(" ")} data-alert={alert.id}>
      <button type="button" onClick={() => show(alert)}>
        <StateIcon state={SYMBOL[alert.kind]} freshness={goesOn(alert) ? "silent" : isOngoing(alert) ? "fresh" : "stale"} />
        <span class="row-main">
          <span class="alert-head">
            <span class="row-title">{alert.visitor}</span>
            <span class={`badge is-${badgeOf(alert)}`}>{alert.retracted ? t("retracted") : alert.excused !== null ? t("excused") : kindWord(alert)}</span>
          </span>
          {alert.zone && <span class="alert-zone">{alertZoneName(alert)}</span>}
          {isStay(alert) && <Steps alert={alert} />}
          {isSilence(alert) ? <SilenceFacts alert={alert} /> : <Facts alert={alert} />}
        </span>
      </button>
      {isSilence(alert) && <CouldHaveEntered alert={alert} />}
      <TriageBar alert={alert} />
    </li>
  );
}

/** Entry, stay, exit: one incursion is one row that grows. */
function Steps({ alert }: { alert: Alert }) {
  const from = alert.confirmed_at ?? alert.first_possible_at;
  const until = alert.exit_at ?? now.value;
  const stayed = alert.kind === "dwell" || (alert.exit_at !== null && until - from >= DWELL_S);
  const step = (label: string, done: boolean, text: string) => (
    <span class={done ? "step is-done" : "step"}>
      <span class="step-name">{label}</span>
      <span class="step-text">{done ? text : <><span aria-hidden="true">–</span><span class="hidden">{t("pending")}</span></>}</span>
    </span>
  );
  return (
    <span class="steps">
      {step(t("stepEntry"), true, clock(alert.first_possible_at))}
      {step(t("stepDwell"), stayed, (alert.exit_at === null ? age : duration)(until - alert.first_possible_at))}
      {step(t("stepExit"), alert.exit_at !== null, clock(alert.exit_at ?? 0))}
    </span>
  );
}

/** A gap in the record of a zone says why nothing came, if the phone said so. */
function BehindGap({ alert }: { alert: Alert }) {
  const silence = silenceBehind(alert);
  return silence?.silence.why ? <span class="note">{t("silenceWhy", { why: silenceReason(silence.silence.why) })}</span> : null;
}

function Facts({ alert }: { alert: Alert }) {
  const distance = metres(Math.abs(alert.closest_m));
  const notes = { approach: t("approachNote"), pass_through: t("passThroughNote"), gap: t("gapNote") };
  const facts = [
    isOngoing(alert) && alert.kind === "entry" && t("insideFor", { span: age(now.value - alert.first_possible_at) }),
    !isStay(alert) && clock(alert.first_possible_at),
    alert.kind === "sos" && alert.exit_at === null && agoText(now.value - alert.first_possible_at),
    alert.kind !== "sos" && (alert.closest_m < 0 ? t("deepest", { distance }) : t("closest", { distance })),
    isStay(alert) && t("confidence", { share: percent(alert.p_inside) }),
  ].filter(Boolean);
  return (
    <>
      <span class="facts">{facts.join(" · ")}</span>
      {alert.kind === "gap" && <BehindGap alert={alert} />}
      {!alert.retracted && alert.kind in notes && <span class="note">{notes[alert.kind as keyof typeof notes]}</span>}
      {alert.excused !== null && <span class="note">{t("excusedNote", { cause: cause(alert.excused) })}</span>}
      {alert.why !== null && <span class="note">{t("why", { why: reason(alert.why) })}</span>}
    </>
  );
}

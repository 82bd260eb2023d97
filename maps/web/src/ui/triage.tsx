import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { clock, clockMinutes, duration, metres } from "@keepclear/shared/format";
import { me } from "../data/me";
import type { Alert, Difference } from "../data/model";
import { alerts, now } from "../data/store";
import { act, closeAll, type Deed, deedsOf, type DoneDeed, groupOf, handlers, hasChanged, isWaiting, loadHandlers, refusals } from "../data/triage";
import { t } from "../messages";
import { ExcuseAfter } from "./excuses";

const SNOOZES_S = [900, 3600] as const;
const REASONS = {
  incursion: ["spoken_to", "violation", "lawful", "false_alarm", "other"],
  sos: ["helped", "false_alarm", "other"],
  silence: ["reached", "technical", "other"],
} as const;
type Reason = (typeof REASONS)["incursion" | "sos" | "silence"][number] | "earlier";
const subjectOf = ({ kind }: Alert): keyof typeof REASONS => (kind === "sos" || kind === "silence" ? kind : "incursion");

/** The one row whose form is open. */
export const opened = signal<string | null>(null);
/** What is being written about it: kept when the row goes to another group meanwhile. */
const EMPTY = { text: "", reason: "" };
const draft = signal(EMPTY);
export function toggle(id: string): void {
  opened.value = opened.value === id ? null : id;
  draft.value = EMPTY;
}
/** What is closed goes to the end of the list; the reader stays where the next one waits. */
function putAway(id: string): void {
  if (opened.value !== id) return;
  toggle(id);
  document.querySelector<HTMLElement>(".alerts-view .scroll")?.focus({ preventScroll: true });
}
export const acknowledge = (alert: Alert): void => void act(alert, { act: "acknowledge" });

/** What was done about an alert, and the buttons to do more. */
export function TriageBar({ alert }: { alert: Alert }) {
  const group = groupOf(alert, now.value);
  const open = opened.value === alert.id;
  const refusal = refusals.value.get(alert.id);
  if ((group === "earlier" || group === "inside") && alert.triage === null) return null;
  return (
    <div class="triage">
      <p class="triage-state">{stateText(alert)}</p>
      {alert.news.length > 0 && <p class="triage-news">{newsText(alert)}</p>}
      <div class="triage-buttons">
        {isWaiting(alert) && <button type="button" class="action is-main" onClick={() => acknowledge(alert)}>{t("acknowledge")}</button>}
        {hasChanged(alert) && <button type="button" class="action is-main" onClick={() => acknowledge(alert)}>{t("keepClosed")}</button>}
        <button type="button" class="action" aria-expanded={open} onClick={() => toggle(alert.id)}>{t(open ? "foldUp" : "handle")}</button>
      </div>
      {refusal !== undefined && <p class="triage-refusal" role="alert">{refusalText(refusal)}</p>}
      {open && <Form key={alert.id} alert={alert} />}
    </div>
  );
}

function stateText(alert: Alert): string {
  const { triage, exit_at, kind } = alert;
  if (triage === null || triage.stage === "new") return exit_at === null || kind === "sos" ? t("unanswered") : t(kind === "silence" ? "silenceEnded" : "selfCleared");
  if (triage.stage === "closed") return t("closedBy", { who: triage.closed_by ?? "", reason: reasonText(triage.reason ?? "") });
  const whose = triage.assignee === null ? t("acknowledgedBy", { who: triage.acknowledged_by ?? "" }) : t("assignedTo", { who: triage.assignee });
  if (triage.snoozed_until === null || triage.snoozed_until <= now.value || alert.news.length > 0) return whose;
  return `${t("snoozedUntil", { time: clockMinutes(triage.snoozed_until) })} · ${whose}`;
}

function newsText(alert: Alert): string {
  const what = alert.news.map(differenceText).join(t("listComma"));
  return t(hasChanged(alert) ? "changedAfterClosing" : "snoozeEnded", { what });
}

const differenceText = ({ what, before, after }: Difference): string =>
  before === null || after === null ? t(`news_${what}`) : t("newsFromTo", { what: t(`news_${what}`), before: valueText(what, before), after: valueText(what, after) });

/** A depth is told inside the edge; a place outside it has a minus. */
const valueText = (what: string, value: number): string =>
  what === "longer" || what === "shorter" ? duration(value) : (value > 0 ? "−" : "") + metres(Math.abs(value));

const reasonText = (reason: string): string => t(`reason_${reason as Reason}`);

function refusalText(code: string): string {
  return code === "alert_changed" ? t("refused_changed") : code === "offline" ? t("refused_offline") : t("refused_other");
}

function Form({ alert }: { alert: Alert }) {
  const form = useRef<HTMLDivElement>(null);
  const { text } = draft.value;
  const done = async (deed: Deed) => {
    if (!(await act(alert, { ...deed, text }))) return;
    if (deed.act === "close") putAway(alert.id);
    else draft.value = { ...draft.value, text: "" };
  };
  const closed = alert.triage?.stage === "closed";
  useEffect(() => void loadHandlers(), []);
  useEffect(() => keepInSight(form.current!), []);
  return (
    <div class="triage-form" ref={form}>
      <label class="field">
        <span>{t("comment")}</span>
        <textarea rows={2} maxLength={2000} value={text} onInput={(event) => (draft.value = { ...draft.value, text: event.currentTarget.value })} />
      </label>
      <div class="triage-buttons">
        <button type="button" class="action" disabled={!text.trim()} onClick={() => void done({ act: "comment" })}>{t("addComment")}</button>
        {closed && alert.kind !== "sos" && <button type="button" class="action" disabled={!text.trim()} onClick={() => void done({ act: "reopen" })}>{t("reopen")}</button>}
      </div>
      {!closed && <Assign alert={alert} done={done} />}
      {!closed && <Snooze alert={alert} done={done} />}
      {!closed && <Close alert={alert} text={text} done={done} />}
      <ExcuseAfter alert={alert} note={text} />
      <Deeds alert={alert} />
    </div>
  );
}

/** A row that opens, or that goes to another group while it is open, is in sight and has the focus. */
function keepInSight(form: HTMLElement): void {
  const row = form.closest(".alert-row")!;
  row.scrollIntoView({ block: "nearest" });
  if (document.activeElement === document.body) row.querySelector<HTMLElement>("[aria-expanded]")?.focus({ preventScroll: true });
}

type Done = (deed: Deed) => Promise<void>;

function Assign({ alert, done }: { alert: Alert; done: Done }) {
  const others = handlers.value.filter((each) => each !== alert.triage?.assignee);
  return (
    <label class="field">
      <span>{t("assign")}</span>
      <select value="" onChange={(event) => event.currentTarget.value && void done({ act: "assign", to: event.currentTarget.value })}>
        <option value="">{t("choosePerson")}</option>
        {others.map((each) => <option key={each} value={each}>{each === me.value?.user ? t("me", { who: each }) : each}</option>)}
      </select>
    </label>
  );
}

function Snooze({ alert, done }: { alert: Alert; done: Done }) {
  const stage = alert.triage?.stage ?? "new";
  if (alert.kind === "sos" || stage === "new") return null;
  const snoozed = groupOf(alert, now.value) === "snoozed";
  return (
    <div class="triage-buttons" role="group" aria-label={t("snooze")}>
      {snoozed && <button type="button" class="action" onClick={() => void done({ act: "wake" })}>{t("wake")}</button>}
      {!snoozed && SNOOZES_S.map((span) => (
        <button key={span} type="button" class="action" onClick={() => void done({ act: "snooze", until: now.value + span })}>
          {t("snoozeFor", { n: span / 60 })}
        </button>
      ))}
    </div>
  );
}

/** Others that wait in the same zone: one cause is answered once. */
const sameCause = (alert: Alert): Alert[] =>
  alert.kind === "sos" ? [] : [...alerts.value.values()].filter(
    (each) => each.id !== alert.id && each.zone === alert.zone && subjectOf(each) === subjectOf(alert) && groupOf(each, now.value) === "answer",
  );

function Close({ alert, text, done }: { alert: Alert; text: string; done: Done }) {
  const { reason } = draft.value;
  const [withOthers, setWithOthers] = useState(false);
  const others = sameCause(alert);
  const lacks = reason === "" || (reason === "other" && !text.trim());
  const close = async () => {
    if (!withOthers) return done({ act: "close", reason });
    if (await closeAll([alert, ...others], reason, text)) putAway(alert.id);
  };
  return (
    <fieldset class="triage-close">
      <legend>{t("closeAlert")}</legend>
      <label class="field">
        <span>{t("reason")}</span>
        <select value={reason} onChange={(event) => (draft.value = { ...draft.value, reason: event.currentTarget.value })}>
          <option value="">{t("chooseReason")}</option>
          {REASONS[subjectOf(alert)].map((each) => <option key={each} value={each}>{reasonText(each)}</option>)}
        </select>
      </label>
      {reason === "other" && <p class="note">{t("otherNeedsComment")}</p>}
      {others.length > 0 && (
        <label class="check">
          <input type="checkbox" checked={withOthers} onChange={(event) => setWithOthers(event.currentTarget.checked)} />
          <span>{t(alert.kind === "silence" ? "closeOtherSilences" : "closeOthers", { n: others.length })}</span>
        </label>
      )}
      <button type="button" class="action is-main" disabled={lacks} onClick={() => void close()}>{t("closeAlert")}</button>
    </fieldset>
  );
}

function Deeds({ alert }: { alert: Alert }) {
  const [deeds, setDeeds] = useState<DoneDeed[] | null>([]);
  const version = alert.triage?.version ?? 0;
  useEffect(() => void deedsOf(alert).then(setDeeds), [alert.id, version]);
  if (deeds === null) return <p class="note">{t("refused_offline")}</p>;
  return (
    <ol class="deeds" aria-label={t("history")}>
      {deeds.map((each) => (
        <li key={each.at}>
          <span class="deed-head">{clock(each.at)} · {each.by} · {t(`act_${each.act}`)}{each.to ? ` → ${each.to}` : ""}{each.until ? ` → ${clockMinutes(each.until)}` : ""}{each.reason ? ` · ${reasonText(each.reason)}` : ""}</span>
          {each.text && <span class="deed-text">{each.text}</span>}
        </li>
      ))}
    </ol>
  );
}

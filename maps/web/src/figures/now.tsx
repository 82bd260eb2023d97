import { age, duration } from "@keepclear/shared/format";
import { Range, RangeAxis } from "./charts";
import { CALL_STEPS, type Delay, type Figures, type Group, type Open, STEPS, total } from "./model";
import { Panel, Wide } from "./panel";
import { t, word } from "./words";

/** What must be looked at now, in one glance. */
export function Tiles({ figures }: { figures: Figures }) {
  const { open, silent_visitors, on_shift, ingest_lag, channels } = figures;
  const calls = open.filter((each) => each.kind === "sos");
  const rest = open.filter((each) => each.kind !== "sos");
  const count = (some: Open[], of: "waiting" | "in_hand"): number => total(some.map((each) => total(each[of])));
  const dead = total(channels.map((each) => each.dead));
  const open_calls = count(calls, "waiting") + count(calls, "in_hand");
  return (
    <section class="tiles" aria-label={t("now")}>
      <Tile label={t("calls")} value={String(open_calls)} alarming={open_calls > 0} />
      <Tile label={t("waiting")} value={String(count(rest, "waiting"))} alarming={count(rest, "waiting") > 0} />
      <Tile label={t("inHand")} value={String(count(rest, "in_hand"))} />
      <Tile label={t("silentOfShift")} value={`${silent_visitors} / ${on_shift}`} alarming={silent_visitors > 0} />
      <Tile label={t("lag")} value={span(ingest_lag.p95_s)} />
      <Tile label={t("dead")} value={String(dead)} alarming={dead > 0} />
    </section>
  );
}

function Tile({ label, value, alarming = false }: { label: string; value: string; alarming?: boolean }) {
  return <dl class={alarming ? "tile is-alarming" : "tile"}><dt>{label}</dt><dd>{value}</dd></dl>;
}

export const span = (seconds: number | null): string => (seconds === null ? "–" : duration(Math.max(0, seconds)));

const ORDER = ["sos", "entry", "dwell", "left"];
const place = (kind: string): number => (ORDER.indexOf(kind) + ORDER.length + 1) % (ORDER.length + 1);

export function OpenAlerts({ figures }: { figures: Figures }) {
  const { age_limits_s: limits } = figures;
  const rows = [...figures.open].sort((one, other) => place(one.kind) - place(other.kind));
  const most = Math.max(1, ...rows.flatMap(({ waiting, in_hand }) => waiting.map((each, index) => each + in_hand[index]!)));
  const ages = [...limits.map((each) => t("under", { age: age(each) })), t("over", { age: age(limits.at(-1)!) })];
  return (
    <Panel id="open" title={t("open")} hint={rows.length ? t("openHint") : undefined}>
      {rows.length === 0 ? <p class="none">{t("noneOpen")}</p> : (
        <Wide label={t("open")}>
          <table class="heat">
            <thead><tr><th scope="col">{t("kind")}</th>{ages.map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
            <tbody>
              {rows.map(({ kind, waiting, in_hand }) => (
                <tr key={kind}>
                  <th scope="row">{word("kind", kind)}</th>
                  {waiting.map((each, index) => <Cell key={index} waiting={each} inHand={in_hand[index]!} most={most} />)}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </Panel>
  );
}

/** Four tints by the share of the fullest cell; the number says it anyway. */
function Cell({ waiting, inHand, most }: { waiting: number; inHand: number; most: number }) {
  const tint = Math.ceil(((waiting + inHand) / most) * 4);
  return <td class={`tint-${tint}`}>{waiting}{inHand > 0 && <small> ({inHand})</small>}</td>;
}

export function Delays({ figures }: { figures: Figures }) {
  const calls = figures.subjects.find((each) => each.key === "sos");
  const entries = figures.subjects.find((each) => each.key === "incursion");
  return (
    <Panel id="delays" title={t("delays")} hint={entries || calls ? t("delaysHint") : undefined}>
      {!entries && !calls && <p class="none">{t("noAlerts")}</p>}
      {(entries || calls) && (
        <Wide label={t("delays")}>
          <table class="ranges">
            <thead>
              <tr><th scope="col">{t("step")}</th><td class="chart"><RangeAxis /></td><th scope="col">{t("median")}</th><th scope="col">{t("p95")}</th><th scope="col">{t("count")}</th></tr>
            </thead>
            {entries && <Steps group={entries} />}
            {calls && <Steps group={calls} />}
          </table>
        </Wide>
      )}
    </Panel>
  );
}

function Steps({ group }: { group: Group }) {
  const isCall = group.key === "sos";
  return (
    <tbody>
      <tr><th scope="rowgroup" colSpan={5} class="rowgroup">{t(isCall ? "subject_sos" : "subject_incursion")}</th></tr>
      {(isCall ? CALL_STEPS : STEPS).map((each) => <StepRow key={each} name={stepName(each, isCall)} delay={group.delays[each]} />)}
    </tbody>
  );
}

function stepName(step: (typeof STEPS)[number], isCall: boolean): string {
  if (isCall && (step === "told_after_confirmed" || step === "acknowledged_after_crossing")) return t(`call_${step}`);
  return t(`step_${step}`);
}

function StepRow({ name, delay }: { name: string; delay: Delay }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="chart"><Range delay={delay} /></td>
      <td>{span(delay.median_s)}</td><td>{span(delay.p95_s)}</td><td>{delay.count}</td>
    </tr>
  );
}

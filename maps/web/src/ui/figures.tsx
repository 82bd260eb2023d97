import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { age, percent } from "@keepclear/shared/format";
import type { Alert } from "../data/model";
import { alerts } from "../data/store";
import { isWaiting } from "../data/triage";
import { t } from "../messages";

interface Delay { count: number; median_s: number | null; p95_s: number | null }
interface Precision { kind: "entry" | "dwell"; upheld: number; refuted: number; undecided: number; share: number | null }
interface Figures {
  days: number; waiting: number; in_hand: number; calls: number;
  confirmed_after_crossing: Delay; told_after_confirmed: Delay; shown_after_told: Delay; acknowledged_after_told: Delay;
  precision: Precision[]; silent_visitors: number; on_shift: number; ingest_lag: Delay;
  dead: { recipient: string; count: number; last_error: string }[];
}

const DELAYS = ["confirmed_after_crossing", "told_after_confirmed", "shown_after_told", "acknowledged_after_told", "ingest_lag"] as const;
const REFRESH_MS = 30_000;
const SHOWN_AT_ONCE = 200;

/** How alerts are going, folded up until somebody asks. */
export function FiguresView() {
  const [open, setOpen] = useState(false);
  return (
    <details class="figures" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("figures")}</summary>
      {open && <Table />}
    </details>
  );
}

function Table() {
  const [figures, setFigures] = useState<Figures | null>(null);
  useEffect(() => {
    const load = async () => {
      const answer = await fetch("/api/v1/alert-figures").catch(() => null);
      if (answer?.ok) setFigures((await answer.json()) as Figures);
    };
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  if (figures === null) return <p class="note">{t("loading")}</p>;
  const { waiting, in_hand, calls, silent_visitors, on_shift, days } = figures;
  return (
    <div class="figures-body">
      <p class="note">{t("figuresOf", { days })}</p>
      <dl>
        <div><dt>{t("group_answer")}</dt><dd>{waiting}</dd></div>
        <div><dt>{t("group_hand")}</dt><dd>{in_hand}</dd></div>
        <div><dt>{t("group_sos")}</dt><dd>{calls}</dd></div>
        <div><dt>{t("silentOfShift")}</dt><dd>{silent_visitors} / {on_shift}</dd></div>
      </dl>
      {figures.dead.length > 0 && (
        <ul class="dead" aria-label={t("dead")}>
          {figures.dead.map((each) => <li key={each.recipient}>{t("deadOf", { who: each.recipient, n: each.count, why: each.last_error })}</li>)}
        </ul>
      )}
      <table>
        <thead><tr><th scope="col">{t("delay")}</th><th scope="col">{t("median")}</th><th scope="col">{t("p95")}</th></tr></thead>
        <tbody>
          {DELAYS.map((each) => (
            <tr key={each}><th scope="row">{t(`delay_${each}`)}</th><td>{span(figures[each].median_s)}</td><td>{span(figures[each].p95_s)}</td></tr>
          ))}
        </tbody>
      </table>
      <table>
        <thead><tr><th scope="col">{t("precision")}</th><th scope="col">{t("upheld")}</th><th scope="col">{t("refuted")}</th></tr></thead>
        <tbody>
          {figures.precision.map(({ kind, upheld, refuted, share }) => (
            <tr key={kind}><th scope="row">{t(`kind_${kind}`)}{share !== null && ` ${percent(share)}`}</th><td>{upheld}</td><td>{refuted}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const span = (seconds: number | null): string => (seconds === null ? "–" : age(Math.max(0, seconds)));

const noted = new Set<string>();

/** Note, once for each page, which alerts that wait a person could see: at once, or when they come back to the page. */
export function noteShown(): void {
  effect(() => note(alerts.value.values()));
  addEventListener("visibilitychange", () => note(alerts.value.values()));
}

function note(some: Iterable<Alert>): void {
  const fresh = [...some].filter((each) => isWaiting(each) && !noted.has(each.id)).slice(0, SHOWN_AT_ONCE);
  if (fresh.length === 0 || document.hidden) return;
  const ids = fresh.map(({ id }) => id);
  for (const id of ids) noted.add(id);
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ids }) };
  fetch("/api/v1/alert-figures/shown", options).catch(() => ids.forEach((id) => noted.delete(id)));
}

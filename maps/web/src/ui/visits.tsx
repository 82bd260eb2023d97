import { useEffect, useState } from "preact/hooks";
import { momentSpan } from "@keepclear/shared/format";
import { dayOf, fromLocal, toLocal } from "../data/local-time";
import { now } from "../data/store";
import { LONGEST_CASE, plan, takeBack, type Visit, visitsOf } from "../data/visits";
import { t } from "../messages";

const USUAL_S = 2 * 3600;
const REFUSALS = ["no_case_reference", "no_span", "not_there"] as const;

function refusalText(code: string): string {
  const known = REFUSALS.find((each) => each === code);
  return known ? t(`visit_${known}`) : t(code === "offline" ? "refused_offline" : "refused_other");
}

/** On the visitor's card: the visits of today and later, and a form to plan one. `current`: the case worked on now. */
export function Visits({ device, current }: { device: string; current: string | null }) {
  const [known, setKnown] = useState<Visit[] | null>([]);
  const [refusal, setRefusal] = useState<string | null>(null);
  const load = () => void visitsOf(device, dayOf(now.peek())).then(setKnown);
  // What others plan or take back is read anew when it shows on the map.
  useEffect(load, [device, current]);
  const change = async (asked: Promise<string | null>): Promise<boolean> => {
    const refused = await asked;
    setRefusal(refused);
    load();
    return refused === null;
  };
  const due = (known ?? []).filter((each) => each.to_at > now.value);
  const over = (known ?? []).filter((each) => each.to_at <= now.value);
  return (
    <details class="excuses">
      <summary>{t("visits")}{due.length > 0 && <b>{due.length}</b>}</summary>
      {known === null && <p class="note">{t("refused_offline")}</p>}
      <ul aria-label={t("visits")}>
        {[...due, ...over].map((each) => (
          <li key={each.id} class={each.to_at > now.value ? "" : "is-over"}>
            <span>
              <span class="row-title">{each.case}</span>
              <span class="note">{momentSpan(each.from_at, each.to_at)}</span>
              {each.planned_by && <span class="note">{t("plannedBy", { who: each.planned_by })}</span>}
            </span>
            {each.to_at > now.value && (
              <button type="button" class="action" aria-label={t("takeBackCase", { case: each.case })} onClick={() => void change(takeBack(each.id))}>{t("withdraw")}</button>
            )}
          </li>
        ))}
      </ul>
      {refusal !== null && <p class="triage-refusal" role="alert">{refusalText(refusal)}</p>}
      <NewVisitForm due={due} send={(given) => change(plan({ device, ...given }))} />
    </details>
  );
}

interface NewVisitProps { due: readonly Visit[]; send: (given: { case: string; from_at: number; to_at: number }) => Promise<boolean> }

function NewVisitForm({ due, send }: NewVisitProps) {
  const [reference, setReference] = useState("");
  const [from, setFrom] = useState(() => toLocal(now.peek()));
  const [to, setTo] = useState(() => toLocal(now.peek() + USUAL_S));
  const [from_at, to_at] = [fromLocal(from), fromLocal(to)];
  const same = reference.trim() !== "" && due.find((each) => each.from_at < to_at && from_at < each.to_at);
  const lacks = reference.trim() === "" || from === "" || to === "";
  /** A later beginning moves the end along. */
  const begin = (next: string) => {
    const end = fromLocal(next) + to_at - from_at;
    setFrom(next);
    if (!Number.isNaN(end)) setTo(toLocal(end));
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await send({ case: reference, from_at, to_at })) setReference("");
  };
  return (
    <form class="triage-form" onSubmit={(event) => void submit(event)}>
      <label class="field"><span>{t("visitCase")}</span><input type="text" maxLength={LONGEST_CASE} autocomplete="off" value={reference} onInput={(event) => setReference(event.currentTarget.value)} /></label>
      <p class="note">{t("visitCaseNote")}</p>
      <label class="field"><span>{t("excuseBegin")}</span><input type="datetime-local" value={from} onInput={(event) => begin(event.currentTarget.value)} /></label>
      <label class="field"><span>{t("excuseEnd")}</span><input type="datetime-local" value={to} onInput={(event) => setTo(event.currentTarget.value)} /></label>
      {same && <p class="note" role="status">{t("visitOverlaps", { case: same.case, span: momentSpan(same.from_at, same.to_at) })}</p>}
      <button type="submit" class="action" disabled={lacks}>{t("planVisit")}</button>
    </form>
  );
}

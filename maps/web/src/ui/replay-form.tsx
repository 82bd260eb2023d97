import { useEffect, useRef, useState } from "preact/hooks";
import { moment } from "@keepclear/shared/format";
import { fromLocal, toLocal } from "../data/local-time";
import { chosen, choose, LONGEST_S, look, MOST_VISITORS, nameOf, type PastShift, type PastVisitor, people, shifts } from "../data/replay";
import { serverNow } from "../data/store";
import { t } from "../messages";
import { Icon } from "./icons";

const PURPOSES = ["purpose_review", "purpose_statement", "purpose_complaint", "purpose_safety"] as const;
const LEAST_PURPOSE = 3;
const MINUTE_S = 60;

interface Span { from: string; to: string }

/** Whose past, from when to when, and what for. */
export function ReplayForm() {
  const [purpose, setPurpose] = useState("");
  const [span, setSpan] = useState<Span>({ from: "", to: "" });
  useEffect(() => {
    if (shifts.value[0]) setSpan(spanOf(shifts.value[0]));
  }, [shifts.value]);
  const [from_at, to_at] = [fromLocal(span.from), fromLocal(span.to)];
  const isSound = from_at < to_at && to_at - from_at <= LONGEST_S;
  const isReady = isSound && chosen.value.length > 0 && purpose.trim().length >= LEAST_PURPOSE;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isReady) void look({ visitors: [...chosen.value], from_at, to_at, purpose: purpose.trim() });
  };
  return (
    <form class="replay-form" onSubmit={submit}>
      <Chosen />
      <Shifts span={span} setSpan={setSpan} />
      <Moment label={t("from")} value={span.from} onChange={(from) => setSpan({ ...span, from })} />
      <Moment label={t("until")} value={span.to} onChange={(to) => setSpan({ ...span, to })} />
      <label class="field is-wide">
        <span>{t("purpose")}</span>
        <input type="text" list="purposes" maxLength={200} value={purpose} onInput={(event) => setPurpose(event.currentTarget.value)} />
        <datalist id="purposes">{PURPOSES.map((each) => <option key={each} value={t(each)} />)}</datalist>
      </label>
      <button type="submit" class="action is-main" disabled={!isReady}>{t("replayLook")}</button>
      <p class="note">{span.from && span.to && !isSound ? t("spanUnsound") : t("purposeNote")}</p>
    </form>
  );
}

/** The visitors chosen, and a field that adds one. */
function Chosen() {
  const isFull = chosen.value.length >= MOST_VISITORS;
  const field = useRef<HTMLInputElement>(null);
  const add = () => {
    const found = people.value.find((each) => label(each) === field.current?.value);
    if (found === undefined || field.current === null) return;
    field.current.value = "";
    if (!chosen.value.includes(found.id)) void choose([...chosen.value, found.id]);
  };
  useEffect(add, [people.value]); // who types faster than the list arrives is not left waiting
  return (
    <div class="replay-people">
      <ul aria-label={t("replayWho")}>
        {chosen.value.map((id) => (
          <li key={id}>
            <button type="button" class="chip" aria-label={t("replayWithout", { visitor: nameOf(id) })} onClick={() => void choose(chosen.value.filter((each) => each !== id))}>
              {nameOf(id)} <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <label class="field">
        <span>{t("replayAdd")}</span>
        <input ref={field} type="text" list="replay-people" disabled={isFull} autocomplete="off" onInput={add} />
        <datalist id="replay-people">{people.value.map((each) => <option key={each.id} value={label(each)} />)}</datalist>
      </label>
    </div>
  );
}

/** The shifts of the first visitor: one click sets both ends. */
function Shifts({ span, setSpan }: { span: Span; setSpan: (span: Span) => void }) {
  const spans = shifts.value.map(spanOf);
  const current = spans.findIndex((each) => each.from === span.from && each.to === span.to);
  return (
    <label class="field">
      <span>{t("shift")}</span>
      <select value={current} disabled={spans.length === 0} onChange={(event) => { const it = spans[Number(event.currentTarget.value)]; if (it) setSpan(it); }}>
        <option value={-1}>{t("ownSpan")}</option>
        {shifts.value.map((each, index) => (
          <option key={each.id} value={index}>{moment(each.opened_at)} – {each.closed_at === null ? t("shiftOpen") : moment(each.closed_at)}</option>
        ))}
      </select>
    </label>
  );
}

function Moment({ label: text, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label class="field">
      <span>{text}</span>
      <input type="datetime-local" value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

/** A name, and the number of whoever shares it. */
function label(visitor: PastVisitor): string {
  const isShared = people.value.some((each) => each.id !== visitor.id && each.name === visitor.name);
  return isShared ? `${visitor.name} (${visitor.id})` : visitor.name;
}

function spanOf(shift: PastShift): Span {
  const to_at = Math.min(shift.closed_at ?? serverNow(), shift.opened_at + LONGEST_S - MINUTE_S);
  return { from: toLocal(Math.floor(shift.opened_at / MINUTE_S) * MINUTE_S), to: toLocal(Math.ceil(to_at / MINUTE_S) * MINUTE_S) };
}

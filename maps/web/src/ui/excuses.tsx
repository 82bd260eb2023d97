import { useEffect, useState } from "preact/hooks";
import { moment, momentSpan } from "@keepclear/shared/format";
import { byName } from "@keepclear/shared/names";
import { CAUSES, excuse, type Excuse, excusesOf, isInForce, withdraw } from "../data/excuses";
import { fromLocal, toLocal } from "../data/local-time";
import type { Alert } from "../data/model";
import { footprints, now } from "../data/store";
import { t } from "../messages";
import { cause as causeText, zoneName, zoneNameOf } from "../words";

const MOST_SHOWN = 10;
const SPANS_S = [1800, 3600, 4 * 3600] as const;

function CauseField({ value, onChange }: { value: string; onChange: (cause: string) => void }) {
  return (
    <label class="field">
      <span>{t("excuseCause")}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{t("chooseReason")}</option>
        {CAUSES.map((each) => <option key={each} value={each}>{causeText(each)}</option>)}
      </select>
    </label>
  );
}

/** On the visitor's card: what excuses them, and a form to excuse them beforehand. */
export function Excuses({ device }: { device: string }) {
  const [known, setKnown] = useState<Excuse[] | null>([]);
  const load = () => void excusesOf(device).then(setKnown);
  useEffect(load, [device]);
  const takeBack = async (id: number) => {
    await withdraw(id);
    load();
  };
  const inForce = (known ?? []).filter((each) => isInForce(each, now.value));
  const shown = [...inForce, ...(known ?? []).filter((each) => !isInForce(each, now.value))].slice(0, MOST_SHOWN);
  return (
    <details class="excuses">
      <summary>{t("excuses")}{inForce.length > 0 && <b>{inForce.length}</b>}</summary>
      {known === null && <p class="note">{t("refused_offline")}</p>}
      <ul>
        {shown.map((each) => (
          <li key={each.id} class={isInForce(each, now.value) ? "" : "is-over"}>
            <span>
              <span class="row-title">{each.zone === null ? t("everyZone") : each.zone_name || zoneNameOf(each.zone)}</span>
              <span class="note">{causeText(each.cause)} · {each.to_at === null ? t("excuseFrom", { from: moment(each.from_at) }) : momentSpan(each.from_at, each.to_at)}</span>
              <span class="note">{[t("approvedBy", { who: each.approved_by }), each.withdrawn_by !== null && t("withdrawnBy", { who: each.withdrawn_by }), each.note].filter(Boolean).join(" · ")}</span>
            </span>
            {isInForce(each, now.value) && <button type="button" class="action" onClick={() => void takeBack(each.id)}>{t("withdraw")}</button>}
          </li>
        ))}
      </ul>
      <NewExcuseForm device={device} done={load} />
    </details>
  );
}

function NewExcuseForm({ device, done }: { device: string; done: () => void }) {
  const [zone, setZone] = useState("");
  const [cause, setCause] = useState("");
  const [from, setFrom] = useState(() => toLocal(now.peek()));
  const [to, setTo] = useState(() => toLocal(now.peek() + 4 * 3600));
  const [note, setNote] = useState("");
  const [refused, setRefused] = useState(false);
  const lacks = cause === "" || from === "" || to === "" || to < from;
  const send = async (event: Event) => {
    event.preventDefault();
    const given = { device, zone: zone || null, from_at: fromLocal(from), to_at: fromLocal(to), cause, note };
    const isDone = await excuse(given);
    setRefused(!isDone);
    if (!isDone) return;
    setCause("");
    setNote("");
    done();
  };
  return (
    <form class="triage-form" onSubmit={(event) => void send(event)}>
      <label class="field">
        <span>{t("zone")}</span>
        <select value={zone} onChange={(event) => setZone(event.currentTarget.value)}>
          <option value="">{t("everyZone")}</option>
          {byName(footprints.value.map(({ properties }) => ({ id: properties.id, name: zoneName(properties) }))).map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
      <CauseField value={cause} onChange={setCause} />
      <label class="field"><span>{t("excuseBegin")}</span><input type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} /></label>
      <label class="field"><span>{t("excuseEnd")}</span><input type="datetime-local" value={to} onInput={(event) => setTo(event.currentTarget.value)} /></label>
      <label class="field"><span>{t("excuseNote")}</span><input type="text" maxLength={500} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
      {refused && <p class="triage-refusal" role="alert">{t("refused_other")}</p>}
      <button type="submit" class="action" disabled={lacks}>{t("excuseNow")}</button>
    </form>
  );
}

/** In the form of an alert: the stay was lawful. What still goes on is excused for a while. */
export function ExcuseAfter({ alert, note }: { alert: Alert; note: string }) {
  const [cause, setCause] = useState("");
  const [span, setSpan] = useState<number>(SPANS_S[1]);
  const [refused, setRefused] = useState(false);
  if (!alert.zone || alert.excused !== null || alert.retracted) return null;
  const isOver = alert.exit_at !== null;
  const send = async () => {
    const to_at = isOver ? alert.exit_at : now.value + span;
    setRefused(!(await excuse({ device: alert.device, zone: alert.zone, from_at: alert.first_possible_at, to_at, cause, note })));
  };
  return (
    <fieldset class="triage-close">
      <legend>{t("excuseAfter")}</legend>
      <CauseField value={cause} onChange={setCause} />
      {!isOver && (
        <label class="field">
          <span>{t("excuseFor")}</span>
          <select value={span} onChange={(event) => setSpan(Number(event.currentTarget.value))}>
            {SPANS_S.map((each) => <option key={each} value={each}>{t("minutesFromNow", { n: each / 60 })}</option>)}
          </select>
        </label>
      )}
      {refused && <p class="triage-refusal" role="alert">{t("refused_other")}</p>}
      <button type="button" class="action" disabled={cause === ""} onClick={() => void send()}>{t("excuseNow")}</button>
    </fieldset>
  );
}

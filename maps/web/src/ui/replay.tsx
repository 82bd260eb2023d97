import { useEffect, useRef, useState } from "preact/hooks";
import { kilometresPerHour, metres, moment } from "@keepclear/shared/format";
import { ask, asked, current, inGap, leave, look, playedAt, playing, refusal, replay, shifts, span, speed, SPEEDS, take } from "../data/replay";
import { t } from "../messages";
import { Icon } from "./icons";
import { ReplayChart } from "./replay-chart";

const FORMATS = ["gpx", "geojson", "csv"] as const;
const PURPOSES = ["purpose_review", "purpose_statement", "purpose_complaint", "purpose_safety"] as const;
const LEAST_PURPOSE = 3;
const STEP_S = 1;

/** Where a visitor was: asked with a purpose, then played. */
export function ReplayPanel() {
  const visitor = asked.value;
  return visitor === null ? null : <Panel key={visitor.device} device={visitor.device} visitor={visitor.visitor} />;
}

function Panel({ device, visitor }: { device: string; visitor: string }) {
  const [purpose, setPurpose] = useState("");
  const shift = replay.value?.shift;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <section class="replay" aria-labelledby="replay-title">
      <header>
        <h2 id="replay-title" tabIndex={-1} ref={title}>{t("replayOf", { visitor })}{shift && <small> {moment(shift.opened_at)}</small>}</h2>
        {shift && <button type="button" class="action" onClick={() => void ask(device, visitor)}>{t("otherShift")}</button>}
        <button type="button" class="icon-button" aria-label={t("replayLeave")} title={t("replayLeave")} onClick={leave}><Icon name="close" /></button>
      </header>
      {shift === undefined ? <Form purpose={purpose} setPurpose={setPurpose} /> : <Player shift={shift.id} purpose={purpose} />}
      {refusal.value !== null && <p class="triage-refusal" role="alert">{t(refusal.value === "offline" ? "refused_offline" : "replayRefused")}</p>}
    </section>
  );
}

function Form({ purpose, setPurpose }: { purpose: string; setPurpose: (text: string) => void }) {
  const [shift, setShift] = useState("");
  const chosen = shift || String(shifts.value[0]?.id ?? "");
  const submit = (event: Event) => {
    event.preventDefault();
    void look(Number(chosen), purpose.trim());
  };
  return (
    <form class="replay-form" onSubmit={submit}>
      <label class="field">
        <span>{t("shift")}</span>
        <select value={chosen} onChange={(event) => setShift(event.currentTarget.value)}>
          {shifts.value.map((each) => (
            <option key={each.id} value={each.id}>{moment(each.opened_at)} – {each.closed_at === null ? t("shiftOpen") : moment(each.closed_at)}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("purpose")}</span>
        <input type="text" list="purposes" maxLength={200} value={purpose} onInput={(event) => setPurpose(event.currentTarget.value)} />
        <datalist id="purposes">{PURPOSES.map((each) => <option key={each} value={t(each)} />)}</datalist>
      </label>
      <button type="submit" class="action is-main" disabled={!chosen || purpose.trim().length < LEAST_PURPOSE}>{t("replayLook")}</button>
      <p class="note">{t("purposeNote")}</p>
    </form>
  );
}

function Player({ shift, purpose }: { shift: number; purpose: string }) {
  const { from, to } = span.value;
  const { fixes, all_fixes, incursions } = replay.value!;
  if (fixes.length === 0) return <p class="note">{t("replayEmpty")}</p>;
  return (
    <>
      <ReplayChart />
      <input
        class="scrubber" type="range" min={from} max={to} step={STEP_S} value={playedAt.value} aria-label={t("scrubber")}
        aria-valuetext={moment(playedAt.value)} onInput={(event) => (playedAt.value = Number(event.currentTarget.value))}
      />
      <div class="replay-controls">
        <button type="button" class="action is-main" onClick={() => play(from, to)}>{t(playing.value ? "pause" : "play")}</button>
        <select aria-label={t("playSpeed")} value={speed.value} onChange={(event) => (speed.value = Number(event.currentTarget.value))}>
          {SPEEDS.map((each) => <option key={each} value={each}>{each}×</option>)}
        </select>
        <p class="replay-now">{nowText()}</p>
        <div class="replay-files" role="group" aria-label={t("exportAs")}>
          {FORMATS.map((each) => <button key={each} type="button" class="action" onClick={() => void take(shift, each, purpose.trim())}>{each === "geojson" ? "GeoJSON" : each.toUpperCase()}</button>)}
        </div>
      </div>
      <p class="note">{t("replayFacts", { n: all_fixes, late: fixes.filter((each) => each.late).length, incursions: incursions.filter((each) => !each.retracted).length })}{fixes.length < all_fixes && ` ${t("replayThinned", { n: fixes.length })}`}</p>
    </>
  );
}

function play(from: number, to: number): void {
  if (!playing.value && playedAt.value >= to) playedAt.value = from;
  playing.value = !playing.value;
}

function nowText(): string {
  const fix = current.value;
  if (fix === null) return moment(playedAt.value);
  const distance = fix.edge_m === null ? null : t(fix.edge_m < 0 ? "insideEdge" : "outsideEdge", { distance: metres(Math.abs(fix.edge_m)) });
  const facts = [
    moment(playedAt.value),
    inGap.value ? t("inGap") : distance,
    !inGap.value && fix.speed_mps !== null && kilometresPerHour(fix.speed_mps * 3.6),
    fix.late && t("lateFix"),
  ];
  return facts.filter(Boolean).join(" · ");
}

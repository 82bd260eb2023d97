import { useEffect, useRef, useState } from "preact/hooks";
import { kilometresPerHour, metres, moment, momentSpan } from "@keepclear/shared/format";
import { asked, askFor, FORMAT_NAMES, FORMATS, type Format } from "../data/exports";
import { askAgain, focus, focused, isOpen, leave, looked, type Moment, moments, playedAt, playing, refusal, replay, span, speed, SPEEDS } from "../data/replay";
import { t } from "../messages";
import { Icon } from "./icons";
import { ReplayChart } from "./replay-chart";
import { ReplayForm } from "./replay-form";

const STEP_S = 1;
const NAMED = 3;
/** As tracker/past/track_exports.py has it, for one file and for what an account took alone. */
const TWO_PEOPLE_FROM = 25;

/** Where visitors were: asked with a purpose, then played. */
export function ReplayPanel() {
  return isOpen.value ? <Panel onLeave={leave} /> : null;
}

/** Without `onLeave` there is no present to go back to. */
export function Panel({ onLeave }: { onLeave?: () => void }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const past = replay.value;
  return (
    <section class="replay" aria-labelledby="replay-title">
      <header>
        <h2 id="replay-title" tabIndex={-1} ref={title}>{past === null ? t("replay") : t("replayOf", { visitor: names(past.tracks.map((each) => each.visitor)) })}{looked.value && <small> {momentSpan(looked.value.from_at, looked.value.to_at)}</small>}</h2>
        {past && <button type="button" class="action" onClick={askAgain}>{t("otherShift")}</button>}
        {onLeave && <button type="button" class="icon-button" aria-label={t("replayLeave")} title={t("replayLeave")} onClick={onLeave}><Icon name="close" /></button>}
      </header>
      {past === null ? <ReplayForm /> : <Player />}
      {refusal.value !== null && <p class="triage-refusal" role="alert">{refusalText(refusal.value)}</p>}
    </section>
  );
}

function names(all: string[]): string {
  const first = all.slice(0, NAMED).join(t("listComma"));
  return all.length > NAMED ? t("andOthers", { names: first, n: all.length }) : first;
}

function refusalText(code: string): string {
  if (code === "offline") return t("refused_offline");
  return t(code === "too_many_fixes" ? "replayTooMany" : "replayRefused");
}

function Player() {
  const { from, to } = span.value;
  if (to === 0) return <p class="note">{t("replayEmpty")}</p>;
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
        <p class="replay-now">{[moment(playedAt.value), ...told(moments.value.find((each) => each.track === focused.value))].join(" · ")}</p>
        <Exporter />
      </div>
      {moments.value.length > 1 && <Everybody />}
      <Facts />
    </>
  );
}

/** Everybody at the moment played; a click puts one in front. */
function Everybody() {
  return (
    <ul class="replay-everybody" aria-label={t("replayEverybody")}>
      {moments.value.map((each) => {
        const id = each.track.visitor_id;
        return (
          <li key={id}>
            <button type="button" aria-pressed={focus.value === id} onClick={() => (focus.value = id)}>
              <strong>{each.track.visitor}</strong> {each.fix === null ? t("notSeenYet") : told(each).join(" · ")}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Exporter() {
  const [format, setFormat] = useState<Format>("gpx");
  useEffect(() => () => void (asked.value = null), []);
  const made = asked.value;
  return (
    <div class="replay-files">
      <select aria-label={t("exportAs")} value={format} onChange={(event) => setFormat(event.currentTarget.value as Format)}>
        {FORMATS.map((each) => <option key={each} value={each}>{FORMAT_NAMES[each]}</option>)}
      </select>
      <button type="button" class="action" onClick={() => void askFor(looked.value!, format)}>{t("export")}</button>
      <p class="note" role="status">
        {typeof made === "string" && refusalText(made)}
        {made !== null && typeof made !== "string" && made.state === "waiting" && <>{t(made.fixes < TWO_PEOPLE_FROM ? "exportWaitsTogether" : "exportWaits", { n: made.fixes })} <a href="/account#exports">{t("exportWhere")}</a></>}
      </p>
    </div>
  );
}

function Facts() {
  const { tracks } = replay.value!;
  const fixes = tracks.flatMap((each) => each.fixes);
  const all = tracks.reduce((sum, each) => sum + each.all_fixes, 0);
  const incursions = tracks.flatMap((each) => each.incursions).filter((each) => !each.retracted).length;
  return (
    <p class="note">
      {t("replayFacts", { n: all, late: fixes.filter((each) => each.late).length, incursions })}
      {fixes.length < all && ` ${t("replayThinned", { n: fixes.length })}`}
    </p>
  );
}

function play(from: number, to: number): void {
  if (!playing.value && playedAt.value >= to) playedAt.value = from;
  playing.value = !playing.value;
}

/** Where somebody was at the moment, in words. */
function told(at: Moment | undefined): string[] {
  if (!at?.fix) return [];
  if (at.unknown) return [t("inGap")];
  const { edge_m, speed_mps, late } = at.fix;
  return [
    edge_m !== null && t(edge_m < 0 ? "insideEdge" : "outsideEdge", { distance: metres(Math.abs(edge_m)) }),
    speed_mps !== null && kilometresPerHour(speed_mps * 3.6),
    late && t("lateFix"),
  ].filter((each) => each !== false);
}

import { metres } from "@keepclear/shared/format";
import { focus, isGap, type PastFix, playedAt, replay, span } from "../data/replay";
import { t } from "../messages";

const WIDTH = 1000;
const HEIGHT = 64;
const MOST_M = 600;
const LEAST_M = -250;
const MARKS_M = [400, 200, 0, -200];

/** Metres to the nearest edge over time: below the line is inside. Gaps stay empty; who is in front is drawn last. */
export function ReplayChart() {
  const { from, to } = span.value;
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * WIDTH;
  const zero = y(0);
  const inFront = (id: number) => Number(id === focus.value);
  const tracks = [...replay.value!.tracks].sort((a, b) => inFront(a.visitor_id) - inFront(b.visitor_id));
  return (
    <div class="replay-scale">
      <svg class="replay-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("chart")}>
        <rect class="chart-inside" x="0" y={zero} width={WIDTH} height={HEIGHT - zero} />
        <line class="chart-edge" x1="0" x2={WIDTH} y1={zero} y2={zero} />
        {tracks.flatMap(({ visitor_id, fixes }) => lines(fixes).map((line) => (
          <polyline
            key={`${visitor_id} ${line[0]!.fix_at}`} class={visitor_id === focus.value ? "" : "is-behind"}
            points={line.map((each) => `${x(each.fix_at).toFixed(1)},${y(each.edge_m!).toFixed(1)}`).join(" ")}
          />
        )))}
        <line class="chart-now" x1={x(playedAt.value)} x2={x(playedAt.value)} y1="0" y2={HEIGHT} />
      </svg>
      {MARKS_M.map((mark) => <span key={mark} aria-hidden="true" style={{ top: `${(y(mark) / HEIGHT) * 100}%` }}>{metres(mark)}</span>)}
    </div>
  );
}

const y = (edgeM: number): number => ((MOST_M - Math.min(MOST_M, Math.max(LEAST_M, edgeM))) / (MOST_M - LEAST_M)) * HEIGHT;

function lines(fixes: readonly PastFix[]): PastFix[][] {
  const found: PastFix[][] = [];
  let last: PastFix | null = null;
  for (const fix of fixes) {
    if (fix.edge_m === null) last = null;
    else {
      if (last === null || isGap(last, fix)) found.push([]);
      found.at(-1)!.push(fix);
      last = fix;
    }
  }
  return found;
}

// Drawings beside the numbers that they show: hidden from screen readers, who have the numbers.
import type { Delay, Group } from "./model";

const LONGEST_S = 86_400;
const TICKS_S = [1, 60, 3600, 86_400];
/** The international symbols: there is room for no more. */
const TICK_NAMES = ["1 s", "1 min", "1 h", "1 d"];
const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
/** A second stands at the left end, a day at the right. */
const along = (seconds: number): string => percent(0.02 + 0.96 * (Math.log(Math.min(LONGEST_S, Math.max(1, seconds))) / Math.log(LONGEST_S)));

export function RangeAxis() {
  return (
    <svg class="range-axis" aria-hidden="true">
      {TICKS_S.map((each, index) => (
        <text key={each} x={along(each)} y="13" text-anchor={index === 0 ? "start" : index === TICKS_S.length - 1 ? "end" : "middle"}>{TICK_NAMES[index]}</text>
      ))}
    </svg>
  );
}

/** From the median to the 95th percentile. */
export function Range({ delay }: { delay: Delay }) {
  return (
    <svg class="range" aria-hidden="true">
      {TICKS_S.map((each) => <line key={each} class="tick" x1={along(each)} x2={along(each)} y1="0" y2="100%" />)}
      {delay.median_s !== null && delay.p95_s !== null && (
        <>
          <line class="spread" x1={along(delay.median_s)} x2={along(delay.p95_s)} y1="50%" y2="50%" />
          <line class="end" x1={along(delay.p95_s)} x2={along(delay.p95_s)} y1="25%" y2="75%" />
          <circle cx={along(delay.median_s)} cy="50%" r="5" />
        </>
      )}
    </svg>
  );
}

export const PARTS = ["upheld", "refuted", "undecided", "unclosed"] as const;
export type Part = (typeof PARTS)[number];

export function partsOf(group: Group): Record<Part, number> {
  const { upheld, refuted, undecided, told } = group;
  return { upheld, refuted, undecided, unclosed: Math.max(0, told - upheld - refuted - undecided) };
}

/** A bar as long as its share of the longest, in parts. */
export function Bar({ group, most }: { group: Group; most: number }) {
  const parts = partsOf(group);
  let from = 0;
  return (
    <svg class="bar-chart" aria-hidden="true">
      {PARTS.map((each) => {
        const start = from;
        from += parts[each] / most;
        return parts[each] > 0 && <rect key={each} class={`part is-${each}`} x={percent(start)} width={percent(parts[each] / most)} y="0" height="100%" />;
      })}
    </svg>
  );
}

/** A column for each period in parts, and over it the share upheld from 0 to 100 %. */
export function Columns({ groups }: { groups: Group[] }) {
  const most = Math.max(1, ...groups.map((each) => each.told));
  const width = 1 / groups.length;
  const gap = Math.min(0.3, groups.length / 100 + 0.1);
  return (
    <svg class="columns" aria-hidden="true">
      {[0, 0.5, 1].map((each) => <line key={each} class="tick" x1="0" x2="100%" y1={percent(each)} y2={percent(each)} />)}
      {groups.map((group, index) => {
        const parts = partsOf(group);
        let top = 1;
        return PARTS.map((each) => {
          top -= parts[each] / most;
          return parts[each] > 0 && (
            <rect key={each} class={`part is-${each}`} x={percent((index + gap / 2) * width)} width={percent(width * (1 - gap))} y={percent(top)} height={percent(parts[each] / most)} />
          );
        });
      })}
    </svg>
  );
}

/** The share upheld of each period; where nothing was closed there is no dot, and no line leads there. */
export function Shares({ groups }: { groups: Group[] }) {
  const x = (index: number): string => percent((index + 0.5) / groups.length);
  const y = (share: number): string => percent(0.06 + 0.88 * (1 - share));
  return (
    <svg class="shares" aria-hidden="true">
      {[0, 1].map((each) => <line key={each} class="tick" x1="0" x2="100%" y1={y(each)} y2={y(each)} />)}
      {groups.map(({ share }, index) => {
        const next = groups[index + 1]?.share ?? null;
        return share !== null && next !== null && <line key={index} class="share-line" x1={x(index)} y1={y(share)} x2={x(index + 1)} y2={y(next)} />;
      })}
      {groups.map(({ share }, index) => share !== null && <circle key={index} cx={x(index)} cy={y(share)} r="4" />)}
    </svg>
  );
}

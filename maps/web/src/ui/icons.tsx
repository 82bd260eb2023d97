import type { Freshness } from "../data/freshness";
import type { DeviceState } from "../data/model";
import { SHAPES, SLASH } from "../map/shapes";

/** The map's symbol of a visitor; its words stand beside it. */
export function StateIcon({ state, freshness = "fresh" }: { state: DeviceState; freshness?: Freshness }) {
  const { outline, mark } = SHAPES[state];
  return (
    <svg class={`state-icon is-${state} is-${freshness}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path class="outline" d={outline} />
      <path class="mark" d={mark} />
      {freshness === "silent" && <path class="slash" d={SLASH} />}
    </svg>
  );
}

const PATHS = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  close: "M6 6l12 12M18 6 6 18",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  target: "M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  back: "M15 5l-7 7 7 7",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  court: "M4 20h16M5 10h14L12 4zM7 10v7M12 10v7M17 10v7",
  police: "M12 3l7 2.5v5.5c0 5-3.2 8.3-7 10-3.800-1.700-7-5-7-10V5.500z",
  place: "M12 21s-6.500-5.700-6.500-11a6.500 6.500 0 0 1 13 0c0 5.300-6.500 11-6.500 11z",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c0-3.600 2.900-6 6.500-6s6.500 2.400 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.300M18 14.500c2.100.900 3.500 2.800 3.500 5.500",
  help: "M9.200 9a2.900 2.900 0 1 1 4.300 2.500c-1 .600-1.500 1.200-1.500 2.500M12 17.500v.010M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

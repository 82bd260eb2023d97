// The symbols of visitors: told apart by shape and mark, not by colour alone. Paths in a 24 x 24 box,
// drawn on the map's canvas and as SVG in the lists.
import type { Freshness } from "../data/freshness";
import type { DeviceState } from "../data/model";

const DOT = "M12 9.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z";
const BANG = "M10.8 6.8h2.4v6.6h-2.4zM10.8 15h2.4v2.4h-2.4z";
const QUERY =
  "M12 6.4c-2.1 0-3.5 1.3-3.6 3.2h2.1c.1-.8.6-1.3 1.5-1.3.8 0 1.3.4 1.3 1.1 0 .7-.3 1-1.1 1.5-.9.5-1.3 1.2-1.2 2.3v.5h2v-.4" +
  "c0-.7.3-1 1-1.4.9-.5 1.5-1.3 1.5-2.5 0-1.8-1.4-3-3.5-3zM10.9 15.2h2.2v2.2h-2.2z";

export const SHAPES: Record<DeviceState, { outline: string; mark: string; color: string }> = {
  clear: { outline: "M12 4.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6z", mark: DOT, color: "#0f6b78" },
  approach: { outline: "M12 2.4 21.6 12 12 21.6 2.4 12z", mark: DOT, color: "#b45309" },
  uncertain: {
    outline: "M6.5 3.5h11a3 3 0 0 1 3 3v11a3 3 0 0 1-3 3h-11a3 3 0 0 1-3-3v-11a3 3 0 0 1 3-3z",
    mark: QUERY,
    color: "#6d3fc4",
  },
  inside: { outline: "M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z", mark: BANG, color: "#c8202c" },
};

export const SILENT_COLOR = "#59626e";
export const STALE_COLOR = "#b45309";
export const SLASH = "M4 20 20 4";
export const SLASH_COLOR = "#c8202c";

/** Fresh: filled. Stale: an outline, amber where nothing else matters. Silent: a grey outline struck through in red. */
export function colorOf(state: DeviceState, freshness: Freshness): string {
  if (freshness === "silent") return SILENT_COLOR;
  return freshness === "stale" && state === "clear" ? STALE_COLOR : SHAPES[state].color;
}

// How the page's own features are drawn: what differs, differs in dashes and marks, too, not in colour alone.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { Palette } from "../map/palette";
import type { Tone } from "./sketch";

export const SKETCH = "sketch";
export const LIFTED = "lifted";
export const CORNER = "corner";

const is = (...tones: Tone[]): ExpressionSpecification => ["in", ["get", "tone"], ["literal", tones]];
const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];

function line(id: string, tones: Tone[], color: string, width: number, dashes?: number[]): LayerSpecification {
  return {
    id, type: "line", source: SKETCH, filter: ["all", is(...tones), ["!", isPoint]], layout: { "line-join": "round", "line-cap": dashes ? "butt" : "round" },
    paint: { "line-color": color, "line-width": width, ...(dashes ? { "line-dasharray": dashes } : {}) },
  };
}

const fill = (id: string, tones: Tone[], color: string): LayerSpecification => ({
  id, type: "fill", source: SKETCH, filter: ["all", is(...tones), ["!", isPoint]], paint: { "fill-color": color },
});

const dot = (id: string, tones: Tone[], color: string, halo: string, radius = 6): LayerSpecification => ({
  id, type: "circle", source: SKETCH, filter: ["all", is(...tones), isPoint],
  paint: { "circle-radius": radius, "circle-color": color, "circle-stroke-color": halo, "circle-stroke-width": 2.5 },
});

export function sketchLayers(c: Palette): LayerSpecification[] {
  return [
    { id: "lifted", type: "line", source: LIFTED, paint: { "line-color": c.selection, "line-width": 3 } },
    fill("sketch-ring", ["ring"], c.ringFill),
    fill("sketch-edge", ["edge"], c.edgeFill),
    line("sketch-older-ring", ["older-ring"], c.off, 1.2, [2, 3]),
    line("sketch-older-edge", ["older-edge"], c.off, 2.2, [5, 3]),
    line("sketch-older-outline", ["older-outline", "before"], c.off, 2.5, [2, 1.5]),
    line("sketch-ring-line", ["ring"], c.ring, 1.6, [3, 2.4]),
    line("sketch-edge-line", ["edge"], c.edge, 2.4),
    fill("sketch-outline", ["outline"], c.footprint),
    line("sketch-outline-line", ["outline"], c.selection, 2.5),
    line("sketch-removed", ["removed"], c.off, 3, [1, 1.4]),
    line("sketch-changed", ["changed"], c.ring, 3, [4, 1.4]),
    line("sketch-added", ["added"], c.selection, 3),
    line("sketch-way", ["way"], c.selection, 3, [1.5, 1.2]),
    dot("sketch-older-dot", ["older-outline", "before", "removed"], c.off, c.textHalo, 5),
    dot("sketch-dot", ["outline", "added"], c.selection, c.textHalo),
    dot("sketch-changed-dot", ["changed"], c.ring, c.textHalo),
    dot("sketch-goal", ["goal", "place-allowed"], c.cluster, c.textHalo, 8),
    dot("sketch-here", ["place-forbidden"], c.edge, c.textHalo, 8),
    { id: "corner", type: "circle", source: CORNER, paint: { "circle-radius": 13, "circle-color": "rgba(0, 0, 0, 0)", "circle-stroke-color": c.ring, "circle-stroke-width": 4 } },
    {
      id: "sketch-label", type: "symbol", source: SKETCH, filter: ["!=", ["get", "label"], ""],
      layout: { "text-field": ["get", "label"], "text-size": 13.5, "text-variable-anchor": ["bottom", "top", "left", "right"], "text-radial-offset": 0.9, "text-justify": "auto", "text-max-width": 12 },
      paint: { "text-color": c.label, "text-halo-color": c.textHalo, "text-halo-width": 2 },
    },
  ];
}

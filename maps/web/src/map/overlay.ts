// What the map is for: zones with edge and ring, visitors, the selected one's accuracy.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { Palette } from "./palette";

export const VISITOR_LAYERS = ["visitor"];

const part = (name: string): ExpressionSpecification => ["==", ["get", "part"], name];
const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
export const isDevice = (device: string | null): ExpressionSpecification => ["==", ["get", "device"], device ?? ""];

export function overlayLayers(c: Palette): LayerSpecification[] {
  return [...zoneLayers(c), ...accuracyLayers(c), ...visitorLayers(c)];
}

function zoneLayers(c: Palette): LayerSpecification[] {
  return [
    { id: "zone-ring", type: "fill", source: "areas", filter: part("ring"), paint: { "fill-color": c.ringFill } },
    {
      id: "zone-ring-line", type: "line", source: "areas", filter: part("ring"),
      paint: { "line-color": c.ring, "line-width": 1.4, "line-dasharray": [3, 2.4] },
    },
    { id: "zone-edge", type: "fill", source: "areas", filter: part("edge"), paint: { "fill-color": c.edgeFill } },
    { id: "zone-edge-line", type: "line", source: "areas", filter: part("edge"), paint: { "line-color": c.edge, "line-width": 2 } },
    {
      id: "zone-footprint", type: "fill", source: "zones", filter: ["all", part("footprint"), ["!", isPoint]],
      paint: { "fill-color": c.footprint, "fill-outline-color": c.edge },
    },
    {
      id: "zone-point", type: "circle", source: "zones", filter: ["all", part("footprint"), isPoint],
      paint: { "circle-radius": 5, "circle-color": c.footprint, "circle-stroke-color": c.edge, "circle-stroke-width": 1.5 },
    },
    {
      id: "zone-name", type: "symbol", source: "zones", filter: part("footprint"), minzoom: 12.5,
      layout: { "text-field": ["get", "label"], "text-size": 12.5, "text-offset": [0, 1.1], "text-anchor": "top", "text-max-width": 9 },
      paint: { "text-color": c.zoneText, "text-halo-color": c.textHalo, "text-halo-width": 1.6 },
    },
  ];
}

function accuracyLayers(c: Palette): LayerSpecification[] {
  return [
    { id: "accuracy", type: "fill", source: "accuracy", paint: { "fill-color": c.selection, "fill-opacity": 0.12 } },
    { id: "accuracy-line", type: "line", source: "accuracy", paint: { "line-color": c.selection, "line-width": 1.5, "line-opacity": 0.8 } },
  ];
}

function visitorLayers(c: Palette): LayerSpecification[] {
  return [
    {
      id: "inside-halo", type: "circle", source: "visitors", filter: ["==", ["get", "state"], "inside"],
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 15, 15, 22], "circle-color": c.edge, "circle-opacity": 0.22, "circle-stroke-color": c.edge, "circle-stroke-width": 1.5, "circle-stroke-opacity": 0.7 },
    },
    {
      id: "hovered", type: "circle", source: "visitors", filter: isDevice(null),
      paint: { "circle-radius": 20, "circle-color": c.selection, "circle-opacity": 0.22 },
    },
    {
      id: "selected", type: "circle", source: "visitors", filter: isDevice(null),
      paint: { "circle-radius": 20, "circle-opacity": 0, "circle-stroke-color": c.selection, "circle-stroke-width": 3 },
    },
    {
      id: "heading", type: "symbol", source: "visitors", minzoom: 12, filter: ["has", "heading"],
      layout: {
        "icon-image": "heading", "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map",
        "icon-allow-overlap": true, "icon-ignore-placement": true,
      },
    },
    {
      id: "visitor", type: "symbol", source: "visitors",
      layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["get", "rank"] },
    },
    {
      id: "visitor-name", type: "symbol", source: "visitors",
      // Names of those who need attention show at any zoom, the others when there is room.
      filter: ["any", [">", ["get", "rank"], 0], [">=", ["zoom"], 13]],
      layout: {
        "text-field": ["get", "visitor"], "text-size": 12.5, "text-anchor": "top", "text-offset": [0, 1.5],
        "symbol-sort-key": ["-", 0, ["get", "rank"]], "text-max-width": 8,
      },
      paint: { "text-color": c.label, "text-halo-color": c.textHalo, "text-halo-width": 1.8 },
    },
  ];
}

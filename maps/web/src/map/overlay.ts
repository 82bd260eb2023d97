// What the map is for: zones with edge and ring, visitors, the selected one's accuracy.
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { Palette } from "./palette";
import { CALM, URGENT } from "./visitor-sources";

export const VISITOR_LAYERS = [`visitor-${CALM}`, `visitor-${URGENT}`];
export const CLUSTER_LAYER = "cluster";

const part = (name: string): ExpressionSpecification => ["==", ["get", "part"], name];
const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
export const isDevice = (device: string | null): ExpressionSpecification => ["==", ["get", "device"], device ?? ""];

const byForce = (off: string, on: string): ExpressionSpecification => ["case", isForce("soon", "off"), off, on];

export function overlayLayers(c: Palette): LayerSpecification[] {
  return [...zoneLayers(c), ...accuracyLayers(c), ...visitorLayers(c)];
}

export function zoneLayers(c: Palette): LayerSpecification[] {
  return [
    { id: "zone-ring", type: "fill", source: "areas", filter: part("ring"), paint: { "fill-color": c.ringFill } },
    {
      id: "zone-ring-line", type: "line", source: "areas", filter: part("ring"),
      paint: { "line-color": c.ring, "line-width": 1.4, "line-dasharray": [3, 2.4] },
    },
    { id: "zone-edge", type: "fill", source: "areas", filter: part("edge"), paint: { "fill-color": c.edgeFill } },
    { id: "zone-edge-line", type: "line", source: "areas", filter: part("edge"), paint: { "line-color": c.edge, "line-width": 2 } },
    ...hourLayers(c),
    {
      id: "zone-footprint", type: "fill", source: "zones", filter: ["all", part("footprint"), ["!", isPoint]],
      paint: { "fill-color": byForce(c.offFill, c.footprint), "fill-outline-color": byForce(c.off, c.edge) },
    },
    {
      id: "zone-point", type: "circle", source: "zones", filter: ["all", part("footprint"), isPoint],
      paint: { "circle-radius": 5, "circle-color": byForce(c.offFill, c.footprint), "circle-stroke-color": byForce(c.off, c.edge), "circle-stroke-width": 1.5 },
    },
    {
      id: "zone-name", type: "symbol", source: "zones", filter: part("footprint"), minzoom: 12.5,
      layout: { "text-field": ["get", "label"], "text-size": 12.5, "text-offset": [0, 1.1], "text-anchor": "top", "text-max-width": 9 },
      paint: { "text-color": byForce(c.text, c.zoneText), "text-halo-color": c.textHalo, "text-halo-width": 1.6 },
    },
  ];
}

const isForce = (...states: string[]): ExpressionSpecification => ["in", ["get", "force"], ["literal", states]];

/** Zones with hours, each by itself: like the others while they count, a dotted edge soon before, else a grey outline. */
function hourLayers(c: Palette): LayerSpecification[] {
  const line = (id: string, filter: ExpressionSpecification, color: string, dashes?: number[]): LayerSpecification => ({
    id, type: "line", source: "zones", filter, paint: { "line-color": color, "line-width": 2, ...(dashes ? { "line-dasharray": dashes } : {}) },
  });
  return [
    { id: "hours-ring", type: "fill", source: "zones", filter: ["all", part("ring"), isForce("now")], paint: { "fill-color": c.ringFill } },
    { id: "hours-edge", type: "fill", source: "zones", filter: ["all", part("edge"), isForce("now")], paint: { "fill-color": c.edgeFill } },
    line("hours-ring-line", ["all", part("ring"), isForce("now")], c.ring, [3, 2.4]),
    line("hours-now", ["all", part("edge"), isForce("now")], c.edge),
    line("hours-soon", ["all", part("edge"), isForce("soon")], c.edge, [0.5, 2]),
    line("hours-off", ["all", part("edge"), isForce("off")], c.off, [5, 3]),
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
    ...clusterLayers(c),
    ...ringLayers(c),
    ...[CALM, URGENT].flatMap((source) => symbolLayers(c, source)),
  ];
}

const isCluster: ExpressionSpecification = ["has", "point_count"];

/** How many calm visitors stand together, and how many of them are silent. */
function clusterLayers(c: Palette): LayerSpecification[] {
  return [
    {
      id: "cluster", type: "circle", source: CALM, filter: isCluster,
      paint: {
        "circle-radius": ["step", ["get", "point_count"], 15, 20, 18, 100, 22, 1000, 27],
        "circle-color": c.cluster, "circle-stroke-color": c.textHalo, "circle-stroke-width": 2.5,
      },
    },
    {
      id: "cluster-count", type: "symbol", source: CALM, filter: isCluster,
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-size": 13, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": c.onCluster },
    },
    {
      id: "cluster-silent", type: "symbol", source: CALM, filter: ["all", isCluster, [">", ["to-number", ["get", "silent"]], 0]],
      layout: {
        "icon-image": "clear-silent", "icon-size": 0.62, "icon-offset": [30, -26], "text-field": ["to-string", ["get", "silent"]], "text-size": 11.5,
        "text-anchor": "left", "text-offset": [2.5, -1.4], "icon-allow-overlap": true, "text-allow-overlap": true,
      },
      paint: { "text-color": c.label, "text-halo-color": c.textHalo, "text-halo-width": 1.8 },
    },
  ];
}

/** Rings round those that are inside, call for help, are pointed at or looked at. */
function ringLayers(c: Palette): LayerSpecification[] {
  return [
    {
      id: "inside-halo", type: "circle", source: URGENT, filter: ["==", ["get", "state"], "inside"],
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 15, 15, 22], "circle-color": c.edge, "circle-opacity": 0.22, "circle-stroke-color": c.edge, "circle-stroke-width": 1.5, "circle-stroke-opacity": 0.7 },
    },
    {
      id: "sos-halo", type: "circle", source: URGENT, filter: ["==", ["get", "sos"], true],
      paint: { "circle-radius": 25, "circle-color": c.edge, "circle-opacity": 0.15, "circle-stroke-color": c.edge, "circle-stroke-width": 4 },
    },
    {
      id: "sos-word", type: "symbol", source: URGENT, filter: ["==", ["get", "sos"], true],
      layout: { "text-field": "SOS", "text-size": 14, "text-anchor": "bottom", "text-offset": [0, -1.9], "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": c.edge, "text-halo-color": c.textHalo, "text-halo-width": 2.2 },
    },
    ...[CALM, URGENT].map((source): LayerSpecification => ({
      id: `hovered-${source}`, type: "circle", source, filter: isDevice(null),
      paint: { "circle-radius": 20, "circle-color": c.selection, "circle-opacity": 0.22 },
    })),
    {
      id: "selected", type: "circle", source: URGENT, filter: isDevice(null),
      paint: { "circle-radius": 20, "circle-opacity": 0, "circle-stroke-color": c.selection, "circle-stroke-width": 3 },
    },
  ];
}

function symbolLayers(c: Palette, source: string): LayerSpecification[] {
  const alone: ExpressionSpecification = ["!", isCluster];
  return [
    {
      id: `heading-${source}`, type: "symbol", source, minzoom: 12, filter: ["all", alone, ["has", "heading"]],
      layout: {
        "icon-image": "heading", "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map",
        "icon-allow-overlap": true, "icon-ignore-placement": true,
      },
    },
    {
      id: `visitor-${source}`, type: "symbol", source, filter: alone,
      layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["get", "rank"] },
    },
    {
      id: `visitor-name-${source}`, type: "symbol", source, filter: alone,
      // Names of those who need attention show at any zoom, the others when there is room.
      ...(source === CALM ? { minzoom: 13 } : {}),
      layout: {
        "text-field": ["get", "visitor"], "text-size": 12.5, "text-anchor": "top", "text-offset": [0, 1.5],
        "symbol-sort-key": ["-", 0, ["get", "rank"]], "text-max-width": 8,
      },
      paint: { "text-color": c.label, "text-halo-color": c.textHalo, "text-halo-width": 1.8 },
    },
  ];
}

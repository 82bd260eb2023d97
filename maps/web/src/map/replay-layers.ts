// Past tracks on the map: each way in pieces, gaps dashed, every fix of who is in front (late ones hollow), where
// everybody was, the zones as they were. While they are shown, nothing of the present is.
import { effect } from "@preact/signals";
import type { Feature, FeatureCollection } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { focus, focused, isGap, type Moment, moments, type PastFix, type PastTrack, replay, zonesThen } from "../data/replay";
import { zoneName } from "../words";
import { shown, shownCollection } from "./datum";
import { accuracyRing } from "./features";
import type { Palette } from "./palette";

const MARKS = "replay-visitor";
export const REPLAY_SOURCES = ["replay-zones", "replay-way", "replay-fixes", "replay-now"] as const;

const part = (name: string): ExpressionSpecification => ["==", ["get", "part"], name];
const is = (name: string): ExpressionSpecification => ["==", ["get", name], true];

export function replayLayers(c: Palette): LayerSpecification[] {
  return [
    { id: "replay-ring", type: "line", source: "replay-zones", filter: part("ring"), paint: { "line-color": c.ring, "line-width": 1.4, "line-dasharray": [3, 2.4] } },
    { id: "replay-edge", type: "fill", source: "replay-zones", filter: part("edge"), paint: { "fill-color": c.edgeFill, "fill-outline-color": c.edge } },
    { id: "replay-edge-line", type: "line", source: "replay-zones", filter: part("edge"), paint: { "line-color": c.edge, "line-width": 2 } },
    {
      id: "replay-zone-name", type: "symbol", source: "replay-zones", filter: part("footprint"),
      layout: { "text-field": ["get", "label"], "text-size": 12.5, "text-max-width": 9 },
      paint: { "text-color": c.zoneText, "text-halo-color": c.textHalo, "text-halo-width": 1.6 },
    },
    { id: "replay-others", type: "line", source: "replay-way", filter: ["all", ["!", is("gap")], ["!", is("front")]], layout: { "line-join": "round" }, paint: { "line-color": c.off, "line-width": 2 } },
    { id: "replay-gap", type: "line", source: "replay-way", filter: is("gap"), paint: { "line-color": c.off, "line-width": 2, "line-dasharray": [2, 3] } },
    { id: "replay-line", type: "line", source: "replay-way", filter: ["all", ["!", is("gap")], is("front")], layout: { "line-join": "round" }, paint: { "line-color": c.selection, "line-width": 3 } },
    {
      id: "replay-fix", type: "circle", source: "replay-fixes", minzoom: 13,
      paint: {
        "circle-radius": 3.5, "circle-color": ["case", is("late"), c.textHalo, c.selection],
        "circle-stroke-color": ["case", is("inside"), c.edge, c.selection], "circle-stroke-width": ["case", ["any", is("late"), is("inside")], 2, 0],
      },
    },
    { id: "replay-accuracy", type: "fill", source: "replay-now", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": c.selection, "fill-opacity": 0.14, "fill-outline-color": c.selection } },
    {
      id: MARKS, type: "symbol", source: "replay-now", filter: ["==", ["geometry-type"], "Point"],
      layout: {
        "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-ignore-placement": true,
        "text-field": ["get", "name"], "text-size": 13, "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true,
      },
      paint: { "text-color": c.label, "text-halo-color": c.textHalo, "text-halo-width": 1.6 },
    },
  ];
}

/** Keep the replay's sources in step, and the layers of the present hidden meanwhile. */
export function drawReplay(map: MapLibre, present: readonly string[]): (() => void)[] {
  const source = (id: (typeof REPLAY_SOURCES)[number]) => map.getSource(id) as GeoJSONSource;
  const show = (ids: readonly string[], on: boolean) => ids.forEach((id) => map.setLayoutProperty(id, "visibility", on ? "visible" : "none"));
  return [
    effect(() => show(present, replay.value === null)),
    effect(() => {
      const features = (replay.value?.tracks ?? []).flatMap((each) => way(each, each.visitor_id === focus.value));
      void source("replay-way").setData({ type: "FeatureCollection", features });
      void source("replay-fixes").setData({ type: "FeatureCollection", features: (focused.value?.fixes ?? []).map(dot) });
    }),
    effect(() => void source("replay-now").setData({ type: "FeatureCollection", features: marks(moments.value) })),
    zonesInStep((zones) => void source("replay-zones").setData(zones)),
  ];
}

function zonesInStep(draw: (zones: FeatureCollection) => void): () => void {
  let last: string | null = null;
  return effect(() => {
    const key = zonesThen.value.map(({ properties: zone }) => `${zone.id} ${zone.version}`).join();
    if (key === last) return;
    last = key;
    const features = zonesThen.value.map((each) => ({ ...each, properties: { ...each.properties, label: zoneName(each.properties) } }));
    draw(shownCollection({ type: "FeatureCollection", features }));
  });
}

function way({ fixes }: PastTrack, front: boolean): Feature[] {
  const lines: { gap: boolean; at: [number, number][] }[] = [];
  fixes.slice(1).forEach((next, index) => {
    const one = fixes[index]!;
    const gap = isGap(one, next);
    const last = lines.at(-1);
    if (last !== undefined && !last.gap && !gap) last.at.push(shown(next.lon, next.lat));
    else lines.push({ gap, at: [shown(one.lon, one.lat), shown(next.lon, next.lat)] });
  });
  return lines.map(({ gap, at }) => ({ type: "Feature", properties: { gap, front }, geometry: { type: "LineString", coordinates: at } }));
}

const dot = (fix: PastFix): Feature => ({
  type: "Feature",
  properties: { late: fix.late, inside: fix.edge_m !== null && fix.edge_m < 0 },
  geometry: { type: "Point", coordinates: shown(fix.lon, fix.lat) },
});

/** Everybody at the moment played, named where there are several; the accuracy of who is in front. */
function marks(all: Moment[]): Feature[] {
  return all.flatMap(({ track, fix, unknown }) => {
    if (fix === null) return [];
    const state = fix.edge_m !== null && fix.edge_m < 0 ? "inside" : "clear";
    const point: Feature = {
      type: "Feature",
      properties: { icon: `${state}-${unknown ? "silent" : "fresh"}`, name: all.length > 1 ? track.visitor : "", visitor: track.visitor_id },
      geometry: { type: "Point", coordinates: shown(fix.lon, fix.lat) },
    };
    const isExact = fix.accuracy_m === null || track.visitor_id !== focus.value;
    return isExact ? [point] : [accuracyRing(fix.lon, fix.lat, fix.accuracy_m!), point];
  });
}

/** The visitor of a replay under the pointer. */
export function pastVisitorAt(map: MapLibre, event: MapMouseEvent): number | null {
  const found = map.getLayer(MARKS) && map.queryRenderedFeatures(event.point, { layers: [MARKS] })[0];
  return found ? (found.properties["visitor"] as number) : null;
}

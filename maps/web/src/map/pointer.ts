// What a finger or a pointer is on.
import type { MapMouseEvent, Map as MapLibre } from "maplibre-gl";
import { devices } from "../data/store";
import { shown } from "./datum";
import { CLUSTER_LAYER, VISITOR_LAYERS } from "./overlay";
import { CALM } from "./visitor-sources";

const FINGER_PX = 22;
type Box = [[number, number], [number, number]];

const reach = ({ point }: MapMouseEvent): Box => [
  [point.x - FINGER_PX, point.y - FINGER_PX],
  [point.x + FINGER_PX, point.y + FINGER_PX],
];

/** The visitor nearest to the pointer, if any is under it. */
export function visitorAt(map: MapLibre, event: MapMouseEvent): string | null {
  if (!VISITOR_LAYERS.every((each) => map.getLayer(each))) return null;
  let best: string | null = null;
  let bestPx = Infinity;
  for (const { properties } of map.queryRenderedFeatures(reach(event), { layers: VISITOR_LAYERS })) {
    const device = devices.value.get(properties["device"] as string);
    if (device === undefined) continue;
    const distancePx = map.project(shown(device.lon, device.lat)).dist(event.point);
    if (distancePx < bestPx) [best, bestPx] = [device.device, distancePx];
  }
  return best;
}

/** The cluster under the pointer: where it is and its id. */
export function clusterAt(map: MapLibre, event: MapMouseEvent): { id: number; at: [number, number] } | null {
  if (!map.getLayer(CLUSTER_LAYER) || !map.getSource(CALM)) return null;
  const found = map.queryRenderedFeatures(event.point, { layers: [CLUSTER_LAYER] })[0];
  if (found?.geometry.type !== "Point") return null;
  return { id: found.properties["cluster_id"] as number, at: found.geometry.coordinates as [number, number] };
}

import { LngLatBounds } from "maplibre-gl";
import type { Geometry, Position } from "geojson";
import type { Device, ZoneFeature } from "../data/model";

function eachPosition(geometry: Geometry, visit: (at: Position) => void): void {
  if (geometry.type === "GeometryCollection") return geometry.geometries.forEach((each) => eachPosition(each, visit));
  const walk = (nested: unknown): void => {
    if (!Array.isArray(nested)) return;
    if (typeof nested[0] === "number") visit(nested as Position);
    else nested.forEach(walk);
  };
  walk(geometry.coordinates);
}

/** Bounds of all zones and visitors; null if there are none. */
export function boundsOf(zones: Iterable<ZoneFeature>, devices: Iterable<Device>): LngLatBounds | null {
  const bounds = new LngLatBounds();
  for (const { geometry } of zones) eachPosition(geometry, ([lon, lat]) => bounds.extend([lon!, lat!]));
  for (const { lon, lat } of devices) bounds.extend([lon, lat]);
  return bounds.isEmpty() ? null : bounds;
}

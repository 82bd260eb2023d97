import { LngLat, LngLatBounds } from "maplibre-gl";
import type { Geometry, Position } from "geojson";
import type { ZoneFeature } from "../data/model";

const NEAR_M = 1500;
const REGION_M = 30_000;

export function eachPosition(geometry: Geometry, visit: (at: Position) => void): void {
  if (geometry.type === "GeometryCollection") return geometry.geometries.forEach((each) => eachPosition(each, visit));
  const walk = (nested: unknown): void => {
    if (!Array.isArray(nested)) return;
    if (typeof nested[0] === "number") visit(nested as Position);
    else nested.forEach(walk);
  };
  walk(geometry.coordinates);
}

/** Bounds of some zones' parts; null if there are none. */
export function boundsOfZones(zones: Iterable<ZoneFeature>): LngLatBounds | null {
  const bounds = new LngLatBounds();
  for (const { geometry } of zones) eachPosition(geometry, ([lon, lat]) => bounds.extend([lon!, lat!]));
  return bounds.isEmpty() ? null : bounds;
}

/** What to look at: every visitor with the zones round them, else the zones of one region; never a far-away zone. */
export function overview(zones: readonly ZoneFeature[], visitors: Iterable<[number, number]>): LngLatBounds | null {
  const seen = new LngLatBounds();
  for (const each of visitors) seen.extend(each);
  const parts = zones.flatMap((each) => boundsOfZones([each]) ?? []);
  const round = seen.isEmpty() ? region(parts) : grown(seen, NEAR_M);
  for (const part of parts) if (round?.contains(part.getCenter())) seen.extend(part);
  return seen.isEmpty() ? null : seen;
}

/** A day's way round the zone in the middle of all: half of the zones lie on each side of it. */
function region(parts: readonly LngLatBounds[]): LngLatBounds | null {
  const centres = parts.map((each) => each.getCenter());
  const middle = new LngLat(median(centres.map((each) => each.lng)), median(centres.map((each) => each.lat)));
  const nearest = centres.reduce<LngLat | null>(
    (best, each) => (best === null || each.distanceTo(middle) < best.distanceTo(middle) ? each : best), null,
  );
  return nearest && LngLatBounds.fromLngLat(nearest, REGION_M);
}

function grown(bounds: LngLatBounds, byM: number): LngLatBounds {
  const corner = (at: LngLat): LngLatBounds => LngLatBounds.fromLngLat(at, byM);
  return new LngLatBounds(bounds.getSouthWest(), bounds.getNorthEast())
    .extend(corner(bounds.getSouthWest())).extend(corner(bounds.getNorthEast()));
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

// The datum of what is drawn. The house is WGS-84; a basemap may be GCJ-02, and then everything is shifted onto it,
// for display only. gcoord's formula; the server's own decides everything else.
import gcoord from "gcoord";
import type { FeatureCollection, Geometry, Position } from "geojson";
import { basemap } from "../data/basemap";

const isShifted = (): boolean => basemap.datum === "gcj02";

/** Where a WGS-84 place is drawn. */
export function shown(lon: number, lat: number): [number, number] {
  return isShifted() ? gcoord.transform([lon, lat], gcoord.WGS84, gcoord.GCJ02) : [lon, lat];
}

function moved(nested: unknown): unknown {
  if (!Array.isArray(nested)) return nested;
  return typeof nested[0] === "number" ? shown(...(nested as [number, number])) : nested.map(moved);
}

function movedGeometry(geometry: Geometry): Geometry {
  if (geometry.type === "GeometryCollection") return { ...geometry, geometries: geometry.geometries.map(movedGeometry) };
  return { ...geometry, coordinates: moved(geometry.coordinates) as Position & Position[] & Position[][] & Position[][][] } as Geometry;
}

/** A collection as it is drawn; the same one where nothing is shifted. */
export function shownCollection<C extends FeatureCollection>(collection: C): C {
  if (!isShifted()) return collection;
  return { ...collection, features: collection.features.map((each) => ({ ...each, geometry: movedGeometry(each.geometry) })) };
}

// Pasted coordinates -> a GeoJSON geometry: WKT, GeoJSON, or pairs of numbers. Pure.
import type { Geometry, Position } from "geojson";

/** Which order pairs of numbers come in: ours, or that of a phone's map. */
export type Order = "lonlat" | "latlon";

const KINDS: Record<string, Geometry["type"]> = {
  POINT: "Point", MULTIPOINT: "MultiPoint", LINESTRING: "LineString", MULTILINESTRING: "MultiLineString", POLYGON: "Polygon", MULTIPOLYGON: "MultiPolygon",
};
const WKT = /^(?:SRID=4326;)?\s*(MULTI(?:POINT|LINESTRING|POLYGON)|POINT|LINESTRING|POLYGON)\s*(\(.*\))\s*$/is;
const NUMBER = /[-+]?\d+(?:\.\d+)?/g;

/** The geometry that a text says; null if it says none. */
export function geometryOf(text: string, order: Order): Geometry | null {
  const said = text.trim();
  return said.startsWith("{") ? fromJson(said) : (fromWkt(said) ?? fromPairs(said, order));
}

function fromJson(text: string): Geometry | null {
  try {
    const read = JSON.parse(text) as { type?: string; geometry?: Geometry; features?: { geometry: Geometry }[] };
    const found = read.type === "FeatureCollection" ? read.features?.[0]?.geometry : read.type === "Feature" ? read.geometry : (read as Geometry);
    return found && "coordinates" in found ? found : null;
  } catch {
    return null;
  }
}

function fromWkt(text: string): Geometry | null {
  const found = WKT.exec(text);
  if (!found) return null;
  const kind = KINDS[found[1]!.toUpperCase()]!;
  const pair = (one: string): string => `[${(one.match(NUMBER) ?? []).slice(0, 2).join(",")}]`;
  const nested = found[2]!.replace(/[^(),]+/g, (each) => (each.trim() ? pair(each) : "")).replaceAll("(", "[").replaceAll(")", "]");
  try {
    const read = JSON.parse(nested) as never;
    // Points stand in brackets of their own: one too many for a Point, maybe for each of a MultiPoint.
    const coordinates = kind === "Point" ? read[0] : kind === "MultiPoint" ? (read as unknown[]).map((each) => (Array.isArray((each as unknown[])[0]) ? (each as unknown[])[0] : each)) : read;
    return { type: kind, coordinates } as Geometry;
  } catch {
    return null;
  }
}

/** One pair is a point, three or more an outline, closed if they are not. */
function fromPairs(text: string, order: Order): Geometry | null {
  if (/[a-z一-龥]/i.test(text)) return null;
  const numbers = (text.match(NUMBER) ?? []).map(Number);
  if (numbers.length < 2 || numbers.length % 2) return null;
  const pairs = Array.from({ length: numbers.length / 2 }, (_, n): Position => {
    const [one, other] = [numbers[2 * n]!, numbers[2 * n + 1]!];
    return order === "lonlat" ? [one, other] : [other, one];
  });
  if (pairs.length === 1) return { type: "Point", coordinates: pairs[0]! };
  if (pairs.length === 2) return { type: "LineString", coordinates: pairs };
  return { type: "Polygon", coordinates: [closed(pairs)] };
}

export function closed(ring: Position[]): Position[] {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

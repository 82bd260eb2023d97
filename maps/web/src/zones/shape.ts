// The footprint that is being drawn: its geometry in the datum that it is given in, with undo and redo.
import { computed, signal } from "@preact/signals";
import type { Geometry, Polygon, Position } from "geojson";
import { basemap } from "../data/basemap";
import type { Datum } from "./model";

export interface Shape { geometry: Geometry; datum: Datum; reaches?: [number, number] }

/** What is drawn on the map lies in the basemap's datum; the server takes it back. */
export const MAP_DATUM: Datum = basemap.datum;

export const TOOLS = ["select", "polygon", "angled-rectangle", "circle", "point"] as const;
export type Tool = (typeof TOOLS)[number];
/** The tool in hand: a new zone begins with drawing, one that stands with moving its corners. */
export const tool = signal<Tool>("polygon");

const past = signal<(Shape | null)[]>([]);
const future = signal<(Shape | null)[]>([]);
export const shape = signal<Shape | null>(null);
/** The corner that was chosen: the how-manieth of the footprint. */
export const corner = signal<number | null>(null);
/** While something is drawn that isn't finished: shown, not kept. */
export const draftShape = signal<Shape | null>(null);
export const canUndo = computed(() => past.value.length > 0);
export const canRedo = computed(() => future.value.length > 0);

export function begin(start: Shape | null): void {
  past.value = [];
  future.value = [];
  corner.value = null;
  draftShape.value = null;
  shape.value = start;
  tool.value = start === null ? "polygon" : "select";
}

export function keep(next: Shape | null): void {
  past.value = [...past.value, shape.value];
  future.value = [];
  draftShape.value = null;
  shape.value = next;
}

export function undo(): void {
  if (!past.value.length) return;
  future.value = [shape.value, ...future.value];
  shape.value = past.value.at(-1)!;
  past.value = past.value.slice(0, -1);
  corner.value = null;
}

export function redo(): void {
  if (!future.value.length) return;
  past.value = [...past.value, shape.value];
  shape.value = future.value[0]!;
  future.value = future.value.slice(1);
  corner.value = null;
}

/** Where each corner stands in the nested coordinates; the last of a ring repeats the first and is none. */
export function corners(geometry: Geometry): { path: number[]; at: Position; ring: number }[] {
  const found: { path: number[]; at: Position; ring: number }[] = [];
  const isRing = geometry.type === "Polygon" || geometry.type === "MultiPolygon";
  const walk = (nested: unknown, path: number[]): void => {
    const list = nested as unknown[];
    if (typeof list[0] === "number") return void found.push({ path, at: list as Position, ring: 0 });
    const isLine = Array.isArray(list[0]) && typeof list[0][0] === "number";
    const last = isRing && isLine ? list.length - 1 : list.length;
    for (let n = 0; n < last; n++) walk(list[n], [...path, n]);
  };
  if ("coordinates" in geometry) walk(geometry.coordinates, []);
  return found;
}

/** The geometry without a corner, or as it was where too few would be left. */
export function without(geometry: Geometry, index: number): Geometry {
  const found = corners(geometry)[index];
  if (!found || geometry.type === "Point" || geometry.type === "GeometryCollection") return geometry;
  const copy = structuredClone(geometry);
  const line = follow(copy.coordinates, found.path.slice(0, -1));
  const isRing = geometry.type === "Polygon" || geometry.type === "MultiPolygon";
  if (line.length <= (isRing ? 4 : 2)) return geometry;
  line.splice(found.path.at(-1)!, 1);
  if (isRing) line[line.length - 1] = line[0]!;
  return copy;
}

/** The geometry with a corner elsewhere. */
export function moved(geometry: Geometry, index: number, to: Position): Geometry {
  const found = corners(geometry)[index];
  if (!found || geometry.type === "GeometryCollection") return geometry;
  if (geometry.type === "Point") return { ...geometry, coordinates: to };
  const copy = structuredClone(geometry);
  const line = follow(copy.coordinates, found.path.slice(0, -1));
  line[found.path.at(-1)!] = to;
  if (found.path.at(-1) === 0 && (geometry.type === "Polygon" || geometry.type === "MultiPolygon")) line[line.length - 1] = to;
  return copy;
}

const follow = (nested: unknown, path: number[]): Position[] => path.reduce<unknown>((list, n) => (list as unknown[])[n], nested) as Position[];

/** A drawn outline without corners that stand twice, counter-clockwise as RFC 7946 has it. */
export function tidy(geometry: Geometry): Geometry {
  if (geometry.type !== "Polygon") return geometry;
  const ring = geometry.coordinates[0]!.filter((at, n, all) => n === 0 || String(at) !== String(all[n - 1]));
  const twice = ring.slice(1).reduce((sum, [x, y], n) => sum + (ring[n]![0]! * y! - x! * ring[n]![1]!), 0);
  return { ...geometry, coordinates: [twice < 0 ? ring.reverse() : ring] };
}

/** Several drawn parts as one geometry. */
export function together(parts: Geometry[]): Geometry | null {
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? null;
  const alike = parts.filter((each) => each.type === first.type);
  return { type: `Multi${first.type}`, coordinates: alike.map((each) => (each as Polygon).coordinates) } as Geometry;
}

/** The parts that can be drawn one by one; null where the map's tools can't (outlines with holes). */
export function apart(geometry: Geometry): Geometry[] | null {
  if (geometry.type === "GeometryCollection") return null;
  if (!geometry.type.startsWith("Multi")) return geometry.type === "Polygon" && geometry.coordinates.length > 1 ? null : [geometry];
  const parts = (geometry.coordinates as unknown[]).map((coordinates) => ({ type: geometry.type.slice(5), coordinates }) as Geometry);
  return parts.some((each) => apart(each) === null) ? null : parts;
}

// What lists and forms ask of the map; nothing happens where there is none.
import type { Geometry } from "geojson";
import type { ZoneMap } from "./zone-map";

let map: ZoneMap | null = null;

export function attachMap(next: ZoneMap | null): void {
  map = next;
}

export const showShapes = (shapes: Geometry[]): void => map?.showShapes(shapes);
export const zoomBy = (steps: number): void => map?.zoomBy(steps);
export const fitAll = (): void => map?.fitAll();

// What lies under the zones, as the operator set it: /api/v1/basemap.
import { signal } from "@preact/signals";

export interface Basemap {
  kind: "geojson" | "pmtiles" | "raster" | "none";
  /** The datum that the basemap is drawn in. */
  datum: "wgs84" | "gcj02";
  /** Of a raster's tiles, with {z}, {x} and {y}. */
  tiles: string | null;
  attribution: string;
}

export const basemap = signal<Basemap>({ kind: "geojson", datum: "wgs84", tiles: null, attribution: "" });

// What lies under the zones, as the operator set it; the server writes it into the page.
export interface Basemap {
  kind: "geojson" | "vector" | "raster-file" | "raster" | "none";
  /** The datum that the tiles are drawn in. */
  datum: "wgs84" | "gcj02";
  /** Of a raster's tiles, with {z}, {x} and {y}. */
  tiles: string | null;
  attribution: string;
}

export const basemap = JSON.parse(document.documentElement.dataset["basemap"]!) as Basemap;

// Tiles under the zones: vector tiles in the schema of Protomaps (version 4) in a style of ours, or pictures.
// No borders are drawn: which ones a public map may show is a matter of law, and a supervisor needs none.
import { addProtocol, type ExpressionSpecification, type LayerSpecification, type SourceSpecification } from "maplibre-gl";
import { Protocol } from "pmtiles";
import type { Language } from "@keepclear/shared/i18n";
import { basemap } from "../data/basemap";
import type { Palette } from "./palette";

const SOURCE = "basemap";
const FILE = `pmtiles://${location.origin}/api/v1/basemap.pmtiles`;
const GREEN = ["park", "forest", "wood", "grass", "garden", "nature_reserve", "cemetery", "golf_course"];
const MAJOR = ["highway", "major_road"];

addProtocol("pmtiles", new Protocol().tile);

export function basemapSource(): SourceSpecification {
  switch (basemap.kind) {
    case "geojson": return { type: "geojson", data: "/api/v1/basemap.geojson" };
    case "vector": return { type: "vector", url: FILE };
    case "raster-file": return { type: "raster", url: FILE, tileSize: 256 };
    case "raster": return { type: "raster", tiles: [basemap.tiles!], tileSize: 256 };
    case "none": return { type: "geojson", data: { type: "FeatureCollection", features: [] } };
  }
}

export function rasterLayers(c: Palette): LayerSpecification[] {
  return [
    { id: "land", type: "background", paint: { "background-color": c.land } },
    { id: "raster", type: "raster", source: SOURCE, paint: { "raster-saturation": -0.4, "raster-brightness-max": c.rasterBrightness } },
  ];
}

const kind = (names: string[]): ExpressionSpecification => ["in", ["get", "kind"], ["literal", names]];
const wide = (at8: number, at18: number): ExpressionSpecification => ["interpolate", ["exponential", 1.6], ["zoom"], 8, at8, 18, at18];
const named = (language: Language): ExpressionSpecification => ["coalesce", ["get", language === "zh-CN" ? "name:zh-Hans" : "name:en"], ["get", "name"]];

export function vectorLayers(c: Palette, language: Language): LayerSpecification[] {
  const fill = (id: string, layer: string, color: string, filter?: ExpressionSpecification): LayerSpecification => ({
    id, type: "fill", source: SOURCE, "source-layer": layer, ...(filter ? { filter } : {}), paint: { "fill-color": color },
  });
  const line = (id: string, filter: ExpressionSpecification, color: string, width: ExpressionSpecification): LayerSpecification => ({
    id, type: "line", source: SOURCE, "source-layer": "roads", filter, layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": color, "line-width": width },
  });
  const label = (id: string, layer: string, placement: "line" | "point"): LayerSpecification => ({
    id, type: "symbol", source: SOURCE, "source-layer": layer, ...(placement === "line" ? { minzoom: 13 } : {}),
    layout: { "symbol-placement": placement, "text-field": named(language), "text-size": placement === "line" ? 11.5 : 13, "text-max-width": 7 },
    paint: { "text-color": c.text, "text-halo-color": c.textHalo, "text-halo-width": 1.4 },
  });
  return [
    { id: "land", type: "background", paint: { "background-color": c.water } },
    fill("earth", "earth", c.land),
    fill("green", "landuse", c.green, kind(GREEN)),
    fill("water", "water", c.water, ["==", ["geometry-type"], "Polygon"]),
    { id: "stream", type: "line", source: SOURCE, "source-layer": "water", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": c.water, "line-width": wide(0.5, 12) } },
    line("minor-casing", kind(["minor_road"]), c.casing, wide(0, 15)),
    line("major-casing", kind(MAJOR), c.casing, wide(1.4, 29)),
    line("path", kind(["path"]), c.path, wide(0, 3)),
    line("minor", kind(["minor_road"]), c.minor, wide(0, 12)),
    line("major", kind(MAJOR), c.primary, wide(0.8, 26)),
    line("rail", kind(["rail"]), c.rail, wide(0.4, 3)),
    { id: "building", type: "fill", source: SOURCE, "source-layer": "buildings", minzoom: 13.5, paint: { "fill-color": c.building, "fill-outline-color": c.buildingEdge } },
    label("road-name", "roads", "line"),
    label("place-name", "places", "point"),
  ];
}

// The basemap: OpenStreetMap's roads, rail, water, green and buildings in a style of ours that stays
// behind what matters. `properties.layer` of the file names the layer.
import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import type { Language } from "@keepclear/shared/i18n";
import { basemap } from "../data/basemap";
import type { Palette } from "./palette";
import { rasterLayers, vectorLayers } from "./tiles";

const SOURCE = "basemap";
const MAJOR = ["trunk", "trunk_link", "primary", "primary_link"];
const MIDDLE = ["secondary", "secondary_link", "tertiary", "tertiary_link"];
const PATHS = ["footway", "pedestrian", "steps", "path", "cycleway"];

const of = (layer: string, ...more: ExpressionSpecification[]): FilterSpecification =>
  ["all", ["==", ["get", "layer"], layer], ...more] as FilterSpecification;
const isPolygon: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];
const isLine: ExpressionSpecification = ["==", ["geometry-type"], "LineString"];
const kind = (names: string[]): ExpressionSpecification => ["in", ["get", "highway"], ["literal", names]];
const width = (at12: number, at18: number): ExpressionSpecification =>
  ["interpolate", ["exponential", 1.6], ["zoom"], 12, at12, 18, at18];

export const localName = (language: Language): ExpressionSpecification =>
  language === "zh-CN" ? ["get", "name"] : ["coalesce", ["get", "name:en"], ["get", "name"]];

export function basemapLayers(c: Palette, language: Language): LayerSpecification[] {
  switch (basemap.kind) {
    case "vector": return vectorLayers(c, language);
    case "raster":
    case "raster-file": return rasterLayers(c);
    default: return [...areas(c), ...roads(c), ...rails(c), ...names(c, language)];
  }
}

function areas(c: Palette): LayerSpecification[] {
  return [
    { id: "land", type: "background", paint: { "background-color": c.land } },
    { id: "green", type: "fill", source: SOURCE, filter: of("green"), paint: { "fill-color": c.green } },
    { id: "water", type: "fill", source: SOURCE, filter: of("water", isPolygon), paint: { "fill-color": c.water } },
    {
      id: "stream", type: "line", source: SOURCE, filter: of("water", isLine),
      paint: { "line-color": c.water, "line-width": width(1.5, 12) },
    },
    {
      id: "building", type: "fill", source: SOURCE, filter: of("building"), minzoom: 13.5,
      paint: { "fill-color": c.building, "fill-outline-color": c.buildingEdge },
    },
  ];
}

function road(id: string, filter: ExpressionSpecification, color: string, wide: ExpressionSpecification): LayerSpecification {
  return {
    id, type: "line", source: SOURCE, filter: of("road", filter),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": color, "line-width": wide },
  };
}

function roads(c: Palette): LayerSpecification[] {
  const minor: ExpressionSpecification = ["!", kind([...MAJOR, ...MIDDLE, ...PATHS])];
  const paths = road("path", kind(PATHS), c.path, width(0.4, 3)) as Extract<LayerSpecification, { type: "line" }>;
  return [
    { ...paths, minzoom: 14.5, paint: { ...paths.paint, "line-dasharray": [2, 1.5] } },
    road("minor-casing", minor, c.casing, width(1.2, 15)),
    road("middle-casing", kind(MIDDLE), c.casing, width(2.6, 23)),
    road("major-casing", kind(MAJOR), c.casing, width(3.8, 29)),
    road("minor", minor, c.minor, width(0.5, 12)),
    road("middle", kind(MIDDLE), c.secondary, width(1.6, 20)),
    road("major", kind(MAJOR), c.primary, width(2.6, 26)),
  ];
}

function rails(c: Palette): LayerSpecification[] {
  return [
    {
      id: "rail", type: "line", source: SOURCE, filter: of("rail", isLine),
      paint: { "line-color": c.rail, "line-width": width(1, 3), "line-dasharray": [4, 3] },
    },
  ];
}

function names(c: Palette, language: Language): LayerSpecification[] {
  return [
    {
      id: "road-name", type: "symbol", source: SOURCE, minzoom: 13,
      filter: of("road", ["!", kind(PATHS)], ["has", "name"]),
      layout: { "symbol-placement": "line", "text-field": localName(language), "text-size": 11.5, "symbol-spacing": 320, "text-max-angle": 30 },
      paint: { "text-color": c.text, "text-halo-color": c.textHalo, "text-halo-width": 1.4 },
    },
    {
      id: "place-name", type: "symbol", source: SOURCE, minzoom: 15.5,
      filter: of("building", ["has", "name"]),
      layout: { "text-field": localName(language), "text-size": 11, "text-max-width": 7 },
      paint: { "text-color": c.text, "text-halo-color": c.textHalo, "text-halo-width": 1.2 },
    },
  ];
}

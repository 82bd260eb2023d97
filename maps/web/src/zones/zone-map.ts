// The map of the zones page: zones in force as on the live map, what is sketched over them, and the drawing tools.
import { effect } from "@preact/signals";
import type { Geometry } from "geojson";
import { LngLatBounds, type MapMouseEvent } from "maplibre-gl";
import { isDark } from "@keepclear/shared/theme";
import { minute } from "../data/hours";
import { zones } from "../data/store";
import { BaseMap, EMPTY, type Padding } from "../map/base-map";
import { boundsOfZones, eachPosition, overview } from "../map/bounds";
import { shown, shownCollection } from "../map/datum";
import { labelled } from "../map/features";
import { zoneLayers } from "../map/overlay";
import { palette } from "../map/palette";
import { Drawing, drawnShape } from "./drawing";
import { corner, corners, MAP_DATUM } from "./shape";
import { askPlace } from "./place";
import { highlighted, sketched } from "./sketch";
import { CORNER, LIFTED, SKETCH, sketchLayers } from "./sketch-layers";
import { changes, say } from "./state";
import { go, view, wanted } from "./view";

const FINGER_PX = 6;
const ZONE_LAYERS = ["zone-footprint", "zone-point"];

export class ZoneMap extends BaseMap {
  private readonly stops: (() => void)[] = [];
  private drawing: Drawing | null = null;

  constructor(container: HTMLElement, padding: () => Padding) {
    const empty = { type: "geojson" as const, data: EMPTY };
    super(container, { zones: empty, areas: empty, [SKETCH]: empty, [LIFTED]: empty, [CORNER]: empty }, (c) => [...zoneLayers(c), ...sketchLayers(c)], padding);
    if (wanted) this.jump(wanted);
    this.map.on("click", (event) => this.click(event));
    this.map.once("style.load", () => this.keepInStep());
  }

  destroy(): void {
    this.drawing?.stop();
    for (const stop of this.stops) stop();
    this.map.remove();
  }

  fitAll(animate = true): void {
    const bounds = overview(shownCollection(zones.value).features, []);
    if (bounds) this.fit(bounds, { animate });
  }

  /** Frame a shape of WGS-84 with what lies round it. */
  showShapes(shapes: Geometry[]): void {
    const bounds = new LngLatBounds();
    const drawn = shownCollection({ type: "FeatureCollection", features: shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry })) });
    for (const { geometry } of drawn.features) eachPosition(geometry, ([lon, lat]) => bounds.extend([lon!, lat!]));
    if (!bounds.isEmpty()) this.fit(bounds, { margin: 56, maxZoom: 17 });
  }

  /** Frame places of WGS-84, unless all can be seen already. */
  keepInView(places: { lon: number; lat: number }[]): void {
    if (places.some((each) => !this.isInView(shown(each.lon, each.lat)))) {
      this.showShapes(places.map((each) => ({ type: "Point", coordinates: [each.lon, each.lat] })));
    }
  }

  showZone(id: string): boolean {
    const bounds = boundsOfZones(shownCollection(zones.value).features.filter((each) => each.properties.id === id));
    if (bounds) this.fit(bounds, { margin: 56, maxZoom: 17 });
    return bounds !== null;
  }

  private keepInStep(): void {
    this.stops.push(
      effect(() => void this.source("zones").setData(labelled(zones.value.features, minute.value, false))),
      effect(() => void this.drawAreas(changes.value)),
      effect(() => void this.source(SKETCH).setData(shownCollection({ type: "FeatureCollection", features: sketched.value }))),
      effect(() => {
        const lifted = highlighted.value ? [highlighted.value] : [];
        void this.source(LIFTED).setData(shownCollection({ type: "FeatureCollection", features: lifted }));
      }),
      effect(() => {
        const geometry = corner.value === null ? null : drawnShape();
        const at = geometry && corners(geometry)[corner.value!]?.at;
        void this.source(CORNER).setData({ type: "FeatureCollection", features: at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : [] });
      }),
      effect(() => this.repaint(isDark.value)),
      effect(() => this.rename()),
      effect(() => this.dim(sketched.value.length > 0)),
      effect(() => this.takeTools(view.value.kind === "new" || view.value.kind === "edit")),
    );
  }

  /** What stands already gives way to what is sketched over it. */
  private dim(isSketching: boolean): void {
    for (const { id, type } of zoneLayers(palette(false))) {
      if (type === "fill" || type === "line") this.map.setPaintProperty(id, `${type}-opacity`, isSketching ? 0.4 : 1);
    }
  }

  /** The drawing tools are on the map while something is edited. */
  private takeTools(wanted: boolean): void {
    if (wanted === (this.drawing !== null)) return;
    if (wanted) this.drawing = new Drawing(this.map);
    else {
      this.drawing?.stop();
      this.drawing = null;
    }
  }

  private click({ point, lngLat }: MapMouseEvent): void {
    const { kind } = view.value;
    if (kind === "place") return void askPlace(lngLat.lng, lngLat.lat, MAP_DATUM).catch((error: unknown) => say(String(error), true));
    if (kind !== "list" && kind !== "zone") return;
    const reach: [[number, number], [number, number]] = [[point.x - FINGER_PX, point.y - FINGER_PX], [point.x + FINGER_PX, point.y + FINGER_PX]];
    const found = this.map.queryRenderedFeatures(reach, { layers: ZONE_LAYERS })[0];
    if (found) go({ kind: "zone", id: found.properties["id"] as string });
  }
}


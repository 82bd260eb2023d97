// The map, kept in step with the store. It moves when a person asks, never by itself.
import { effect } from "@preact/signals";
import { language } from "@keepclear/shared/i18n";
import { reducedMotion } from "@keepclear/shared/media";
import { isDark } from "@keepclear/shared/theme";
import { type GeoJSONSource, Map as MapLibre, type MapMouseEvent, ScaleControl, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { freshness } from "../data/freshness";
import type { Device } from "../data/model";
import { type Change, devices, hovered, now, onDevices, selected, selectedDevice, zoneGeneration, zones } from "../data/store";
import { t } from "../messages";
import { basemapLayers, localName } from "./basemap";
import { boundsOfZones, overview } from "./bounds";
import { accuracyCircle, labelled, visitorFeature } from "./features";
import { drawImage, PIXEL_RATIO } from "./images";
import { isDevice, overlayLayers, VISITOR_LAYERS } from "./overlay";
import { palette } from "./palette";

const FINGER_PX = 22;
const CLOSE_ZOOM = 15.5;
const FIT_ZOOM = 16;
const START = { center: [118.79, 32.045] as [number, number], zoom: 12 };
const EMPTY = { type: "FeatureCollection" as const, features: [] };

setWorkerUrl(workerUrl);

export interface Padding { top: number; right: number; bottom: number; left: number }

export class LiveMap {
  private readonly map: MapLibre;
  private readonly stops: (() => void)[] = [];
  private readonly drawnAge = new Map<string, string>();

  /** `padding` tells what panels cover, when the camera moves. Throws where WebGL is missing. */
  constructor(container: HTMLElement, private readonly padding: () => Padding) {
    this.map = new MapLibre({
      container, ...START, style: style(), attributionControl: false, maxPitch: 0, dragRotate: false,
      pitchWithRotate: false, localIdeographFontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif",
      locale: { "Map.Title": t("mapLabel") },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
    this.map.setMissingStyleImageResolver((id) => this.draw(id));
    this.map.on("click", (event) => this.click(event));
    this.map.on("mousemove", (event) => this.point(event));
    this.map.on("mouseout", () => (hovered.value = null));
    this.map.once("style.load", () => this.keepInStep());
  }

  destroy(): void {
    for (const stop of this.stops) stop();
    this.map.remove();
  }

  /** Frame all visitors with the zones round them. */
  fitAll(animate = true): void {
    const bounds = overview(zones.value.features, devices.value.values());
    if (bounds) this.map.fitBounds(bounds, { padding: this.room(48), maxZoom: FIT_ZOOM, animate: animate && !reducedMotion.value });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { animate: !reducedMotion.value });
  }

  /** Bring a place into view; what is already well in view stays where it is. */
  show(lon: number, lat: number, always = false): void {
    if (!always && this.isInView(lon, lat)) return;
    const zoom = Math.max(this.map.getZoom(), CLOSE_ZOOM);
    const { top, right, bottom, left } = this.padding();
    // An offset rather than padding: MapLibre would keep the padding for every later move.
    this.map.easeTo({ center: [lon, lat], zoom, offset: [(left - right) / 2, (top - bottom) / 2], animate: !reducedMotion.value });
  }

  /** Frame everything of one zone. */
  showZone(id: string): void {
    const bounds = boundsOfZones(zones.value.features.filter((each) => each.properties.id === id));
    if (bounds) this.map.fitBounds(bounds, { padding: this.room(64), maxZoom: FIT_ZOOM + 1, animate: !reducedMotion.value });
  }

  resize(): void {
    this.map.resize();
  }

  private isInView(lon: number, lat: number): boolean {
    const { x, y } = this.map.project([lon, lat]);
    const room = this.room(40);
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x > room.left && x < clientWidth - room.right && y > room.top && y < clientHeight - room.bottom;
  }

  private room(margin: number): Padding {
    const { top, right, bottom, left } = this.padding();
    return { top: top + margin, right: right + margin, bottom: bottom + margin, left: left + margin };
  }

  private keepInStep(): void {
    this.redraw([...devices.value.values()]);
    this.stops.push(
      onDevices((change) => this.take(change)),
      effect(() => void this.source("zones").setData(labelled(zones.value))),
      effect(() => void this.source("areas").setData(`/api/v1/zone-areas.geojson?generation=${zoneGeneration.value ?? 0}`)),
      effect(() => void this.source("accuracy").setData(accuracyCircle(selectedDevice.value))),
      effect(() => void this.map.setFilter("selected", isDevice(selected.value))),
      effect(() => void this.map.setFilter("hovered", isDevice(hovered.value))),
      effect(() => this.repaint(isDark.value)),
      effect(() => this.rename()),
      effect(() => this.redraw([...devices.peek().values()].filter((each) => this.drawnAge.get(each.device) !== freshness(each, now.value)))),
    );
  }

  private take({ changed, gone }: Change): void {
    for (const each of gone) this.drawnAge.delete(each);
    if (gone.length) this.source("visitors").updateData({ remove: gone });
    this.redraw(changed);
  }

  /** Draw some devices anew: `add` replaces what has the same id. */
  private redraw(some: Device[]): void {
    if (some.length === 0) return;
    for (const each of some) this.drawnAge.set(each.device, freshness(each, now.peek()));
    this.source("visitors").updateData({ add: some.map((each) => visitorFeature(each, now.peek())) });
  }

  private source(id: string): GeoJSONSource {
    return this.map.getSource(id) as GeoJSONSource;
  }

  private draw(id: string): void {
    const image = drawImage(id);
    if (image && !this.map.hasImage(id)) this.map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
  }

  private repaint(dark: boolean): void {
    for (const layer of layers(dark)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as Parameters<MapLibre["setPaintProperty"]>[1], value);
      }
    }
  }

  private rename(): void {
    for (const id of ["road-name", "place-name"]) this.map.setLayoutProperty(id, "text-field", localName(language.value));
    this.map.getCanvas().setAttribute("aria-label", t("mapLabel"));
  }

  private click(event: MapMouseEvent): void {
    selected.value = this.nearest(event);
  }

  private point(event: MapMouseEvent): void {
    hovered.value = this.nearest(event);
    this.map.getCanvas().style.cursor = hovered.value === null ? "" : "pointer";
  }

  /** The visitor nearest to a finger, if any is under it. */
  private nearest({ point }: MapMouseEvent): string | null {
    if (!this.map.getLayer("visitor")) return null;
    const box: [[number, number], [number, number]] = [
      [point.x - FINGER_PX, point.y - FINGER_PX],
      [point.x + FINGER_PX, point.y + FINGER_PX],
    ];
    let best: string | null = null;
    let bestPx = Infinity;
    for (const { properties } of this.map.queryRenderedFeatures(box, { layers: VISITOR_LAYERS })) {
      const device = devices.value.get(properties["device"] as string);
      if (device === undefined) continue;
      const distancePx = this.map.project([device.lon, device.lat]).dist(point);
      if (distancePx < bestPx) [best, bestPx] = [device.device, distancePx];
    }
    return best;
  }
}

const layers = (dark: boolean) => [...basemapLayers(palette(dark), language.peek()), ...overlayLayers(palette(dark))];

/** No `glyphs`: labels are drawn with the reader's own fonts, so no font server is needed. */
function style(): StyleSpecification {
  return {
    version: 8,
    sources: {
      basemap: { type: "geojson", data: "/api/v1/basemap.geojson" },
      zones: { type: "geojson", data: EMPTY },
      areas: { type: "geojson", data: EMPTY },
      accuracy: { type: "geojson", data: EMPTY },
      visitors: { type: "geojson", data: EMPTY },
    },
    layers: layers(isDark.peek()),
  };
}

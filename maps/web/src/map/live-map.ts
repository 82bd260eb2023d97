// The map, kept in step with the store. It moves when a person asks, never by itself.
import { effect } from "@preact/signals";
import type { FeatureCollection } from "geojson";
import { language } from "@keepclear/shared/i18n";
import { reducedMotion } from "@keepclear/shared/media";
import { isDark } from "@keepclear/shared/theme";
import { type GeoJSONSource, LngLatBounds, Map as MapLibre, type MapMouseEvent, ScaleControl, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { camera, wanted } from "../data/address";
import { followed, followedDevice } from "../data/follow";
import { minute } from "../data/hours";
import { category, filter, isAskedFor, query, shownZones, team } from "../data/looking";
import { focus, replay } from "../data/replay";
import { devices, hovered, now, onDevices, selected, selectedDevice, zoneGeneration, zones } from "../data/store";
import { t } from "../messages";
import { basemapLayers } from "./basemap";
import { boundsOfZones, overview } from "./bounds";
import { shown, shownCollection } from "./datum";
import { accuracyCircle, labelled } from "./features";
import { drawImage, PIXEL_RATIO } from "./images";
import { isDevice, overlayLayers } from "./overlay";
import { palette } from "./palette";
import { drawReplay, pastVisitorAt, REPLAY_SOURCES, replayLayers } from "./replay-layers";
import { basemapSource } from "./tiles";
import { clusterAt, visitorAt } from "./pointer";
import { CALM, calmSource, URGENT, VisitorSources } from "./visitor-sources";

const CLOSE_ZOOM = 15.5;
const FIT_ZOOM = 16;
const START = { center: [118.79, 32.045] as [number, number], zoom: 12 };
const EMPTY = { type: "FeatureCollection" as const, features: [] };

setWorkerUrl(workerUrl);

export interface Padding { top: number; right: number; bottom: number; left: number }

export class LiveMap {
  private readonly map: MapLibre;
  private readonly stops: (() => void)[] = [];
  private readonly visitors = new VisitorSources((id) => this.source(id));

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
    this.map.on("dragstart", () => (followed.value = null));
    this.map.on("moveend", () => this.noteCamera());
    this.map.on("mousemove", (event) => this.point(event));
    this.map.on("mouseout", () => (hovered.value = null));
    this.map.once("style.load", () => this.keepInStep());
  }

  destroy(): void {
    this.visitors.stop();
    for (const stop of this.stops) stop();
    this.map.remove();
  }

  /** Frame all visitors with the zones round them; those asked for, where a filter is set and anybody passes it. */
  fitAll(animate = true): void {
    const all = [...devices.value.values()];
    const some = all.filter(isAskedFor);
    const bounds = overview(shownCollection(zones.value).features, (some.length ? some : all).map((each) => shown(each.lon, each.lat)));
    if (bounds) this.map.fitBounds(bounds, { padding: this.room(48), maxZoom: FIT_ZOOM, animate: animate && !reducedMotion.value });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { animate: !reducedMotion.value });
  }

  /** Bring a place into view; what is already well in view stays where it is. */
  show(lon: number, lat: number, always = false): void {
    const at = shown(lon, lat);
    if (always || !this.isInView(at)) this.centre(at, Math.max(this.map.getZoom(), CLOSE_ZOOM));
  }

  private centre(center: [number, number], zoom = this.map.getZoom()): void {
    const { top, right, bottom, left } = this.padding();
    // An offset rather than padding: MapLibre would keep the padding for every later move.
    this.map.easeTo({ center, zoom, offset: [(left - right) / 2, (top - bottom) / 2], animate: !reducedMotion.value });
  }

  /** Frame everything of one zone. */
  showZone(id: string): void {
    const bounds = boundsOfZones(shownCollection(zones.value).features.filter((each) => each.properties.id === id));
    if (bounds) this.map.fitBounds(bounds, { padding: this.room(64), maxZoom: FIT_ZOOM + 1, animate: !reducedMotion.value });
  }

  resize(): void {
    this.map.resize();
  }

  private isInView(at: [number, number]): boolean {
    const { x, y } = this.map.project(at);
    const room = this.room(40);
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x > room.left && x < clientWidth - room.right && y > room.top && y < clientHeight - room.bottom;
  }

  private room(margin: number): Padding {
    const { top, right, bottom, left } = this.padding();
    return { top: top + margin, right: right + margin, bottom: bottom + margin, left: left + margin };
  }

  private keepInStep(): void {
    this.visitors.take({ changed: [...devices.value.values()], gone: [] });
    this.stops.push(
      onDevices((change) => this.visitors.take(change)),
      effect(() => void this.source("zones").setData(labelled(shownZones.value, minute.value, category.value !== null))),
      effect(() => void this.drawAreas(zoneGeneration.value ?? 0, category.value)),
      effect(() => void this.source("accuracy").setData(accuracyCircle(selectedDevice.value))),
      effect(() => void this.map.setFilter("selected", isDevice(selected.value))),
      effect(() => [CALM, URGENT].forEach((each) => this.map.setFilter(`hovered-${each}`, isDevice(hovered.value)))),
      effect(() => void (followedDevice.value && this.centre(shown(followedDevice.value.lon, followedDevice.value.lat)))),
      effect(() => this.look()),
      effect(() => this.frameReplay()),
      ...drawReplay(this.map, overlayLayers(palette(false)).map((each) => each.id)),
      effect(() => this.repaint(isDark.value)),
      effect(() => this.rename()),
      effect(() => {
        void [now.value, selected.value, query.value, filter.value, team.value];
        this.visitors.refresh();
      }),
    );
  }

  /** Edges and rings of all zones that always count, dissolved by the server; those of one category are drawn one by one. */
  private async drawAreas(generation: number, only: string | null): Promise<void> {
    if (only !== null) return void this.source("areas").setData(EMPTY);
    const answer = await fetch(`/api/v1/zone-areas.geojson?generation=${generation}`).catch(() => null);
    if (answer?.ok && category.peek() === null) this.source("areas").setData(shownCollection((await answer.json()) as FeatureCollection));
  }

  /** Frame a past track when it is opened. */
  private frameReplay(): void {
    const bounds = new LngLatBounds();
    for (const { lon, lat } of (replay.value?.tracks ?? []).flatMap((each) => each.fixes)) bounds.extend(shown(lon, lat));
    // After the player is drawn, so that the camera knows what it covers.
    if (!bounds.isEmpty()) requestAnimationFrame(() => this.map.fitBounds(bounds, { padding: this.room(48), maxZoom: FIT_ZOOM, animate: false }));
  }

  private noteCamera(): void {
    const { lng, lat } = this.map.getCenter();
    camera.value = { lon: lng, lat, zoom: this.map.getZoom() };
  }

  /** Go where the address says. */
  private look(): void {
    if (wanted.value !== null) this.map.jumpTo({ center: [wanted.value.lon, wanted.value.lat], zoom: wanted.value.zoom });
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
    for (const layer of basemapLayers(palette(false), language.value)) {
      if (layer.type === "symbol") this.map.setLayoutProperty(layer.id, "text-field", layer.layout!["text-field"]);
    }
    this.map.getCanvas().setAttribute("aria-label", t("mapLabel"));
  }

  private click(event: MapMouseEvent): void {
    if (replay.value !== null) return void (focus.value = pastVisitorAt(this.map, event) ?? focus.value);
    const device = visitorAt(this.map, event);
    const cluster = device === null ? clusterAt(this.map, event) : null;
    if (cluster === null) {
      if (device !== followed.value) followed.value = null;
      selected.value = device;
    }
    if (cluster !== null) void this.source(CALM).getClusterExpansionZoom(cluster.id).then((zoom) => this.centre(cluster.at, zoom));
  }

  private point(event: MapMouseEvent): void {
    hovered.value = visitorAt(this.map, event);
    this.map.getCanvas().style.cursor = hovered.value === null && clusterAt(this.map, event) === null ? "" : "pointer";
  }
}

const layers = (dark: boolean) => [...basemapLayers(palette(dark), language.peek()), ...overlayLayers(palette(dark)), ...replayLayers(palette(dark))];

/** No `glyphs`: labels are drawn with the reader's own fonts, so no font server is needed. */
function style(): StyleSpecification {
  return {
    version: 8,
    sources: {
      basemap: basemapSource(),
      zones: { type: "geojson", data: EMPTY },
      areas: { type: "geojson", data: EMPTY },
      accuracy: { type: "geojson", data: EMPTY },
      ...Object.fromEntries(REPLAY_SOURCES.map((each) => [each, { type: "geojson" as const, data: EMPTY }])),
      [CALM]: calmSource(),
      [URGENT]: { type: "geojson", data: EMPTY },
    },
    layers: layers(isDark.peek()),
  };
}

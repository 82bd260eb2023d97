// A map of ours over the basemap: its frame, camera, colours and names. What is drawn on it is its owner's.
import type { FeatureCollection } from "geojson";
import { type GeoJSONSource, type LayerSpecification, type LngLatBounds, Map as MapLibre, ScaleControl, type SourceSpecification, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { language } from "@keepclear/shared/i18n";
import { reducedMotion } from "@keepclear/shared/media";
import { isDark } from "@keepclear/shared/theme";
import { type Camera, camera } from "../data/camera";
import { t } from "../messages";
import { basemapLayers } from "./basemap";
import { shownCollection } from "./datum";
import { type Palette, palette } from "./palette";
import { basemapSource } from "./tiles";

export const FIT_ZOOM = 16;
const START = { center: [118.79, 32.045] as [number, number], zoom: 12 };
export const EMPTY = { type: "FeatureCollection" as const, features: [] };

setWorkerUrl(workerUrl);

export interface Padding { top: number; right: number; bottom: number; left: number }

export class BaseMap {
  protected readonly map: MapLibre;

  /**
   * `sources` and `overlay` are drawn over the basemap; `padding` tells what panels cover, when the camera moves.
   * Throws where WebGL is missing.
   */
  constructor(
    container: HTMLElement, sources: Record<string, SourceSpecification>,
    private readonly overlay: (c: Palette) => LayerSpecification[], private readonly padding: () => Padding,
  ) {
    this.map = new MapLibre({
      container, ...START, style: this.style(sources), attributionControl: false, maxPitch: 0, dragRotate: false,
      pitchWithRotate: false, localIdeographFontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif",
      locale: { "Map.Title": t("mapLabel") }, ...(reducedMotion.peek() ? { fadeDuration: 0 } : {}),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.on("moveend", () => this.noteCamera());
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
  }

  private noteCamera(): void {
    const { lng, lat } = this.map.getCenter();
    camera.value = { lon: lng, lat, zoom: this.map.getZoom() };
  }

  /** Look there at once. */
  protected jump({ lon, lat, zoom }: Camera): void {
    this.map.jumpTo({ center: [lon, lat], zoom });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { animate: !reducedMotion.value });
  }

  resize(): void {
    this.map.resize();
  }

  /** Frame what lies within; the panels stay clear of it. */
  protected fit(bounds: LngLatBounds, { margin = 48, maxZoom = FIT_ZOOM, animate = true } = {}): void {
    this.map.fitBounds(bounds, { padding: this.room(margin), maxZoom, animate: animate && !reducedMotion.value });
  }

  protected centre(center: [number, number], zoom = this.map.getZoom()): void {
    const { top, right, bottom, left } = this.padding();
    // An offset rather than padding: MapLibre would keep the padding for every later move.
    this.map.easeTo({ center, zoom, offset: [(left - right) / 2, (top - bottom) / 2], animate: !reducedMotion.value });
  }

  protected isInView(at: [number, number]): boolean {
    const { x, y } = this.map.project(at);
    const room = this.room(40);
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x > room.left && x < clientWidth - room.right && y > room.top && y < clientHeight - room.bottom;
  }

  private room(margin: number): Padding {
    const { top, right, bottom, left } = this.padding();
    return { top: top + margin, right: right + margin, bottom: bottom + margin, left: left + margin };
  }

  /** Edges and rings of all zones that always count, dissolved by the server, into the source `areas` if still wanted. */
  protected async drawAreas(generation: number, isWanted = (): boolean => true): Promise<void> {
    const answer = await fetch(`/api/v1/zone-areas.geojson?generation=${generation}`).catch(() => null);
    if (answer?.ok && isWanted()) this.source("areas").setData(shownCollection((await answer.json()) as FeatureCollection));
  }

  protected source(id: string): GeoJSONSource {
    return this.map.getSource(id) as GeoJSONSource;
  }

  protected repaint(dark: boolean): void {
    for (const layer of this.layers(dark)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.map.setPaintProperty(layer.id, name as Parameters<MapLibre["setPaintProperty"]>[1], value);
      }
    }
  }

  protected rename(): void {
    for (const layer of basemapLayers(palette(false), language.value)) {
      if (layer.type === "symbol") this.map.setLayoutProperty(layer.id, "text-field", layer.layout!["text-field"]);
    }
    this.map.getCanvas().setAttribute("aria-label", t("mapLabel"));
  }

  private layers(dark: boolean): LayerSpecification[] {
    return [...basemapLayers(palette(dark), language.peek()), ...this.overlay(palette(dark))];
  }

  /** No `glyphs`: labels are drawn with the reader's own fonts, so no font server is needed. */
  private style(sources: Record<string, SourceSpecification>): StyleSpecification {
    return { version: 8, sources: { basemap: basemapSource(), ...sources }, layers: this.layers(isDark.peek()) };
  }
}

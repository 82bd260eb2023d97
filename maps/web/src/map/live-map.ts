// The map, kept in step with the store. It moves when a person asks, never by itself.
import { effect } from "@preact/signals";
import { isDark } from "@keepclear/shared/theme";
import { LngLatBounds, type MapMouseEvent } from "maplibre-gl";
import { wanted } from "../data/address";
import { followed, followedDevice } from "../data/follow";
import { minute } from "../data/hours";
import { category, filter, isAskedFor, query, shownZones, team } from "../data/looking";
import { focus, replay } from "../data/replay";
import { devices, hovered, now, onDevices, selected, selectedDevice, zoneGeneration, zones } from "../data/store";
import { BaseMap, EMPTY, FIT_ZOOM, type Padding } from "./base-map";
import { boundsOfZones, overview } from "./bounds";
import { shown, shownCollection } from "./datum";
import { accuracyCircle, labelled } from "./features";
import { drawImage, PIXEL_RATIO } from "./images";
import { isDevice, overlayLayers } from "./overlay";
import { type Palette, palette } from "./palette";
import { drawReplay, pastVisitorAt, REPLAY_SOURCES, replayLayers } from "./replay-layers";
import { clusterAt, visitorAt } from "./pointer";
import { CALM, calmSource, URGENT, VisitorSources } from "./visitor-sources";

const CLOSE_ZOOM = 15.5;

export class LiveMap extends BaseMap {
  private readonly stops: (() => void)[] = [];
  private readonly visitors = new VisitorSources((id) => this.source(id));

  constructor(container: HTMLElement, padding: () => Padding) {
    super(container, sources(), overlay, padding);
    this.map.setMissingStyleImageResolver((id) => this.draw(id));
    this.map.on("click", (event) => this.click(event));
    this.map.on("dragstart", () => (followed.value = null));
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
    if (bounds) this.fit(bounds, { animate });
  }

  /** Bring a place into view; what is already well in view stays where it is. */
  show(lon: number, lat: number, always = false): void {
    const at = shown(lon, lat);
    if (always || !this.isInView(at)) this.centre(at, Math.max(this.map.getZoom(), CLOSE_ZOOM));
  }

  /** Frame everything of one zone. */
  showZone(id: string): void {
    const bounds = boundsOfZones(shownCollection(zones.value).features.filter((each) => each.properties.id === id));
    if (bounds) this.fit(bounds, { margin: 64, maxZoom: FIT_ZOOM + 1 });
  }

  private keepInStep(): void {
    this.visitors.take({ changed: [...devices.value.values()], gone: [] });
    this.stops.push(
      onDevices((change) => this.visitors.take(change)),
      effect(() => void this.source("zones").setData(labelled(shownZones.value, minute.value, category.value !== null))),
      effect(() => {
        const generation = zoneGeneration.value ?? 0;
        // Those of one category are drawn one by one.
        if (category.value !== null) void this.source("areas").setData(EMPTY);
        else void this.drawAreas(generation, () => category.peek() === null);
      }),
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

  /** Frame a past track when it is opened. */
  private frameReplay(): void {
    const bounds = new LngLatBounds();
    for (const { lon, lat } of (replay.value?.tracks ?? []).flatMap((each) => each.fixes)) bounds.extend(shown(lon, lat));
    // After the player is drawn, so that the camera knows what it covers.
    if (!bounds.isEmpty()) requestAnimationFrame(() => this.fit(bounds, { animate: false }));
  }

  /** Go where the address says. */
  private look(): void {
    if (wanted.value !== null) this.jump(wanted.value);
  }

  private draw(id: string): void {
    const image = drawImage(id);
    if (image && !this.map.hasImage(id)) this.map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
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

const overlay = (c: Palette) => [...overlayLayers(c), ...replayLayers(c)];

const sources = () => ({
  zones: { type: "geojson" as const, data: EMPTY },
  areas: { type: "geojson" as const, data: EMPTY },
  accuracy: { type: "geojson" as const, data: EMPTY },
  ...Object.fromEntries(REPLAY_SOURCES.map((each) => [each, { type: "geojson" as const, data: EMPTY }])),
  [CALM]: calmSource(),
  [URGENT]: { type: "geojson" as const, data: EMPTY },
});

// The map, kept in step with the store. It moves when a person asks, never by itself.
import { effect } from "@preact/signals";
import type { MapMouseEvent } from "maplibre-gl";
import { followed, followedDevice } from "../data/follow";
import { filter, isAskedFor, query, team } from "../data/looking";
import { replay } from "../data/replay";
import { devices, hovered, now, onDevices, selected, selectedDevice, zones } from "../data/store";
import { EMPTY, FIT_ZOOM, type Padding } from "./base-map";
import { boundsOfZones, overview } from "./bounds";
import { shown, shownCollection } from "./datum";
import { accuracyCircle } from "./features";
import { isDevice, overlayLayers } from "./overlay";
import { clusterAt, visitorAt } from "./pointer";
import { ReplayMap } from "./replay-map";
import { CALM, calmSource, URGENT, VisitorSources } from "./visitor-sources";

const CLOSE_ZOOM = 15.5;

export class LiveMap extends ReplayMap {
  private readonly visitors = new VisitorSources((id) => this.source(id));

  constructor(container: HTMLElement, padding: () => Padding) {
    super(container, padding, overlayLayers, sources());
    this.map.on("dragstart", () => (followed.value = null));
    this.map.on("mousemove", (event) => this.point(event));
    this.map.on("mouseout", () => (hovered.value = null));
  }

  override destroy(): void {
    this.visitors.stop();
    super.destroy();
  }

  /** Frame all visitors with the zones round them; those asked for, where a filter is set and anybody passes it. */
  override fitAll(animate = true): void {
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

  protected override keepInStep(): (() => void)[] {
    this.visitors.take({ changed: [...devices.value.values()], gone: [] });
    return [
      onDevices((change) => this.visitors.take(change)),
      effect(() => void this.source("accuracy").setData(accuracyCircle(selectedDevice.value))),
      effect(() => void this.map.setFilter("selected", isDevice(selected.value))),
      effect(() => [CALM, URGENT].forEach((each) => this.map.setFilter(`hovered-${each}`, isDevice(hovered.value)))),
      effect(() => void (followedDevice.value && this.centre(shown(followedDevice.value.lon, followedDevice.value.lat)))),
      effect(() => {
        void [now.value, selected.value, query.value, filter.value, team.value];
        this.visitors.refresh();
      }),
      ...super.keepInStep(),
    ];
  }

  protected override click(event: MapMouseEvent): void {
    if (replay.value !== null) return super.click(event);
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

const sources = () => ({
  accuracy: { type: "geojson" as const, data: EMPTY },
  [CALM]: calmSource(),
  [URGENT]: { type: "geojson" as const, data: EMPTY },
});

// A map of the zones, over which the past is played back. It moves when a person asks, never by itself.
import { effect } from "@preact/signals";
import { isDark } from "@keepclear/shared/theme";
import { type LayerSpecification, LngLatBounds, type MapMouseEvent, type SourceSpecification } from "maplibre-gl";
import { wanted } from "../data/address";
import { minute } from "../data/hours";
import { category, drawnZones } from "../data/looking";
import { focus, replay } from "../data/replay";
import { zoneGeneration, zones } from "../data/store";
import { BaseMap, EMPTY, type Padding } from "./base-map";
import { overview } from "./bounds";
import { shown, shownCollection } from "./datum";
import { labelled } from "./features";
import { drawImage, PIXEL_RATIO } from "./images";
import { zoneLayers } from "./overlay";
import { type Palette, palette } from "./palette";
import { drawReplay, pastVisitorAt, REPLAY_SOURCES, replayLayers } from "./replay-layers";

const empty = (ids: readonly string[]) => Object.fromEntries(ids.map((each) => [each, { type: "geojson" as const, data: EMPTY }]));

/** Everywhere that the past goes; null if none is shown. */
function pastBounds(): LngLatBounds | null {
  const bounds = new LngLatBounds();
  for (const { lon, lat } of (replay.value?.tracks ?? []).flatMap((each) => each.fixes)) bounds.extend(shown(lon, lat));
  return bounds.isEmpty() ? null : bounds;
}

export class ReplayMap extends BaseMap {
  private readonly stops: (() => void)[] = [];

  /** `present`: what is drawn while no past is, from `sources` and the zones; `padding` as in `BaseMap`. */
  constructor(
    container: HTMLElement, padding: () => Padding,
    private readonly present: (c: Palette) => LayerSpecification[] = zoneLayers, sources: Record<string, SourceSpecification> = {},
  ) {
    super(container, { ...empty(["zones", "areas", ...REPLAY_SOURCES]), ...sources }, (c) => [...present(c), ...replayLayers(c)], padding);
    this.map.setMissingStyleImageResolver((id) => this.draw(id));
    this.map.on("click", (event) => this.click(event));
    this.map.once("style.load", () => void this.stops.push(...this.keepInStep()));
  }

  destroy(): void {
    for (const stop of this.stops) stop();
    this.map.remove();
  }

  /** Frame the past that is shown, else the zones of one region. */
  fitAll(animate = true): void {
    const bounds = pastBounds() ?? overview(shownCollection(zones.value).features, []);
    if (bounds) this.fit(bounds, { animate });
  }

  /** Draw what is known, and whatever changes; returns how to stop. */
  protected keepInStep(): (() => void)[] {
    return [
      effect(() => void this.source("zones").setData(labelled(drawnZones.value, minute.value, category.value !== null))),
      effect(() => {
        const generation = zoneGeneration.value ?? 0;
        // Those of one category are drawn one by one.
        if (category.value !== null) void this.source("areas").setData(EMPTY);
        else void this.drawAreas(generation, () => category.peek() === null);
      }),
      effect(() => this.look()),
      effect(() => this.frameReplay()),
      ...drawReplay(this.map, this.present(palette(false)).map((each) => each.id)),
      effect(() => this.repaint(isDark.value)),
      effect(() => this.rename()),
    ];
  }

  /** In a replay a click puts a visitor in front. */
  protected click(event: MapMouseEvent): void {
    if (replay.value !== null) focus.value = pastVisitorAt(this.map, event) ?? focus.value;
  }

  /** Frame a past track when it is opened. */
  private frameReplay(): void {
    const bounds = pastBounds();
    // After the player is drawn, so that the camera knows what it covers.
    if (bounds) requestAnimationFrame(() => this.fit(bounds, { animate: false }));
  }

  /** Go where the address says. */
  private look(): void {
    if (wanted.value !== null) this.jump(wanted.value);
  }

  private draw(id: string): void {
    const image = drawImage(id);
    if (image && !this.map.hasImage(id)) this.map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
  }
}

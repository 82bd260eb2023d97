// Two sources of visitors: who needs attention is always drawn alone, only the calm gather in clusters.
// So no cluster hides a worse state. Changes are gathered and drawn once a frame: the latest of each visitor wins.
import type { GeoJSONSource, GeoJSONSourceSpecification } from "maplibre-gl";
import { freshness } from "../data/freshness";
import { isDrawn } from "../data/looking";
import type { Device } from "../data/model";
import { type Change, devices, now, selected } from "../data/store";
import { visitorFeature } from "./features";

export const CALM = "calm";
export const URGENT = "urgent";
const CLUSTER_PX = 44;
const CLUSTERED_UP_TO_ZOOM = 13;
const SMALLEST_CLUSTER = 3;

export const calmSource = (): GeoJSONSourceSpecification => ({
  type: "geojson", data: { type: "FeatureCollection", features: [] },
  cluster: true, clusterRadius: CLUSTER_PX, clusterMaxZoom: CLUSTERED_UP_TO_ZOOM, clusterMinPoints: SMALLEST_CLUSTER,
  clusterProperties: { silent: ["+", ["case", ["get", "silent"], 1, 0]] },
});

type SourceId = typeof CALM | typeof URGENT;

export class VisitorSources {
  private readonly waiting = new Map<string, Device | null>();
  private readonly drawn = new Map<string, { source: SourceId; age: string }>();
  private frame = 0;

  constructor(private readonly source: (id: string) => GeoJSONSource) {}

  take({ changed, gone }: Change): void {
    for (const each of gone) this.waiting.set(each, null);
    for (const each of changed) this.waiting.set(each.device, each);
    if (this.waiting.size) this.frame ||= requestAnimationFrame(() => this.draw());
  }

  /** Draw anew whose age, or place among the calm or the hidden, is no longer what is drawn. */
  refresh(): void {
    const changed = [...devices.peek().values()].filter((each) => {
      const was = this.drawn.get(each.device);
      const source = sourceOf(each);
      return was?.source !== (source ?? undefined) || (was !== undefined && was.age !== freshness(each, now.peek()));
    });
    this.take({ changed, gone: [] });
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
  }

  private draw(): void {
    this.frame = 0;
    const diffs = { [CALM]: { add: [], remove: [] }, [URGENT]: { add: [], remove: [] } } as Record<SourceId, Diff>;
    for (const [id, device] of this.waiting) {
      const was = this.drawn.get(id);
      const source = device === null ? null : sourceOf(device);
      if (was !== undefined && was.source !== source) diffs[was.source].remove.push(id);
      if (device === null || source === null) this.drawn.delete(id);
      else {
        diffs[source].add.push(visitorFeature(device, now.peek()));
        this.drawn.set(id, { source, age: freshness(device, now.peek()) });
      }
    }
    this.waiting.clear();
    for (const id of [CALM, URGENT] as const) {
      if (diffs[id].add.length || diffs[id].remove.length) void this.source(id).updateData(diffs[id]);
    }
  }
}

interface Diff { add: ReturnType<typeof visitorFeature>[]; remove: string[] }

/** Null: a filter hides the visitor. */
function sourceOf(device: Device): SourceId | null {
  if (!isDrawn(device)) return null;
  return device.state !== "clear" || device.sos_at !== null || device.device === selected.value ? URGENT : CALM;
}

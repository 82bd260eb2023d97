// What the page knows. Diffs go in at one door, views read signals.
import { computed, signal } from "@preact/signals";
import { freshness } from "./freshness";
import { takeHearing } from "./hearing";
import type { Alert, Device, Diff, Snapshot, ZoneCollection, ZoneFeature, ZoneProperties } from "./model";

const EMPTY_ZONES: ZoneCollection = { type: "FeatureCollection", features: [] };
const ALERTS_HELD = 1500;

export const devices = signal<ReadonlyMap<string, Device>>(new Map());
export const alerts = signal<ReadonlyMap<string, Alert>>(new Map());
export const zones = signal<ZoneCollection>(EMPTY_ZONES);
export const zonesLoaded = signal(false);
export const zoneGeneration = signal<number | null>(null);
/** The device looked at, kept while its shift lasts; and the one a pointer or key is on. */
export const selected = signal<string | null>(null);
export const hovered = signal<string | null>(null);
/** False until the first snapshot: an empty list then means "not known yet". */
export const known = signal(false);
/** Server time, in whole seconds so that ages tick once a second. */
export const now = signal(Math.floor(Date.now() / 1000));

let serverAheadS = 0;

export const serverNow = (): number => Date.now() / 1000 + serverAheadS;

/** Keep the server's clock: ages must be right on a machine whose own clock is wrong. */
export function hearClock(atS: number): void {
  serverAheadS = atS - Date.now() / 1000;
}

export function tick(): void {
  now.value = Math.floor(serverNow());
}

/** Which devices a change touched: the map sends only those to the GPU. */
export type Change = { changed: Device[]; gone: string[] };
type Listener = (change: Change) => void;
const listeners = new Set<Listener>();
export function onDevices(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(change: Change): void {
  if (change.changed.length || change.gone.length) for (const listener of listeners) listener(change);
}

/** Take a snapshot in. Returns the alerts that this page has not seen before, none on its first. */
export function takeSnapshot(snapshot: Snapshot): Alert[] {
  const before = devices.value;
  const after = new Map(snapshot.devices.map((each) => [each.device, each]));
  const gone = [...before.keys()].filter((each) => !after.has(each));
  devices.value = after;
  const fresh = known.value ? snapshot.alerts : [];
  const news = fresh.filter(isNews);
  alerts.value = new Map(snapshot.alerts.map((each) => [each.id, each]));
  zoneGeneration.value = snapshot.zones;
  takeHearing(snapshot.hearing);
  known.value = true;
  tell({ changed: snapshot.devices, gone });
  return news;
}

/** An incursion grows with every fix; news is what a person would be told. */
function isNews(alert: Alert): boolean {
  const before = alerts.value.get(alert.id);
  if (alert.silence !== null) return alert.confirmed_at !== null && before?.confirmed_at == null && alert.exit_at === null;
  return before?.kind !== alert.kind || before.revision !== alert.revision || alert.news.length > before.news.length;
}

/** Take a diff in. Returns the alerts in it that are news. */
export function takeDiff(diff: Diff): Alert[] {
  if (diff.devices.length || diff.gone.length) {
    const after = new Map(devices.value);
    for (const each of diff.gone) after.delete(each);
    for (const each of diff.devices) after.set(each.device, each);
    devices.value = after;
    tell({ changed: diff.devices, gone: diff.gone });
  }
  takeHearing(diff.hearing);
  const news = diff.alerts.filter(isNews);
  if (diff.alerts.length) alerts.value = bounded(new Map([...alerts.value, ...diff.alerts.map((each) => [each.id, each] as const)]));
  return news;
}

function bounded(all: Map<string, Alert>): Map<string, Alert> {
  if (all.size <= ALERTS_HELD) return all;
  const silent = [...all].filter(([, each]) => each.silence !== null && each.exit_at === null);
  const closed = (each: Alert): number => Number(each.triage?.stage === "closed");
  const rest = [...all].filter(([, each]) => each.silence === null || each.exit_at !== null);
  rest.sort(([, a], [, b]) => closed(a) - closed(b) || b.changed_at - a.changed_at);
  return new Map([...silent, ...rest.slice(0, ALERTS_HELD)]);
}

export const selectedDevice = computed(() => (selected.value === null ? undefined : devices.value.get(selected.value)));

export const zoneById = computed(() => {
  const found = new Map<string, ZoneProperties>();
  for (const { properties } of zones.value.features) found.set(properties.id, properties);
  return found;
});

export const isFootprint = ({ properties }: ZoneFeature): boolean => properties.part === "footprint";
export const footprints = computed<ZoneFeature[]>(() => zones.value.features.filter(isFootprint));

export interface Counts {
  onShift: number;
  inside: number;
  approach: number;
  silent: number;
}

export const counts = computed<Counts>(() => {
  const result: Counts = { onShift: devices.value.size, inside: 0, approach: 0, silent: 0 };
  for (const each of devices.value.values()) {
    if (each.state === "inside") result.inside++;
    if (each.state === "approach") result.approach++;
    if (freshness(each, now.value) === "silent") result.silent++;
  }
  return result;
});

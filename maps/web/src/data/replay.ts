// The past of one or many visitors, played back together. Nothing is made up: between fixes a mark stays on the last
// one, and gaps are gaps.
import { computed, effect, signal } from "@preact/signals";
import { byName } from "@keepclear/shared/names";
import type { FeatureCollection, Geometry } from "geojson";
import { codeOf, post, toLogin } from "./ask";
import { followed } from "./follow";
import type { ZoneProperties } from "./model";

/** As tracker/past/replay.py has it: between fixes further apart nobody knows. */
const GAP_S = 180;
const TICK_MS = 50;
export const MOST_VISITORS = 20;
export const LONGEST_S = 31 * 86_400;
export const SPEEDS = [1, 10, 30, 60, 300] as const;

export interface PastVisitor { id: number; name: string; devices: string[] }
export interface PastShift { id: number; opened_at: number; closed_at: number | null }

export interface PastFix {
  device: string;
  fix_at: number;
  lon: number;
  lat: number;
  accuracy_m: number | null;
  speed_mps: number | null;
  heading_deg: number | null;
  late: boolean;
  edge_m: number | null;
}

export interface PastIncursion {
  id: string; zone: string; zone_name: string; kind: string;
  first_possible_at: number; confirmed_at: number | null; exit_at: number | null; retracted: boolean;
}

export interface PastTrack { visitor_id: number; visitor: string; fixes: PastFix[]; all_fixes: number; incursions: PastIncursion[] }

type PastZone = ZoneProperties & { version: number; valid_from: number | null; valid_to: number | null };

export interface Replay { tracks: PastTrack[]; zones: FeatureCollection<Geometry, PastZone> }

/** Whose past, from when to when, and what for: what a look and an export name. */
export interface Look { visitors: number[]; from_at: number; to_at: number; purpose: string }

/** Whether the page shows the past; false: it is live. */
export const isOpen = signal(false);
export const people = signal<PastVisitor[]>([]);
export const chosen = signal<readonly number[]>([]);
/** The shifts of the first of the chosen. */
export const shifts = signal<PastShift[]>([]);
export const looked = signal<Look | null>(null);
export const replay = signal<Replay | null>(null);
/** The visitor whose moment is told in full. */
export const focus = signal<number | null>(null);
export const playedAt = signal(0);
export const playing = signal(false);
export const speed = signal<number>(30);
/** Why nothing is shown: a code of the API, or `offline`. */
export const refusal = signal<string | null>(null);

export const nameOf = (id: number): string => people.value.find((each) => each.id === id)?.name ?? "";

export const span = computed(() => {
  const ends = (replay.value?.tracks ?? []).flatMap(({ fixes }) => (fixes.length ? [fixes[0]!.fix_at, fixes.at(-1)!.fix_at] : []));
  return ends.length ? { from: Math.min(...ends), to: Math.max(...ends) } : { from: 0, to: 0 };
});

/** Which fix is the last one at a moment; -1: none yet. */
export function fixBefore(fixes: readonly PastFix[], atS: number): number {
  let [low, high] = [0, fixes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fixes[middle]!.fix_at <= atS) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const isGap = (one: PastFix, next: PastFix): boolean => next.fix_at - one.fix_at > GAP_S || one.device !== next.device;

/** A visitor at the moment played; `unknown`: in a gap nobody knows where they are. `fix` null: not seen yet. */
export interface Moment { track: PastTrack; fix: PastFix | null; unknown: boolean }

export function momentOf(track: PastTrack, atS: number): Moment {
  const index = fixBefore(track.fixes, atS);
  const fix = track.fixes[index] ?? null;
  const next = track.fixes[index + 1];
  const unknown = fix !== null && (next === undefined ? atS > fix.fix_at + GAP_S : isGap(fix, next) && atS > fix.fix_at);
  return { track, fix, unknown };
}

export const moments = computed(() => (replay.value?.tracks ?? []).map((track) => momentOf(track, playedAt.value)));

export const focused = computed(() => replay.value?.tracks.find((each) => each.visitor_id === focus.value) ?? null);

/** The zone versions valid at the moment played; changes only when one begins or ends. */
export const zonesThen = computed(() => {
  const at = playedAt.value;
  return (replay.value?.zones.features ?? []).filter(({ properties: zone }) => (zone.valid_from ?? -Infinity) <= at && at < (zone.valid_to ?? Infinity));
});

/** Open the form, with the visitor who carries a device already chosen. */
export async function ask(device: string | null): Promise<void> {
  leave();
  followed.value = null;
  isOpen.value = true;
  const answer = await get<PastVisitor[]>("visitors");
  if (answer === null || !isOpen.value) return;
  people.value = byName(answer);
  const found = answer.find((each) => device !== null && each.devices.includes(device));
  if (found !== undefined) await choose([found.id]);
}

/** Choose whose past; the form offers the shifts of the first. */
export async function choose(ids: readonly number[]): Promise<void> {
  const first = ids[0];
  const isOther = first !== chosen.value[0];
  chosen.value = ids;
  if (!isOther) return;
  shifts.value = [];
  if (first === undefined) return;
  const found = await get<PastShift[]>(`shifts?visitor=${first}`);
  if (found !== null && chosen.value[0] === first) shifts.value = found;
}

export async function look(wanted: Look): Promise<void> {
  const answer = await post("/api/v1/tracks/replay", wanted);
  if (!answer?.ok) return refuse(answer);
  const found = (await answer.json()) as Replay;
  refusal.value = null;
  looked.value = wanted;
  focus.value = found.tracks[0]!.visitor_id;
  replay.value = found;
  playedAt.value = span.value.from;
}

/** Back to the form, with the same visitors. */
export function askAgain(): void {
  playing.value = false;
  replay.value = looked.value = refusal.value = null;
}

export function leave(): void {
  askAgain();
  isOpen.value = false;
  chosen.value = [];
  shifts.value = [];
}

async function get<T>(path: string): Promise<T | null> {
  const answer = await fetch(`/api/v1/tracks/${path}`).catch(() => null);
  if (answer?.ok) return (await answer.json()) as T;
  await refuse(answer);
  return null;
}

async function refuse(answer: Response | null): Promise<void> {
  if (answer?.status === 401) toLogin();
  refusal.value = await codeOf(answer);
}

effect(() => {
  if (!playing.value) return;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const next = playedAt.peek() + ((now - last) / 1000) * speed.peek();
    last = now;
    playedAt.value = Math.min(next, span.peek().to);
    if (next >= span.peek().to) playing.value = false;
  }, TICK_MS);
  return () => clearInterval(timer);
});

// A past track, played back. Nothing is made up: between fixes the mark stays on the last one, and gaps are gaps.
import { computed, effect, signal } from "@preact/signals";
import type { FeatureCollection, Geometry } from "geojson";
import { followed } from "./follow";
import type { ZoneProperties } from "./model";

/** As tracker/replay.py has it: between fixes further apart nobody knows. */
const GAP_S = 180;
const TICK_MS = 50;
export const SPEEDS = [1, 10, 30, 60, 300] as const;

export interface PastShift { id: number; visitor: string; opened_at: number; closed_at: number | null }

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

type PastZone = ZoneProperties & { version: number; valid_from: number | null; valid_to: number | null };

export interface Replay {
  shift: PastShift;
  fixes: PastFix[];
  all_fixes: number;
  zones: FeatureCollection<Geometry, PastZone>;
  incursions: PastIncursion[];
}

/** The visitor whose shifts are asked for; null: the page is live. */
export const asked = signal<{ device: string; visitor: string } | null>(null);
export const shifts = signal<PastShift[]>([]);
export const replay = signal<Replay | null>(null);
export const playedAt = signal(0);
export const playing = signal(false);
export const speed = signal<number>(30);
/** Why nothing is shown: a code of the API, or `offline`. */
export const refusal = signal<string | null>(null);

export const span = computed(() => {
  const fixes = replay.value?.fixes ?? [];
  return { from: fixes[0]?.fix_at ?? 0, to: fixes.at(-1)?.fix_at ?? 0 };
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

export const current = computed<PastFix | null>(() => {
  const fixes = replay.value?.fixes ?? [];
  return fixes[fixBefore(fixes, playedAt.value)] ?? null;
});

export const isGap = (one: PastFix, next: PastFix): boolean => next.fix_at - one.fix_at > GAP_S || one.device !== next.device;

/** Whether at this moment nobody knows where the visitor is. */
export const inGap = computed(() => {
  const fix = current.value;
  const next = fix && replay.value!.fixes[replay.value!.fixes.indexOf(fix) + 1];
  return fix !== null && next !== undefined && next !== null && isGap(fix, next) && playedAt.value > fix.fix_at;
});

/** The zone versions valid at the moment played; changes only when one begins or ends. */
export const zonesThen = computed(() => {
  const at = playedAt.value;
  return (replay.value?.zones.features ?? []).filter(({ properties: zone }) => (zone.valid_from ?? -Infinity) <= at && at < (zone.valid_to ?? Infinity));
});

export async function ask(device: string, visitor: string): Promise<void> {
  leave();
  followed.value = null;
  asked.value = { device, visitor };
  const answer = await fetch(`/api/v1/shifts?device=${encodeURIComponent(device)}`).catch(() => null);
  if (asked.value?.device !== device) return;
  if (answer?.ok) shifts.value = (await answer.json()) as PastShift[];
  else refusal.value = await codeOf(answer);
}

export async function look(shift: number, purpose: string): Promise<void> {
  const answer = await send(shift, "replay", { purpose });
  if (!answer?.ok) return void (refusal.value = await codeOf(answer));
  const found = (await answer.json()) as Replay;
  refusal.value = null;
  playedAt.value = found.fixes[0]?.fix_at ?? 0;
  replay.value = found;
}

/** Take the track as a file; the purpose is asked and logged as for a look. */
export async function take(shift: number, format: string, purpose: string): Promise<void> {
  const answer = await send(shift, "export", { purpose, format });
  if (!answer?.ok) return void (refusal.value = await codeOf(answer));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `keepclear-shift-${shift}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function leave(): void {
  playing.value = false;
  replay.value = asked.value = refusal.value = null;
  shifts.value = [];
}

const send = (shift: number, what: string, body: object): Promise<Response | null> =>
  fetch(`/api/v1/shifts/${shift}/${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }).catch(() => null);

const codeOf = async (answer: Response | null): Promise<string> =>
  answer === null ? "offline" : (((await answer.json().catch(() => ({}))) as { code?: string }).code ?? "offline");

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

import { hearing } from "./hearing";
import type { Device } from "./model";

// Stale: no data, or only old positions, for as long as amber takes. Silent: no data for as long as red takes.
export type Freshness = "fresh" | "stale" | "silent";

export const heardAt = (device: Device): number => device.heard_at ?? device.received_at;

export function freshness(device: Device, nowS: number): Freshness {
  const { amber_s, red_s } = hearing.value;
  if (nowS - heardAt(device) >= red_s) return "silent";
  return nowS - Math.min(heardAt(device), device.fix_at) >= amber_s ? "stale" : "fresh";
}

/** Whether nothing comes from the phone; else it is heard, and its positions are old. */
export const isUnheard = (device: Device, nowS: number): boolean => nowS - heardAt(device) >= hearing.value.amber_s;

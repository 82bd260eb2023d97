import type { Device } from "./model";

// Stale: the position is old. Silent: the phone itself has not been heard, so nobody knows.
export const STALE_AFTER_S = 120;
export const SILENT_AFTER_S = 600;

export type Freshness = "fresh" | "stale" | "silent";

export function freshness(device: Device, nowS: number): Freshness {
  if (nowS - device.received_at > SILENT_AFTER_S) return "silent";
  return nowS - device.fix_at > STALE_AFTER_S ? "stale" : "fresh";
}

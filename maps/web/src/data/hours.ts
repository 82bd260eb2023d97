// Whether a zone counts at a moment, by the hours that the server worked out two days ahead.
import { computed } from "@preact/signals";
import type { ZoneProperties } from "./model";
import { now } from "./store";

const SOON_S = 1800;

export type Force = "always" | "now" | "soon" | "off";

export function force(zone: ZoneProperties, atS: number): Force {
  if (zone.hours === null) return "always";
  if (zone.hours.some(([from, to]) => from <= atS && atS < to)) return "now";
  return zone.hours.some(([from]) => from > atS && from - atS <= SOON_S) ? "soon" : "off";
}

/** When it begins or ends to count next; null: not within two days, or never. */
export const nextChange = (zone: ZoneProperties, atS: number): number | null =>
  zone.hours?.flat().filter((edge) => edge > atS).sort((a, b) => a - b)[0] ?? null;

/** Seconds since 1970 in whole minutes: what hours are looked at by. */
export const minute = computed(() => Math.floor(now.value / 60) * 60);

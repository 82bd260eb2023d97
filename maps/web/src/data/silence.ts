// Silences: who they are of, and what they explain.
import { computed } from "@preact/signals";
import { hearing } from "./hearing";
import type { Alert, Silence } from "./model";
import { alerts, devices, now } from "./store";

export type SilenceAlert = Alert & { silence: Silence };
export const isSilence = (alert: Alert): alert is SilenceAlert => alert.silence !== null;
export const goesOn = (alert: Alert): boolean => isSilence(alert) && alert.exit_at === null;

/** The silence that goes on, by device. */
export const silences = computed(() => {
  const found = new Map<string, SilenceAlert>();
  for (const each of alerts.value.values()) if (isSilence(each) && each.exit_at === null) found.set(each.device, each);
  return found;
});

/** Who is on shift without a single position: they are on no map. */
export const unheard = computed(() => [...silences.value.values()].filter((each) => !devices.value.has(each.device)));

/** How many fell silent at once: then it is the network, or we. */
export const together = computed(() => [...silences.value.values()].filter((each) => each.silence.together).length);

/** The silence that a gap in somebody's positions fell into. */
export function silenceBehind(alert: Alert): SilenceAlert | undefined {
  const until = alert.exit_at ?? Infinity;
  return [...alerts.value.values()].filter(isSilence).find(
    (each) => each.device === alert.device && each.first_possible_at < until && (each.exit_at ?? Infinity) > alert.first_possible_at,
  );
}

/** Since when the service listens again, where positions on the page are older than that. */
export const resumedAt = computed(() => {
  const { since, red_s } = hearing.value;
  if (since === null || now.value - since >= red_s) return null;
  return [...devices.value.values()].some((each) => each.received_at < since - 60) ? since : null;
});

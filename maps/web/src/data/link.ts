// How well the page is connected, in one word for the banner.
import { computed, signal } from "@preact/signals";
import { now } from "./store";

export const DEAD_AFTER_S = 10;
const DELAYED_AFTER_S = 6;

export type Link = { state: "connecting" | "live" | "disconnected" } | { state: "delayed"; delayS: number };

/** True from the first error of the connection until an event arrives. */
export const failing = signal(false);
/** When the last event came, by this machine's clock; and the server time of what the page shows. Seconds. */
export const heardAt = signal<number | null>(null);
export const knownAt = signal<number | null>(null);

export const silentS = (): number => (heardAt.value === null ? 0 : Date.now() / 1000 - heardAt.value);

/** Age of what the page shows; null before anything is known. */
export const dataAgeS = computed(() => (knownAt.value === null ? null : Math.max(0, now.value - knownAt.value)));

export const link = computed<Link>(() => {
  const delayS = dataAgeS.value;
  if (failing.value || silentS() > DEAD_AFTER_S) return { state: "disconnected" };
  if (delayS === null) return { state: "connecting" };
  return delayS > DELAYED_AFTER_S ? { state: "delayed", delayS } : { state: "live" };
});

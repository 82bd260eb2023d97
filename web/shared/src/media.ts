import { type ReadonlySignal, signal } from "@preact/signals";

/** A media query as a signal. */
export function media(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => (matches.value = list.matches));
  return matches;
}

export const reducedMotion = media("(prefers-reduced-motion: reduce)");

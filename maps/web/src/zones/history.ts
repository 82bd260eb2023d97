// Which versions of a zone are drawn: the one that is looked at, and the one that it is compared with.
import { effect, signal } from "@preact/signals";
import { ask } from "./api";
import type { Preview, Version } from "./model";
import { versions } from "./state";
import { view } from "./view";

export const looked = signal<number | null>(null);
export const compared = signal<number | null>(null);
/** Each drawn version in true metres, by its number. */
export const drawnVersions = signal<ReadonlyMap<number, Preview>>(new Map());

/** With which version one is compared: the one that is looked at, else the newest other; null if there is none. */
export const rivalOf = (number: number): number | null =>
  looked.value ?? versions.value?.map((each) => each.zone.properties.version).findLast((each) => each !== number) ?? null;

/** Compare a version with another one, or stop it. */
export function compare(number: number, rival: number): void {
  const stops = compared.value === number;
  [looked.value, compared.value] = stops ? [looked.value, null] : [rival, number];
}

export function keepDrawing(): void {
  effect(() => {
    void view.value;
    looked.value = null;
    compared.value = null;
    drawnVersions.value = new Map();
  });
  effect(() => {
    for (const number of [looked.value, compared.value]) {
      const found = versions.value?.find((each) => each.zone.properties.version === number);
      if (found && !drawnVersions.peek().has(number!)) void measure(found);
    }
  });
}

async function measure({ zone }: Version): Promise<void> {
  const { standoff_m, warning_m, version } = zone.properties;
  const seen = await ask<Preview>("/zones/preview", { method: "POST", body: { geometry: zone.geometry, standoff_m, warning_m } }).catch(() => null);
  if (seen) drawnVersions.value = new Map([...drawnVersions.value, [version, seen]]);
}

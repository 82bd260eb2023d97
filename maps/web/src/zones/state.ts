// What the page has read: who asks, the list of zones, the zone that is looked at and its versions.
import { computed, effect, signal } from "@preact/signals";
import { tick, zones, zonesLoaded } from "../data/store";
import type { ZoneCollection } from "../data/model";
import { ask, pathOf, Refusal } from "./api";
import type { State, Version, Versions, ZoneDocument, ZonePage } from "./model";
import { refusalText } from "./words";
import { view } from "./view";

const PAGE = 500;
const SEARCH_PAUSE_MS = 250;
const COUNTS_AFTER_MS = 1500;

export const query = signal("");
export const category = signal("");
export const state = signal<State>("standing");
export const listed = signal<ZoneDocument[] | null>(null);
export const following = signal<string | null>(null);
/** Grows with every change that this page made, so that it reads again. */
export const changes = signal(0);

/** What became of the last thing a person did. */
export const said = signal<{ text: string; refused: boolean } | null>(null);

/** Known versions of the zone that is looked at, the newest last; null while they are read. */
export const versions = signal<Version[] | null>(null);
export const current = computed<ZoneDocument | null>(() => versions.value?.at(-1)?.zone ?? null);

/** Categories in use, for the filter and the form. */
export const categories = computed(() => {
  const used = new Set(zones.value.features.map((each) => each.properties.category));
  return [...new Set(["court", "police", ...used, "other"])];
});

export function say(text: string, refused = false): void {
  said.value = { text, refused };
}

export function sayRefusal(error: unknown): void {
  if (error instanceof Refusal) say(refusalText(error), true);
  else throw error;
}

const asked = computed(() => {
  const parts = new URLSearchParams({ limit: String(PAGE), state: state.value });
  if (query.value.trim()) parts.set("q", query.value.trim());
  if (category.value) parts.set("category", category.value);
  return parts.toString();
});

export function keepReading(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    void [asked.value, changes.value];
    clearTimeout(timer);
    timer = setTimeout(() => void readList(), SEARCH_PAUSE_MS);
  });
  effect(() => void (changes.value, readDrawn()));
  effect(() => {
    const id = "id" in view.value ? view.value.id : null;
    void changes.value;
    void readVersions(id);
  });
  effect(() => {
    void view.value;
    said.value = null;
  });
  setInterval(tick, 1000);
}

async function readList(after = ""): Promise<void> {
  const question = asked.value;
  try {
    const page = await ask<ZonePage>(`/zones?${question}${after && `&after=${encodeURIComponent(after)}`}`);
    if (question !== asked.value) return;
    listed.value = [...(after ? (listed.value ?? []) : []), ...page.features];
    following.value = page.next;
  } catch (error) {
    sayRefusal(error);
  }
}

export const readMore = (): void => void (following.value && readList(following.value));

/** Edges and rings of all zones, as the live map draws them. */
async function readDrawn(): Promise<void> {
  const answer = await fetch("/api/v1/zones.geojson").catch(() => null);
  if (!answer?.ok) return;
  zones.value = (await answer.json()) as ZoneCollection;
  zonesLoaded.value = true;
}

let reading = "";
async function readVersions(id: string | null): Promise<void> {
  if (reading !== id) versions.value = null;
  reading = id ?? "";
  if (id === null) return;
  try {
    const found = await ask<Versions>(`${pathOf(id)}/versions`);
    if (reading === id) versions.value = found.versions;
  } catch (error) {
    sayRefusal(error);
    if (error instanceof Refusal && error.status === 404) view.value = { kind: "list" };
  }
}

/** Something was written: read it back now, and once more when it counts. */
export function written(text: string): void {
  say(text);
  changes.value++;
  setTimeout(() => changes.value++, COUNTS_AFTER_MS);
}

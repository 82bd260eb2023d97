// What the lists and the map are asked for: words, a state and a team; a category of zones.
import { computed, effect, signal } from "@preact/signals";
import { type Group, groupsOf } from "./order";
import { spelled } from "./pinyin";
import { devices, now, selected, zones, zonesLoaded } from "./store";
import type { Device, ZoneFeature } from "./model";

/** In a filter by team: those who are in none. */
export const NO_TEAM = 0;

export interface Team { id: number; name: string }

export const query = signal("");
export const filter = signal<Group | null>(null);
export const team = signal<number | null>(null);
export const category = signal<string | null>(null);
/** The teams that the reader may see; null: not known yet. */
export const teams = signal<Team[] | null>(null);

const words = computed(() => query.value.trim().toLocaleLowerCase());

/** Whether anything narrows the visitors. */
export const isNarrowed = computed(() => words.value !== "" || filter.value !== null || team.value !== null);

/** Whether the words are in a visitor's name, its pinyin or initials, the device or the case, and the team is theirs. */
export function matches(device: Device): boolean {
  if (team.value !== null && (device.team ?? NO_TEAM) !== team.value) return false;
  return words.value === "" || `${device.visitor} ${device.device} ${device.visit ?? ""} ${spelled(device.visitor)}`.toLocaleLowerCase().includes(words.value);
}

/** Whether a visitor is among those asked for. */
export const isAskedFor = (device: Device): boolean =>
  matches(device) && (filter.value === null || groupsOf(device, now.value).includes(filter.value));

/** Nothing that a person chooses to look at hides a call for help or somebody inside from the map. */
export const isDrawn = (device: Device): boolean =>
  device.sos_at !== null || device.state === "inside" || device.device === selected.value || isAskedFor(device);

/** How many need help or are inside, but not among those asked for. */
export const leftOut = computed(() =>
  isNarrowed.value ? [...devices.value.values()].filter((each) => (each.sos_at !== null || each.state === "inside") && !isAskedFor(each)).length : 0,
);

/** How many are asked for. */
export const askedFor = computed(() => (isNarrowed.value ? [...devices.value.values()].filter(isAskedFor).length : devices.value.size));

/** The zones of the category asked for, with their parts. */
export const shownZones = computed<ZoneFeature[]>(() =>
  category.value === null ? zones.value.features : zones.value.features.filter((each) => each.properties.category === category.value),
);

/** The zones of other categories that somebody is inside, as one text: while it stays the same nothing is drawn anew. */
const occupiedBesides = computed(() => {
  if (category.value === null) return "";
  const asked = new Set(shownZones.value.map((each) => each.properties.id));
  const inside = [...devices.value.values()].filter((each) => each.state === "inside" && each.zone !== null && !asked.has(each.zone));
  return [...new Set(inside.map((each) => each.zone!))].sort().join("\n");
});
export const zonesLeftOut = computed(() => (occupiedBesides.value === "" ? 0 : occupiedBesides.value.split("\n").length));

/** No choice of a category takes a zone from the map while somebody is inside it. */
export const drawnZones = computed<ZoneFeature[]>(() => {
  if (zonesLeftOut.value === 0) return shownZones.value;
  const besides = new Set(occupiedBesides.value.split("\n"));
  return [...shownZones.value, ...zones.value.features.filter((each) => besides.has(each.properties.id))];
});

/** How many zones there are of each category. */
export const categories = computed(() => {
  const found = new Map<string, number>();
  for (const { properties: zone } of zones.value.features) if (zone.part === "footprint") found.set(zone.category, (found.get(zone.category) ?? 0) + 1);
  return found;
});

/** Forget a team and a category that the reader has not: an address may come from a colleague, or from last year. */
export function keepToWhatIs(): void {
  effect(() => {
    const mine = teams.value;
    if (mine !== null && team.value !== null && team.value !== NO_TEAM && !mine.some((each) => each.id === team.value)) team.value = null;
  });
  effect(() => {
    if (zonesLoaded.value && category.value !== null && !categories.value.has(category.value)) category.value = null;
  });
}

export function lookAtAll(): void {
  query.value = "";
  filter.value = team.value = null;
}

// What the page looks at, in the address behind "#": it survives a reload, can be sent to a colleague, and never
// reaches the server or its logs.
import { computed, effect, signal } from "@preact/signals";
import { type Camera, camera, cameraText, readCamera } from "./camera";
import { followed } from "./follow";
import { category, filter, query, team } from "./looking";
import { GROUPS, type Group } from "./order";
import { selected } from "./store";

const HASH_PAUSE_MS = 300;

const address = computed(() => {
  const parts = new URLSearchParams();
  if (camera.value !== null) parts.set("map", cameraText(camera.value));
  if (selected.value !== null) parts.set("visitor", selected.value);
  if (followed.value !== null) parts.set("follow", "1");
  if (query.value) parts.set("q", query.value);
  if (filter.value !== null) parts.set("state", filter.value);
  if (team.value !== null) parts.set("team", String(team.value));
  if (category.value !== null) parts.set("category", category.value);
  const text = parts.toString().replaceAll("%2F", "/");
  return text ? `#${text}` : "";
});

/** Look at what the address says, now and when a person changes it; then keep the address in step. */
export function keepAddress(): void {
  readAddress();
  addEventListener("hashchange", readAddress);
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const next = address.value;
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(null, "", next || location.pathname + location.search), HASH_PAUSE_MS);
  });
}

/** Where an address that was opened wants the camera, for the map to take once. */
export const wanted = signal<Camera | null>(null);

function readAddress(): void {
  const parts = new URLSearchParams(location.hash.slice(1));
  wanted.value = readCamera(parts.get("map"));
  selected.value = parts.get("visitor");
  followed.value = parts.has("follow") ? selected.value : null;
  query.value = parts.get("q") ?? "";
  const state = parts.get("state");
  filter.value = GROUPS.includes(state as Group) ? (state as Group) : null;
  const number = parts.get("team");
  team.value = number !== null && /^\d{1,9}$/.test(number) ? Number(number) : null;
  category.value = parts.get("category");
}

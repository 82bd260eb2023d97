// What lists, card and map do together.
import { followed } from "../data/follow";
import { leave } from "../data/replay";
import { devices, selected } from "../data/store";
import type { LiveMap } from "../map/live-map";
import { layout, sheet } from "./layout";

let map: LiveMap | null = null;

export function attachMap(next: LiveMap | null): void {
  map = next;
}

/** Choose a visitor and bring it into view, out of a replay, too: the camera moves because a person asked. */
export function select(device: string): void {
  leave();
  selected.value = device;
  if (followed.value !== null) followed.value = device;
  if (layout.value === "phone" && sheet.value !== "half") sheet.value = "half";
  // After the card is drawn, so that the camera knows what it covers.
  requestAnimationFrame(() => show(device));
}

/** Close the card; the focus goes back to the list it came from. */
export function deselect(): void {
  selected.value = null;
  followed.value = null;
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".virtual-list, .alerts-view .scroll")?.focus({ preventScroll: true }));
}

export function show(device: string, always = false): void {
  const found = devices.value.get(device);
  if (found) map?.show(found.lon, found.lat, always);
}

export const showZone = (id: string): void => map?.showZone(id);
export const fitAll = (): void => map?.fitAll();
export const zoomBy = (steps: number): void => map?.zoomBy(steps);

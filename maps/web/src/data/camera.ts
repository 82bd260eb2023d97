// Where a map looks, as text in an address: `zoom/lat/lon`, in the order of other maps' links.
import { signal } from "@preact/signals";

export interface Camera { lon: number; lat: number; zoom: number }

/** Where the map looks, as drawn; null until it has looked anywhere. */
export const camera = signal<Camera | null>(null);

export const cameraText = ({ lon, lat, zoom }: Camera): string => `${zoom.toFixed(2)}/${lat.toFixed(5)}/${lon.toFixed(5)}`;

/** The camera that a text says; null if it says none. */
export function readCamera(text: string | null): Camera | null {
  const [zoom, lat, lon] = (text ?? "").split("/").map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return null;
  const isSound = [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 24;
  return isSound ? { lon, lat, zoom } : null;
}

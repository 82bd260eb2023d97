// Zones with edge and ring, as the server drew them last.
import { zones, zonesLoaded } from "./store";
import type { ZoneCollection } from "./model";

/** The server knows the hours of zones two days ahead; ask again long before. */
const HOURS_ANEW_MS = 3_600_000;
const RETRY_MS = 5000;

/** Read them, and try again until it succeeds. */
export async function loadZones(): Promise<void> {
  const answer = await fetch("/api/v1/zones.geojson").catch(() => null);
  if (!answer?.ok) return void setTimeout(() => void loadZones(), RETRY_MS);
  zones.value = (await answer.json()) as ZoneCollection;
  zonesLoaded.value = true;
}

export const keepHours = (): void => void setInterval(() => void loadZones(), HOURS_ANEW_MS);

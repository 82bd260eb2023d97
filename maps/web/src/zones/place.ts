// "Is this place allowed?": asked of the server, which measures; drawn by the map.
import { signal } from "@preact/signals";
import { ask, Refusal } from "./api";
import type { Answer, Datum } from "./model";
import { refusalText } from "./words";

export const answer = signal<Answer | null>(null);
export const refused = signal("");
export const asking = signal(false);

export async function askPlace(lon: number, lat: number, datum: Datum): Promise<void> {
  asking.value = true;
  refused.value = "";
  try {
    answer.value = await ask<Answer>(`/places/allowed?${new URLSearchParams({ lon: String(lon), lat: String(lat), datum })}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer.value = null;
    refused.value = refusalText(error);
  } finally {
    asking.value = false;
  }
}

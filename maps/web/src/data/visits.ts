// When a visitor is meant to work on which case. Times in seconds since 1970 UTC.
import { codeOf, post } from "./ask";

/** As maps/visits_api.py answers; `planned_by` empty: nobody wrote it down. */
export interface Visit { id: number; case: string; from_at: number; to_at: number; planned_by: string }

export interface NewVisit { device: string; case: string; from_at: number; to_at: number }

const PATH = "/api/v1/visits";
export const LONGEST_CASE = 60;

/** Those that end after a moment, the first first; null: they can't be read now. */
export async function visitsOf(device: string, sinceS: number): Promise<Visit[] | null> {
  const asked = new URLSearchParams({ device, since: new Date(sinceS * 1000).toISOString() });
  const answer = await fetch(`${PATH}?${asked}`).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Visit[]) : null;
}

/** Null, or why it was refused: a code of the API, or `offline`. */
export const plan = (given: NewVisit): Promise<string | null> => done(post(PATH, given));
export const takeBack = (id: number): Promise<string | null> => done(post(`${PATH}/${id}/cancel`));

async function done(asked: Promise<Response | null>): Promise<string | null> {
  const answer = await asked;
  return answer?.ok ? null : codeOf(answer);
}

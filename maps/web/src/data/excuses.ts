// Leave to be in a zone, given before the fact or after it. Times in seconds since 1970 UTC.
export const CAUSES = ["party", "witness", "summoned", "safety", "other"] as const;
export type Cause = (typeof CAUSES)[number];

/** As maps/excuses_api.py answers; `zone` null: every zone. */
export interface Excuse {
  id: number;
  zone: string | null;
  zone_name: string | null;
  from_at: number;
  to_at: number | null;
  cause: string;
  note: string;
  approved_by: string;
  withdrawn_at: number | null;
  withdrawn_by: string | null;
}

export interface NewExcuse {
  device: string;
  zone: string | null;
  from_at: number;
  to_at: number | null;
  cause: string;
  note: string;
}

const PATH = "/api/v1/excuses";

/** Null: they can't be read now. */
export async function excusesOf(device: string): Promise<Excuse[] | null> {
  const answer = await fetch(`${PATH}?device=${encodeURIComponent(device)}`).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Excuse[]) : null;
}

export async function excuse(given: NewExcuse): Promise<boolean> {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) };
  return (await fetch(PATH, options).catch(() => null))?.ok ?? false;
}

export async function withdraw(id: number): Promise<boolean> {
  return (await fetch(`${PATH}/${id}/withdraw`, { method: "POST" }).catch(() => null))?.ok ?? false;
}

/** It excuses, or will: neither taken back nor over. */
export const isInForce = (each: Excuse, nowS: number): boolean => each.withdrawn_at === null && (each.to_at === null || each.to_at >= nowS);

// What the server's interface for accounts says and takes; a refusal is an error that a person can read.
import type { Format } from "../data/exports";

export interface Me { user: string; roles: string[]; teams: number[] | null; may: string[]; totp: boolean; visitor_id: number | null }
export interface Session { id: number; opened_at: number; seen_at: number; ends_at: number; address: string; agent: string; current: boolean }
export interface Account {
  id: number; username: string; active: boolean; has_password: boolean; totp: boolean; oidc: boolean;
  roles: string[]; all_teams: boolean; teams: number[]; visitor_id: number | null; seen_at: number | null;
}
export interface Team { id: number; name: string; visitors: number }
export interface Visitor { id: number; name: string; team: number | null; consented: boolean; phones: number }
export interface Device { name: string; visitor_id: number; platform: string; enrolled_at: number; heard_at: number | null; revoked_at: number | null }
export interface Look { at: number; by: string; visitor_id: number; visitor: string; from_at: number; to_at: number; purpose: string }
/** As maps/export_api.py has it. */
export interface Export {
  id: number; by: string; asked_at: number; visitors: string[]; from_at: number; to_at: number; format: Format; purpose: string; fixes: number;
  two_people: boolean; state: "ready" | "waiting" | "approved" | "declined" | "lapsed"; decided_at: number | null; decided_by: string | null; taken: number;
}
export interface Deed { at: number; by: string; what: string; subject: string; detail: Record<string, unknown> }
export interface Link { account_id: number; path: string; lasts_s: number }
export interface Credentials { name: string; secret: string; topic: string; link: string; qr: string }
export interface Offer { secret: string; uri: string; qr: string }

export class Refusal extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Ask the server; a session that has ended leads to the log-in. */
export async function ask<Answer = void>(method: string, path: string, body?: unknown): Promise<Answer> {
  const json = { "content-type": "application/json" };
  const init = body === undefined ? { method } : { method, headers: json, body: JSON.stringify(body) };
  const answer = await fetch(`/api/v1${path}`, init).catch(() => null);
  if (answer === null) throw new Refusal("offline");
  if (answer.status === 401) location.assign("/login?next=/account");
  if (!answer.ok) throw new Refusal(((await answer.json().catch(() => ({}))) as { code?: string }).code ?? "other");
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

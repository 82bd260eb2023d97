// What people do about alerts: the groups of the list, and deeds sent with the version that was seen.
import { signal } from "@preact/signals";
import type { Alert, Triage } from "./model";
import { alerts } from "./store";

export type Group = "sos" | "answer" | "changed" | "hand" | "snoozed" | "inside" | "earlier";
export const GROUPS: readonly Group[] = ["sos", "answer", "changed", "hand", "snoozed", "inside", "earlier"];

export interface Deed {
  act: "acknowledge" | "assign" | "comment" | "snooze" | "wake" | "close" | "reopen";
  text?: string;
  to?: string;
  until?: number;
  reason?: string;
}
export type DoneDeed = Deed & { by: string; at: number };

/** Why the last deed was refused, by alert: a code of the API, or `offline`. */
export const refusals = signal<ReadonlyMap<string, string>>(new Map());

/** A silence that is over needs no answer any more. */
const hasEnded = (alert: Alert): boolean => alert.kind === "silence" && alert.exit_at !== null;
const wasTold = (alert: Alert): boolean => alert.confirmed_at !== null && !alert.retracted && alert.excused === null && !hasEnded(alert);

/** Whether nobody has answered it, though somebody should. */
export const isWaiting = (alert: Alert): boolean => (alert.triage?.stage ?? "new") === "new" && wasTold(alert);

/** Whether it is not any more what somebody closed. */
export const hasChanged = (alert: Alert): boolean => alert.triage?.stage === "closed" && alert.news.length > 0;

/** Who is inside a zone now is no history, whatever was decided about it. */
const isStillInside = ({ kind, confirmed_at, exit_at, retracted }: Alert): boolean =>
  (kind === "entry" || kind === "dwell") && confirmed_at !== null && exit_at === null && !retracted;
const settled = (alert: Alert): Group => (isStillInside(alert) ? "inside" : "earlier");

/** A call for help stays on top until it is closed, whoever has it in hand. */
export function groupOf(alert: Alert, nowS: number): Group {
  const { triage, kind } = alert;
  if (kind === "sos" && triage?.stage !== "closed") return "sos";
  if (hasEnded(alert)) return "earlier";
  if (triage === null || triage.stage === "new") return isWaiting(alert) ? "answer" : settled(alert);
  if (triage.stage === "closed") return hasChanged(alert) ? "changed" : settled(alert);
  if (alert.news.length > 0) return "hand";
  return triage.snoozed_until !== null && triage.snoozed_until > nowS ? "snoozed" : "hand";
}

const VERSION = (alert: Alert): number => alert.triage?.version ?? 0;

/** Do something about an alert; true if it was done. Refused, the page shows the state that stands. */
export async function act(alert: Alert, deed: Deed): Promise<boolean> {
  const { status, body } = await post(`/api/v1/alerts/${alert.id}/deeds`, { ...deed, version: VERSION(alert) });
  if (status === 200) take(alert.id, body as unknown as Triage);
  else if (body?.triage) take(alert.id, body.triage as Triage);
  refuse(alert.id, status === 200 ? null : (body?.code as string | undefined) ?? "offline");
  return status === 200;
}

/** What the server closes at once. */
const AT_ONCE = 200;

/** Close several for the same reason; those that somebody else touched stay open and say so. */
export async function closeAll(some: Alert[], reason: string, text: string): Promise<boolean> {
  const closed = await closeBatch(some.slice(0, AT_ONCE), reason, text);
  const rest = some.slice(AT_ONCE);
  if (closed && rest.length) await closeAll(rest, reason, text);
  return closed;
}

async function closeBatch(some: Alert[], reason: string, text: string): Promise<boolean> {
  const seen = some.map((each) => ({ id: each.id, version: VERSION(each) }));
  const { status, body } = await post("/api/v1/alerts/close", { alerts: seen, reason, text });
  if (status !== 200) refuse(some[0]!.id, (body?.code as string | undefined) ?? "offline");
  const refused = (body?.refused ?? []) as { id: string; code: string }[];
  for (const { id, code } of refused) refuse(id, code);
  return status === 200 && !refused.some((each) => each.id === some[0]!.id);
}

export async function deedsOf(alert: Alert): Promise<DoneDeed[] | null> {
  const answer = await fetch(`/api/v1/alerts/${alert.id}`).catch(() => null);
  return answer?.ok ? ((await answer.json()) as { deeds: DoneDeed[] }).deeds : null;
}

export const handlers = signal<string[]>([]);
export async function loadHandlers(): Promise<void> {
  const answer = await fetch("/api/v1/alert-handlers").catch(() => null);
  if (answer?.ok) handlers.value = (await answer.json()) as string[];
}

async function post(path: string, given: object): Promise<{ status: number; body: Record<string, unknown> | null }> {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) };
  const answer = await fetch(path, options).catch(() => null);
  const body = (await answer?.json().catch(() => null)) as Record<string, unknown> | null | undefined;
  return { status: answer?.status ?? 0, body: body ?? null };
}

/** The feed brings it too, a second later; never step back to an older version. */
function take(id: string, triage: Triage): void {
  const known = alerts.value.get(id);
  if (known === undefined || (known.triage?.version ?? 0) >= triage.version) return;
  alerts.value = new Map(alerts.value).set(id, { ...known, triage });
}

function refuse(id: string, code: string | null): void {
  const after = new Map(refusals.value);
  if (code === null) after.delete(id);
  else after.set(id, code);
  refusals.value = after;
}

/** One click answers it: nobody has seen it, or it has changed since it was closed. */
export const needsAnswer = (alert: Alert): boolean => isWaiting(alert) || hasChanged(alert);

/** Worse than when somebody put it off. */
export const hasGrown = (alert: Alert): boolean => alert.news.length > 0 && alert.triage !== null && alert.triage.stage !== "closed";

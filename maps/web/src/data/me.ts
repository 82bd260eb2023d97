// Who reads the page, and what the table of roles grants them.
import { signal } from "@preact/signals";
import { toLogin } from "./ask";

export interface Me { user: string; may: string[] }

export const me = signal<Me | null>(null);
export const may = (action: string): boolean => me.value?.may.includes(action) ?? false;

/** False: the server can't be asked now. */
export async function loadMe(): Promise<boolean> {
  const answer = await fetch("/api/v1/me").catch(() => null);
  if (answer?.status === 401) toLogin();
  if (answer?.ok) me.value = (await answer.json()) as Me;
  return answer?.ok ?? false;
}

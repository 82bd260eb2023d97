// What the page has read, and the one way in which it changes anything: ask, say what became of it, read again.
import { signal } from "@preact/signals";
import { byName } from "@keepclear/shared/names";
import { type Account, ask, type Deed, type Device, type Export, type Look, type Me, Refusal, type Session, type Team, type Visitor } from "./api";
import { refusalText, t } from "./words";

export const me = signal<Me | null>(null);
export const sessions = signal<Session[]>([]);
export const accounts = signal<Account[]>([]);
export const teams = signal<Team[]>([]);
export const visitors = signal<Visitor[]>([]);
export const devices = signal<Device[]>([]);
/** At my own tracks, and, for whoever audits, at anybody's. */
export const ownLooks = signal<Look[]>([]);
export const looks = signal<Look[]>([]);
export const exports = signal<Export[]>([]);
export const exportsOfOthers = signal<Export[]>([]);
export const deeds = signal<Deed[]>([]);
export const said = signal<{ text: string; refused: boolean } | null>(null);

export const may = (action: string): boolean => me.value?.may.includes(action) ?? false;

export async function load(): Promise<void> {
  [me.value, sessions.value] = await Promise.all([ask<Me>("GET", "/me"), ask<Session[]>("GET", "/me/sessions")]);
  if (may("manage_people")) {
    [accounts.value, teams.value, visitors.value, devices.value] = await Promise.all([
      ask<Account[]>("GET", "/people/accounts"), ask<Team[]>("GET", "/people/teams").then(byName),
      ask<Visitor[]>("GET", "/people/visitors").then(byName), ask<Device[]>("GET", "/people/devices"),
    ]);
  }
  if (may("read_tracks")) exports.value = await ask<Export[]>("GET", "/exports");
  if (may("approve_exports")) exportsOfOthers.value = await ask<Export[]>("GET", "/exports/of-others");
  if (may("read_own_looks")) ownLooks.value = await ask<Look[]>("GET", "/me/looks");
  if (may("audit")) [looks.value, deeds.value] = await Promise.all([ask<Look[]>("GET", "/people/looks"), ask<Deed[]>("GET", "/people/deeds")]);
}

/** The answer, or null if it was refused; either way the page says so and shows what stands now. */
export async function change<Answer = void>(
  method: string, path: string, body?: unknown, done: string = t("done"),
): Promise<{ answer: Answer } | null> {
  try {
    const answer = await ask<Answer>(method, path, body);
    await load();
    said.value = { text: done, refused: false };
    return { answer };
  } catch (error) {
    said.value = { text: refusalText(error instanceof Refusal ? error.code : "other"), refused: true };
    return null;
  }
}

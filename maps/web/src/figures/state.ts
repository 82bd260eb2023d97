// What is asked for, kept in the address, and what the server last answered.
import { computed, effect, signal } from "@preact/signals";
import type { By, Figures } from "./model";
import { t } from "./words";

export const SPANS = [7, 30, 90] as const;
const REFRESH_MS = 30_000;
const FIGURES = "/api/v1/alert-figures";

const given = new URLSearchParams(location.hash.slice(1));
export const days = signal<number>(SPANS.find((each) => each === Number(given.get("days"))) ?? 7);
export const by = signal<By>(given.get("by") === "week" ? "week" : "day");
export const team = signal<string>(given.get("team") ?? "");
export const figures = signal<Figures | null>(null);
/** The page shows what it last read, and says so. */
export const stale = signal(false);
export const said = signal("");

const asked = computed(() => {
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return new URLSearchParams({ days: String(days.value), by: by.value, time_zone, ...(team.value && { team: team.value }) });
});

/** Read again whenever something else is asked for, every half minute, and when a person comes back to the page. */
export function keepReading(): void {
  effect(() => {
    const { value } = asked;
    history.replaceState(null, "", `#${new URLSearchParams({ days: value.get("days")!, by: value.get("by")!, ...(team.value && { team: team.value }) })}`);
    void read(value);
  });
  setInterval(() => void (document.hidden || read(asked.value)), REFRESH_MS);
  addEventListener("visibilitychange", () => void (document.hidden || read(asked.value)));
}

async function read(wanted: URLSearchParams): Promise<void> {
  const answer = await fetch(`${FIGURES}?${wanted}`).catch(() => null);
  if (wanted !== asked.value) return;
  if (answer?.status === 401) return location.assign("/login?next=/figures");
  if (answer?.status === 404 && team.value) return void (team.value = "");
  stale.value = !answer?.ok;
  if (answer?.ok) figures.value = (await answer.json()) as Figures;
}

/** Try a recipient's dead deliveries again. */
export async function retry(recipient: string): Promise<void> {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ recipient }) };
  const answer = await fetch("/api/v1/deliveries/retry", init).catch(() => null);
  said.value = answer?.ok ? t("retried", { n: ((await answer.json()) as { retried: number }).retried, who: recipient }) : t("notRetried");
  await read(asked.value);
}

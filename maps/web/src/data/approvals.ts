// Exports of others that wait for a second person, if the reader may be that person.
import { signal } from "@preact/signals";
import { may } from "./me";

const EVERY_MS = 60_000;

export const approvals = signal(0);

/** Count them now and every minute, for those who may approve. */
export function watchApprovals(): void {
  if (!may("approve_exports")) return;
  void count();
  setInterval(() => void count(), EVERY_MS);
}

async function count(): Promise<void> {
  const answer = await fetch("/api/v1/exports/of-others").catch(() => null);
  if (answer?.ok) approvals.value = ((await answer.json()) as { state: string }[]).filter((each) => each.state === "waiting").length;
}

// Exports of others that wait for a second person, if the reader may be that person.
import { signal } from "@preact/signals";

const EVERY_MS = 60_000;

export const approvals = signal(0);

/** Count them now and every minute. */
export function watchApprovals(): void {
  void count();
  setInterval(() => void count(), EVERY_MS);
}

async function count(): Promise<void> {
  const answer = await fetch("/api/v1/exports/of-others").catch(() => null);
  if (answer?.ok) approvals.value = ((await answer.json()) as { state: string }[]).filter((each) => each.state === "waiting").length;
}

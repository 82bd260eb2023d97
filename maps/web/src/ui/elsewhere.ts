// Calls for help on the pages that don't follow the live feed: asked for, while somebody looks at the page.
import type { Alert } from "../data/model";
import { alerts, hearClock, tick } from "../data/store";
import { keepCalling, listenForGesture, raiseAlarm } from "./alarm";
import { sayCalls } from "./announcer";
import { noteShown } from "./shown";

const EVERY_MS = 5000;

/** For whoever may answer alerts. */
export function watchCalls(mayAnswer: boolean): void {
  if (!mayAnswer) return;
  sayCalls();
  noteShown();
  listenForGesture();
  keepCalling();
  setInterval(tick, 1000);
  setInterval(() => void read(), EVERY_MS);
  addEventListener("visibilitychange", () => void read());
  void read();
}

async function read(): Promise<void> {
  if (document.hidden) return;
  const answer = await fetch("/api/v1/calls").catch(() => null);
  if (!answer?.ok) return;
  const { at, calls } = (await answer.json()) as { at: number; calls: Alert[] };
  hearClock(at);
  const fresh = calls.filter((each) => versionOf(each) >= versionOf(alerts.value.get(each.id)));
  alerts.value = new Map(fresh.map((each) => [each.id, each]));
  raiseAlarm(fresh);
}

/** An answer of this page may be newer than what the server read last. */
const versionOf = (alert: Alert | undefined): number => alert?.triage?.version ?? 0;

// What a screen reader hears: politely, and never more than one sentence every few seconds.
import { effect, signal } from "@preact/signals";
import { link } from "../data/link";
import type { Alert } from "../data/model";
import { isAlert, isForSupervisors } from "../data/order";
import { t } from "../messages";
import { alertZoneName } from "../words";
import { calls } from "./calls";

const PAUSE_MS = 5000;
const SPOKEN_AT_ONCE = 2;

const spoken = signal("");
const waiting: string[] = [];
let quietUntil = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export function Announcer() {
  return <p class="hidden" role="status" aria-live="polite">{spoken.value}</p>;
}

export function sayAlerts(alerts: Alert[]): void {
  say(...alerts.filter((each) => isForSupervisors(each) && isAlert(each) && each.excused === null && each.kind !== "sos").map(sentence));
}

function sentence(alert: Alert): string {
  if (alert.kind === "silence") return t("said_silence", { visitor: alert.visitor });
  const names = { visitor: alert.visitor, zone: alertZoneName(alert) };
  if (alert.retracted) return t("said_retracted", names);
  if (alert.exit_at !== null && alert.kind !== "pass_through" && alert.kind !== "gap") return t("said_exit", names);
  return alert.kind === "entry" ? t("said_entry", names) : t("said_other", { ...names, kind: t(`kind_${alert.kind}`) });
}

function say(...sentences: string[]): void {
  waiting.push(...sentences);
  if (waiting.length && timer === undefined) timer = setTimeout(flush, Math.max(0, quietUntil - Date.now()));
}

function flush(): void {
  timer = undefined;
  quietUntil = Date.now() + PAUSE_MS;
  const now = waiting.splice(0, SPOKEN_AT_ONCE);
  const rest = waiting.splice(0).length;
  spoken.value = [...now, ...(rest ? [t("saidMore", { n: rest })] : [])].join(". ");
}

/** A call for help is said once, when it begins. */
export function sayCalls(): () => void {
  let calling = new Set<string>();
  return effect(() => {
    const now = calls.value;
    say(...now.filter((each) => !calling.has(each.id)).map(({ visitor }) => t("said_sos", { visitor })));
    calling = new Set(now.map((each) => each.id));
  });
}

/** Losing and regaining the feed is said once each. */
export function sayLink(): () => void {
  let last = link.peek().state;
  return effect(() => {
    const { state } = link.value;
    if (state === last || state === "connecting") return;
    if (state === "disconnected") say(t("disconnected"));
    if (state === "live" && last !== "connecting") say(t("restored"));
    last = state;
  });
}

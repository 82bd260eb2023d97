// Sound and browser notifications: asked for by a click, and only for new entries and calls for help.
import { computed, effect, signal } from "@preact/signals";
import type { Alert } from "../data/model";
import { isOngoing } from "../data/order";
import { hasGrown, isWaiting } from "../data/triage";
import { t } from "../messages";
import { alertZoneName } from "../words";
import { calls } from "./calls";
import { note } from "./shown";

const KEY = "keepclear.alarm";
const ENTRY_HZ = [660];
const SOS_HZ = [880, 660, 880, 660];
const TONE_S = 0.22;
const CALL_AGAIN_MS = 20_000;

export const alarmOn = signal(localStorage.getItem(KEY) === "on");
const told = new Set<string>();
let audio: AudioContext | null = null;

/** A click turns it on: browsers ask for leave and let a page sound only after one. */
export function setAlarm(on: boolean): void {
  alarmOn.value = on;
  localStorage.setItem(KEY, on ? "on" : "off");
  if (!on) return;
  unlock();
  ring(ENTRY_HZ);
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
}

/** A page that was loaded anew may sound after the first click or key anywhere. */
export function listenForGesture(): void {
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => void (alarmOn.value && unlock()), { once: true });
}

export function raiseAlarm(news: Alert[]): void {
  for (const alert of news.filter((each) => ((isWaiting(each) && isOngoing(each)) || hasGrown(each)) && !told.has(occasion(each)))) {
    told.add(occasion(alert));
    if (!alarmOn.value) continue;
    ring(alert.kind === "sos" ? SOS_HZ : ENTRY_HZ);
    notify(alert);
  }
}

/** A call for help sounds again and again until somebody answers it. */
export function keepCalling(): void {
  const isCalled = computed(() => alarmOn.value && calls.value.length > 0);
  effect(() => {
    if (!isCalled.value) return;
    const timer = setInterval(() => ring(SOS_HZ), CALL_AGAIN_MS);
    return () => clearInterval(timer);
  });
}

/** A person hears of an alert once, and once more of each way in which it has grown while it was put off. */
const occasion = (alert: Alert): string =>
  hasGrown(alert) ? [alert.id, ...alert.news.map(({ what }) => what).sort()].join(" ") : alert.id;

function notify(alert: Alert): void {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const names = { visitor: alert.visitor, zone: alertZoneName(alert) };
  const body = alert.kind === "sos" ? t("said_sos", names) : t("said_entry", names);
  // The tag lets several tabs of one browser show one notification.
  note([alert.id]);
  new Notification("KeepClear", { body, tag: alert.id, requireInteraction: alert.kind === "sos" }).onclick = () => window.focus();
}

function unlock(): void {
  audio ??= new AudioContext();
  void audio.resume();
}

function ring(tones: number[]): void {
  if (audio === null) return;
  tones.forEach((hertz, index) => {
    const tone = audio!.createOscillator();
    const volume = audio!.createGain();
    tone.frequency.value = hertz;
    volume.gain.value = 0.2;
    tone.connect(volume).connect(audio!.destination);
    tone.start(audio!.currentTime + index * TONE_S);
    tone.stop(audio!.currentTime + (index + 0.9) * TONE_S);
  });
}

// Phrases built from data, in the reader's language.
import { age, clockMinutes, metres } from "@keepclear/shared/format";
import type { Alert, Device, ZoneProperties } from "./data/model";
import { force, nextChange } from "./data/hours";
import { freshness, isUnheard } from "./data/freshness";
import { zoneById } from "./data/store";
import { t } from "./messages";

const CATEGORIES = ["court", "police"] as const;

export function categoryName(category: string): string {
  return t(CATEGORIES.find((each) => each === category) ?? "otherCategory");
}

export const zoneName = (zone: ZoneProperties): string =>
  zone.name || t("unnamed", { category: categoryName(zone.category) });

export function zoneNameOf(id: string): string {
  const zone = zoneById.value.get(id);
  return zone === undefined ? id : zoneName(zone);
}

/** Whether it counts now, and until when; null for a zone that always does. */
export function hoursText(zone: ZoneProperties, atS: number): string | null {
  const state = force(zone, atS);
  if (state === "always") return null;
  const next = nextChange(zone, atS);
  return next === null ? t(`force_${state}`) : t(`force_${state}_next`, { time: clockMinutes(next) });
}

export const alertZoneName = (alert: Alert): string => alert.zone_name || zoneNameOf(alert.zone);

/** The newest fix lies outside, but the incursion is open until the exit is certain. */
const isLeaving = (device: Device): boolean => device.state === "inside" && (device.signed_m ?? 0) > 0;

/** The newest fix lies clearly outside, but detection doesn't believe it yet: one far leap proves nothing. */
const isDoubted = (device: Device): boolean =>
  device.state === "uncertain" && device.accuracy_m !== null && (device.signed_m ?? 0) > device.accuracy_m;

export const stateText = (device: Device): string => (isLeaving(device) ? t("leaving") : t(device.state));

/** Where a visitor is from the edge; null if no zone is within reach. */
export function distanceText(device: Device): string | null {
  if (device.signed_m === null) return null;
  if (isLeaving(device)) return t("leavingEdge", { distance: metres(device.signed_m) });
  return isDoubted(device) ? t("doubtedEdge", { distance: metres(device.signed_m) }) : edgeDistance(device.signed_m);
}

/** The same in a word or two, beside the state that says which side it is. */
export function distanceTextShort(device: Device): string | null {
  if (device.signed_m === null) return null;
  const distance = metres(Math.abs(device.signed_m));
  if (device.signed_m < 0) return t("deep", { distance });
  return t(isLeaving(device) ? "outside" : isDoubted(device) ? "doubted" : "away", { distance });
}

/** Metres to the edge in words: inside and outside are told apart, never by a sign. */
function edgeDistance(signedM: number): string {
  const distance = metres(Math.abs(signedM));
  return signedM < 0 ? t("insideEdge", { distance }) : t("outsideEdge", { distance });
}

const JUST_NOW_S = 5;
export const agoText = (spanS: number): string => (spanS < JUST_NOW_S ? t("justNow") : t("ago", { age: age(spanS) }));

const COMPASS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export function compass(headingDeg: number): string {
  const point = COMPASS[Math.round(headingDeg / 45) % 8] ?? "n";
  return `${t(point)} ${Math.round(headingDeg)}°`;
}

const CAUSES = ["party", "witness", "summoned", "safety", "sos"] as const;
export function cause(code: string): string {
  return t(`cause_${CAUSES.find((each) => each === code) ?? "other"}`);
}

const SIGNALS = ["mock", "clock_ahead", "clock_behind", "clock_set", "teleport", "same_place", "same_accuracy", "no_satellites"] as const;
/** What was noticed of a phone, as a question. */
export function signalText(code: string): string {
  const known = SIGNALS.find((each) => each === code);
  return known === undefined ? code : t(`signal_${known}`);
}

const SILENCE_REASONS = ["permission", "location_off", "airplane", "battery", "killed", "shutdown", "power_save", "offline", "connection_lost"] as const;
/** Why a phone sends nothing, as far as it said so. */
export function silenceReason(code: string): string {
  const known = SILENCE_REASONS.find((each) => each === code);
  return known === undefined ? code : t(`silence_${known}`);
}

/** How old the data of a visitor is, in words; the phone may be heard though its positions are old. */
export const freshText = (device: Device, nowS: number): string => {
  const age = freshness(device, nowS);
  return age === "stale" && !isUnheard(device, nowS) ? t("oldPosition") : t(age === "fresh" ? "clear" : age);
};

const REASONS = { late_fix: "why_late_fix", back_inside: "why_back_inside" } as const;
/** The server sends codes; one we don't know is shown as it is. */
export function reason(why: string): string {
  return why in REASONS ? t(REASONS[why as keyof typeof REASONS]) : why;
}

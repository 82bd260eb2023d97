// The orders of the lists: what needs a human first, and nothing jumps without a reason.
import { compareNames } from "@keepclear/shared/names";
import { freshness } from "./freshness";
import type { Alert, Device } from "./model";

export type Group = "sos" | "inside" | "uncertain" | "approach" | "silent" | "stale" | "clear";
export const GROUPS: readonly Group[] = ["sos", "inside", "uncertain", "approach", "silent", "stale", "clear"];

export function groupOf(device: Device, nowS: number): Group {
  if (device.sos_at !== null) return "sos";
  if (device.state !== "clear") return device.state;
  const age = freshness(device, nowS);
  return age === "fresh" ? "clear" : age;
}

/** The groups that a visitor is of; who fell silent inside a zone is of two. */
export function groupsOf(device: Device, nowS: number): Group[] {
  const group = groupOf(device, nowS);
  const age = freshness(device, nowS);
  return age === "fresh" || age === group ? [group] : [group, age];
}

export function sortDevices(devices: Iterable<Device>, nowS: number): Device[] {
  const ranked = [...devices].map((device) => ({ device, rank: GROUPS.indexOf(groupOf(device, nowS)) }));
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      compareNames(a.device.visitor, b.device.visitor) ||
      compareNames(a.device.device, b.device.device),
  );
  return ranked.map((each) => each.device);
}

export const isOngoing = (alert: Alert): boolean =>
  !alert.retracted && alert.excused === null && alert.exit_at === null && (alert.kind === "entry" || alert.kind === "dwell" || alert.kind === "sos");

/** An approach is the visitor's own business: nobody else is told unless they ask. */
export const isForSupervisors = (alert: Alert): boolean => alert.kind !== "approach" || alert.retracted;

/** An amber silence stands with its visitor on the map and in the list; an alert it is once it is red. */
export const isAlert = (alert: Alert): boolean => alert.kind !== "silence" || alert.confirmed_at !== null;

/** Calls for help first, then what goes on, newest entry first; then what ended, newest end first. */
export function sortAlerts(alerts: Iterable<Alert>): Alert[] {
  const at = (alert: Alert): number => (isOngoing(alert) ? alert.first_possible_at : alert.exit_at ?? alert.first_possible_at);
  const calls = (alert: Alert): number => Number(alert.kind === "sos" && alert.triage?.stage !== "closed");
  return [...alerts].sort(
    (a, b) => calls(b) - calls(a) || Number(isOngoing(b)) - Number(isOngoing(a)) || at(b) - at(a) || (a.id < b.id ? -1 : 1),
  );
}

// Numbers with their units and times with their zone, in the reader's language and the browser's zone.
import { language } from "./i18n";

const cached = <T>(make: (language: string) => T): (() => T) => {
  const made = new Map<string, T>();
  return () => {
    const key = language.value;
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
};

function unit(name: string, maximumFractionDigits = 0, unitDisplay: "short" | "narrow" = "short") {
  const format = cached((lang) =>
    new Intl.NumberFormat(lang, { style: "unit", unit: name, unitDisplay, maximumFractionDigits }),
  );
  // No line ends between a number and its unit.
  return (value: number): string => format().format(value).replace(" ", "\u00a0");
}

export const metres = unit("meter");
export const kilometresPerHour = unit("kilometer-per-hour");
const seconds = unit("second");
const minutes = unit("minute");
const hours = unit("hour");
const days = unit("day");

const percentFormat = cached((lang) => new Intl.NumberFormat(lang, { style: "percent" }));
/** A share of 1, such as 0.98, as per cent. */
export const percent = (share: number): string => percentFormat().format(share);

/** A span of seconds in its largest sensible units. */
export function duration(spanS: number): string {
  const whole = Math.max(0, Math.round(spanS));
  if (whole < 60) return seconds(whole);
  if (whole < 600 && whole % 60) return `${minutes(Math.floor(whole / 60))} ${seconds(whole % 60)}`;
  if (whole < 3600) return minutes(Math.floor(whole / 60));
  const restMinutes = Math.floor((whole % 3600) / 60);
  if (whole < 86_400) return restMinutes ? `${hours(Math.floor(whole / 3600))} ${minutes(restMinutes)}` : hours(whole / 3600);
  return days(Math.floor(whole / 86_400));
}

/** A span rounded down to one unit, for ages that tick. */
export function age(spanS: number): string {
  const whole = Math.max(0, Math.floor(spanS));
  if (whole < 60) return seconds(whole);
  if (whole < 3600) return minutes(Math.floor(whole / 60));
  if (whole < 86_400) return hours(Math.floor(whole / 3600));
  return days(Math.floor(whole / 86_400));
}

const clockFormat = cached((lang) => new Intl.DateTimeFormat(lang, { timeStyle: "medium", hourCycle: "h23" }));
/** Time of day of an epoch second. */
export const clock = (atS: number): string => clockFormat().format(atS * 1000);

const minutesFormat = cached((lang) => new Intl.DateTimeFormat(lang, { timeStyle: "short", hourCycle: "h23" }));
/** Time of day of an epoch second, to the minute. */
export const clockMinutes = (atS: number): string => minutesFormat().format(atS * 1000);

const shortZoneFormat = cached((lang) => new Intl.DateTimeFormat(lang, { timeZoneName: "short" }));
const shortZone = (atS: number): string =>
  shortZoneFormat().formatToParts(atS * 1000).find((part) => part.type === "timeZoneName")?.value ?? "";

/** Time of day with its zone. */
export const clockWithZone = (atS: number): string => `${clock(atS)} ${shortZone(atS)}`;

const momentFormat = cached(
  (lang) =>
    new Intl.DateTimeFormat(lang, {
      month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }),
);
/** Date, time and zone of an epoch second. */
export const moment = (atS: number): string => `${momentFormat().format(atS * 1000)} ${shortZone(atS)}`;

const spanFormat = cached(
  (lang) => new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
);
/** From one epoch second to another, to the minute; a date that both share is said once. */
export const momentSpan = (fromS: number, toS: number): string => `${spanFormat().formatRange(fromS * 1000, toS * 1000)} ${shortZone(fromS)}`;

const zoneFormat = cached((lang) => new Intl.DateTimeFormat(lang, { timeZoneName: "longOffset" }));
/** The browser's time zone, such as "Asia/Shanghai (GMT+08:00)". */
export function timeZone(): string {
  const format = zoneFormat();
  const offset = format.formatToParts().find((part) => part.type === "timeZoneName")?.value ?? "";
  return `${format.resolvedOptions().timeZone} (${offset})`;
}

/** Longitude, latitude: in that order everywhere. */
export const lonLat = (lon: number, lat: number): string => `${lon.toFixed(5)}, ${lat.toFixed(5)}`;

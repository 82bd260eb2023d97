// Phrases of the zones page built from data, in the reader's language.
import type { Geometry } from "geojson";
import { metres, moment } from "@keepclear/shared/format";
import { createTranslator, language } from "@keepclear/shared/i18n";
import { compass } from "../words";
import { Refusal } from "./api";
import { en } from "./en";
import { en as findingsEn } from "./findings/en";
import { zh as findingsZh } from "./findings/zh";
import type { Datum, Finding, Hours } from "./model";
import { corners } from "./shape";
import { type Day, DAYS, fromText, type Span, type Week } from "./weekly";
import { zh } from "./zh";

export const t = createTranslator(zh, { en });
export { compass };

const known = (key: string): key is keyof typeof zh => key in zh;
const word = (key: string, otherwise: string): string => (known(key) ? (t as (key: string) => string)(key) : otherwise);

/** A category in use; one that this page has no word for is shown as it was written. */
export const categoryText = (category: string): string => word(`category_${category}`, category);
export const nameOf = (zone: { name: string; category: string; id: string }): string => zone.name || t("unnamed", { category: categoryText(zone.category) });
export const datumText = (datum: Datum | string): string => word(`datum_${datum}`, datum);
export const fieldText = (field: string): string => word(`field_${field}`, field);
export const changedText = (changed: string[]): string => changed.map((each) => word(`changed_${each}`, each)).join(" · ") || t("changedNothing");
export const dayText = (day: Day): string => t(`day_${day}`);
export const metresText = (value: number, own: boolean): string => `${metres(value)} · ${t(own ? "own" : "ofCategory")}`;
export const metresPair = (standoff: number, warning: number): string => `${metres(standoff)} + ${metres(warning)}`;

/** Why something was refused: the code in words, and the server's own sentence where it says more. */
export function refusalText(error: Refusal): string {
  const plain = word(`refused_${error.code}`, "");
  return plain || error.errors.filter(isSaid).map(findingText).join(" ") || t("refused_other", { detail: error.message });
}

const sayFinding = createTranslator(findingsZh, { en: findingsEn }) as (code: string, slots: Record<string, string | number>) => string;
/** Parameters that have a word of their own here. */
const PARAMETERS: Record<string, (value: string) => string> = { field: fieldText, category: categoryText };

const slotText = (name: string, value: string | number | Finding): string | number =>
  typeof value === "object" ? findingText(value) : typeof value === "string" ? (PARAMETERS[name]?.(value) ?? value) : value;

export const isSaid = ({ code }: Finding): boolean => !!code && code in findingsZh;

/** What was found, in the reader's language; of a code unknown here the server's own sentences. */
export function findingText(finding: Finding): string {
  if (!isSaid(finding)) return `${finding.reason} ${finding.mend}`.trim();
  return sayFinding(finding.code!, Object.fromEntries(Object.entries(finding.params ?? {}).map(([name, value]) => [name, slotText(name, value)])));
}

const SHAPES: Partial<Record<Geometry["type"], "shape_Point" | "shape_LineString" | "shape_Polygon">> = {
  Point: "shape_Point", MultiPoint: "shape_Point", LineString: "shape_LineString", MultiLineString: "shape_LineString", Polygon: "shape_Polygon", MultiPolygon: "shape_Polygon",
};

/** What a footprint is; beside another one, whether it differs. */
export function shapeText(geometry: Geometry, other?: Geometry): string {
  const kind = t(SHAPES[geometry.type] ?? "shape_Polygon");
  const count = corners(geometry).length;
  const text = geometry.type === "Point" ? kind : `${kind} · ${t("corners", { n: count })}`;
  return other && JSON.stringify(other) !== JSON.stringify(geometry) ? `${text} (${t("otherShape")})` : text;
}

/** Hours in words; text that is no plain week is named as such. */
export function scheduleText(hours: Hours | null): string {
  if (hours === null) return t("always");
  const week = fromText(hours.text);
  if (week === null) return t("ownText", { zone: hours.time_zone });
  return `${weekText(week)} (${hours.time_zone})`;
}

function weekText({ spans, closed, added }: Week): string {
  const dates = (all: string[]): string => all.join(language.value === "en" ? ", " : "、");
  const parts = spans.map(({ days, from, to }) => `${daysText(days)} ${from}–${to}${to > from ? "" : t("nextDay")}`);
  if (closed.length) parts.push(t("closedOn", { dates: dates(closed) }));
  if (added.length) parts.push(t("alsoOn", { dates: dates(added) }));
  return parts.join(language.value === "en" ? "; " : "；");
}

/** Three or more days in a row as a range. */
function daysText(days: Span["days"]): string {
  if (days.length === 7) return t("everyDay");
  const runs: Day[][] = [];
  for (const day of DAYS.filter((each) => days.includes(each))) {
    const run = runs.at(-1);
    if (run && DAYS.indexOf(run.at(-1)!) === DAYS.indexOf(day) - 1) run.push(day);
    else runs.push([day]);
  }
  const text = runs.flatMap((run) => (run.length > 2 ? [t("dayRange", { from: dayText(run[0]!), to: dayText(run.at(-1)!) })] : run.map(dayText)));
  return text.join(language.value === "en" ? ", " : "、");
}

export const momentSpan = ([from, to]: [number, number]): string => `${shortMoment(from)} – ${shortMoment(to)}`;

function shortMoment(atS: number): string {
  return new Intl.DateTimeFormat(language.value, { weekday: "short", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(atS * 1000);
}

export { moment };

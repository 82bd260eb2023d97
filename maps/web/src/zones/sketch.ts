// What this page draws over the zones in force, as features: the map only shows them. `tone` names how.
import { computed } from "@preact/signals";
import type { Feature, Geometry } from "geojson";
import { metres } from "@keepclear/shared/format";
import { preview } from "./draft";
import { compared, drawnVersions, looked } from "./history";
import { report } from "./importing";
import type { Entry, Part, Preview } from "./model";
import { answer } from "./place";
import { current } from "./state";
import { view } from "./view";
import { compass } from "./words";

export type Tone =
  | "ring" | "edge" | "outline" | "older-ring" | "older-edge" | "older-outline" | "added" | "changed" | "removed" | "before"
  | "place-allowed" | "place-forbidden" | "way" | "goal";

const feature = (tone: Tone, geometry: Geometry, label = ""): Feature => ({ type: "Feature", properties: { tone, label }, geometry });

/** Footprint, edge and ring of something that is being drawn or looked at. */
function parts(seen: Preview | undefined, names: Record<Part, Tone>, label = ""): Feature[] {
  if (!seen) return [];
  return (["ring", "edge", "footprint"] as const).flatMap((part) => {
    const shape = seen.parts[part];
    return shape ? [feature(names[part], shape, part === "footprint" ? label : "")] : [];
  });
}

const FRESH: Record<Part, Tone> = { ring: "ring", edge: "edge", footprint: "outline" };
const OLDER: Record<Part, Tone> = { ring: "older-ring", edge: "older-edge", footprint: "older-outline" };

function versionParts(): Feature[] {
  const [one, other] = [looked.value, compared.value];
  const drawn = (number: number | null, tones: Record<Part, Tone>): Feature[] =>
    number === null ? [] : parts(drawnVersions.value.get(number), tones, `v${number}`);
  return [...drawn(other, OLDER), ...drawn(one, FRESH)];
}

function importParts(): Feature[] {
  const found = report.value;
  if (!found) return [];
  const of = (tone: Tone, mark: string, entries: Entry[]): Feature[] =>
    entries.flatMap((each) => (each.geometry ? [feature(tone, each.geometry, `${mark} ${each.name || each.id}`)] : []));
  const before = found.changed.flatMap((each) => (each.before ? [feature("before", each.before)] : []));
  return [...before, ...of("removed", "−", found.removed), ...of("changed", "≠", found.changed), ...of("added", "+", found.added)];
}

function placeParts(): Feature[] {
  const found = answer.value;
  if (!found) return [];
  const here = [found.lon, found.lat];
  const mark = feature(found.allowed ? "place-allowed" : "place-forbidden", { type: "Point", coordinates: here });
  if (!found.out) return [mark];
  const there = [found.out.lon, found.out.lat];
  const label = `${metres(Math.ceil(found.out.metres))} · ${compass(found.out.bearing_deg)}`;
  return [feature("way", { type: "LineString", coordinates: [here, there] }), feature("goal", { type: "Point", coordinates: there }, label), mark];
}

export const sketched = computed<Feature[]>(() => {
  switch (view.value.kind) {
    case "new":
    case "edit": return parts(preview.value ?? undefined, FRESH).filter((each) => each.properties!["tone"] !== "outline");
    case "zone": return versionParts();
    case "import": return importParts();
    case "place": return placeParts();
    case "list": return [];
  }
});

/** The zone that is looked at, whose shape the map lifts out. */
export const highlighted = computed(() => (view.value.kind === "zone" ? current.value : null));

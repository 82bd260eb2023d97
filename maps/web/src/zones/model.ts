// The payloads of the zones API, as maps/zoning/zone_models.py describes them. Times in seconds since 1970 UTC, lon, lat.
import type { Geometry } from "geojson";

export const DATUMS = ["wgs84", "gcj02", "bd09"] as const;
export type Datum = (typeof DATUMS)[number];
export const STATES = ["standing", "scheduled", "retired"] as const;
export type State = (typeof STATES)[number];
export type Governed = "standoff_m" | "warning_m" | "schedule";

export interface Hours { text: string; time_zone: string }

export interface Members {
  id: string; name: string; category: string; standoff_m: number; warning_m: number; source: string; source_datum: string;
  version: number; valid_from: number | null; valid_to: number | null; schedule: Hours | null; overrides: Governed[];
}
export interface ZoneDocument { type: "Feature"; id: string; properties: Members; geometry: Geometry; notes?: string[]; findings?: Finding[] }
export interface ZonePage { features: ZoneDocument[]; next: string | null }

export interface Version {
  zone: ZoneDocument; by: string; why: string; approver: string | null; recorded_at: number; changed: string[] | null;
  ended_by: string | null; ended_why: string | null;
}
export interface Versions { id: string; versions: Version[] }

/** What to change; a sketch of a new zone, or of a change of `zone_id`. */
export interface Change {
  name?: string; category?: string; geometry?: Geometry; datum?: Datum; standoff_m?: number; warning_m?: number;
  schedule?: Hours | null; follow?: Governed[];
}
export interface Sketch extends Change { zone_id?: string; reaches?: [number, number] }
export type Part = "footprint" | "edge" | "ring";
export interface Preview {
  geometry: Geometry; parts: Partial<Record<Part, Geometry>>; standoff_m: number; warning_m: number;
  schedule: Hours | null; opens: [number, number][] | null; notes: string[]; findings: Finding[];
}

export interface Way { bearing_deg: number; metres: number; lon: number; lat: number }
export interface Touch { id: string; name: string; category: string; signed_m: number; out: Way | null }
export interface Answer { lon: number; lat: number; at: number; allowed: boolean; out: Way | null; touches: Touch[] }

/** What an import found: the code and its parameters, and the server's own sentences. */
export interface Finding { code?: string | null; params?: Record<string, string | number | Finding> | null; reason: string; mend: string }
export interface RowProblem extends Finding { file: string; row: number | null; field: string }
export interface Entry {
  id: string; name: string; category: string; standoff_m: number; warning_m: number; source: string;
  changed?: string[]; geometry?: Geometry; before?: Geometry;
}
export interface Doubt extends Finding { file: string; declared: string; probably: string }
export interface Source { file: string; datum: string | null; rows: number; left_out_by_where: number; refused: string | null; finding: Finding | null }
export interface Report {
  applied: boolean; sources: Source[]; added: Entry[]; changed: Entry[]; unchanged: Entry[]; removed: Entry[];
  merged: { id: string; rows: { file: string; row: number; id: string }[] }[];
  refused: RowProblem[]; notes: RowProblem[]; datum_doubts: Doubt[];
}

// The payloads of /api/v1/live, as maps/events.py describes them. Times in seconds since 1970 UTC.
import type { Feature, FeatureCollection, Geometry } from "geojson";

export type DeviceState = "clear" | "approach" | "uncertain" | "inside";
export type AlertKind = "approach" | "entry" | "dwell" | "exit" | "pass_through" | "gap" | "sos" | "silence";

export interface Device {
  device: string;
  visitor: string;
  lon: number;
  lat: number;
  accuracy_m: number | null;
  heading_deg: number | null;
  speed_mps: number | null;
  battery_pct: number | null;
  fix_at: number;
  received_at: number;
  /** The newest position or ping. */
  heard_at: number | null;
  state: DeviceState;
  zone: string | null;
  /** Metres to the edge of `zone`, negative inside. */
  signed_m: number | null;
  shift_id: number;
  /** Since when the visitor has been calling for help. */
  sos_at: number | null;
  /** What of this shift is worth asking about, as tracker/plausibility.py has it. */
  signals: { signal: string; fixes: number; first_at: number; last_at: number }[];
  team: number | null;
  /** Since when they are on shift, and the case reference of the visit that is planned for now. */
  shift_at: number | null;
  visit: string | null;
}

export interface Alert {
  id: string;
  device: string;
  visitor: string;
  zone: string;
  zone_name: string;
  kind: AlertKind;
  first_possible_at: number;
  confirmed_at: number | null;
  exit_at: number | null;
  p_inside: number;
  closest_m: number;
  revision: number;
  retracted: boolean;
  why: string | null;
  changed_at: number;
  /** The cause of an excuse that covers it. */
  excused: string | null;
  /** When supervisors were last told of it. */
  told_at: number | null;
  /** What people did about it; null: nobody anything. */
  triage: Triage | null;
  /** What has changed since it was put off (the snooze has ended then) or closed. */
  news: Difference[];
  /** Of a silence: no data since `first_possible_at`, an alert from `confirmed_at` on. */
  silence: Silence | null;
}

/** As tracker/silence.py has it. */
export interface Silence {
  why: string | null;
  /** Later than its beginning where the service itself was not listening. */
  judged_from: number;
  /** Many fell silent at that moment. */
  together: boolean;
  /** Zones that could have been entered, the nearest first. */
  reached: { zone: string; name: string; away_m: number }[];
  over: string | null;
  /** Positions measured meanwhile came later. */
  filled: boolean;
}

/** Whether the service itself listens to all phones, and since when without a break. */
export interface Hearing {
  listening: boolean;
  since: number | null;
  amber_s: number;
  red_s: number;
}

/** As tracker/answers/finding.py has it; depths in metres, negative inside, lengths in seconds. */
export interface Difference {
  what: "entered" | "not_entered" | "deeper" | "shallower" | "longer" | "shorter" | "other_zone" | "excused" | "not_excused" | "retracted" | "restored";
  before: number | null;
  after: number | null;
}

export type Stage = "new" | "acknowledged" | "assigned" | "closed";

/** As tracker/answers/triage.py has it: the fold of `version` deeds. */
export interface Triage {
  subject: "incursion" | "sos" | "silence";
  version: number;
  stage: Stage;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  assignee: string | null;
  snoozed_until: number | null;
  closed_at: number | null;
  closed_by: string | null;
  reason: string | null;
  comments: number;
}

export interface Snapshot {
  at: number;
  zones: number;
  devices: Device[];
  alerts: Alert[];
  hearing: Hearing;
}

export interface Diff {
  at: number;
  devices: Device[];
  gone: string[];
  alerts: Alert[];
  hearing: Hearing;
}

export interface Beat {
  at: number;
  delayed_s: number | null;
  hearing: Hearing;
}

export interface ZoneProperties {
  id: string;
  name: string;
  category: string;
  standoff_m: number;
  warning_m: number;
  /** When it counts within two days, as [from, to]; null: always. */
  hours: [number, number][] | null;
  part: "footprint" | "edge" | "ring";
}

export type ZoneFeature = Feature<Geometry, ZoneProperties>;
export type ZoneCollection = FeatureCollection<Geometry, ZoneProperties>;

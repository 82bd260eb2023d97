// The answer of /api/v1/alert-figures, as maps/figures_api.py describes it. Delays in seconds, moments in seconds UTC.
export interface Delay { count: number; median_s: number | null; p95_s: number | null }

export const STEPS = [
  "warned_after_crossing", "confirmed_after_crossing", "told_after_confirmed", "shown_after_told", "acknowledged_after_told",
  "acknowledged_after_crossing",
] as const;
export type Step = (typeof STEPS)[number];
/** Nobody confirms a call for help, and nobody warns who calls. */
export const CALL_STEPS = ["told_after_confirmed", "shown_after_told", "acknowledged_after_told", "acknowledged_after_crossing"] as const;

export interface Group {
  key: string; name: string; told: number; upheld: number; refuted: number; undecided: number; retracted: number;
  share: number | null; delays: Record<Step, Delay>;
}
export interface Open { kind: string; waiting: number[]; in_hand: number[] }
export interface Silent { visitor: string; device: string; heard_at: number; level: "amber" | "red"; why: string | null }
export interface Reason { reason: string; count: number; last_at: number }
export interface Channel { recipient: string; delivered: number; waiting: number; dead: number; last_error: string }

export type By = "day" | "week";
export interface Figures {
  days: number; by: By; time_zone: string; team: number | null; teams: { id: number; name: string }[];
  age_limits_s: number[]; open: Open[];
  subjects: Group[]; kinds: Group[]; zones: Group[]; platforms: Group[]; periods: Group[];
  on_shift: number; silent_visitors: number; silent: Silent[]; ingest_lag: Delay;
  refusals: Reason[]; quarantine: Reason[]; channels: Channel[];
}

export const total = (counts: number[]): number => counts.reduce((sum, each) => sum + each, 0);

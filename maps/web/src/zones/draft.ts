// A zone while it is edited: what the form says, what the server makes of it, and how it is sent.
import { batch, computed, effect, signal } from "@preact/signals";
import { ask, pathOf, Refusal } from "./api";
import type { Change, Governed, Hours, Preview, RowProblem, Sketch, Version, Versions, ZoneDocument } from "./model";
import { begin, draftShape, shape } from "./shape";
import { said, written } from "./state";
import { leaving, unsaved, view } from "./view";
import { fromText, toText, type Week, WORKING_WEEK } from "./weekly";
import { findingText, refusalText, t } from "./words";

const PREVIEW_PAUSE_MS = 200;

export type HoursKind = "follow" | "always" | "weekly" | "text";
export interface Form {
  id: string; name: string; category: string;
  /** Metres as typed; null: as the category has them. */
  standoff: string | null; warning: string | null;
  hours: HoursKind; week: Week; text: string; time_zone: string;
  reason: string; approver: string;
}

/** The version that the edit began with; null: a new zone. */
export const base = signal<ZoneDocument | null>(null);
export const form = signal<Form>(blank());
export const preview = signal<Preview | null>(null);
export const problems = signal<RowProblem[]>([]);
export const previewing = signal(false);
export const sending = signal(false);
/** The version that somebody else wrote meanwhile. */
export const conflict = signal<Version | null>(null);

function blank(): Form {
  return {
    id: "", name: "", category: "court", standoff: null, warning: null, hours: "follow", week: WORKING_WEEK, text: "",
    time_zone: "Asia/Shanghai", reason: "", approver: "",
  };
}

/** Begin with a zone as it stands, or with nothing. */
export function open(zone: ZoneDocument | null): void {
  batch(() => {
    base.value = zone;
    form.value = zone ? formOf(zone) : blank();
    begin(zone ? { geometry: zone.geometry, datum: "wgs84" } : null);
    preview.value = null;
    problems.value = [];
    conflict.value = null;
    said.value = null;
  });
}

function formOf({ properties: zone }: ZoneDocument): Form {
  const own = (field: Governed): boolean => zone.overrides.includes(field);
  const week = zone.schedule ? fromText(zone.schedule.text) : null;
  const kind: HoursKind = !own("schedule") && zone.schedule === null ? "follow" : zone.schedule === null ? "always" : week ? "weekly" : "text";
  return {
    ...blank(), id: zone.id, name: zone.name, category: zone.category,
    standoff: own("standoff_m") ? String(zone.standoff_m) : null, warning: own("warning_m") ? String(zone.warning_m) : null,
    hours: !own("schedule") ? "follow" : kind, week: week ?? WORKING_WEEK, text: zone.schedule?.text ?? "", time_zone: zone.schedule?.time_zone ?? "Asia/Shanghai",
  };
}

export const hoursOf = (of: Form): Hours | null =>
  of.hours === "weekly" ? { text: toText(of.week), time_zone: of.time_zone } : of.hours === "text" ? { text: of.text, time_zone: of.time_zone } : null;

/** What the form changes of the zone that stands; everything, for a new one. */
export const change = computed<Change>(() => {
  const made: Change = {};
  const [now, was] = [form.value, base.value && formOf(base.value)];
  const drawn = draftShape.value ?? shape.value;
  if (!was || now.name !== was.name) made.name = now.name.trim();
  if (!was || now.category !== was.category) made.category = now.category.trim();
  if (drawn && (!base.value || drawn.geometry !== base.value.geometry)) Object.assign(made, { geometry: drawn.geometry, datum: drawn.datum });
  const follow: Governed[] = [];
  for (const [field, name] of [["standoff", "standoff_m"], ["warning", "warning_m"]] as const) {
    if (now[field] === null && was && was[field] !== null) follow.push(name);
    else if (now[field] !== null && now[field] !== was?.[field]) made[name] = Number(now[field]);
  }
  if (now.hours === "follow") {
    if (was && was.hours !== "follow") follow.push("schedule");
  } else if (was?.hours !== now.hours || JSON.stringify(hoursOf(now)) !== JSON.stringify(hoursOf(was))) made.schedule = hoursOf(now);
  if (follow.length) made.follow = follow;
  return made;
});

const sketch = computed<Sketch | null>(() => {
  const reaches = (draftShape.value ?? shape.value)?.reaches;
  if (!base.value && !change.value.geometry) return null;
  return { ...change.value, ...(base.value ? { zone_id: base.value.id } : {}), ...(reaches && form.value.standoff === null ? { reaches } : {}) };
});

/** Ask the server what the sketch would be, whenever it rests for a moment. */
export function keepPreviewing(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  const stop = effect(() => {
    const body = sketch.value;
    clearTimeout(timer);
    asking?.abort();
    if (body === null) return void (preview.value = null);
    previewing.value = true;
    timer = setTimeout(() => void look(body, (asking = new AbortController()).signal), PREVIEW_PAUSE_MS);
  });
  const guard = effect(() => {
    const { reason: _, approver: __, id: ___, ...rest } = form.value;
    unsaved.value = (base.value === null && (shape.value !== null || rest.name !== "")) || (base.value !== null && Object.keys(change.value).length > 0);
    leaving.value = () => !unsaved.peek() || confirm(t("leaveUnsaved"));
  });
  return () => {
    stop();
    guard();
    clearTimeout(timer);
    asking?.abort();
    batch(() => {
      unsaved.value = false;
      preview.value = null;
      leaving.value = () => true;
    });
  };
}

async function look(body: Sketch, signal: AbortSignal): Promise<void> {
  try {
    const seen = await ask<Preview>("/zones/preview", { method: "POST", body, signal });
    batch(() => {
      preview.value = seen;
      problems.value = [];
    });
    // The metres of a circle that was drawn are the server's, and from now on the form's.
    if (body.reaches) form.value = { ...form.value, standoff: String(seen.standoff_m) };
  } catch (error) {
    if (!(error instanceof Refusal)) return;
    problems.value = problemsOf(error);
  } finally {
    if (!signal.aborted) previewing.value = false;
  }
}

const problemsOf = (error: Refusal): RowProblem[] =>
  error.errors.length ? error.errors : [{ file: "", row: null, field: "", reason: refusalText(error), mend: "" }];

/** Send it; where somebody else was faster, show what they made of it. */
export async function save(): Promise<void> {
  const signed = { reason: form.value.reason.trim(), ...(form.value.approver.trim() ? { approver: form.value.approver.trim() } : {}) };
  const zone = base.value;
  sending.value = true;
  problems.value = [];
  try {
    const body = { ...change.value, ...signed, ...(zone || !form.value.id.trim() ? {} : { id: form.value.id.trim() }) };
    const made = zone
      ? await ask<ZoneDocument>(pathOf(zone.id), { method: "PATCH", body, match: zone.properties.version })
      : await ask<ZoneDocument>("/zones", { method: "POST", body });
    unsaved.value = false;
    leaving.value = () => true;
    view.value = { kind: "zone", id: made.id };
    written([t("saved", { version: made.properties.version }), ...(made.findings ?? []).map(findingText)].join(" "));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "zone_changed" && zone) await showConflict(zone.id);
    else problems.value = problemsOf(error);
  } finally {
    sending.value = false;
  }
}

async function showConflict(id: string): Promise<void> {
  conflict.value = (await ask<Versions>(`${pathOf(id)}/versions`)).versions.at(-1) ?? null;
}

/** Put one's own changes upon what somebody else wrote, to be looked at and sent again. */
export function rebase(): void {
  const [mine, theirs, own] = [form.value, conflict.value!.zone, change.value];
  const fresh = formOf(theirs);
  const drawn = own.geometry ? shape.value : null;
  batch(() => {
    base.value = theirs;
    form.value = {
      ...fresh, reason: mine.reason, approver: mine.approver,
      ...(own.name === undefined ? {} : { name: mine.name }),
      ...(own.category === undefined ? {} : { category: mine.category }),
      ...(own.standoff_m === undefined && !own.follow?.includes("standoff_m") ? {} : { standoff: mine.standoff }),
      ...(own.warning_m === undefined && !own.follow?.includes("warning_m") ? {} : { warning: mine.warning }),
      ...(own.schedule === undefined && !own.follow?.includes("schedule") ? {} : { hours: mine.hours, week: mine.week, text: mine.text, time_zone: mine.time_zone }),
    };
    begin(drawn ?? { geometry: theirs.geometry, datum: "wgs84" });
    conflict.value = null;
  });
}

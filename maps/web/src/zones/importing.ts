// The import wizard: files and their datum -> a dry run -> what it would do -> done.
import { batch, computed, signal } from "@preact/signals";
import { Refusal, upload } from "./api";
import type { Report } from "./model";
import { written } from "./state";
import { refusalText, t } from "./words";

export interface Options { datum: string; category: string; prefix: string; standoff: string; where: string; replace: boolean }

export const files = signal<File[]>([]);
export const options = signal<Options>({ datum: "", category: "other", prefix: "", standoff: "", where: "", replace: false });
/** Files whose doubted datum is believed all the same. */
export const trusted = signal<string[]>([]);
export const report = signal<Report | null>(null);
export const refused = signal("");
/** How much has left (0 to 1), and when the sending began; null: nothing is under way. */
export const progress = signal<{ sent: number; since: number } | null>(null);

export const doubts = computed(() => report.value?.datum_doubts.filter((each) => !trusted.value.includes(each.file)) ?? []);
export const counts = computed(() => (report.value ? report.value.added.length + report.value.changed.length + report.value.removed.length : 0));

function formData(reason = "", approver = ""): FormData {
  const { datum, category, prefix, standoff, where, replace } = options.value;
  const made = new FormData();
  for (const file of files.value) made.append("file", file);
  for (const file of trusted.value) made.append("trust_datum", file);
  for (const rule of where.split("\n").map((each) => each.trim()).filter(Boolean)) made.append("where", rule);
  const given = { datum, prefix: prefix.trim(), standoff_m: standoff.trim(), category: category.trim(), reason, approver };
  for (const [name, value] of Object.entries(given)) if (value) made.append(name, value);
  if (replace) made.append("replace_source", "true");
  return made;
}

/** See what an import would do; nothing is written. */
export const lookFirst = (): Promise<boolean> => send(true, formData());

/** Do it: the server plans anew, so what counts is what stands then. */
export async function carryOut(reason: string, approver: string): Promise<boolean> {
  const done = await send(false, formData(reason, approver));
  if (done) written(t("imported", { n: counts.value }));
  return done;
}

async function send(dry: boolean, body: FormData): Promise<boolean> {
  refused.value = "";
  progress.value = { sent: 0, since: Date.now() / 1000 };
  try {
    report.value = await upload<Report>(`/zones/import?dry_run=${dry}&shapes=true`, body, (sent) => {
      progress.value = { sent, since: progress.peek()?.since ?? Date.now() / 1000 };
    });
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    batch(() => {
      refused.value = refusalText(error);
      report.value = error.report;
    });
    return false;
  } finally {
    progress.value = null;
  }
}

export function startOver(): void {
  batch(() => {
    report.value = null;
    refused.value = "";
    trusted.value = [];
  });
}

// Past tracks as files: asked for, and taken at once if no second person is needed.
import { signal } from "@preact/signals";
import { codeOf, post } from "./ask";
import type { Look } from "./replay";

export const FORMATS = ["gpx", "geojson", "csv", "kml", "mfjson"] as const;
export type Format = (typeof FORMATS)[number];
export const FORMAT_NAMES: Record<Format, string> = { gpx: "GPX", geojson: "GeoJSON", csv: "CSV", kml: "KML", mfjson: "MF-JSON" };

export interface Export { id: number; format: Format; fixes: number; state: "ready" | "waiting" | "approved" | "declined" | "lapsed" }

/** What became of the last one asked for: an export, or why there is none. */
export const asked = signal<Export | string | null>(null);

export async function askFor(look: Look, format: Format): Promise<void> {
  const answer = await post("/api/v1/exports", { ...look, format });
  if (!answer?.ok) return void (asked.value = await codeOf(answer));
  const made = (await answer.json()) as Export;
  asked.value = made;
  if (made.state === "ready") await take(made);
}

/** Hand the file to the browser. */
export async function take({ id, format }: Pick<Export, "id" | "format">): Promise<string | null> {
  const answer = await post(`/api/v1/exports/${id}/file`);
  if (!answer?.ok) return (asked.value = await codeOf(answer));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `keepclear-tracks-${id}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  return null;
}

// Whether the service itself listens to the phones: what it did not hear is nobody's silence.
import { signal } from "@preact/signals";
import type { Hearing } from "./model";

export const hearing = signal<Hearing>({ listening: true, since: null, amber_s: 300, red_s: 900 });

export function takeHearing(heard: Hearing): void {
  const was = hearing.peek();
  const same = was.listening === heard.listening && was.since === heard.since && was.amber_s === heard.amber_s && was.red_s === heard.red_s;
  if (!same) hearing.value = heard;
}

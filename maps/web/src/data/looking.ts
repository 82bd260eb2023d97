// What the list of visitors is asked for: words and a state.
import { signal } from "@preact/signals";
import type { Group } from "./order";
import { spelled } from "./pinyin";
import type { Device } from "./model";

export const query = signal("");
export const filter = signal<Group | null>(null);

/** Whether a visitor's name, its pinyin or initials, or the device holds the words. */
export function matches(device: Device, words: string): boolean {
  return `${device.visitor} ${device.device} ${spelled(device.visitor)}`.toLocaleLowerCase().includes(words);
}

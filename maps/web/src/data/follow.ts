// The visitor whom the camera follows, until a person moves the map.
import { computed, signal } from "@preact/signals";
import { devices } from "./store";

export const followed = signal<string | null>(null);

/** Where the one followed is; null: nobody is followed, or the shift closed. */
export const followedDevice = computed(() => (followed.value === null ? null : devices.value.get(followed.value) ?? null));

export const toggleFollow = (device: string): void => {
  followed.value = followed.value === device ? null : device;
};

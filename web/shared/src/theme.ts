import { computed, signal } from "@preact/signals";
import { media } from "./media";
import { readCookie, writeCookie } from "./preferences";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const COOKIE = "kc_theme";
const deviceIsDark = media("(prefers-color-scheme: dark)");

export const theme = signal<Theme>(THEMES.find((each) => each === readCookie(COOKIE)) ?? "auto");
export const isDark = computed(() => (theme.value === "auto" ? deviceIsDark.value : theme.value === "dark"));

export function setTheme(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
  writeCookie(COOKIE, next);
}

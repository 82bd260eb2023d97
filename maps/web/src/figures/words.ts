import { createTranslator } from "@keepclear/shared/i18n";
import { en } from "./en";
import { zh } from "./zh";

export const t = createTranslator(zh, { en });

const known = (key: string): key is keyof typeof zh => key in zh;

/** A code in words; one that this page does not know yet is shown as it is. */
export function word(kind: "kind" | "why" | "level" | "silence", code: string): string {
  const key = `${kind}_${code}`;
  return known(key) ? (t as (key: string) => string)(key) : code;
}

const PLATFORMS: Record<string, string> = { android: "Android", ios: "iOS" };
export const platformName = (code: string): string => (code === "browser" ? t("platform_browser") : PLATFORMS[code] ?? code);

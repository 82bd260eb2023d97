// Messages with zh-CN as the source language. A missing key, a surplus key or a placeholder that
// differs from the source's fails the type check, and with it the build.
import { signal } from "@preact/signals";
import { readCookie, writeCookie } from "./preferences";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Record<Language, string> = { "zh-CN": "中文", en: "English" };

type Slots<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Slots<Rest> : never;
type SameSlots<A, B> = [Slots<A>] extends [Slots<B>] ? ([Slots<B>] extends [Slots<A>] ? true : false) : false;

/** The messages of another language: every key of the source, with the same placeholders, and no other key. */
export type Translation<Source, Own> = {
  [K in keyof Source | keyof Own]: K extends keyof Source & keyof Own
    ? SameSlots<Own[K], Source[K]> extends true
      ? string
      : never
    : never;
};

export function translate<const Source>(_source: Source) {
  return <const Own extends Record<keyof Source, string>>(own: Own & Translation<Source, Own>): Own => own;
}

type Values<S> = [Slots<S>] extends [never] ? [] : [values: Record<Slots<S>, string | number>];

const COOKIE = "kc_lang";
export const language = signal<Language>(startLanguage());

function startLanguage(): Language {
  // The server has already chosen: by the cookie, else by what the browser accepts.
  return LANGUAGES.find((each) => each === (readCookie(COOKIE) ?? document.documentElement.lang)) ?? "zh-CN";
}

export function setLanguage(next: Language): void {
  language.value = next;
  document.documentElement.lang = next;
  writeCookie(COOKIE, next);
}

/** The `t` of an application: reading it inside a component follows the language. */
export function createTranslator<const Source extends Record<string, string>>(
  source: Source,
  others: Record<Exclude<Language, "zh-CN">, Record<keyof Source, string>>,
) {
  return <K extends keyof Source>(key: K, ...[values]: Values<Source[K]>): string => {
    const text = language.value === "zh-CN" ? source[key] : others[language.value][key];
    if (values === undefined) return text as string;
    const slots: Record<string, string | number> = values;
    return (text as string).replace(/\{(\w+)\}/g, (_, name: string) => String(slots[name]));
  };
}

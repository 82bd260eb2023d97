import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { LANGUAGE_NAMES, LANGUAGES, language, setLanguage } from "@keepclear/shared/i18n";
import { setTheme, THEMES, theme } from "@keepclear/shared/theme";
import { t } from "../messages";
import { Icon } from "./icons";

/** Language, theme and what the page adds, under one button; Escape or a click elsewhere closes it.
 * `waiting`: words for what waits in it, which the button then marks. */
export function PopMenu({ children, waiting }: { children: ComponentChildren; waiting?: string }) {
  const label = waiting ? `${t("settings")}: ${waiting}` : t("settings");
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const shut = (event: Event) => {
      const menu = details.current;
      if (!menu?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        menu.querySelector("summary")?.focus();
      } else if (menu.contains(event.target as Node)) return;
      menu.open = false;
    };
    addEventListener("pointerdown", shut);
    addEventListener("keydown", shut);
    return () => {
      removeEventListener("pointerdown", shut);
      removeEventListener("keydown", shut);
    };
  }, []);
  return (
    <details class="menu" ref={details}>
      <summary class={`icon-button ${waiting ? "is-waiting" : ""}`} aria-label={label} title={label}><Icon name="settings" /></summary>
      <div class="menu-body">
        <Choices name="language" legend={t("language")} current={language.value} onChange={setLanguage}
          options={LANGUAGES.map((each) => ({ value: each, label: LANGUAGE_NAMES[each], lang: each }))} />
        <Choices name="theme" legend={t("theme")} current={theme.value} onChange={setTheme}
          options={THEMES.map((each) => ({ value: each, label: t(`theme_${each}`) }))} />
        {children}
      </div>
    </details>
  );
}

interface ChoicesProps<V extends string> {
  name: string;
  legend: string;
  current: V;
  options: { value: V; label: string; lang?: string }[];
  onChange: (value: V) => void;
}

export function Choices<V extends string>({ name, legend, current, options, onChange }: ChoicesProps<V>) {
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {options.map(({ value, label, lang }) => (
        <label key={value}>
          <input type="radio" name={name} value={value} checked={value === current} onChange={() => onChange(value)} />
          <span lang={lang}>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

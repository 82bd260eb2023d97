import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../ui/icons";
import { go, type View } from "./view";
import { t } from "./words";

/** The title of a view with the way back; the focus comes here when the view opens. */
export function Head({ title, back = { kind: "list" }, children }: { title: string; back?: View; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="view-head">
      <button type="button" class="icon-button" aria-label={t("back")} title={t("back")} onClick={() => go(back)}><Icon name="back" /></button>
      <h2 tabIndex={-1} ref={heading}>{title}</h2>
      {children}
    </header>
  );
}

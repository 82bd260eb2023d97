import type { ComponentChildren } from "preact";

interface Props { id: string; title: string; hint?: string | undefined; wide?: boolean; children: ComponentChildren }

/** One question and its answer. */
export function Panel({ id, title, hint, wide = false, children }: Props) {
  return (
    <section class={wide ? "panel is-wide" : "panel"} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {hint && <p class="hint">{hint}</p>}
      {children}
    </section>
  );
}

/** A table that may be wider than a phone: it scrolls by itself, by keys, too. */
export function Wide({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll-x" tabIndex={0} role="region" aria-label={label}>{children}</div>;
}

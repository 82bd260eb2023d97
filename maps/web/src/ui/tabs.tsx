import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

export interface TabItem<Id extends string> { id: Id; label: string; count?: number | string; urgent?: boolean }

interface Props<Id extends string> {
  items: TabItem<Id>[];
  current: Id;
  label: string;
  onChange: (id: Id) => void;
  children: ComponentChildren;
}

/** Tabs by the WAI-ARIA pattern: one tab stop, arrows move. */
export function Tabs<Id extends string>({ items, current, label, onChange, children }: Props<Id>) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = items.findIndex((each) => each.id === current);
    const next = items[(index + step + items.length) % items.length]!;
    onChange(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {items.map(({ id, label: name, count, urgent }) => (
          <button
            key={id} id={`tab-${id}`} type="button" role="tab" class="tab" aria-selected={id === current}
            aria-controls="tab-panel" tabIndex={id === current ? 0 : -1} onClick={() => onChange(id)}
          >
            {name}
            {count !== undefined && <span class={urgent ? "count is-urgent" : "count"}>{count}</span>}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${current}`}>
        {children}
      </div>
    </>
  );
}

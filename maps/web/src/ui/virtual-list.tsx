import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props<T> {
  items: T[];
  rowPx: number;
  label: string;
  keyOf: (item: T) => string;
  selectedKey: string | null;
  /** The row that the keyboard is on. */
  activeKey: string | null;
  onActive: (key: string) => void;
  onSelect: (item: T) => void;
  onHover: (item: T | null) => void;
  children: (item: T) => ComponentChildren;
}

const SPARE_ROWS = 6;
const keyMoves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1e9, End: 1e9 };

/** A listbox of equal rows that renders only what is in view: thousands of rows cost as much as twenty. */
export function VirtualList<T>(props: Props<T>): VNode {
  const { items, rowPx, keyOf, selectedKey, activeKey, onActive } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const indexOf = (key: string | null) => (key === null ? -1 : items.findIndex((each) => keyOf(each) === key));
  const active = indexOf(activeKey);

  const measure = () => {
    if (box.current) setView({ top: box.current.scrollTop, height: box.current.clientHeight });
  };
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => reveal(indexOf(selectedKey)), [selectedKey]);

  function reveal(index: number): void {
    const element = box.current;
    if (index < 0 || element === null) return;
    const top = index * rowPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + element.clientHeight) element.scrollTop = top + rowPx - element.clientHeight;
  }

  function moveTo(index: number): void {
    const item = items[Math.min(items.length - 1, Math.max(0, index))];
    if (item === undefined) return;
    onActive(keyOf(item));
    props.onHover(item);
    reveal(indexOf(keyOf(item)));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const move = keyMoves[event.key];
    const item = items[active];
    if (move !== undefined) moveTo(active < 0 && move > 0 && move < 1e9 ? 0 : active + move);
    else if ((event.key === "Enter" || event.key === " ") && item !== undefined) props.onSelect(item);
    else return;
    event.preventDefault();
  }

  const first = Math.max(0, Math.floor(view.top / rowPx) - SPARE_ROWS);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowPx) + SPARE_ROWS);
  return (
    <div
      class="virtual-list" role="listbox" tabIndex={0} aria-label={props.label} ref={box} onScroll={measure} onKeyDown={onKeyDown}
      aria-activedescendant={active >= first && active < last ? `row-${activeKey}` : undefined}
      onFocus={() => active < 0 && moveTo(Math.max(0, indexOf(selectedKey)))}
      onBlur={() => props.onHover(null)} onMouseLeave={() => props.onHover(null)}
    >
      <div class="virtual-space" role="presentation" style={{ height: `${items.length * rowPx}px` }}>
        {items.slice(first, last).map((item, offset) => {
          const key = keyOf(item);
          return (
            <div
              key={key} id={`row-${key}`} role="option" class={key === activeKey ? "virtual-row is-active" : "virtual-row"}
              aria-selected={key === selectedKey} aria-posinset={first + offset + 1} aria-setsize={items.length}
              style={{ height: `${rowPx}px`, transform: `translateY(${(first + offset) * rowPx}px)` }}
              onClick={() => { onActive(key); props.onSelect(item); }} onMouseEnter={() => props.onHover(item)}
            >
              {props.children(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

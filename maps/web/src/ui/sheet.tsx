import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../messages";
import { Icon } from "./icons";
import { SHEET_SIZES, sheet } from "./layout";

/** What stands beside the map, as a sheet over it on a phone: its handle is pressed or dragged. */
export function Sheet({ id, label, children }: { id: string; label: string; children: ComponentChildren }) {
  const start = useRef<number | null>(null);
  const dragged = useRef(false);
  const step = (by: number) => {
    const index = SHEET_SIZES.indexOf(sheet.value) + by;
    sheet.value = SHEET_SIZES[Math.min(SHEET_SIZES.length - 1, Math.max(0, index))]!;
  };
  const onPointerUp = (event: PointerEvent) => {
    const moved = start.current === null ? 0 : event.clientY - start.current;
    start.current = null;
    dragged.current = Math.abs(moved) > 24;
    if (dragged.current) step(moved < 0 ? 1 : -1);
  };
  const onClick = () => {
    if (!dragged.current) sheet.value = sheet.value === "full" ? "peek" : SHEET_SIZES[SHEET_SIZES.indexOf(sheet.value) + 1]!;
    dragged.current = false;
  };
  const full = sheet.value === "full";
  return (
    <aside class={`sheet is-${sheet.value}`} id={id} aria-label={label}>
      <button
        type="button" class="sheet-handle" aria-expanded={full} aria-label={t(full ? "sheetSmaller" : "sheetBigger")}
        onPointerDown={(event) => { start.current = event.clientY; event.currentTarget.setPointerCapture(event.pointerId); }}
        onPointerUp={onPointerUp} onClick={onClick}
      >
        <Icon name={full ? "down" : "up"} />
      </button>
      {children}
    </aside>
  );
}

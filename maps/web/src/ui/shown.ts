// Which alerts a person could see on this page, told to the server once each: their row was in view, or a notification came.
import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { alerts } from "../data/store";
import { isWaiting } from "../data/triage";

const HALF = 0.5;
const AT_ONCE = 200;
const inView = new Set<string>();
const noted = new Set<string>();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const { alert, call } = (target as HTMLElement).dataset;
    const id = (alert ?? call)!;
    if (isIntersecting) inView.add(id);
    else inView.delete(id);
  }
  noteInView();
}, { threshold: HALF });

/** Watch a row for as long as it is drawn. */
export function useShown(row: RefObject<HTMLElement | null>, id: string): void {
  useEffect(() => {
    const { current } = row;
    observer.observe(current!);
    return () => {
      observer.unobserve(current!);
      inView.delete(id);
    };
  }, [id]);
}

/** Whenever alerts change, and when a person comes back to the page. */
export function noteShown(): void {
  effect(() => void (alerts.value && noteInView()));
  addEventListener("visibilitychange", noteInView);
}

function noteInView(): void {
  if (!document.hidden) note([...inView]);
}

export function note(ids: string[]): void {
  const fresh = ids.filter((id) => !noted.has(id) && isWaitingNow(id)).slice(0, AT_ONCE);
  if (fresh.length === 0) return;
  for (const id of fresh) noted.add(id);
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ids: fresh }) };
  const forget = () => fresh.forEach((id) => noted.delete(id));
  fetch("/api/v1/alert-figures/shown", options).then((answer) => answer.ok || forget(), forget);
}

function isWaitingNow(id: string): boolean {
  const found = alerts.peek().get(id);
  return found !== undefined && isWaiting(found);
}

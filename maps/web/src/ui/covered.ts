import type { Padding } from "../map/base-map";

/** What panels cover of the map, so that the camera centres on what can be seen. */
export function covered(container: HTMLElement): Padding {
  const map = container.getBoundingClientRect();
  const sheetTop = document.querySelector(".sheet")?.getBoundingClientRect().top ?? map.bottom;
  const replayTop = document.querySelector(".replay")?.getBoundingClientRect().top ?? map.bottom;
  const cardRight = document.querySelector(".stage .card")?.getBoundingClientRect().right ?? map.left;
  return { top: 0, right: 0, bottom: Math.min(map.bottom - Math.min(sheetTop, replayTop), map.height * 0.6), left: Math.max(0, Math.min(cardRight - map.left, map.width * 0.6)) };
}

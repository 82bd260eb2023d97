// What the page is about just now, kept in the address behind "#": a link to it can be sent.
import { effect, signal } from "@preact/signals";
import { camera, cameraText, readCamera } from "../data/camera";

export type View =
  | { kind: "list" } | { kind: "import" } | { kind: "place" } | { kind: "new" }
  | { kind: "zone"; id: string } | { kind: "edit"; id: string };

const PLAIN = ["import", "place", "new"] as const;

/** Where the address that was opened wants the camera. */
export const wanted = readCamera(new URLSearchParams(location.hash.slice(1)).get("map"));
export const view = signal<View>(read());
/** Asked before something that was not saved would be lost; false: stay. */
export const leaving = signal<() => boolean>(() => true);

/** Go there, unless a person would lose what they drew and doesn't want to. */
export function go(next: View): void {
  if (!leaving.value()) return;
  leaving.value = () => true;
  view.value = next;
}

function read(): View {
  const parts = new URLSearchParams(location.hash.slice(1));
  const [id, kind] = [parts.get("zone"), parts.get("view")];
  if (id !== null) return { kind: kind === "edit" ? "edit" : "zone", id };
  const plain = PLAIN.find((each) => each === kind);
  return { kind: plain ?? "list" };
}

function address(of: View): string {
  const parts = new URLSearchParams();
  if ("id" in of) parts.set("zone", of.id);
  if (of.kind !== "list" && of.kind !== "zone") parts.set("view", of.kind);
  if (camera.value !== null) parts.set("map", cameraText(camera.value));
  const text = parts.toString().replaceAll("%2F", "/");
  return text ? `#${text}` : location.pathname;
}

/** Each view is a step of the browser's history; the camera is none. */
export function keepAddress(): void {
  addEventListener("popstate", () => go(read()));
  addEventListener("beforeunload", (event) => {
    if (unsaved.peek()) event.preventDefault();
  });
  let before = view.peek();
  effect(() => {
    const isStep = JSON.stringify(before) !== JSON.stringify(view.value) && JSON.stringify(read()) !== JSON.stringify(view.value);
    before = view.value;
    history[isStep ? "pushState" : "replaceState"](null, "", address(view.value));
  });
}

/** Whether something was not saved. */
export const unsaved = signal(false);

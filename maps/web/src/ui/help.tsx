import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { toggleFollow } from "../data/follow";
import { selected } from "../data/store";
import { t } from "../messages";
import { fitAll, show } from "./actions";
import { Icon } from "./icons";
import { sheet, tab } from "./layout";

const STORED = "kc_keys";
const isOpen = signal(false);
/** WCAG 2.1.4: whoever dictates or has a trembling hand can turn single keys off. */
const keysOn = signal(localStorage.getItem(STORED) !== "off");

function searchVisitors(): void {
  tab.value = "visitors";
  sheet.value = "full";
  const focus = () => document.querySelector<HTMLInputElement>(".search input")?.focus();
  focus();
  requestAnimationFrame(focus);
}

const KEYS: Record<string, { label: `key_${"search" | "fit" | "follow" | "center" | "help"}`; act: () => void }> = {
  "/": { label: "key_search", act: searchVisitors },
  "0": { label: "key_fit", act: fitAll },
  f: { label: "key_follow", act: () => selected.value !== null && toggleFollow(selected.value) },
  c: { label: "key_center", act: () => selected.value !== null && show(selected.value, true) },
  "?": { label: "key_help", act: () => (isOpen.value = true) },
};

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]") !== null;

export function listenForKeys(): void {
  addEventListener("keydown", (event) => {
    const key = KEYS[event.key];
    const isModified = event.ctrlKey || event.metaKey || event.altKey;
    if (key === undefined || isModified || event.defaultPrevented || isTyping(event.target) || !keysOn.value) return;
    event.preventDefault();
    key.act();
  });
}

function setKeys(on: boolean): void {
  keysOn.value = on;
  localStorage.setItem(STORED, on ? "on" : "off");
}

/** The keys of this page, and a way to turn them off. */
export function Help() {
  return (
    <>
      <button type="button" class="icon-button help-button" aria-label={t("help")} title={t("help")} onClick={() => (isOpen.value = true)}>
        <Icon name="help" />
      </button>
      {isOpen.value && <HelpDialog />}
    </>
  );
}

function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog class="help" ref={dialog} aria-labelledby="help-title" onClose={() => (isOpen.value = false)}>
      <header>
        <h2 id="help-title">{t("help")}</h2>
        <button type="button" class="icon-button" aria-label={t("close")} onClick={() => dialog.current!.close()}><Icon name="close" /></button>
      </header>
      <dl>
        {Object.entries(KEYS).map(([key, { label }]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(label)}</dd></div>)}
        <div><dt><kbd>Esc</kbd></dt><dd>{t("key_escape")}</dd></div>
        <div><dt><kbd>↑</kbd> <kbd>↓</kbd></dt><dd>{t("key_arrows")}</dd></div>
      </dl>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => setKeys(event.currentTarget.checked)} />
        <span>{t("helpOn")}</span>
      </label>
    </dialog>
  );
}

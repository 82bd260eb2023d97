// Which of three shapes the page has: phone (a sheet), narrow (one panel), wide (two panels).
import { computed, signal } from "@preact/signals";
import { media } from "@keepclear/shared/media";

const wideEnoughForTwo = media("(min-width: 1180px)");
const wideEnoughForPanel = media("(min-width: 760px)");

export type Layout = "phone" | "narrow" | "wide";
export const layout = computed<Layout>(() =>
  wideEnoughForTwo.value ? "wide" : wideEnoughForPanel.value ? "narrow" : "phone",
);

export type Tab = "visitors" | "alerts" | "zones";
export const tab = signal<Tab>("visitors");

export const SHEET_SIZES = ["peek", "half", "full"] as const;
export type SheetSize = (typeof SHEET_SIZES)[number];
export const sheet = signal<SheetSize>("half");

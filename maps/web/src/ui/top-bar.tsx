import { age, clock, clockWithZone } from "@keepclear/shared/format";
import { dataAgeS, heardAt, link } from "../data/link";
import { hearing } from "../data/hearing";
import { resumedAt, together } from "../data/silence";
import { now } from "../data/store";
import { t } from "../messages";
import iconUrl from "../icon.svg";
import { Help } from "./help";
import { Menu } from "./menu";

export function TopBar() {
  return (
    <header class="top-bar">
      <img src={iconUrl} alt="" width="32" height="32" />
      <p class="brand">KeepClear</p>
      <h1>{t("title")}</h1>
      <p class="clock">{clockWithZone(now.value)}</p>
      <LinkStatus />
      <Help />
      <Menu />
    </header>
  );
}

function LinkStatus() {
  const { state } = link.value;
  const text = link.value.state === "delayed" ? t("delayed", { age: age(link.value.delayS) }) : t(state === "delayed" ? "live" : state);
  return (
    <p class={`link is-${state}`} data-link={state}>
      <span class="link-dot" aria-hidden="true" />
      {text}
    </p>
  );
}

/** Says over the map why it may be wrong, and how old it is. */
export function Banner() {
  const { state } = link.value;
  if (state === "live") return <OwnFault />;
  if (state === "connecting") return null;
  const spanS = state === "disconnected" && heardAt.value === null ? null : dataAgeS.value;
  if (spanS === null) return <p class="banner is-disconnected">{t("disconnectedAtStart")}</p>;
  const text = state === "delayed" ? t("delayedBanner", { age: age(spanS) }) : t("disconnectedBanner", { age: age(spanS) });
  return <p class={`banner is-${state}`}>{text}</p>;
}

/** What is not the visitors' silence but ours, or everybody's. */
function OwnFault() {
  if (!hearing.value.listening) return <p class="banner is-disconnected" role="status">{t("notListening")}</p>;
  if (together.value > 0) return <p class="banner is-delayed" role="status">{t("silentTogether", { n: together.value })}</p>;
  return resumedAt.value === null ? null : <p class="banner is-delayed" role="status">{t("listeningAgain", { time: clock(resumedAt.value) })}</p>;
}

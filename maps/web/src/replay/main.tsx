// The past by itself, for those who may replay it: nothing of the present is asked for.
import { effect } from "@preact/signals";
import { render } from "preact";
import { timeZone } from "@keepclear/shared/format";
import "maplibre-gl/dist/maplibre-gl.css";
import "@keepclear/shared/tokens.css";
import "../styles/live.css";
import { keepAddress } from "../data/address";
import { watchApprovals } from "../data/approvals";
import { loadMe, may } from "../data/me";
import { ask } from "../data/replay";
import { tick } from "../data/store";
import { keepHours, loadZones } from "../data/zones";
import iconUrl from "../icon.svg";
import { t } from "../messages";
import { Account, Approvals, approvalsText } from "../ui/account";
import { Announcer } from "../ui/announcer";
import { CallBar, callMark } from "../ui/calls";
import { watchCalls } from "../ui/elsewhere";
import { PopMenu } from "../ui/pop-menu";
import { Stage } from "./stage";

function Page() {
  return (
    <>
      <header class="top-bar">
        <img src={iconUrl} alt="" width="32" height="32" />
        <p class="brand">KeepClear</p>
        <h1>{t("replay")}</h1>
        <nav class="pages" aria-label={t("pages")}>
          {may("see_visitors") && <a href="/">{t("title")}</a>}
          <a href="/zones">{t("zones")}</a>
          <a href="/account">{t("account")}</a>
        </nav>
        <PopMenu waiting={approvalsText()}>
          <Approvals />
          <p class="menu-note">{t("timesIn", { zone: timeZone() })}</p>
          <Account />
        </PopMenu>
      </header>
      <CallBar />
      <div class="workspace"><Stage /></div>
      <Announcer />
    </>
  );
}

effect(() => void (document.title = `${callMark()}${t("replay")} · KeepClear`));
keepAddress();
render(<Page />, document.getElementById("app")!);
setInterval(tick, 1000);
void loadZones();
keepHours();
void ask(null);
void loadMe().then(() => {
  watchApprovals();
  watchCalls(may("answer_alerts"));
});

import { timeZone } from "@keepclear/shared/format";
import { may } from "../data/me";
import { ask } from "../data/replay";
import { t } from "../messages";
import { Account, Approvals, approvalsText } from "./account";
import { alarmOn, setAlarm } from "./alarm";
import { PopMenu } from "./pop-menu";

/** Settings and the account. */
export function Menu() {
  return (
    <PopMenu waiting={approvalsText()}>
      <Approvals />
      <label class="check">
        <input type="checkbox" checked={alarmOn.value} onChange={(event) => setAlarm(event.currentTarget.checked)} />
        <span>{t("alarm")}<small>{t("alarmHint")}</small></span>
      </label>
      <p class="menu-note">{t("timesIn", { zone: timeZone() })}</p>
      <nav class="menu-links">
        {may("read_tracks") && <button type="button" class="menu-link" onClick={(event) => { event.currentTarget.closest("details")!.open = false; void ask(null); }}>{t("replayPast")}</button>}
        <a class="menu-link" href="/zones">{t("zonesPage")}</a>
        <a class="menu-link" href="/zones#view=place">{t("isAllowed")}</a>
        <a class="menu-link" href="/figures">{t("figures")}</a>
      </nav>
      <Account />
    </PopMenu>
  );
}

import { signal } from "@preact/signals";
import { timeZone } from "@keepclear/shared/format";
import { approvals } from "../data/approvals";
import { ask } from "../data/replay";
import { t } from "../messages";
import { alarmOn, setAlarm } from "./alarm";
import { PopMenu } from "./pop-menu";

export const user = signal("");

/** Settings and the account. */
export function Menu() {
  return (
    <PopMenu waiting={approvals.value && t("exportsWait", { n: approvals.value })}>
      {approvals.value > 0 && <a class="menu-link" href="/account">{t("exportsWait", { n: approvals.value })}</a>}
      <label class="check">
        <input type="checkbox" checked={alarmOn.value} onChange={(event) => setAlarm(event.currentTarget.checked)} />
        <span>{t("alarm")}<small>{t("alarmHint")}</small></span>
      </label>
      <p class="menu-note">{t("timesIn", { zone: timeZone() })}</p>
      <nav class="menu-links">
        <button type="button" class="menu-link" onClick={(event) => { event.currentTarget.closest("details")!.open = false; void ask(null); }}>{t("replayPast")}</button>
        <a class="menu-link" href="/zones">{t("zonesPage")}</a>
        <a class="menu-link" href="/zones#view=place">{t("isAllowed")}</a>
        <a class="menu-link" href="/figures">{t("figures")}</a>
      </nav>
      <form method="post" action="/logout" class="menu-account">
        <a href="/account">{t("signedInAs", { user: user.value })}</a>
        <button type="submit">{t("logOut")}</button>
      </form>
    </PopMenu>
  );
}

import { approvals } from "../data/approvals";
import { me } from "../data/me";
import { t } from "../messages";

export const approvalsText = (): string => (approvals.value ? t("exportsWait", { n: approvals.value }) : "");

/** The way to the exports that wait for the reader. */
export function Approvals() {
  return approvals.value > 0 ? <a class="menu-link" href="/account">{approvalsText()}</a> : null;
}

/** Who is logged in, and the way out. */
export function Account() {
  return (
    <form method="post" action="/logout" class="menu-account">
      <a href="/account">{t("signedInAs", { user: me.value?.user ?? "" })}</a>
      <button type="submit">{t("logOut")}</button>
    </form>
  );
}

import { signal } from "@preact/signals";
import { moment } from "@keepclear/shared/format";
import type { Account, Link } from "./api";
import { Check, Field, fieldsOf } from "./form";
import { accounts, change, me, teams, visitors } from "./state";
import { ROLES, roleText, t } from "./words";

const EVERYBODY = "*";
/** The account whose rights are being changed; 0: one that is being added. */
const editing = signal<number | null>(null);
const link = signal<{ username: string; url: string } | null>(null);

export function People() {
  return (
    <section aria-labelledby="people">
      <h2 id="people">{t("people")}</h2>
      {link.value && <LinkNote {...link.value} />}
      {editing.value === 0
        ? <RightsForm account={null} />
        : <button type="button" onClick={() => (editing.value = 0)}>{t("addAccount")}</button>}
      <ul class="rows card">{accounts.value.map((each) => <Row key={each.id} account={each} />)}</ul>
    </section>
  );
}

function LinkNote({ username, url }: { username: string; url: string }) {
  return (
    <p class="note" role="status">
      {t("linkFor", { name: username })}
      <input readOnly value={url} aria-label={t("makeLink")} onFocus={(event) => event.currentTarget.select()} />
    </p>
  );
}

function Row({ account }: { account: Account }) {
  const { id, username } = account;
  const path = `/people/accounts/${id}`;
  const own = username === me.value?.user;
  const relink = async () => show(username, await change<Link>("POST", `${path}/link`));
  return (
    <li class={account.active ? "" : "is-off"}>
      <div class="row-text">
        <strong>
          {username}
          {!account.active && <span class="tag">{t("inactive")}</span>}
          {!account.has_password && <span class="tag">{t("noPassword")}</span>}
          {account.totp && <span class="tag">{t("withTotp")}</span>}
          {account.oidc && <span class="tag">{t("withOidc")}</span>}
        </strong>
        <small>{account.roles.map(roleText).join(" · ") || t("noRole")} — {whose(account)}</small>
        <small>{account.seen_at === null ? t("never") : t("lastUsed", { time: moment(account.seen_at) })}</small>
      </div>
      <div class="row-buttons">
        {own ? <small>{t("own")}</small> : (
          <button type="button" class="is-plain" onClick={() => (editing.value = id)}>{t("change")}</button>
        )}
        {account.active && <button type="button" class="is-plain" onClick={() => void relink()}>{t("makeLink")}</button>}
        {!own && account.totp && <button type="button" class="is-plain" onClick={() => void change("DELETE", `${path}/totp`)}>{t("dropTotp")}</button>}
        {!own && account.oidc && <button type="button" class="is-plain" onClick={() => void change("DELETE", `${path}/identity`)}>{t("dropOidc")}</button>}
        {!own && account.seen_at !== null && <button type="button" class="is-plain" onClick={() => void change("DELETE", `${path}/sessions`)}>{t("endSessions")}</button>}
        {!own && (
          <button type="button" class="is-plain" onClick={() => void change(account.active ? "DELETE" : "PUT", `${path}/active`)}>
            {t(account.active ? "deactivate" : "activate")}
          </button>
        )}
      </div>
      {!own && account.roles.includes("visitor") && <Identity account={account} />}
      {editing.value === id && <RightsForm account={account} />}
    </li>
  );
}

/** Which field visitor an account is; each visitor is one account at most. */
function Identity({ account }: { account: Account }) {
  const taken = new Set(accounts.value.filter((each) => each.id !== account.id).map((each) => each.visitor_id));
  const name = (chosen: string) => void change("PUT", `/people/accounts/${account.id}/visitor`, { visitor: chosen === "" ? null : Number(chosen) });
  return (
    <label class="field identity">
      <span>{t("isVisitor", { name: account.username })}</span>
      <select value={account.visitor_id ?? ""} onChange={(event) => name(event.currentTarget.value)}>
        <option value="">{t("noVisitor")}</option>
        {visitors.value.filter((each) => !taken.has(each.id)).map((each) => <option key={each.id} value={each.id}>{`${each.name} (${each.id})`}</option>)}
      </select>
    </label>
  );
}

function whose({ all_teams, teams: own }: Account): string {
  if (all_teams) return t("everybody");
  return teams.value.filter((each) => own.includes(each.id)).map((each) => each.name).join(" · ") || t("nobody");
}

function RightsForm({ account }: { account: Account | null }) {
  const send = async (event: SubmitEvent) => {
    const { form, values } = fieldsOf(event);
    const chosen = new FormData(form).getAll("teams").map(String);
    const rights = { roles: new FormData(form).getAll("roles"), all_teams: chosen.includes(EVERYBODY), teams: chosen.filter((each) => each !== EVERYBODY).map(Number) };
    const made = account
      ? await change("PUT", `/people/accounts/${account.id}/rights`, rights)
      : show(values.username!, await change<Link>("POST", "/people/accounts", { username: values.username, ...rights }));
    if (made) editing.value = null;
  };
  return (
    <form class="card rights" onSubmit={(event) => void send(event)}>
      <h3>{account ? t("rightsOf", { name: account.username }) : t("addAccount")}</h3>
      {!account && <Field name="username" label={t("username")} maxLength={100} autocomplete="off" autocapitalize="none" />}
      <fieldset>
        <legend>{t("roles")}</legend>
        {ROLES.map((role) => <Check key={role} name="roles" value={role} label={roleText(role)} checked={account?.roles.includes(role) ?? false} />)}
      </fieldset>
      <fieldset>
        <legend>{t("sees")}</legend>
        <Check name="teams" value={EVERYBODY} label={t("everybody")} checked={account?.all_teams ?? false} />
        {teams.value.map((each) => <Check key={each.id} name="teams" value={String(each.id)} label={each.name} checked={account?.teams.includes(each.id) ?? false} />)}
      </fieldset>
      <div class="row-buttons">
        <button type="submit">{t("save")}</button>
        <button type="button" class="is-plain" onClick={() => (editing.value = null)}>{t("cancel")}</button>
      </div>
    </form>
  );
}

function show(username: string, made: { answer: Link } | null): { answer: Link } | null {
  if (made) link.value = { username, url: location.origin + made.answer.path };
  return made;
}

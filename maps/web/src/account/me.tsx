import { signal } from "@preact/signals";
import { moment } from "@keepclear/shared/format";
import { ask, type Offer } from "./api";
import { Field, fieldsOf } from "./form";
import { change, me, sessions } from "./state";
import { roleText, t } from "./words";

const offer = signal<Offer | null>(null);

export function Mine() {
  const own = me.value!;
  const whose = own.teams === null ? t("everybody") : own.teams.length ? t("teamCount", { count: own.teams.length }) : t("nobody");
  return (
    <section aria-labelledby="mine">
      <h2 id="mine">{t("mine")}</h2>
      <dl class="facts">
        <dt>{t("username")}</dt><dd>{own.user}</dd>
        <dt>{t("roles")}</dt><dd>{own.roles.map(roleText).join(" · ") || t("noRole")}</dd>
        <dt>{t("sees")}</dt><dd>{whose}</dd>
      </dl>
      <Password />
      <Factor on={own.totp} />
      <Sessions />
    </section>
  );
}

function Password() {
  const send = async (event: SubmitEvent) => {
    const { form, values } = fieldsOf(event);
    if (await change("PUT", "/me/password", values, t("passwordChanged"))) form.reset();
  };
  return (
    <form class="card" onSubmit={(event) => void send(event)}>
      <h3>{t("password")}</h3>
      <Field name="old" label={t("oldPassword")} type="password" autocomplete="current-password" />
      <Field name="new" label={t("newPassword")} type="password" autocomplete="new-password" minLength={10} />
      <button type="submit">{t("changePassword")}</button>
    </form>
  );
}

function Factor({ on }: { on: boolean }) {
  const begin = async () => void (offer.value = await ask<Offer>("POST", "/me/totp"));
  const confirm = async (event: SubmitEvent) => {
    const { values } = fieldsOf(event);
    if (await change("PUT", "/me/totp", { ...values, secret: offer.value!.secret })) offer.value = null;
  };
  const drop = (event: SubmitEvent) => void change("POST", "/me/totp/off", fieldsOf(event).values);
  return (
    <div class="card">
      <h3>{t("factor")}</h3>
      <p>{t(on ? "factorOn" : "factorOff")}</p>
      {on && (
        <form onSubmit={drop}>
          <Field name="password" label={t("oldPassword")} type="password" autocomplete="current-password" />
          <button type="submit" class="is-plain">{t("turnOff")}</button>
        </form>
      )}
      {!on && offer.value === null && <button type="button" onClick={() => void begin()}>{t("factorStart")}</button>}
      {!on && offer.value !== null && (
        <form onSubmit={(event) => void confirm(event)}>
          <p>{t("factorHow")}</p>
          <img class="qr" src={offer.value.qr} alt={t("qr")} width="180" height="180" />
          <p class="secret"><span>{t("secret")}</span> <code>{offer.value.secret}</code></p>
          <p><a href={offer.value.uri}>{t("factorOpen")}</a></p>
          <Field name="code" label={t("code")} autocomplete="one-time-code" inputMode="numeric" />
          <Field name="password" label={t("oldPassword")} type="password" autocomplete="current-password" />
          <button type="submit">{t("turnOn")}</button>
        </form>
      )}
    </div>
  );
}

function Sessions() {
  return (
    <div class="card">
      <h3>{t("sessions")}</h3>
      <ul class="rows">
        {sessions.value.map((row) => (
          <li key={row.id}>
            <div class="row-text">
              <strong>{row.address}{row.current && <span class="tag">{t("here")}</span>}</strong>
              <small>{t("lastUsed", { time: moment(row.seen_at) })} · {row.agent}</small>
            </div>
            {!row.current && (
              <button type="button" class="is-plain" onClick={() => void change("DELETE", `/me/sessions/${row.id}`)}>{t("endSession")}</button>
            )}
          </li>
        ))}
      </ul>
      {sessions.value.length > 1 && (
        <button type="button" class="is-plain" onClick={() => void change("DELETE", "/me/sessions")}>{t("endOthers")}</button>
      )}
    </div>
  );
}

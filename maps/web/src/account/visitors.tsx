import { computed, signal } from "@preact/signals";
import { moment } from "@keepclear/shared/format";
import { spelled } from "../data/pinyin";
import type { Credentials, Device, Visitor } from "./api";
import { Check, Field, fieldsOf } from "./form";
import { change, devices, teams, visitors } from "./state";
import { PLATFORMS, platformText, t } from "./words";

/** The visitor whose name is corrected, and the one who is being given a phone. */
const renaming = signal<number | null>(null);
const equipping = signal<number | null>(null);
/** What the new phone logs in with: shown until the page is left or another one is enrolled. */
const credentials = signal<Credentials | null>(null);
/** The phone that is about to be shut out: asked twice, as there is no way back. */
const revoking = signal<string | null>(null);

const MOST_SHOWN = 100;
const sought = signal("");
const phones = computed(() => {
  const found = new Map<number, Device[]>();
  for (const each of devices.value) found.set(each.visitor_id, [...(found.get(each.visitor_id) ?? []), each]);
  return found;
});
const phonesOf = (visitor: number): readonly Device[] => phones.value.get(visitor) ?? [];
/** By what each can be found: name, pinyin, phones. */
const said = computed(() => visitors.value.map((visitor) => {
  const words = [visitor.name, spelled(visitor.name), ...phonesOf(visitor.id).map((each) => each.name)];
  return { visitor, words: words.join(" ").toLocaleLowerCase() };
}));
const found = computed(() => {
  const text = sought.value.trim().toLocaleLowerCase();
  return said.value.filter((each) => each.words.includes(text)).map((each) => each.visitor);
});

export function Visitors() {
  const enrol = async (event: SubmitEvent) => {
    const { form, values } = fieldsOf(event);
    const body = { name: values.name, consented: values.consented !== undefined };
    if (await change("POST", "/people/visitors", body)) form.reset();
  };
  return (
    <>
      <h3>{t("visitors")}</h3>
      <form class="card" onSubmit={(event) => void enrol(event)}>
        <Field name="name" label={t("visitorName")} maxLength={100} autocomplete="off" />
        <Check name="consented" value="yes" label={t("consentGiven")} checked={false} />
        <button type="submit">{t("addVisitor")}</button>
      </form>
      {credentials.value && <Handed {...credentials.value} />}
      {visitors.value.length === 0 && <p>{t("noVisitors")}</p>}
      {visitors.value.length > 0 && (
        <label class="field">
          <span>{t("seekVisitor")}</span>
          <input type="search" autocomplete="off" value={sought.value} onInput={(event) => (sought.value = event.currentTarget.value)} />
        </label>
      )}
      {visitors.value.length > 0 && found.value.length === 0 && <p>{t("nobodyFound")}</p>}
      <ul class="rows card">{found.value.slice(0, MOST_SHOWN).map((each) => <Member key={each.id} {...each} />)}</ul>
      {found.value.length > MOST_SHOWN && <p>{t("moreVisitors", { shown: MOST_SHOWN, n: found.value.length })}</p>}
    </>
  );
}

function Handed({ name, secret, topic, link, qr }: Credentials) {
  return (
    <div class="note" role="status">
      <p>{t("handed", { name })}</p>
      <img class="qr" src={qr} alt={t("owntracksQr")} width="300" height="300" />
      <dl class="facts">
        <dt>{t("deviceId")}</dt><dd><code>{name}</code></dd>
        <dt>{t("password")}</dt><dd><code>{secret}</code></dd>
        <dt>{t("topic")}</dt><dd><code>{topic}</code></dd>
      </dl>
      <p><a href={link}>{t("owntracksOpen")}</a></p>
    </div>
  );
}

function Member({ id, name, team, consented }: Visitor) {
  const move = (chosen: string) => void change("PUT", `/people/visitors/${id}/team`, { team: chosen === "" ? null : Number(chosen) });
  return (
    <li>
      <div class="row-text">
        <strong>{name}{!consented && <span class="tag">{t("noConsent")}</span>}</strong>
        {phonesOf(id).map((each) => <Phone key={each.name} {...each} />)}
      </div>
      <div class="row-buttons">
        <select aria-label={`${t("team")}: ${name}`} value={team ?? ""} onChange={(event) => move(event.currentTarget.value)}>
          <option value="">{t("noTeam")}</option>
          {teams.value.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
        </select>
        <button type="button" class="is-plain" aria-label={`${t("givePhone")}: ${name}`} onClick={() => (equipping.value = id)}>{t("givePhone")}</button>
        <button type="button" class="is-plain" aria-label={`${t("correctName")}: ${name}`} onClick={() => (renaming.value = id)}>{t("correctName")}</button>
        <button type="button" class="is-plain" aria-label={`${t(consented ? "withdraw" : "recordConsent")}: ${name}`} onClick={() => void change(consented ? "DELETE" : "PUT", `/people/visitors/${id}/consent`)}>
          {t(consented ? "withdraw" : "recordConsent")}
        </button>
      </div>
      {renaming.value === id && <Rename id={id} name={name} />}
      {equipping.value === id && <GivePhone id={id} />}
    </li>
  );
}

function Rename({ id, name }: { id: number; name: string }) {
  const send = async (event: SubmitEvent) => {
    if (await change("PUT", `/people/visitors/${id}`, fieldsOf(event).values)) renaming.value = null;
  };
  return (
    <form class="card rights" onSubmit={(event) => void send(event)}>
      <Field name="name" label={t("visitorName")} value={name} maxLength={100} autocomplete="off" />
      <Buttons done={() => (renaming.value = null)} />
    </form>
  );
}

function GivePhone({ id }: { id: number }) {
  const send = async (event: SubmitEvent) => {
    const { platform } = fieldsOf(event).values;
    const made = await change<Credentials>("POST", "/people/devices", { visitor: id, platform });
    if (made) [credentials.value, equipping.value] = [made.answer, null];
  };
  return (
    <form class="card rights" onSubmit={(event) => void send(event)}>
      <label class="field">
        <span>{t("platform")}</span>
        <select name="platform">{PLATFORMS.map((each) => <option key={each} value={each}>{platformText(each)}</option>)}</select>
      </label>
      <Buttons done={() => (equipping.value = null)} />
    </form>
  );
}

function Buttons({ done }: { done: () => void }) {
  return (
    <div class="row-buttons">
      <button type="submit">{t("save")}</button>
      <button type="button" class="is-plain" onClick={done}>{t("cancel")}</button>
    </div>
  );
}

function Phone({ name, platform, heard_at, revoked_at }: Device) {
  const heard = heard_at === null ? t("neverHeard") : t("lastHeard", { time: moment(heard_at) });
  const revoke = async () => {
    if (await change("DELETE", `/people/devices/${encodeURIComponent(name)}`)) revoking.value = null;
  };
  return (
    <small class="phone">
      {name} · {platformText(platform)} · {heard}
      {revoked_at !== null && <span class="tag">{t("revoked", { time: moment(revoked_at) })}</span>}
      {revoked_at === null && revoking.value !== name && (
        <button type="button" class="is-plain" aria-label={`${t("revoke")}: ${name}`} onClick={() => (revoking.value = name)}>{t("revoke")}</button>
      )}
      {revoked_at === null && revoking.value === name && (
        <>
          <button type="button" onClick={() => void revoke()}>{t("revokeSure", { name })}</button>
          <button type="button" class="is-plain" onClick={() => (revoking.value = null)}>{t("cancel")}</button>
        </>
      )}
    </small>
  );
}

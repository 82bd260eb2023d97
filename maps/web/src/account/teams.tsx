import { signal } from "@preact/signals";
import { moment } from "@keepclear/shared/format";
import type { Device, Team, Visitor } from "./api";
import { Field, fieldsOf } from "./form";
import { change, devices, teams, visitors } from "./state";
import { platformText, t } from "./words";

/** The team that is getting another name. */
const renaming = signal<number | null>(null);
/** The phone that is about to be shut out: asked twice, as there is no way back. */
const revoking = signal<string | null>(null);

export function Teams() {
  const add = async (event: SubmitEvent) => {
    const { form, values } = fieldsOf(event);
    if (await change("POST", "/people/teams", values)) form.reset();
  };
  return (
    <section aria-labelledby="teams">
      <h2 id="teams">{t("teams")}</h2>
      <form class="card in-line" onSubmit={(event) => void add(event)}>
        <Field name="name" label={t("teamName")} maxLength={100} autocomplete="off" />
        <button type="submit">{t("addTeam")}</button>
      </form>
      {teams.value.length === 0 && <p>{t("noTeams")}</p>}
      <ul class="teams">
        {teams.value.map((each) => <li key={each.id}>{renaming.value === each.id ? <Rename {...each} /> : <Name {...each} />}</li>)}
      </ul>
      <h3>{t("visitors")}</h3>
      {visitors.value.length === 0 && <p>{t("noVisitors")}</p>}
      <ul class="rows card">{visitors.value.map((each) => <Member key={each.id} {...each} />)}</ul>
    </section>
  );
}

function Name({ id, name, visitors: count }: Team) {
  return (
    <>
      <strong>{name}</strong> <small>{t("visitorCount", { count })}</small>
      <button type="button" class="is-plain" aria-label={`${t("rename")}: ${name}`} onClick={() => (renaming.value = id)}>{t("rename")}</button>
    </>
  );
}

function Rename({ id, name }: Team) {
  const send = async (event: SubmitEvent) => {
    if (await change("PUT", `/people/teams/${id}`, fieldsOf(event).values)) renaming.value = null;
  };
  return (
    <form class="in-line" onSubmit={(event) => void send(event)}>
      <Field name="name" label={t("newTeamName")} value={name} maxLength={100} autocomplete="off" />
      <button type="submit">{t("save")}</button>
      <button type="button" class="is-plain" onClick={() => (renaming.value = null)}>{t("cancel")}</button>
    </form>
  );
}

function Member({ id, name, team }: Visitor) {
  const move = (chosen: string) => void change("PUT", `/people/visitors/${id}/team`, { team: chosen === "" ? null : Number(chosen) });
  return (
    <li>
      <div class="row-text">
        <strong>{name}</strong>
        {devices.value.filter((each) => each.visitor_id === id).map((each) => <Phone key={each.name} {...each} />)}
      </div>
      <select aria-label={`${t("team")}: ${name}`} value={team ?? ""} onChange={(event) => move(event.currentTarget.value)}>
        <option value="">{t("noTeam")}</option>
        {teams.value.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
      </select>
    </li>
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

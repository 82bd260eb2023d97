import { signal } from "@preact/signals";
import type { Team } from "./api";
import { Field, fieldsOf } from "./form";
import { change, teams } from "./state";
import { Visitors } from "./visitors";
import { t } from "./words";

/** The team that is getting another name. */
const renaming = signal<number | null>(null);

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
      <Visitors />
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

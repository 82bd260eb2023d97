import { moment } from "@keepclear/shared/format";
import { Field, fieldsOf } from "./form";
import { change, deeds, teams, visitors } from "./state";
import { deedText, t } from "./words";

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
        {teams.value.map((each) => <li key={each.id}><strong>{each.name}</strong> <small>{t("visitorCount", { count: each.visitors })}</small></li>)}
      </ul>
      <h3>{t("visitors")}</h3>
      {visitors.value.length === 0 && <p>{t("noVisitors")}</p>}
      <ul class="rows card">{visitors.value.map((each) => <Member key={each.id} {...each} />)}</ul>
    </section>
  );
}

function Member({ id, name, team }: { id: number; name: string; team: number | null }) {
  const move = (chosen: string) => void change("PUT", `/people/visitors/${id}/team`, { team: chosen === "" ? null : Number(chosen) });
  return (
    <li>
      <div class="row-text"><strong>{name}</strong></div>
      <select aria-label={`${t("team")}: ${name}`} value={team ?? ""} onChange={(event) => move(event.currentTarget.value)}>
        <option value="">{t("noTeam")}</option>
        {teams.value.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
      </select>
    </li>
  );
}

export function Deeds() {
  return (
    <section aria-labelledby="deeds">
      <h2 id="deeds">{t("deeds")}</h2>
      {deeds.value.length === 0 && <p>{t("noDeeds")}</p>}
      <ul class="rows card">
        {deeds.value.map((each) => (
          <li key={`${each.at}${each.what}${each.subject}`}>
            <div class="row-text">
              <strong>{deedText(each.what)} · {each.subject}</strong>
              <small>{each.by} · {moment(each.at)}</small>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

// Somebody else edited the zone meanwhile: both stand side by side, and a person decides.
import { moment, metres } from "@keepclear/shared/format";
import { base, change, conflict, form, hoursOf, open, rebase } from "./draft";
import { shape } from "./shape";
import { changes } from "./state";
import { go } from "./view";
import { categoryText, scheduleText, shapeText, t } from "./words";

export function Conflict() {
  const { zone: theirs, by, why, recorded_at, ended_by } = conflict.value!;
  const was = base.value!.properties;
  const now = form.value;
  const own = change.value;
  const rows: [string, string, string, string][] = [
    [t("name"), was.name, theirs.properties.name, now.name],
    [t("category"), categoryText(was.category), categoryText(theirs.properties.category), categoryText(now.category)],
    [t("standoff"), metres(was.standoff_m), metres(theirs.properties.standoff_m), metres(own.standoff_m ?? was.standoff_m)],
    [t("warning"), metres(was.warning_m), metres(theirs.properties.warning_m), metres(own.warning_m ?? was.warning_m)],
    [t("hours"), scheduleText(was.schedule), scheduleText(theirs.properties.schedule), scheduleText(own.schedule === undefined ? was.schedule : hoursOf(now))],
    [t("footprint"), shapeText(base.value!.geometry), shapeText(theirs.geometry, base.value!.geometry), shapeText(shape.value?.geometry ?? theirs.geometry, base.value!.geometry)],
  ];
  const takeTheirs = () => {
    open(theirs);
    changes.value++;
    go({ kind: "zone", id: theirs.id });
  };
  return (
    <div class="scroll view-body" role="alert">
      <h3>{t("conflict")}</h3>
      <p>{ended_by ? t("conflictRetired", { name: ended_by }) : t("conflictText", { name: by, time: moment(recorded_at), why })}</p>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t("comparison")}>
        <table class="compared">
          <thead><tr><td /><th scope="col">v{was.version}</th><th scope="col">{t("theirs", { version: theirs.properties.version, name: by })}</th><th scope="col">{t("mine")}</th></tr></thead>
          <tbody>
            {rows.map(([term, before, other, mine]) => (
              <tr key={term}><th scope="row">{term}</th><td>{before}</td><td>{other === before ? other : <strong>≠ {other}</strong>}</td><td>{mine === before ? mine : <strong>≠ {mine}</strong>}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="row-of-buttons">
        {!ended_by && <button type="button" class="button is-main" onClick={rebase}>{t("keepMine")}</button>}
        <button type="button" class="button" onClick={takeTheirs}>{t("takeTheirs")}</button>
      </div>
      <p class="hint">{t("keepMineHint")}</p>
    </div>
  );
}

// The versions of a zone: who, when, why; one is shown on the map, a second beside it.
import { metres, moment } from "@keepclear/shared/format";
import { compare, compared, looked, rivalOf } from "./history";
import type { Version } from "./model";
import { versions } from "./state";
import { categoryText, changedText, scheduleText, shapeText, t } from "./words";

export function History() {
  const all = [...(versions.value ?? [])].reverse();
  return (
    <section class="history" aria-labelledby="history">
      <h3 id="history">{t("history")}</h3>
      <p class="hint">{t("historyHint")}</p>
      <ol class="version-list">
        {all.map((each) => <VersionRow key={each.zone.properties.version} version={each} />)}
      </ol>
      <Comparison />
    </section>
  );
}

function VersionRow({ version: { zone, by, why, approver, recorded_at, changed, ended_by, ended_why } }: { version: Version }) {
  const number = zone.properties.version;
  const other = rivalOf(number);
  return (
    <li data-version={number}>
      <p class="row-title">v{number} · {changed === null ? t("firstVersion") : changedText(changed)}</p>
      <p class="row-text">{moment(recorded_at)} · {by}{approver && <> · {t("approvedBy", { name: approver })}</>}</p>
      <p class="row-text">{why ? `“${why}”` : t("noReason")}</p>
      {ended_by && <p class="row-text">{t("endedBy", { name: ended_by, why: ended_why ?? "" })}</p>}
      <div class="row-of-buttons">
        <button type="button" class="button is-small" aria-pressed={looked.value === number} onClick={() => (looked.value = looked.value === number ? null : number)}>{t("showVersion")}</button>
        {other !== null && <button type="button" class="button is-small" aria-pressed={compared.value === number} disabled={looked.value === number} onClick={() => compare(number, other)}>{t("compareVersion")}</button>}
      </div>
    </li>
  );
}

/** The two that are shown, member by member; what differs stands out in words, too. */
function Comparison() {
  const find = (number: number | null): Version | undefined => versions.value?.find((each) => each.zone.properties.version === number);
  const [one, other] = [find(looked.value), find(compared.value)];
  if (!one || !other) return null;
  return <Compared older={one.zone.properties.version < other.zone.properties.version ? one : other} newer={one.zone.properties.version < other.zone.properties.version ? other : one} />;
}

export function Compared({ older, newer }: { older: Version; newer: Version }) {
  const rows: [string, string, string][] = members(older).map(([term, text], index) => [term, text, members(newer)[index]![1]]);
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={t("comparison")}>
      <table class="compared">
        <caption class="hidden">{t("comparison")}</caption>
        <thead><tr><td /><th scope="col">v{older.zone.properties.version}</th><th scope="col">v{newer.zone.properties.version}</th></tr></thead>
        <tbody>
          {rows.map(([term, before, after]) => (
            <tr key={term} class={before === after ? "" : "is-changed"}><th scope="row">{term}</th><td>{before}</td><td>{before === after ? after : <strong>≠ {after}</strong>}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function members({ zone, by, why }: Version): [string, string][] {
  const of = zone.properties;
  return [
    [t("name"), of.name], [t("category"), categoryText(of.category)], [t("standoff"), metres(of.standoff_m)], [t("warning"), metres(of.warning_m)],
    [t("hours"), scheduleText(of.schedule)], [t("footprint"), shapeText(zone.geometry)], [t("who"), by], [t("reason"), why],
  ];
}

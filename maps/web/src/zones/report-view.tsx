// What an import would do or did, in tables; what has a shape is on the map, too.
import type { ComponentChildren } from "preact";
import type { Geometry } from "geojson";
import { useEffect } from "preact/hooks";
import { showShapes } from "./map-actions";
import type { Entry, Report, RowProblem } from "./model";
import { categoryText, changedText, datumText, fieldText, findingText, isSaid, metresPair, t } from "./words";

const MOST = 200;

export function ReportView({ report }: { report: Report }) {
  const drawn = [...report.added, ...report.changed, ...report.removed].flatMap((each): Geometry[] => (each.geometry ? [each.geometry] : []));
  // A person has just asked what it would do: the map shows where.
  useEffect(() => showShapes(drawn), [report]);
  return (
    <div class="report">
      <ul class="sums">
        {(["added", "changed", "removed", "unchanged", "refused"] as const).map((each) => <li key={each}><b>{report[each].length}</b> {t(`sum_${each}`)}</li>)}
      </ul>
      {report.sources.map((each) => <p key={each.file} class="row-text">{t("readAs", { file: each.file, rows: each.rows, datum: each.datum === null ? "–" : datumText(each.datum) })}{each.left_out_by_where > 0 && <> · {t("leftOut", { n: each.left_out_by_where })}</>}</p>)}
      {drawn.length > 0 && <button type="button" class="button is-small" onClick={() => showShapes(drawn)}>{t("showAll")}</button>}
      <Refused rows={report.refused} title={t("sum_refused")} open />
      <Entries title={t("sum_added")} mark="+" entries={report.added} open />
      <Entries title={t("sum_changed")} mark="≠" entries={report.changed} open />
      <Entries title={t("sum_removed")} mark="−" entries={report.removed} open />
      <Refused rows={report.notes} title={t("notes")} />
      <Entries title={t("sum_unchanged")} mark="=" entries={report.unchanged} />
    </div>
  );
}

function Fold({ title, count, open, children }: { title: string; count: number; open: boolean; children: ComponentChildren }) {
  if (count === 0) return null;
  return (
    <details class="fold" open={open}>
      <summary>{title} <span class="count">{count}</span></summary>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={title}>{children}</div>
      {count > MOST && <p class="hint">{t("cut", { n: MOST, all: count })}</p>}
    </details>
  );
}

function Entries({ title, mark, entries, open = false }: { title: string; mark: string; entries: Entry[]; open?: boolean }) {
  return (
    <Fold title={title} count={entries.length} open={open}>
      <table class="rows-table">
        <thead><tr><th scope="col">{t("name")}</th><th scope="col">{t("category")}</th><th scope="col">{t("metres")}</th><th scope="col">{t("id")}</th></tr></thead>
        <tbody>
          {entries.slice(0, MOST).map((each) => (
            <tr key={each.id}>
              <td>
                {each.geometry
                  ? <button type="button" class="link-button" onClick={() => showShapes([each.geometry!])}>{mark} {each.name || each.id}</button>
                  : <>{mark} {each.name || each.id}</>}
                {each.changed && <small>{changedText(each.changed)}</small>}
              </td>
              <td>{categoryText(each.category)}</td><td>{metresPair(each.standoff_m, each.warning_m)}</td><td>{each.id}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Fold>
  );
}

function Refused({ rows, title, open = false }: { rows: RowProblem[]; title: string; open?: boolean }) {
  return (
    <Fold title={title} count={rows.length} open={open}>
      <table class="rows-table found-table">
        <thead><tr><th scope="col">{t("row")}</th><th scope="col">{t("column")}</th><th scope="col">{t("whyNot")}</th></tr></thead>
        <tbody>
          {rows.slice(0, MOST).map((each, index) => (
            <tr key={index}><td>{each.file}{each.row !== null && ` · ${each.row}`}</td><td>{fieldText(each.field)}</td><td lang={isSaid(each) ? undefined : "en"}>{findingText(each)}</td></tr>
          ))}
        </tbody>
      </table>
    </Fold>
  );
}

// The import wizard: choose, look at what it would do, do it.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { duration } from "@keepclear/shared/format";
import { now } from "../data/store";
import { Area, Check, Field, Group, Select } from "./fields";
import { Head } from "./head";
import { carryOut, counts, doubts, files, lookFirst, options, type Options, progress, refused, report, startOver, trusted } from "./importing";
import { ReportView } from "./report-view";
import { DATUMS } from "./model";
import { categories } from "./state";
import { go } from "./view";
import { categoryText, datumText, findingText, t } from "./words";

const TYPES = ".geojson,.json,.csv,.tsv,.xlsx,.zip,.shp,.dbf,.shx,.prj,.cpg,.gpkg,.fgb,.kml,.kmz,.osm,.pbf";
const done = signal(false);

export function ImportView() {
  useEffect(() => () => {
    startOver();
    files.value = [];
    done.value = false;
  }, []);
  return (
    <>
      <Head title={t("import")} />
      <div class="scroll view-body">
        <ol class="stages">
          {(["choose", "look", "apply"] as const).map((each, index) => <li key={each} aria-current={step() === index ? "step" : undefined}>{t(`stage_${each}`)}</li>)}
        </ol>
        {report.value === null || refused.value ? <Choose /> : <Looked />}
        <Progress />
      </div>
    </>
  );
}

const step = (): number => (done.value ? 2 : report.value === null || refused.value ? 0 : 1);
const put = (part: Partial<Options>): void => void (options.value = { ...options.value, ...part });

function Choose() {
  const { datum, category, prefix, standoff, where, replace } = options.value;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    trusted.value = [];
    void lookFirst();
  };
  return (
    <form class="form" onSubmit={send}>
      <div class="field">
        <label for="files">{t("files")}</label>
        <input id="files" type="file" multiple accept={TYPES} required onChange={(event) => (files.value = [...(event.currentTarget.files ?? [])])} />
        <p class="hint">{t("filesHint")}</p>
      </div>
      <Select label={t("datum")} value={datum} onChange={(value) => put({ datum: value })} options={[["", t("datumOfFile")], ...DATUMS.map((each): [string, string] => [each, datumText(each)])]} />
      <details class="fold">
        <summary>{t("moreOptions")}</summary>
        <div class="fold-body">
          <Select label={t("categoryElse")} value={category} onChange={(value) => put({ category: value })} options={categories.value.map((each): [string, string] => [each, categoryText(each)])} />
          <Field label={t("standoffElse")} value={standoff} onInput={(value) => put({ standoff: value })} type="number" inputMode="decimal" min={0} max={20000} />
          <Field label={t("prefix")} value={prefix} onInput={(value) => put({ prefix: value })} hint={t("prefixHint")} maxLength={100} />
          <Area label={t("where")} value={where} onInput={(value) => put({ where: value })} rows={2} mono hint="amenity=courthouse|police" />
          <Check label={t("replace")} hint={t("replaceHint")} checked={replace} onChange={(value) => put({ replace: value })} />
        </div>
      </details>
      {refused.value && <p class="wrong" role="alert">{refused.value}</p>}
      {report.value?.sources.map((each) => each.finding && <p key={each.file} class="wrong">{each.file} · {findingText(each.finding)}</p>)}
      <button type="submit" class="button is-main" disabled={progress.value !== null}>{t("dryRun")}</button>
      <p class="hint">{t("dryRunHint")}</p>
    </form>
  );
}

function Looked() {
  if (done.value) {
    return (
      <>
        <p class="verdict is-allowed" role="status">{t("imported", { n: counts.value })}</p>
        <ReportView report={report.value!} />
        <button type="button" class="button is-main" onClick={() => go({ kind: "list" })}>{t("toList")}</button>
      </>
    );
  }
  return (
    <>
      {doubts.value.map((each) => (
        <div key={each.file} class="verdict is-forbidden" role="alert">
          <h3>{t("wrongDatum")}</h3>
          <p><strong>{each.file}</strong> {findingText(each)}</p>
          <Check label={t("trust", { file: each.file })} checked={false} onChange={() => (trusted.value = [...trusted.value, each.file])} />
        </div>
      ))}
      <ReportView report={report.value!} />
      <Apply />
    </>
  );
}

function Apply() {
  const [reason, setReason] = useState("");
  const [approver, setApprover] = useState("");
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    done.value = await carryOut(reason, approver);
  };
  const nothing = counts.value === 0;
  return (
    <form class="form" onSubmit={(event) => void send(event)}>
      {nothing && <p class="warn">{t("nothingToDo")}</p>}
      {!nothing && doubts.value.length === 0 && (
        <Group legend={t("why")}>
          <Field label={t("reason")} value={reason} onInput={setReason} required maxLength={500} />
          <Field label={t("approver")} value={approver} onInput={setApprover} maxLength={500} />
        </Group>
      )}
      <div class="row-of-buttons">
        {!nothing && <button type="submit" class="button is-main" disabled={doubts.value.length > 0 || progress.value !== null}>{t("applyImport", { n: counts.value })}</button>}
        <button type="button" class="button" onClick={startOver}>{t("otherFile")}</button>
      </div>
    </form>
  );
}

/** How much has left, then how long the server has been at it. */
function Progress() {
  const state = progress.value;
  if (state === null) return null;
  const passed = Math.max(0, now.value - state.since);
  return (
    <div class="progress" role="status">
      <progress max={1} {...(state.sent < 1 ? { value: state.sent } : {})} aria-label={t("import")} />
      <p>{state.sent < 1 ? t("sending", { percent: Math.round(state.sent * 100) }) : t("working", { time: duration(passed) })}</p>
    </div>
  );
}

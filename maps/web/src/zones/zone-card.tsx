// One zone: what it says now, what can be done about it, and every version that it had.
import { useState } from "preact/hooks";
import { metres, moment } from "@keepclear/shared/format";
import { may } from "../data/me";
import { t as shared } from "../messages";
import { Empty } from "../ui/empty";
import { ask, pathOf, Refusal } from "./api";
import { Field } from "./fields";
import { Head } from "./head";
import { ZoneIcon } from "./list";
import type { ZoneDocument } from "./model";
import { current, sayRefusal, versions, written } from "./state";
import { History } from "./versions";
import { go } from "./view";
import { categoryText, datumText, metresText, nameOf, scheduleText, shapeText, t } from "./words";

export function ZoneCard({ id }: { id: string }) {
  const zone = current.value;
  if (zone === null || zone.id !== id) return <><Head title={id} /><Empty icon="place" title={shared("loading")} /></>;
  const { properties: of } = zone;
  return (
    <>
      <Head title={nameOf(of)}><ZoneIcon category={of.category} /></Head>
      <div class="scroll view-body">
        {of.valid_to !== null && <p class="warn">{t("isRetired", { time: moment(of.valid_to), by: versions.value?.at(-1)?.ended_by ?? "", why: versions.value?.at(-1)?.ended_why ?? "" })}</p>}
        <dl class="facts-list">
          {facts(zone).map(([term, text]) => <div key={term}><dt>{term}</dt><dd>{text}</dd></div>)}
        </dl>
        {may("edit_zones") && of.valid_to === null && (
          <div class="row-of-buttons">
            <button type="button" class="button is-main" onClick={() => go({ kind: "edit", id })}>{t("edit")}</button>
            <Retire key={of.version} zone={zone} />
          </div>
        )}
        <History />
      </div>
    </>
  );
}

function facts({ properties: of, geometry }: ZoneDocument): [string, string][] {
  return [
    [t("category"), categoryText(of.category)],
    [t("standoff"), metresText(of.standoff_m, of.overrides.includes("standoff_m"))],
    [t("warning"), metresText(of.warning_m, of.overrides.includes("warning_m"))],
    [t("hours"), scheduleText(of.schedule)],
    [t("footprint"), shapeText(geometry)],
    [t("source"), [of.source || t("byHand"), datumText(of.source_datum)].join(" · ")],
    [t("id"), of.id],
    [t("version"), `v${of.version} · ${of.valid_from === null ? t("always") : t("since", { time: moment(of.valid_from) })}`],
  ];
}

/** Asks for the reason where it stands; the version that was seen goes along. */
function Retire({ zone }: { zone: ZoneDocument }) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  if (!open) return <button type="button" class="button" onClick={() => setOpen(true)}>{t("retire")}</button>;
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      await ask(`${pathOf(zone.id)}/retire`, { method: "POST", body: { reason }, match: zone.properties.version });
      written(t("retired"));
    } catch (error) {
      sayRefusal(error);
      if (error instanceof Refusal && error.code === "zone_changed") written(t("refused_zone_changed"));
    }
  };
  return (
    <form class="form inline-form" onSubmit={(event) => void send(event)}>
      <p class="hint">{t("retireHint", { distance: metres(zone.properties.standoff_m) })}</p>
      <Field label={t("reason")} value={reason} onInput={setReason} required maxLength={500} />
      <div class="row-of-buttons">
        <button type="submit" class="button is-danger">{t("retireNow")}</button>
        <button type="button" class="button" onClick={() => setOpen(false)}>{t("cancel")}</button>
      </div>
    </form>
  );
}

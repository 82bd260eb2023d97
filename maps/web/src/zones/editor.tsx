// The form of a zone: its shape, metres, hours, and why; what the server makes of it stands beside each part.
import { useEffect, useState } from "preact/hooks";
import { metres } from "@keepclear/shared/format";
import { t as shared } from "../messages";
import { Empty } from "../ui/empty";
import { Conflict } from "./conflict";
import { base, conflict, form, type Form, keepPreviewing, open, preview, problems, save, sending } from "./draft";
import { Area, Field, Group, Select, Wrong } from "./fields";
import { Head } from "./head";
import { HoursFields } from "./hours-fields";
import { ShapeFields } from "./shape-fields";
import { shape } from "./shape";
import { categories, current } from "./state";
import { go } from "./view";
import { categoryText, nameOf, t } from "./words";

export const put = (part: Partial<Form>): void => void (form.value = { ...form.value, ...part });

/** `id` null: a new zone. */
export function Editor({ id }: { id: string | null }) {
  const [ready, setReady] = useState(false);
  const zone = id === null ? null : current.value;
  const known = id === null || zone?.id === id;
  // Once: what somebody else writes meanwhile is met when this is sent.
  useEffect(() => {
    if (!known) return;
    open(zone);
    setReady(true);
    return keepPreviewing();
  }, [known, id]);
  const title = id === null ? t("newZone") : t("editing", { name: zone ? nameOf(zone.properties) : id });
  if (!ready) return <><Head title={title} /><Empty icon="place" title={shared("loading")} /></>;
  return (
    <>
      <Head title={title} back={id === null ? { kind: "list" } : { kind: "zone", id }} />
      {conflict.value ? <Conflict /> : <Fields />}
    </>
  );
}

const GENERAL = ["geometry", "datum", "standoff_m", "warning_m", "schedule", "name", "category", "id", "reason", "approver"];

function Fields() {
  const { name, id, reason, approver } = form.value;
  const isNew = base.value === null;
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    void save();
  };
  const others = problems.value.filter((each) => !GENERAL.includes(each.field)).map((each) => ({ ...each, field: "" }));
  return (
    <form class="scroll view-body form" onSubmit={send}>
      <ShapeFields />
      <Group legend={t("whatItIs")}>
        <Field label={t("name")} value={name} onInput={(value) => put({ name: value })} problems={problems.value} field="name" maxLength={500} />
        <Category />
        {isNew && <Field label={t("idOptional")} value={id} onInput={(value) => put({ id: value })} problems={problems.value} field="id" hint={t("idHint")} maxLength={400} />}
      </Group>
      <Group legend={t("metres")}>
        <Metres name="standoff" label={t("standoff")} field="standoff_m" seen={preview.value?.standoff_m} />
        <Metres name="warning" label={t("warning")} field="warning_m" seen={preview.value?.warning_m} />
      </Group>
      <HoursFields />
      <Group legend={t("why")}>
        <Area label={t("reason")} value={reason} onInput={(value) => put({ reason: value })} rows={2} required maxLength={500} hint={t("reasonHint")} />
        <Wrong problems={problems.value} field="reason" />
        <Field label={t("approver")} value={approver} onInput={(value) => put({ approver: value })} problems={problems.value} field="approver" maxLength={500} />
      </Group>
      <Wrong problems={others} field="" />
      <div class="send-row">
        <button type="submit" class="button is-main" disabled={sending.value || shape.value === null}>{t(isNew ? "create" : "saveVersion")}</button>
        <button type="button" class="button" onClick={() => go(isNew ? { kind: "list" } : { kind: "zone", id: base.value!.id })}>{t("cancel")}</button>
        <p class="hint">{t("countsSoon")}</p>
      </div>
    </form>
  );
}

const OWN = "\n";

function Category() {
  const { category } = form.value;
  const isOwn = !categories.value.includes(category);
  const options = [...categories.value.map((each): [string, string] => [each, categoryText(each)]), [OWN, t("ownCategory")] as [string, string]];
  return (
    <>
      <Select label={t("category")} value={isOwn ? OWN : category} onChange={(value) => put({ category: value === OWN ? "" : value })} options={options} />
      {isOwn && <Field label={t("ownCategoryName")} value={category} onInput={(value) => put({ category: value })} problems={problems.value} field="category" required maxLength={100} />}
    </>
  );
}

/** Entries are confirmed from about 20 m beyond the edge on (docs/detection.md), and the footprint has no depth. */
const SHALLOW_M = 30;

/** A zone's own metres, or those of its category: the server says how many these are. */
function Metres({ name, label, field, seen }: { name: "standoff" | "warning"; label: string; field: string; seen: number | undefined }) {
  const own = form.value[name];
  const id = `own-${name}`;
  const isShallow = name === "standoff" && own !== null && own !== "" && Number(own) < SHALLOW_M;
  return (
    <div class="metres">
      <Field
        label={label} value={own ?? (seen === undefined ? "" : String(seen))} disabled={own === null} onInput={(value) => put({ [name]: value })} problems={problems.value} field={field}
        type="number" inputMode="decimal" min={0} max={20000} required={own !== null} hint={isShallow ? t("shallow", { distance: metres(SHALLOW_M) }) : undefined}
      />
      <label class="tick" for={id}>
        <input id={id} type="checkbox" checked={own === null} onChange={(event) => put({ [name]: event.currentTarget.checked ? null : String(seen ?? "") })} />
        <span>{t("asCategory")}{own === null && seen !== undefined && <small>{metres(seen)}</small>}</span>
      </label>
    </div>
  );
}

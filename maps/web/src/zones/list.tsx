// The zones as a list: the page's first way in. Everything on the map is here, too.
import { metres, moment } from "@keepclear/shared/format";
import { minute } from "../data/hours";
import { may } from "../data/me";
import { zoneById } from "../data/store";
import { t as shared } from "../messages";
import { Empty } from "../ui/empty";
import { Icon, type IconName } from "../ui/icons";
import { Choices } from "../ui/pop-menu";
import { hoursText } from "../words";
import { Select } from "./fields";
import { STATES, type ZoneDocument } from "./model";
import { categories, category, following, listed, query, readMore, state } from "./state";
import { go } from "./view";
import { categoryText, nameOf, t } from "./words";

const ICONS: Record<string, IconName> = { court: "court", police: "police" };
export const ZoneIcon = ({ category: of }: { category: string }) => <span class="zone-icon"><Icon name={ICONS[of] ?? "place"} /></span>;

export function List() {
  return (
    <div class="list-view">
      <div class="tasks">
        {may("edit_zones") && <button type="button" class="task is-main" onClick={() => go({ kind: "new" })}><Icon name="plus" />{t("newZone")}</button>}
        {may("edit_zones") && <button type="button" class="task" onClick={() => go({ kind: "import" })}>{t("import")}</button>}
        <button type="button" class="task" onClick={() => go({ kind: "place" })}>{t("isAllowed")}</button>
      </div>
      <div class="search">
        <Icon name="search" />
        <input type="search" aria-label={t("search")} placeholder={t("search")} value={query.value} onInput={(event) => (query.value = event.currentTarget.value)} />
      </div>
      <div class="filters">
        <Choices name="state" legend={t("state")} current={state.value} onChange={(next) => (state.value = next)} options={STATES.map((value) => ({ value, label: t(`state_${value}`) }))} />
        <Select label={t("category")} value={category.value} onChange={(next) => (category.value = next)} options={[["", t("allCategories")], ...categories.value.map((each): [string, string] => [each, categoryText(each)])]} />
      </div>
      <Found />
    </div>
  );
}

function Found() {
  const found = listed.value;
  if (found === null) return <Empty icon="place" title={shared("loading")} />;
  if (found.length === 0) return <Empty icon="place" title={t("noneFound")} hint={t("noneFoundHint")} />;
  return (
    <ul class="scroll zone-list" aria-label={t("title")}>
      {found.map((zone) => <Row key={zone.id} zone={zone} />)}
      {following.value && <li><button type="button" class="more" onClick={readMore}>{t("more")}</button></li>}
    </ul>
  );
}

function Row({ zone }: { zone: ZoneDocument }) {
  const { properties: of, id } = zone;
  const drawn = zoneById.value.get(id);
  const hours = of.schedule && drawn ? hoursText(drawn, minute.value) : null;
  return (
    <li>
      <button type="button" data-zone={id} onClick={() => go({ kind: "zone", id })}>
        <ZoneIcon category={of.category} />
        <span class="row-main">
          <span class="row-title">{nameOf(of)}</span>
          <span class="row-text">
            {categoryText(of.category)} · {metres(of.standoff_m)} + {metres(of.warning_m)} · {id}
            {hours && <> · {hours}</>}
          </span>
        </span>
        {of.valid_to !== null && <span class="badge">{t("endedAt", { time: moment(of.valid_to) })}</span>}
        {of.valid_to === null && of.schedule !== null && <span class="badge is-approach">{t("withHours")}</span>}
      </button>
    </li>
  );
}

import { computed } from "@preact/signals";
import { metres } from "@keepclear/shared/format";
import { compareNames } from "@keepclear/shared/names";
import { categories, category, shownZones, zonesLeftOut } from "../data/looking";
import { devices, footprints, known } from "../data/store";
import { t } from "../messages";
import { minute } from "../data/hours";
import { categoryName, hoursText, zoneName } from "../words";
import { showZone } from "./actions";
import { Empty } from "./empty";
import { Icon, type IconName } from "./icons";

const insideOf = computed(() => {
  const found = new Map<string, number>();
  for (const each of devices.value.values()) {
    if (each.state === "inside" && each.zone !== null) found.set(each.zone, (found.get(each.zone) ?? 0) + 1);
  }
  return found;
});

const sorted = computed(() => {
  const count = (id: string) => insideOf.value.get(id) ?? 0;
  return shownZones.value
    .map((each) => each.properties)
    .filter((each) => each.part === "footprint")
    .sort((a, b) => count(b.id) - count(a.id) || compareNames(zoneName(a), zoneName(b)) || compareNames(a.id, b.id));
});

/** Ends a line rather than beginning one. */
const DOT = "\u00a0· ";
const ICONS: Record<string, IconName> = { court: "court", police: "police" };

/** One category of zones, in the list and on the map, where there are several. */
function Categories() {
  if (categories.value.size < 2 && category.value === null) return null;
  const chip = (id: string | null, label: string, count: number) => (
    <button key={id} type="button" class="chip" aria-pressed={category.value === id} onClick={() => (category.value = id)}>{label} <b>{count}</b></button>
  );
  return (
    <div class="chips" role="group" aria-label={t("categories")}>
      {chip(null, t("allCategories"), footprints.value.length)}
      {[...categories.value].map(([id, count]) => chip(id, categoryName(id), count))}
    </div>
  );
}

function LeftOut() {
  if (zonesLeftOut.value === 0) return null;
  return <button type="button" class="left-out" onClick={() => (category.value = null)}>{t("zonesLeftOut", { n: zonesLeftOut.value })}</button>;
}

export function Zones() {
  if (!known.value) return <Empty icon="place" title={t("loading")} />;
  if (footprints.value.length === 0) return <Empty icon="place" title={t("noZones")} hint={t("noZonesHint")} />;
  return (
    <div class="list-view">
      <Categories />
      <LeftOut />
      <ul class="scroll zone-list">
        {sorted.value.map((zone) => {
          const inside = insideOf.value.get(zone.id) ?? 0;
          return (
            <li key={zone.id}>
              <button type="button" onClick={() => showZone(zone.id)}>
                <span class="zone-icon"><Icon name={ICONS[zone.category] ?? "place"} /></span>
                <span class="row-main">
                  <span class="row-title">{zoneName(zone)}</span>
                  <span class="row-text">
                    {categoryName(zone.category)}{DOT}{t("standoff", { distance: metres(zone.standoff_m) })}
                    {!zone.name && <>{DOT}{zone.id}</>}
                    {hoursText(zone, minute.value) && <>{DOT}{hoursText(zone, minute.value)}</>}
                    {zone.warning_m > 0 && <>{DOT}{t("ring", { distance: metres(zone.warning_m) })}</>}
                  </span>
                </span>
                {inside > 0 && <span class="badge is-inside">{t("peopleInside", { n: inside })}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

import { askedFor, category, isNarrowed, shownZones } from "../data/looking";
import { devices, footprints, isFootprint, selectedDevice } from "../data/store";
import { t } from "../messages";
import { Alerts, waitingCount } from "./alerts";
import { Card } from "./card";
import { layout, sheet, type Tab, tab } from "./layout";
import { Sheet } from "./sheet";
import { type TabItem, Tabs } from "./tabs";
import { Visitors } from "./visitors";
import { Zones } from "./zones";

/** The lists: beside the map in one or two panels, or in a sheet over it on a phone. */
export function Lists() {
  if (layout.value === "phone") {
    return <Sheet id="lists" label={t("panels")}>{selectedDevice.value ? <Card /> : <ListTabs withAlerts />}</Sheet>;
  }
  return (
    <aside class="panel" id="lists" aria-label={t("panels")}>
      <ListTabs withAlerts={layout.value === "narrow"} />
    </aside>
  );
}

/** Alerts have a panel of their own where there is room. */
export function AlertPanel() {
  if (layout.value !== "wide") return null;
  return (
    <aside class="panel is-right" aria-labelledby="alerts-title">
      <h2 id="alerts-title" class="panel-title">
        {t("alerts")}
        {waitingCount.value > 0 && <span class="count is-urgent">{waitingCount.value}</span>}
      </h2>
      <Alerts />
    </aside>
  );
}

/** A filter is seen from the other tabs, too. */
const partOf = (isPart: boolean, some: number, all: number): number | string => (isPart ? `${some}/${all}` : all);

function ListTabs({ withAlerts }: { withAlerts: boolean }) {
  const items: TabItem<Tab>[] = [
    { id: "visitors", label: t("visitors"), count: partOf(isNarrowed.value, askedFor.value, devices.value.size) },
    ...(withAlerts ? [{ id: "alerts" as const, label: t("alerts"), count: waitingCount.value, urgent: waitingCount.value > 0 }] : []),
    { id: "zones", label: t("zones"), count: partOf(category.value !== null, shownZones.value.filter(isFootprint).length, footprints.value.length) },
  ];
  const current = items.some((each) => each.id === tab.value) ? tab.value : "visitors";
  const open = (id: Tab) => {
    tab.value = id;
    if (sheet.value === "peek") sheet.value = "half";
  };
  return (
    <Tabs items={items} current={current} label={t("panels")} onChange={open}>
      {current === "visitors" && <Visitors />}
      {current === "alerts" && <Alerts />}
      {current === "zones" && <Zones />}
    </Tabs>
  );
}

import { computed, signal } from "@preact/signals";
import { clock } from "@keepclear/shared/format";
import { freshness, heardAt } from "../data/freshness";
import type { Device } from "../data/model";
import { filter, isAskedFor, leftOut, lookAtAll, matches, NO_TEAM, query, team, teams } from "../data/looking";
import { type Group, GROUPS, groupsOf, sortDevices } from "../data/order";
import { silences, unheard } from "../data/silence";
import { devices, hovered, known, now, selected } from "../data/store";
import { t } from "../messages";
import { agoText, distanceTextShort, freshText, silenceReason, stateText, zoneNameOf } from "../words";
import { select } from "./actions";
import { Empty } from "./empty";
import { Icon, StateIcon } from "./icons";
import { VirtualList } from "./virtual-list";

const ROW_PX = 72;

const active = signal<string | null>(null);

const matching = computed(() => [...devices.value.values()].filter(matches));

const groups = computed(() => {
  const found = new Map<Group, number>();
  for (const each of matching.value) for (const group of groupsOf(each, now.value)) found.set(group, (found.get(group) ?? 0) + 1);
  return found;
});

const shown = computed(() => sortDevices(matching.value.filter(isAskedFor), now.value));

export function Visitors() {
  return (
    <div class="list-view">
      <Search />
      <TeamFilter />
      <Filters />
      <LeftOut />
      <Unheard />
      <VisitorList />
    </div>
  );
}

function Search() {
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search" value={query.value} placeholder={t("search")} aria-label={t("search")} autocomplete="off"
        onInput={(event) => (query.value = event.currentTarget.value)}
      />
      {query.value && (
        <button type="button" class="icon-button" aria-label={t("clearSearch")} onClick={() => (query.value = "")}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

/** One team, where the reader sees several. */
function TeamFilter() {
  const mine = teams.value ?? [];
  const isAlone = mine.length + Number([...devices.value.values()].some((each) => each.team === null)) < 2;
  if (isAlone && team.value === null) return null;
  const options = [...mine.map((each) => ({ id: each.id, name: each.name })), { id: NO_TEAM, name: t("noTeam") }];
  return (
    <div class="team-filter">
      <select aria-label={t("team")} value={team.value ?? ""} onChange={(event) => (team.value = event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}>
        <option value="">{t("allTeams")}</option>
        {options.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
      </select>
    </div>
  );
}

/** No filter lets somebody who needs help, or is inside, go unnoticed. */
function LeftOut() {
  if (leftOut.value === 0) return null;
  return <button type="button" class="left-out" onClick={lookAtAll}>{t("leftOut", { n: leftOut.value })}</button>;
}

function Filters() {
  const chip = (group: Group | null, label: string, count: number) => (
    <button
      key={label} type="button" class={group ? `chip is-${group}` : "chip"} aria-pressed={filter.value === group}
      onClick={() => (filter.value = filter.value === group ? null : group)}
    >
      {label} <b>{count}</b>
    </button>
  );
  const present = GROUPS.filter((each) => groups.value.get(each) || filter.value === each);
  return (
    <div class="chips" role="group" aria-label={t("visitors")}>
      {chip(null, t("chip_all"), matching.value.length)}
      {present.map((each) => chip(each, t(`chip_${each}`), groups.value.get(each) ?? 0))}
    </div>
  );
}

/** On shift, and on no map: not one position since the shift began. */
function Unheard() {
  const some = unheard.value;
  if (some.length === 0) return null;
  return (
    <details class="unheard">
      <summary>{t("unheard")} <b>{some.length}</b></summary>
      <ul>{some.map((each) => <li key={each.id}>{each.visitor}<span class={`age is-${each.confirmed_at === null ? "stale" : "silent"}`}>{agoText(now.value - each.first_possible_at)}</span></li>)}</ul>
    </details>
  );
}

function VisitorList() {
  if (!known.value) return <Empty icon="people" title={t("loading")} />;
  if (devices.value.size === 0) return <Empty icon="people" title={t("noVisitors")} hint={t("noVisitorsHint")} />;
  if (matching.value.length === 0) return <Empty icon="search" title={query.value ? t("noMatch", { query: query.value }) : t("nobodySuch")} hint={t("noMatchHint")} />;
  return (
    <VirtualList
      items={shown.value} rowPx={ROW_PX} label={t("visitors")} keyOf={(each) => each.device} selectedKey={selected.value}
      activeKey={active.value} onActive={(key) => (active.value = key)}
      onSelect={(each) => select(each.device)} onHover={(each) => (hovered.value = each?.device ?? null)}
    >
      {(each) => <VisitorRow device={each} />}
    </VirtualList>
  );
}

function VisitorRow({ device }: { device: Device }) {
  const fresh = freshness(device, now.value);
  const oldest = fresh === "silent" ? heardAt(device) : device.fix_at;
  const why = silences.value.get(device.device)?.silence.why;
  const isNear = device.state !== "clear";
  const isCalling = device.sos_at !== null;
  const words = [
    isNear && (fresh === "fresh" ? distanceTextShort(device) : freshText(device, now.value)),
    isNear && device.zone !== null && zoneNameOf(device.zone),
    fresh !== "fresh" && why && silenceReason(why),
  ].filter(Boolean);
  return (
    <div class={isCalling ? "visitor-row is-calling" : "visitor-row"}>
      <StateIcon state={device.state} freshness={fresh} />
      <div class="row-main">
        <p class="row-head">
          <span class="row-title">{device.visitor}</span>
          <span class={`age is-${fresh}`}>{agoText(now.value - oldest)}</span>
        </p>
        <p class="row-text">
          {isCalling && <span class="badge is-sos">{t("sosSince", { time: clock(device.sos_at!) })}</span>}
          {(isNear || fresh !== "fresh" || !isCalling) && <span key={device.state} class={`row-state is-${device.state}`}>{isNear ? stateText(device) : freshText(device, now.value)}</span>}
          {words.map((each) => `\u00a0· ${each}`)}
        </p>
      </div>
    </div>
  );
}

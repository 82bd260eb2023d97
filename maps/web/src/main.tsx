import { effect } from "@preact/signals";
import { render } from "preact";
import "maplibre-gl/dist/maplibre-gl.css";
import "@keepclear/shared/tokens.css";
import "./styles/live.css";
import { App } from "./app";
import { keepAddress } from "./data/address";
import { watchApprovals } from "./data/approvals";
import { follow } from "./data/feed";
import { type Team, teams } from "./data/looking";
import { tick, zoneGeneration, zones, zonesLoaded } from "./data/store";
import type { ZoneCollection } from "./data/model";
import { t } from "./messages";
import { sayAlerts, sayCalls, sayLink } from "./ui/announcer";
import { waitingCount } from "./ui/alerts";
import { listenForGesture, raiseAlarm } from "./ui/alarm";
import { listenForKeys } from "./ui/help";
import { user } from "./ui/menu";
import { noteShown } from "./ui/shown";

/** The server knows the hours of zones two days ahead; ask again long before. */
const HOURS_ANEW_MS = 3_600_000;

async function loadZones(): Promise<void> {
  const answer = await fetch("/api/v1/zones.geojson").catch(() => null);
  if (answer?.ok) {
    zones.value = (await answer.json()) as ZoneCollection;
    zonesLoaded.value = true;
  } else {
    setTimeout(() => void loadZones(), 5000);
  }
}

async function loadTeams(): Promise<void> {
  const answer = await fetch("/api/v1/teams").catch(() => null);
  if (answer?.ok) teams.value = (await answer.json()) as Team[];
}

async function loadUser(): Promise<void> {
  const answer = await fetch("/api/v1/me").catch(() => null);
  if (!answer?.ok) return;
  const me = (await answer.json()) as { user: string; may: string[] };
  user.value = me.user;
  if (me.may.includes("approve_exports")) watchApprovals();
}

keepAddress();
render(<App />, document.getElementById("app")!);
setInterval(tick, 1000);
effect(() => {
  document.title = `${waitingCount.value ? `(${waitingCount.value}) ` : ""}${t("title")} · KeepClear`;
});
effect(() => {
  if (zoneGeneration.value !== null) void loadZones();
});
sayLink();
sayCalls();
noteShown();
listenForGesture();
listenForKeys();
setInterval(() => void loadZones(), HOURS_ANEW_MS);
follow((news) => {
  sayAlerts(news);
  raiseAlarm(news);
});
void loadUser();
void loadTeams();

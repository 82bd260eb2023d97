import { effect } from "@preact/signals";
import { render } from "preact";
import "maplibre-gl/dist/maplibre-gl.css";
import "@keepclear/shared/tokens.css";
import "./styles/live.css";
import { byName } from "@keepclear/shared/names";
import { App } from "./app";
import { keepAddress } from "./data/address";
import { watchApprovals } from "./data/approvals";
import { follow } from "./data/feed";
import { keepToWhatIs, type Team, teams } from "./data/looking";
import { loadMe } from "./data/me";
import { tick, zoneGeneration } from "./data/store";
import { keepHours, loadZones } from "./data/zones";
import { t } from "./messages";
import { sayAlerts, sayCalls, sayLink } from "./ui/announcer";
import { waitingCount } from "./ui/alerts";
import { keepCalling, listenForGesture, raiseAlarm } from "./ui/alarm";
import { callMark } from "./ui/calls";
import { listenForKeys } from "./ui/help";
import { noteShown } from "./ui/shown";

async function loadTeams(): Promise<void> {
  const answer = await fetch("/api/v1/teams").catch(() => null);
  if (answer?.ok) teams.value = byName((await answer.json()) as Team[]);
}

keepAddress();
keepToWhatIs();
render(<App />, document.getElementById("app")!);
setInterval(tick, 1000);
effect(() => {
  document.title = `${callMark()}${waitingCount.value ? `(${waitingCount.value}) ` : ""}${t("title")} · KeepClear`;
});
effect(() => {
  if (zoneGeneration.value !== null) void loadZones();
});
sayLink();
sayCalls();
noteShown();
listenForGesture();
keepCalling();
listenForKeys();
keepHours();
follow((news) => {
  sayAlerts(news);
  raiseAlarm(news);
});
void loadMe().then(watchApprovals);
void loadTeams();

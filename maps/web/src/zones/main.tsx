import { effect } from "@preact/signals";
import { render } from "preact";
import { timeZone } from "@keepclear/shared/format";
import "maplibre-gl/dist/maplibre-gl.css";
import "@keepclear/shared/tokens.css";
import "../styles/live.css";
import "../styles/zones.css";
import { loadMe, may } from "../data/me";
import { t as shared } from "../messages";
import iconUrl from "../icon.svg";
import { layout } from "../ui/layout";
import { Account } from "../ui/account";
import { Announcer } from "../ui/announcer";
import { CallBar, callMark } from "../ui/calls";
import { watchCalls } from "../ui/elsewhere";
import { PopMenu } from "../ui/pop-menu";
import { Sheet } from "../ui/sheet";
import { Editor } from "./editor";
import { keepDrawing } from "./history";
import { ImportView } from "./import-view";
import { List } from "./list";
import { PlaceView } from "./place-view";
import { Stage } from "./stage";
import { keepReading, said, say } from "./state";
import { keepAddress, view } from "./view";
import { t } from "./words";
import { ZoneCard } from "./zone-card";

function Page() {
  return (
    <>
      <a class="skip" href="#side" onClick={(event) => { event.preventDefault(); document.getElementById("side")?.querySelector<HTMLElement>("button, input, a")?.focus(); }}>{t("skip")}</a>
      <header class="top-bar">
        <img src={iconUrl} alt="" width="32" height="32" />
        <p class="brand">KeepClear</p>
        <h1>{t("title")}</h1>
        <nav class="pages" aria-label={shared("pages")}>
          {may("see_visitors") && <a href="/">{shared("title")}</a>}
          {may("read_tracks") && <a href="/replay">{shared("replay")}</a>}
          <a href="/account">{shared("account")}</a>
        </nav>
        <PopMenu>
          <p class="menu-note">{shared("timesIn", { zone: timeZone() })}</p>
          <a class="menu-link" href="/api/v1/zones/export?format=geojson" download>{t("export")}</a>
          <Account />
        </PopMenu>
      </header>
      <CallBar />
      <div class="workspace">
        <Side />
        <Stage />
      </div>
      <Announcer />
    </>
  );
}

function Side() {
  const content = <><p class={said.value?.refused ? "said is-refused" : "said"} role="status">{said.value?.text}</p><Content /></>;
  if (layout.value === "phone") return <Sheet id="side" label={t("title")}>{content}</Sheet>;
  return <aside class="panel is-broad" id="side" aria-label={t("title")}>{content}</aside>;
}

function Content() {
  const now = view.value;
  switch (now.kind) {
    case "list": return <List />;
    case "zone": return <ZoneCard key={now.id} id={now.id} />;
    case "edit": return <Editor key={now.id} id={now.id} />;
    case "new": return <Editor key="" id={null} />;
    case "import": return <ImportView />;
    case "place": return <PlaceView />;
  }
}

effect(() => void (document.title = `${callMark()}${t("title")} · KeepClear`));
keepAddress();
keepDrawing();
render(<Page />, document.getElementById("app")!);
keepReading();
void loadMe().then((known) => (known ? watchCalls(may("answer_alerts")) : say(t("refused_offline"), true)));

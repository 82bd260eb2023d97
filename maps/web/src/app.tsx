import { t } from "./messages";
import { show } from "./ui/alerts";
import { Announcer } from "./ui/announcer";
import { CallBar } from "./ui/calls";
import { AlertPanel, Lists } from "./ui/panels";
import { Stage } from "./ui/stage";
import { TopBar } from "./ui/top-bar";

export function App() {
  return (
    <>
      <a class="skip" href="#lists">{t("skipToList")}</a>
      <TopBar />
      <CallBar onShow={show} />
      <div class="workspace">
        <Lists />
        <Stage />
        <AlertPanel />
      </div>
      <Announcer />
    </>
  );
}

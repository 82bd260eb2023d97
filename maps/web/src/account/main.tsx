import { effect } from "@preact/signals";
import { render } from "preact";
import { LANGUAGE_NAMES, LANGUAGES, language, setLanguage } from "@keepclear/shared/i18n";
import "@keepclear/shared/tokens.css";
import "../styles/account.css";
import { Announcer } from "../ui/announcer";
import { CallBar, callMark } from "../ui/calls";
import { watchCalls } from "../ui/elsewhere";
import { Exports } from "./exports";
import { Mine } from "./me";
import { People } from "./people";
import { Deeds, Looks, OwnLooks } from "./records";
import { load, may, me, said } from "./state";
import { Teams } from "./teams";
import { t } from "./words";

function Page() {
  if (me.value === null) return null;
  return (
    <>
      <CallBar />
      <header class="bar">
        <span class="brand">KeepClear</span>
        <h1>{t("title")}</h1>
        <nav>
          {may("see_visitors") && <a href="/">{t("toMap")}</a>}
          {may("read_tracks") && <a href="/replay">{t("toReplay")}</a>}
          {may("read_zones") && <a href="/zones">{t("toZones")}</a>}
          {may("answer_alerts") && <a href="/figures">{t("toFigures")}</a>}
          {LANGUAGES.filter((each) => each !== language.value).map((each) => (
            <button key={each} type="button" class="is-plain" lang={each} onClick={() => setLanguage(each)}>{LANGUAGE_NAMES[each]}</button>
          ))}
          <form method="post" action="/logout"><button type="submit" class="is-plain">{t("logOut")}</button></form>
        </nav>
      </header>
      <main>
        {/* Always there, so that a screen reader hears what comes into it. */}
        <p class={said.value?.refused ? "said is-refused" : "said"} role="status">{said.value?.text}</p>
        <Mine />
        {may("read_own_looks") && <OwnLooks />}
        {(may("read_tracks") || may("approve_exports")) && <Exports />}
        {may("manage_people") && <People />}
        {may("manage_people") && <Teams />}
        {may("audit") && <Looks />}
        {may("audit") && <Deeds />}
      </main>
      <Announcer />
    </>
  );
}

effect(() => void (document.title = `${callMark()}${t("title")} · KeepClear`));
render(<Page />, document.getElementById("app")!);
void load().then(() => {
  watchCalls(may("answer_alerts"));
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
});

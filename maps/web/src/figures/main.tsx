import { effect } from "@preact/signals";
import { render } from "preact";
import { LANGUAGE_NAMES, LANGUAGES, language, setLanguage } from "@keepclear/shared/i18n";
import { byName } from "@keepclear/shared/names";
import "@keepclear/shared/tokens.css";
import "../styles/account.css";
import "../styles/figures.css";
import { Announcer } from "../ui/announcer";
import { CallBar, callMark } from "../ui/calls";
import { watchCalls } from "../ui/elsewhere";
import { Channels, Silent, TurnedAway } from "./operations";
import { Delays, OpenAlerts, Tiles } from "./now";
import { Precision, Trend } from "./precision";
import { by, days, figures, keepReading, said, SPANS, stale, team } from "./state";
import { t } from "./words";

function Page() {
  return (
    <>
      <CallBar />
      <header class="bar">
        <span class="brand">KeepClear</span>
        <h1>{t("title")}</h1>
        <nav>
          <a href="/">{t("toMap")}</a>
          <a href="/account">{t("toAccount")}</a>
          {LANGUAGES.filter((each) => each !== language.value).map((each) => (
            <button key={each} type="button" class="is-plain" lang={each} onClick={() => setLanguage(each)}>{LANGUAGE_NAMES[each]}</button>
          ))}
          <form method="post" action="/logout"><button type="submit" class="is-plain">{t("logOut")}</button></form>
        </nav>
      </header>
      <main class="board">
        <Scope />
        <p class={stale.value ? "said is-refused" : "said"} role="status">{stale.value ? t("stale") : said.value}</p>
        {figures.value === null ? <p class="hint">{t("loading")}</p> : <Board />}
      </main>
      <Announcer />
    </>
  );
}

function Scope() {
  const teams = byName(figures.value?.teams ?? []);
  return (
    <form class="scope" aria-label={t("filters")} onSubmit={(event) => event.preventDefault()}>
      <fieldset class="choices">
        <legend class="hidden">{t("period")}</legend>
        {SPANS.map((each) => (
          <label key={each}><input type="radio" name="days" checked={days.value === each} onChange={() => (days.value = each)} /><span>{t("days", { n: each })}</span></label>
        ))}
      </fieldset>
      <fieldset class="choices">
        <legend class="hidden">{t("by")}</legend>
        {(["day", "week"] as const).map((each) => (
          <label key={each}><input type="radio" name="by" checked={by.value === each} onChange={() => (by.value = each)} /><span>{t(`by_${each}`)}</span></label>
        ))}
      </fieldset>
      {teams.length > 1 && (
        <select aria-label={t("team")} value={team.value} onChange={(event) => (team.value = event.currentTarget.value)}>
          <option value="">{t("everybody")}</option>
          {teams.map(({ id, name }) => <option key={id} value={String(id)}>{name}</option>)}
        </select>
      )}
    </form>
  );
}

function Board() {
  const found = figures.value!;
  return (
    <>
      <Tiles figures={found} />
      <div class="stack">
        <OpenAlerts figures={found} />
        <Silent figures={found} />
      </div>
      <Delays figures={found} />
      <Trend figures={found} />
      <Precision figures={found} />
      <Channels channels={found.channels} />
      <TurnedAway figures={found} />
    </>
  );
}

effect(() => void (document.title = `${callMark()}${t("title")} · KeepClear`));
render(<Page />, document.getElementById("app")!);
keepReading();
watchCalls(true);

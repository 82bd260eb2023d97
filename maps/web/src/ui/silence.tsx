import { age, clock, duration, metres } from "@keepclear/shared/format";
import { goesOn, type SilenceAlert } from "../data/silence";
import { now } from "../data/store";
import { t } from "../messages";
import { silenceReason, zoneNameOf } from "../words";
import { showZone } from "./actions";

const MOST_ZONES = 8;

/** Since when there is no data, and why: as far as the phone said so, and as far as it is our own fault. */
export function SilenceFacts({ alert }: { alert: SilenceAlert }) {
  const { first_possible_at: since, exit_at, silence } = alert;
  const until = exit_at ?? now.value;
  const notes = [
    silence.why !== null && t("silenceWhy", { why: silenceReason(silence.why) }),
    silence.filled && t("silenceFilled"),
    silence.together && goesOn(alert) && t("silenceTogether"),
    silence.judged_from - since > 60 && t("silenceJudged", { time: clock(silence.judged_from) }),
  ].filter(Boolean);
  return (
    <>
      <span class="facts">
        {t("silenceSince", { time: clock(since) })} · {exit_at === null ? age(until - since) : duration(until - since)}
        {exit_at !== null && ` · ${t("silenceUntil", { time: clock(exit_at) })}`}
      </span>
      {notes.map((each) => <span key={each} class="note">{each}</span>)}
    </>
  );
}

/** The zones within reach of the last known place; settled where positions came later. */
export function CouldHaveEntered({ alert }: { alert: SilenceAlert }) {
  const { reached, filled } = alert.silence;
  if (reached.length === 0 || filled) return null;
  return (
    <div class="reached">
      <p class="note">{t(goesOn(alert) ? "couldEnter" : "couldHaveEntered")}</p>
      <ul>
        {reached.slice(0, MOST_ZONES).map((each) => (
          <li key={each.zone}>
            <button type="button" class="link-button" onClick={() => showZone(each.zone)}>{each.name || zoneNameOf(each.zone)}</button>
            <span> {t("away", { distance: metres(each.away_m) })}</span>
          </li>
        ))}
      </ul>
      {reached.length > MOST_ZONES && <p class="note">{t("moreZones", { n: reached.length - MOST_ZONES })}</p>}
    </div>
  );
}

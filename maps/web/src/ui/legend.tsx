import { duration } from "@keepclear/shared/format";
import { hearing } from "../data/hearing";
import { t } from "../messages";
import { StateIcon } from "./icons";

const STATES = ["inside", "uncertain", "approach", "clear"] as const;
const LINES = ["edge", "ring", "soon", "off"] as const;

/** What each mark on the map means. */
export function Legend() {
    return (
    <details class="legend">
      <summary>{t("legend")}</summary>
      <ul>
        {STATES.map((each) => <li key={each}><StateIcon state={each} />{t(each)}</li>)}
        <li><StateIcon state="clear" freshness="stale" />{t("stale_long", { span: duration(hearing.value.amber_s) })}</li>
        <li><StateIcon state="clear" freshness="silent" />{t("silent_long", { span: duration(hearing.value.red_s) })}</li>
        <li><svg class="legend-mark is-heading" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5l7 11q-7-4.500-14 0z" /></svg>{t("legend_heading")}</li>
        <li><svg class="legend-mark is-accuracy" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8.500" /></svg>{t("legend_accuracy")}</li>
        <li><svg class="legend-mark is-cluster" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10" /><text x="12" y="16">12</text></svg>{t("legend_cluster")}</li>
        {LINES.map((each) => (
          <li key={each}><svg class={`legend-mark is-${each}`} viewBox="0 0 24 24" aria-hidden="true"><rect x="2" y="5" width="20" height="14" /></svg>{t(`legend_${each}`)}</li>
        ))}
      </ul>
    </details>
  );
}

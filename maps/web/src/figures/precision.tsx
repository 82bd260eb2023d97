import { signal } from "@preact/signals";
import { percent } from "@keepclear/shared/format";
import { Bar, Columns, PARTS, partsOf, Shares } from "./charts";
import type { Figures, Group } from "./model";
import { span } from "./now";
import { Panel, Wide } from "./panel";
import { by } from "./state";
import { platformName, t, word } from "./words";

const GROUPINGS = ["kinds", "zones", "platforms"] as const;
type Grouping = (typeof GROUPINGS)[number];
const MOST_ZONES = 20;
const grouping = signal<Grouping>("kinds");
const share = (group: Group): string => (group.share === null ? "–" : percent(group.share));

function Legend() {
  return <ul class="legend">{PARTS.map((each) => <li key={each}><i class={`swatch is-${each}`} />{t(each)}</li>)}</ul>;
}

/** How many alerts there were, and how many of them were right, one period after the other. */
export function Trend({ figures }: { figures: Figures }) {
  const { periods } = figures;
  if (!periods.some((each) => each.told > 0)) return <Panel id="trend" title={t("trend")} wide><p class="none">{t("noAlerts")}</p></Panel>;
  const most = Math.max(...periods.map((each) => each.told));
  return (
    <Panel id="trend" title={t("trend")} wide>
      <Legend />
      <div class="trend">
        <span class="axis" aria-hidden="true"><span>{most}</span><span>0</span></span><Columns groups={periods} />
        <span class="axis" aria-hidden="true"><span>{percent(1)}</span><span>{percent(0)}</span></span><Shares groups={periods} />
        <span class="axis-x" aria-hidden="true"><span>{shortDay(periods[0]!.key)}</span><span>{shortDay(periods.at(-1)!.key)}</span></span>
      </div>
      <details>
        <summary>{t("asTable")}</summary>
        <Wide label={t("trend")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t(by.value)}</th><th scope="col">{t("told")}</th>{PARTS.map((each) => <th key={each} scope="col">{t(each)}</th>)}
                <th scope="col">{t("share")}</th><th scope="col">{t("ackMedian")}</th>
              </tr>
            </thead>
            <tbody>
              {[...periods].reverse().map((each) => (
                <tr key={each.key}>
                  <th scope="row">{each.key}</th><td>{each.told}</td>{PARTS.map((part) => <td key={part}>{partsOf(each)[part]}</td>)}
                  <td>{share(each)}</td><td>{span(each.delays.acknowledged_after_told.median_s)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </details>
    </Panel>
  );
}

const shortDay = (iso: string): string => iso.slice(5);

/** Where alerts are right, and where they are not. */
export function Precision({ figures }: { figures: Figures }) {
  const groups = figures[grouping.value];
  const most = Math.max(1, ...groups.map((each) => each.told));
  return (
    <Panel id="precision" title={t("precision")} hint={t("precisionHint")} wide>
      <fieldset class="choices">
        <legend class="hidden">{t("precision")}</legend>
        {GROUPINGS.map((each) => (
          <label key={each}><input type="radio" name="grouping" checked={grouping.value === each} onChange={() => (grouping.value = each)} /><span>{t(`group_${each}`)}</span></label>
        ))}
      </fieldset>
      {groups.length === 0 ? <p class="none">{t("noAlerts")}</p> : (
        <Wide label={t("precision")}>
          <table class="bars">
            <thead>
              <tr>
                <th scope="col">{t(`group_${grouping.value}`)}</th><td class="chart" /><th scope="col">{t("share")}</th><th scope="col">{t("told")}</th>
                {PARTS.map((each) => <th key={each} scope="col"><i class={`swatch is-${each}`} />{t(each)}</th>)}<th scope="col">{t("retracted")}</th>
              </tr>
            </thead>
            <tbody>
              {groups.map((each) => (
                <tr key={each.key}>
                  <th scope="row">{nameOf(each)}</th><td class="chart"><Bar group={each} most={most} /></td><td class="strong">{share(each)}</td><td>{each.told}</td>
                  {PARTS.map((part) => <td key={part}>{partsOf(each)[part]}</td>)}<td>{each.retracted}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {grouping.value === "zones" && groups.length === MOST_ZONES && <p class="hint">{t("zonesCut", { n: MOST_ZONES })}</p>}
    </Panel>
  );
}

function nameOf(group: Group): string {
  if (grouping.value === "kinds") return word("kind", group.key);
  return grouping.value === "platforms" ? platformName(group.key) : group.name;
}

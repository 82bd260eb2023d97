import { age, moment } from "@keepclear/shared/format";
import type { Channel, Figures, Reason } from "./model";
import { Panel, Wide } from "./panel";
import { retry } from "./state";
import { t, word } from "./words";

export function Silent({ figures }: { figures: Figures }) {
  const { silent, silent_visitors, on_shift } = figures;
  return (
    <Panel id="silent" title={t("silent")} hint={t("silentHint")}>
      {silent.length === 0 && <p class="none">{t(on_shift ? "noneSilent" : "noneOnShift")}</p>}
      <ul class="rows">
        {silent.map(({ visitor, device, heard_at, level, why }) => (
          <li key={device}>
            <a href={`/#visitor=${encodeURIComponent(device)}`}>{visitor}</a>
            <small>{[word("level", level), why && word("silence", why)].filter(Boolean).join(" · ")}</small>
            <span title={moment(heard_at)}>{t("ago", { age: age(Date.now() / 1000 - heard_at) })}</span>
          </li>
        ))}
      </ul>
      {silent_visitors > silent.length && <p class="hint">{t("more", { n: silent_visitors - silent.length })}</p>}
    </Panel>
  );
}

/** What left by channels; what was given up is sent again by hand. */
export function Channels({ channels }: { channels: Channel[] }) {
  return (
    <Panel id="channels" title={t("channels")}>
      {channels.length === 0 ? <p class="none">{t("noChannels")}</p> : (
        <Wide label={t("channels")}>
          <table>
            <thead>
              <tr><th scope="col">{t("recipient")}</th><th scope="col">{t("delivered")}</th><th scope="col">{t("pending")}</th><th scope="col">{t("dead")}</th></tr>
            </thead>
            <tbody>{channels.map((each) => <Recipient key={each.recipient} {...each} />)}</tbody>
          </table>
        </Wide>
      )}
    </Panel>
  );
}

function Recipient({ recipient, delivered, waiting, dead, last_error }: Channel) {
  return (
    <tr>
      <th scope="row">
        {recipient}
        {last_error && <small>{t("lastError")}: {last_error}</small>}
        {dead > 0 && <button type="button" class="is-plain" aria-label={t("retryOf", { who: recipient })} onClick={() => void retry(recipient)}>{t("retry")}</button>}
      </th>
      <td>{delivered}</td><td>{waiting}</td><td class={dead ? "strong is-bad" : ""}>{dead}</td>
    </tr>
  );
}

export function TurnedAway({ figures: { refusals, quarantine } }: { figures: Figures }) {
  const isNone = refusals.length + quarantine.length === 0;
  return (
    <Panel id="turned" title={t("turnedAway")} hint={t("turnedHint")}>
      {isNone ? <p class="none">{t("noneTurned")}</p> : (
        <Wide label={t("turnedAway")}>
          <table>
            <thead><tr><th scope="col">{t("reason")}</th><th scope="col">{t("count")}</th><th scope="col">{t("newest")}</th></tr></thead>
            <Reasons title={t("refusals")} rows={refusals} />
            <Reasons title={t("quarantine")} rows={quarantine} />
          </table>
        </Wide>
      )}
    </Panel>
  );
}

function Reasons({ title, rows }: { title: string; rows: Reason[] }) {
  if (rows.length === 0) return null;
  return (
    <tbody>
      <tr><th scope="rowgroup" colSpan={3} class="rowgroup">{title}</th></tr>
      {rows.map(({ reason, count, last_at }) => (
        <tr key={reason}><th scope="row">{word("why", reason)}</th><td>{count}</td><td>{moment(last_at)}</td></tr>
      ))}
    </tbody>
  );
}

import { useEffect, useRef } from "preact/hooks";
import { age, clock, kilometresPerHour, lonLat, metres, moment, percent } from "@keepclear/shared/format";
import { freshness } from "../data/freshness";
import type { Device } from "../data/model";
import { followed, toggleFollow } from "../data/follow";
import { ask } from "../data/replay";
import { silences } from "../data/silence";
import { now, selectedDevice } from "../data/store";
import { t } from "../messages";
import { agoText, compass, distanceText, freshText, signalText, stateText, zoneNameOf } from "../words";
import { deselect, show } from "./actions";
import { Excuses } from "./excuses";
import { Icon, StateIcon } from "./icons";
import { layout } from "./layout";
import { CouldHaveEntered, SilenceFacts } from "./silence";
import { Visits } from "./visits";

const LATE_S = 60;

/** Everything known of the selected visitor. */
export function Card() {
  const device = selectedDevice.value;
  return device === undefined ? null : <Details key={device.device} device={device} />;
}

function Details({ device }: { device: Device }) {
  const closeButton = useRef<HTMLButtonElement>(null);
  // On a phone the card takes the list's place, so the focus comes with it.
  useEffect(() => {
    if (layout.value === "phone") closeButton.current?.focus({ preventScroll: true });
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector(".menu[open], dialog[open]")) deselect();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  const fresh = freshness(device, now.value);
  const silence = silences.value.get(device.device);
  return (
    <section class="card" aria-label={t("details")}>
      <header>
        <StateIcon state={device.state} freshness={fresh} />
        <div class="row-main">
          <h2>{device.visitor}</h2>
          <p class="row-text">
            {device.sos_at !== null && <span class="badge is-sos">{t("sosSince", { time: clock(device.sos_at) })}</span>}
            {(device.state !== "clear" || (fresh === "fresh" && device.sos_at === null)) && <span key={device.state} class={`row-state is-${device.state}`}>{stateText(device)}</span>}
            {fresh !== "fresh" && <span class={`age is-${fresh}`}>{device.state !== "clear" && " · "}{freshText(device, now.value)}</span>}
          </p>
          {device.state !== "clear" && <p class="row-text">{zoneText(device)}</p>}
        </div>
        <button type="button" class="icon-button" aria-label={t("center")} title={t("center")} onClick={() => show(device.device, true)}>
          <Icon name="target" />
        </button>
        <button type="button" class="icon-button" aria-label={t("close")} title={t("close")} ref={closeButton} onClick={deselect}>
          <Icon name="close" />
        </button>
      </header>
      <div class="card-actions">
        <button type="button" class="action" aria-pressed={followed.value === device.device} onClick={() => toggleFollow(device.device)}>
          {t(followed.value === device.device ? "followStop" : "follow")}
        </button>
        <button type="button" class="action" onClick={() => void ask(device.device)}>{t("replay")}</button>
      </div>
      {silence && (
        <div class={`card-silence is-${silence.confirmed_at === null ? "amber" : "red"}`}>
          <SilenceFacts alert={silence} />
          <CouldHaveEntered alert={silence} />
        </div>
      )}
      <Excuses device={device.device} />
      <Visits device={device.device} current={device.visit} />
      {device.signals.length > 0 && <Signals device={device} />}
      <dl>{facts(device).map(([term, text]) => <div key={term}><dt>{term}</dt><dd>{text}</dd></div>)}</dl>
    </section>
  );
}

/** Signs that the phone may not say what is so: questions for a person, never a verdict. */
function Signals({ device }: { device: Device }) {
  return (
    <details class="excuses">
      <summary>{t("signals")}<b>{device.signals.length}</b></summary>
      <p class="note">{t("signalsNote")}</p>
      <ul>
        {device.signals.map((each) => (
          <li key={each.signal}><span><span class="row-title">{signalText(each.signal)}</span><span class="note">{t("signalFixes", { n: each.fixes, from: clock(each.first_at), to: clock(each.last_at) })}</span></span></li>
        ))}
      </ul>
    </details>
  );
}

const zoneText = (device: Device): string | null =>
  device.zone === null ? null : [zoneNameOf(device.zone), distanceText(device)].filter(Boolean).join(" · ");

function facts(device: Device): [string, string][] {
  const lagS = device.received_at - device.fix_at;
  const known: [string, string | null][] = [
    [t("zone"), device.state === "clear" ? zoneText(device) : null],
    [t("visit"), device.visit],
    [t("onShift"), device.shift_at === null ? null : t("sinceMoment", { time: moment(device.shift_at) })],
    [t("lastFix"), `${moment(device.fix_at)} · ${agoText(now.value - device.fix_at)}`],
    [t("received"), lagS >= LATE_S ? `${moment(device.received_at)} · ${t("lag", { age: age(lagS) })}` : null],
    [t("accuracy"), device.accuracy_m === null ? t("accuracyUnknown") : t("within", { distance: metres(device.accuracy_m) })],
    [t("speed"), device.speed_mps === null ? null : kilometresPerHour(device.speed_mps * 3.6)],
    [t("heading"), device.heading_deg === null ? null : compass(device.heading_deg)],
    [t("battery"), device.battery_pct === null ? null : percent(device.battery_pct / 100)],
    [t("device"), device.device],
    [t("position"), lonLat(device.lon, device.lat)],
  ];
  return known.filter((each): each is [string, string] => each[1] !== null);
}

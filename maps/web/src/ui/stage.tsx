import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { basemap } from "../data/basemap";
import { wanted } from "../data/address";
import { followed } from "../data/follow";
import { isNarrowed } from "../data/looking";
import { known, zoneGeneration, zonesLoaded } from "../data/store";
import { LiveMap, type Padding } from "../map/live-map";
import { t } from "../messages";
import { attachMap, fitAll, zoomBy } from "./actions";
import { Card } from "./card";
import { Icon, type IconName } from "./icons";
import { layout } from "./layout";
import { Legend } from "./legend";
import { ReplayPanel } from "./replay";
import { Banner } from "./top-bar";

/** What panels cover of the map, so that the camera centres on what can be seen. */
function covered(container: HTMLElement): Padding {
  const map = container.getBoundingClientRect();
  const sheetTop = document.querySelector(".sheet")?.getBoundingClientRect().top ?? map.bottom;
  const replayTop = document.querySelector(".replay")?.getBoundingClientRect().top ?? map.bottom;
  const cardRight = document.querySelector(".stage .card")?.getBoundingClientRect().right ?? map.left;
  return { top: 0, right: 0, bottom: Math.min(map.bottom - Math.min(sheetTop, replayTop), map.height * 0.6), left: Math.max(0, Math.min(cardRight - map.left, map.width * 0.6)) };
}

export function Stage() {
  const container = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const element = container.current!;
    let map: LiveMap;
    try {
      map = new LiveMap(element, () => covered(element));
    } catch {
      setFailed(true);
      return;
    }
    attachMap(map);
    const stop = fitOnce(map);
    return () => {
      stop();
      attachMap(null);
      map.destroy();
    };
  }, []);
  return (
    <main class="stage" aria-label={t("map")}>
      <div class="map" ref={container} />
      {failed && <p class="map-failed">{t("mapFailed")}</p>}
      <Banner />
      <Legend />
      <div class="map-buttons">
        <MapButton icon="plus" label={t("zoomIn")} onClick={() => zoomBy(1)} />
        <MapButton icon="minus" label={t("zoomOut")} onClick={() => zoomBy(-1)} />
        <MapButton icon="fit" label={t(isNarrowed.value ? "fitSome" : "fitAll")} onClick={fitAll} />
      </div>
      <Attribution />
      {layout.value !== "phone" && <Card />}
      <ReplayPanel />
    </main>
  );
}

/** Frame the visitors once, when they are first known; from then on the camera is the reader's. */
function fitOnce(map: LiveMap): () => void {
  let done = false;
  return effect(() => {
    if (wanted.peek() !== null || followed.peek() !== null) done = true;
    if (done || !known.value || (zoneGeneration.value !== null && !zonesLoaded.value)) return;
    done = true;
    map.fitAll(false);
  });
}

/** Whose map it is, and that what is drawn is shifted where it is. */
function Attribution() {
  const { attribution, datum, kind } = basemap;
  if (kind === "none") return null;
  return (
    <p class="attribution">
      {attribution.includes("OpenStreetMap")
        ? <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">{attribution}</a>
        : <span>{attribution}</span>}
      {datum === "gcj02" && <span class="datum"> · {t("shownInGcj02")}</span>}
    </p>
  );
}

function MapButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button type="button" class="map-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

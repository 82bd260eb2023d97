import { effect } from "@preact/signals";
import { wanted } from "../data/address";
import { followed } from "../data/follow";
import { isNarrowed } from "../data/looking";
import { known, zoneGeneration, zonesLoaded } from "../data/store";
import { LiveMap } from "../map/live-map";
import { t } from "../messages";
import { attachMap, fitAll, zoomBy } from "./actions";
import { Card } from "./card";
import { covered } from "./covered";
import { layout } from "./layout";
import { Legend } from "./legend";
import { Attribution, MapButton } from "./map-parts";
import { ReplayPanel } from "./replay";
import { Banner } from "./top-bar";
import { useMap } from "./use-map";

export function Stage() {
  const { container, failed } = useMap((element) => new LiveMap(element, () => covered(element)), begin);
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

function begin(map: LiveMap): () => void {
  attachMap(map);
  const stop = fitOnce(map);
  return () => {
    stop();
    attachMap(null);
  };
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

import { effect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { wanted } from "../data/address";
import { replay } from "../data/replay";
import { zonesLoaded } from "../data/store";
import { ReplayMap } from "../map/replay-map";
import { t } from "../messages";
import { covered } from "../ui/covered";
import { Attribution, MapButton } from "../ui/map-parts";
import { Panel } from "../ui/replay";
import { useMap } from "../ui/use-map";

export function Stage() {
  const map = useRef<ReplayMap | null>(null);
  const make = (element: HTMLElement) => (map.current = new ReplayMap(element, () => covered(element)));
  const { container, failed } = useMap(make, fitOnce);
  return (
    <main class="stage is-past" aria-label={t("replay")}>
      <div class="map" ref={container} />
      {failed && <p class="map-failed">{t("replayMapFailed")}</p>}
      <div class="map-buttons">
        <MapButton icon="plus" label={t("zoomIn")} onClick={() => map.current?.zoomBy(1)} />
        <MapButton icon="minus" label={t("zoomOut")} onClick={() => map.current?.zoomBy(-1)} />
        <MapButton icon="fit" label={t("replayFit")} onClick={() => map.current?.fitAll()} />
      </div>
      <Attribution />
      <Panel />
    </main>
  );
}

/** Frame the zones once, when they are known; from then on the camera is the reader's. */
function fitOnce(map: ReplayMap): () => void {
  let done = wanted.peek() !== null;
  return effect(() => {
    if (done || !zonesLoaded.value) return;
    done = true;
    if (replay.peek() === null) map.fitAll(false);
  });
}

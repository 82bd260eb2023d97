// The map with its tools; each tool has a name, and what it wants next stands beside it.
import { effect } from "@preact/signals";
import { zonesLoaded } from "../data/store";
import { covered } from "../ui/covered";
import { Attribution, MapButton } from "../ui/map-parts";
import { useMap } from "../ui/use-map";
import { t as shared } from "../messages";
import { back, cancel, drawable, finish, forth, removeCorner, underWay } from "./drawing";
import { attachMap, fitAll, zoomBy } from "./map-actions";
import { answer } from "./place";
import { canRedo, canUndo, corner, TOOLS, tool } from "./shape";
import { current } from "./state";
import { view, wanted } from "./view";
import { t } from "./words";
import { ZoneMap } from "./zone-map";

export function Stage() {
  const { container, failed } = useMap((element) => new ZoneMap(element, () => covered(element)), begin);
  const editing = view.value.kind === "new" || view.value.kind === "edit";
  return (
    <main class="stage" aria-label={shared("map")}>
      <div class="map" ref={container} />
      {failed && <p class="map-failed">{t("mapFailed")}</p>}
      {editing && !failed && <Tools />}
      {view.value.kind === "place" && !answer.value && <p class="stage-hint">{t("tapPlace")}</p>}
      <div class="map-buttons">
        <MapButton icon="plus" label={shared("zoomIn")} onClick={() => zoomBy(1)} />
        <MapButton icon="minus" label={shared("zoomOut")} onClick={() => zoomBy(-1)} />
        <MapButton icon="fit" label={shared("fitAll")} onClick={fitAll} />
      </div>
      <Attribution />
    </main>
  );
}

function begin(map: ZoneMap): () => void {
  attachMap(map);
  const stops = [fitOnce(map), lookAlong(map)];
  return () => {
    for (const stop of stops) stop();
    attachMap(null);
  };
}

/** Frame all zones once; from then on the camera is the reader's. */
function fitOnce(map: ZoneMap): () => void {
  let done = false;
  return effect(() => {
    if (done || !zonesLoaded.value) return;
    done = true;
    if (!("id" in view.peek()) && wanted === null) map.fitAll(false);
  });
}

/** Bring into view what a person has just chosen: a zone, or the answer about a place. */
function lookAlong(map: ZoneMap): () => void {
  let shown = wanted && "id" in view.peek() ? (view.peek() as { id: string }).id : "";
  const stops = [
    effect(() => {
      const zone = zonesLoaded.value ? current.value : null;
      if (zone && zone.id !== shown && !map.showZone(zone.id)) map.showShapes([zone.geometry]);
      if (zone) shown = zone.id;
    }),
    effect(() => {
      if (answer.value) map.keepInView([answer.value, ...(answer.value.out ? [answer.value.out] : [])]);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

function Tools() {
  return (
    <div class="tools" role="toolbar" aria-label={t("tools")}>
      <div class="tool-row">
        {TOOLS.map((each) => (
          <button key={each} type="button" class="tool" aria-pressed={tool.value === each} disabled={each === "select" && !drawable.value} onClick={() => (tool.value = each)}>{t(`tool_${each}`)}</button>
        ))}
      </div>
      <div class="tool-row">
        <button type="button" class="tool" disabled={!canUndo.value && !underWay.value} onClick={back}>{t("undo")}</button>
        <button type="button" class="tool" disabled={!canRedo.value && !underWay.value} onClick={forth}>{t("redo")}</button>
        {tool.value === "select" && <button type="button" class="tool" disabled={corner.value === null} onClick={removeCorner}>{t("deleteCorner")}</button>}
        {underWay.value && tool.value === "polygon" && <button type="button" class="tool is-main" onClick={finish}>{t("finish")}</button>}
        {underWay.value && <button type="button" class="tool" onClick={cancel}>{t("dropDrawing")}</button>}
      </div>
      <p class="tool-hint" aria-live="polite">{t(`hint_${tool.value}`)}</p>
    </div>
  );
}

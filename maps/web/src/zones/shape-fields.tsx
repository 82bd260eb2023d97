// The footprint without a map: corners as numbers, pasted coordinates, or a middle with metres; the map's tools do the same.
import { useState } from "preact/hooks";
import { lonLat } from "@keepclear/shared/format";
import { preview, previewing, problems } from "./draft";
import { drawable, drawnShape, moveCorner, removeCorner, underWay } from "./drawing";
import { Area, Group, Select, Wrong } from "./fields";
import { DATUMS, type Datum } from "./model";
import { corner, corners, keep, MAP_DATUM, shape } from "./shape";
import { datumText, findingText, shapeText, t } from "./words";
import { geometryOf, type Order } from "./wkt";

const MOST_CORNERS = 100;

export function ShapeFields() {
  const now = shape.value;
  return (
    <Group legend={t("footprint")}>
      <p class={now ? "row-text" : "hint"} aria-live="polite">
        {now ? [shapeText(now.geometry), datumText(now.datum), previewing.value ? t("measuring") : ""].filter(Boolean).join(" · ") : t("noShape")}
      </p>
      {!drawable.value && <p class="warn">{t("notDrawable")}</p>}
      {!underWay.value && preview.value?.findings.map((each) => <p key={each.code} class="warn">{findingText(each)}</p>)}
      <Wrong problems={problems.value} field="geometry" />
      <Wrong problems={problems.value} field="datum" />
      <Pasted open={now === null && !underWay.value} />
      <Corners />
    </Group>
  );
}

function Pasted({ open }: { open: boolean }) {
  const [text, setText] = useState("");
  const [datum, setDatum] = useState<Datum | "">("");
  const [order, setOrder] = useState<Order>("lonlat");
  const [wrong, setWrong] = useState("");
  const use = () => {
    const geometry = geometryOf(text, order);
    if (geometry === null || datum === "") return setWrong(t(geometry === null ? "notCoordinates" : "sayDatum"));
    setWrong("");
    keep({ geometry, datum });
  };
  return (
    <details class="fold" open={open}>
      <summary>{t("pasteCoordinates")}</summary>
      <div class="fold-body">
        <Area label={t("coordinates")} value={text} onInput={setText} mono rows={3} placeholder="118.79000, 32.04000" hint={t("coordinatesHint")} />
        <div class="pair">
          <Select label={t("datum")} value={datum} onChange={setDatum} options={[["", t("chooseDatum")], ...DATUMS.map((each): [Datum, string] => [each, datumText(each)])]} />
          <Select label={t("order")} value={order} onChange={setOrder} options={[["lonlat", t("lonlat")], ["latlon", t("latlon")]]} />
        </div>
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <button type="button" class="button" onClick={use}>{t("useCoordinates")}</button>
      </div>
    </details>
  );
}

/** Every corner as a row: chosen here it is lifted on the map; moved by numbers, deleted by a button. */
function Corners() {
  const drawn = drawnShape();
  const found = drawn ? corners(drawn) : [];
  if (found.length === 0) return null;
  const chosen = corner.value;
  return (
    <details class="fold">
      <summary>{t("corners", { n: found.length })}</summary>
      <div class="fold-body">
        {found.length > MOST_CORNERS && <p class="hint">{t("cornersCut", { n: MOST_CORNERS })}</p>}
        <ol class="corner-list">
          {found.slice(0, MOST_CORNERS).map(({ at }, index) => (
            <li key={index}>
              <button type="button" class="corner" aria-pressed={chosen === index} onClick={() => (corner.value = chosen === index ? null : index)}>{index + 1} · {lonLat(at[0]!, at[1]!)}</button>
            </li>
          ))}
        </ol>
        {chosen !== null && found[chosen] && <Corner key={`${chosen}-${found[chosen].at}`} index={chosen} at={found[chosen].at} />}
        <p class="hint">{datumText(MAP_DATUM)}</p>
      </div>
    </details>
  );
}

function Corner({ index, at }: { index: number; at: number[] }) {
  const [text, setText] = useState(at.slice(0, 2).map((each) => each.toFixed(7)).join(", "));
  const move = () => {
    const read = geometryOf(text, "lonlat");
    if (read?.type === "Point") moveCorner(index, read.coordinates);
  };
  return (
    <div class="corner-form">
      <Area label={t("corner", { n: index + 1 })} value={text} onInput={setText} rows={1} mono />
      <div class="row-of-buttons">
        <button type="button" class="button is-small" onClick={move}>{t("moveCorner")}</button>
        <button type="button" class="button is-small" onClick={removeCorner}>{t("deleteCorner")}</button>
      </div>
    </div>
  );
}

// "Is this place allowed?": a tap on the map, or coordinates with their datum.
import { useEffect, useState } from "preact/hooks";
import { lonLat, metres } from "@keepclear/shared/format";
import { Area, Select } from "./fields";
import { Head } from "./head";
import { DATUMS, type Datum, type Touch } from "./model";
import { answer, askPlace, asking, refused } from "./place";
import { go } from "./view";
import { categoryText, compass, datumText, nameOf, t } from "./words";
import { geometryOf, type Order } from "./wkt";

export function PlaceView() {
  const [text, setText] = useState("");
  const [datum, setDatum] = useState<Datum | "">("");
  const [order, setOrder] = useState<Order>("lonlat");
  const [wrong, setWrong] = useState("");
  useEffect(() => () => void (answer.value = null), []);
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const read = geometryOf(text, order);
    if (read?.type !== "Point" || datum === "") return setWrong(t(datum === "" ? "sayDatum" : "notPlace"));
    setWrong("");
    void askPlace(read.coordinates[0]!, read.coordinates[1]!, datum);
  };
  return (
    <>
      <Head title={t("isAllowed")} />
      <div class="scroll view-body">
        <form class="form" onSubmit={send}>
          <p class="hint">{t("placeHint")}</p>
          <Area label={t("place")} value={text} onInput={setText} rows={1} mono placeholder="118.79000, 32.04000" />
          <div class="pair">
            <Select label={t("datum")} value={datum} onChange={setDatum} options={[["", t("chooseDatum")], ...DATUMS.map((each): [Datum, string] => [each, datumText(each)])]} />
            <Select label={t("order")} value={order} onChange={setOrder} options={[["lonlat", t("lonlat")], ["latlon", t("latlon")]]} />
          </div>
          {(wrong || refused.value) && <p class="wrong" role="alert">{wrong || refused.value}</p>}
          <button type="submit" class="button is-main" disabled={asking.value}>{t("askPlace")}</button>
        </form>
        <div aria-live="polite"><Verdict /></div>
      </div>
    </>
  );
}

function Verdict() {
  const found = answer.value;
  if (!found) return null;
  const out = found.out;
  return (
    <section class={found.allowed ? "verdict is-allowed" : "verdict is-forbidden"}>
      <h3>{t(found.allowed ? "allowed" : "forbidden")}</h3>
      <p class="row-text">{lonLat(found.lon, found.lat)} · WGS-84</p>
      {out && <p>{t("wayOut", { distance: metres(Math.ceil(out.metres)), direction: compass(out.bearing_deg), place: lonLat(out.lon, out.lat) })}</p>}
      {found.touches.length > 0 && <ul class="touch-list">{found.touches.map((each) => <TouchRow key={each.id} touch={each} />)}</ul>}
    </section>
  );
}

function TouchRow({ touch }: { touch: Touch }) {
  const distance = metres(Math.abs(Math.round(touch.signed_m)));
  return (
    <li>
      <button type="button" class="touch" onClick={() => go({ kind: "zone", id: touch.id })}>
        <span class="row-title">{nameOf(touch)}</span>
        <span class="row-text">
          {categoryText(touch.category)} · {t(touch.signed_m <= 0 ? "deepInside" : "inRing", { distance })}
          {touch.out && <> · {t("outOfThis", { distance: metres(Math.ceil(touch.out.metres)), direction: compass(touch.out.bearing_deg) })}</>}
        </span>
      </button>
    </li>
  );
}

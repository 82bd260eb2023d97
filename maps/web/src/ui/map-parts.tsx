import { basemap } from "../data/basemap";
import { t } from "../messages";
import { Icon, type IconName } from "./icons";

/** Whose map it is, and that what is drawn is shifted where it is. */
export function Attribution() {
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

export function MapButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button type="button" class="map-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

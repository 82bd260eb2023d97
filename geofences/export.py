"""Zones -> GeoJSON, GeoPackage or CSV (shapes as WKT), in WGS-84, so that `sources` reads the same zones again."""

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

from geofences.cells import harmless
from geofences.codes import Code
from geofences.properties import HOURS, KEPT, hours, kept
from geofences.report import SourceError
from geofences.sources.geojson import write_geojson
from geofences.zone import Zone


def export_zones(zones: Sequence[Zone], path: Path) -> None:
    """Write a file of the kind that its ending names, whole or not at all; SourceError for another ending."""
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise SourceError(Code.NOT_WRITABLE(file=path.name))
    with TemporaryDirectory(prefix=".keepclear-", dir=path.parent) as room:
        made = Path(room) / path.name
        writer(zones, made)
        os.replace(made, path)  # noqa: PTH105  atomic, within one directory


def _write_geojson(zones: Sequence[Zone], path: Path) -> None:
    path.write_text(write_geojson(zones), encoding="utf-8")


def _write_gpkg(zones: Sequence[Zone], path: Path) -> None:
    import geopandas  # noqa: PLC0415  GDAL brings pandas along, which a worker has no use for

    rows = [kept(zone) | hours(zone) for zone in zones]
    columns = {name: [row[name] for row in rows] for name in (*KEPT, *HOURS)}
    frame = geopandas.GeoDataFrame(columns, geometry=[zone.footprint for zone in zones], crs="EPSG:4326")
    frame.to_file(path, layer="zones", driver="GPKG", engine="pyogrio", geometry_type="Unknown")


def _write_csv(zones: Sequence[Zone], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets Excel see UTF-8
        writer = csv.writer(file)
        writer.writerow([*KEPT, *HOURS, "wkt"])
        for zone in zones:
            cells = [harmless(value) for value in (kept(zone) | hours(zone)).values()]
            writer.writerow([*cells, shapely.to_wkt(zone.footprint, rounding_precision=-1)])


_WRITERS: dict[str, Callable[[Sequence[Zone], Path], None]] = {
    ".geojson": _write_geojson,
    ".json": _write_geojson,
    ".gpkg": _write_gpkg,
    ".csv": _write_csv,
}

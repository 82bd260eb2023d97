"""Which columns of a table say where a place is: headings in English or Chinese, with units and datums in them."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from geofences.codes import Code
from geofences.crs import noted_datum, without_datum
from geofences.report import SourceError
from geofences.sources.degrees import plain

LON = frozenset(
    {
        "lon", "lng", "long", "longitude", "x", "经度", "东经", "x坐标", "经度坐标", "londeg", "pointx", "xcoord",
        "經度", "東經", "easting", "东坐标", "横坐标",
    }
)  # fmt: skip
LAT = frozenset(
    {
        "lat", "latitude", "y", "纬度", "北纬", "y坐标", "纬度坐标", "latdeg", "pointy", "ycoord",
        "緯度", "北緯", "northing", "北坐标", "纵坐标",
    }
)  # fmt: skip
SHAPE = frozenset({"wkt", "geometry", "geom", "thegeom", "几何", "geojson", "wkb", "shape"})
PAIR = frozenset(
    {
        "经纬度", "坐标", "位置坐标", "经纬度坐标", "经度纬度", "location", "coordinates", "coordinate", "coords",
        "lonlat", "lnglat", "longitudelatitude",
    }
)  # fmt: skip
PAIR_LAT_FIRST = frozenset({"纬经度", "纬度经度", "latlon", "latlng", "latitudelongitude"})
_BRACKETS = re.compile(r"[(\[【{].*?[)\]】}]")
_LAT_BEFORE_LON = re.compile(r"(lat|纬).*(lon|lng|经)")


class Columns(NamedTuple):
    """The headings under which longitude and latitude stand."""

    lon: str
    lat: str


@lru_cache(maxsize=4096)
def key_of(heading: str) -> str:
    """A heading without what differs between two spellings: width, case, blanks, signs, brackets, the datum's name."""
    words = _BRACKETS.sub("", without_datum(plain(heading).lower()))
    return re.sub(r"[\W_]+", "", words)


def names_a_place(cells: Iterable[str]) -> bool:
    """Whether a row of a table is headings of which some say where."""
    keys = {key_of(cell) for cell in cells}
    return bool(keys & (SHAPE | PAIR | PAIR_LAT_FIRST)) or bool(keys & LON and keys & LAT)


def coordinate_columns(headings: Iterable[str], datum: str | None = None) -> Columns:
    """Which headings hold longitude and latitude, those of `datum` first.

    SourceError with what was found when one lacks, or when they name another datum.
    """
    known = list(headings)
    return Columns(_column(known, LON, Code.NO_LON_COLUMN, datum), _column(known, LAT, Code.NO_LAT_COLUMN, datum))


def _column(headings: list[str], keys: frozenset[str], missing: Code, datum: str | None) -> str:
    found = {noted_datum(heading): heading for heading in reversed(headings) if key_of(heading) in keys}
    if not found:
        raise SourceError(missing(headings=", ".join(headings)))
    said = datum.lower() if datum else None
    if said in found or None in found:
        return found.get(said) or found[None]
    if datum is None:
        return next(iter(found.values()))
    other = ", ".join(filter(None, found))
    column = next(iter(found.values()))
    raise SourceError(Code.COLUMN_OF_OTHER_DATUM(column=column, stated=other, declared=datum))


def shape_column(headings: Iterable[str]) -> str | None:
    """The heading under which whole shapes stand."""
    return next((heading for heading in headings if key_of(heading) in SHAPE), None)


def pair_column(headings: Iterable[str]) -> tuple[str, bool] | None:
    """The heading under which both coordinates stand in one cell, and whether latitude comes first."""
    for heading in headings:
        if (key := key_of(heading)) in PAIR | PAIR_LAT_FIRST:
            return heading, key in PAIR_LAT_FIRST or bool(_LAT_BEFORE_LON.search(plain(heading).lower()))
    return None

"""Where a row of a table is: in two columns, in one of "lon,lat", or in one of WKT, WKB or GeoJSON."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import shapely

from geofences.codes import Code
from geofences.crs import frame_of
from geofences.datum import DatumError
from geofences.report import RowError, SourceError
from geofences.sources.degrees import degrees_of, grid_of, plain
from geofences.sources.headings import Columns, coordinate_columns, pair_column, shape_column

Row = Mapping[str, str]
_WIDEST = {"lon": 180.0, "lat": 90.0}
_PLACE = Columns("lon", "lat")
_BETWEEN = re.compile(r"\s*[,;/|]\s*")
_SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
_WKT = re.compile(r"\s*[A-Z]{5,}\s*(Z|M|ZM)?\s*(\(|EMPTY)", re.IGNORECASE)
_WKB = re.compile(r"0[01][0-9A-Fa-f]{16,}")
_NORTH, _EAST = re.compile(r"[NS北南]", re.IGNORECASE), re.compile(r"[EW东西]", re.IGNORECASE)


def shapes_from(headings: Iterable[str], datum: str, *, geographic: bool = True) -> Callable[[Row], Any]:
    """How a row's shape is found; metres of a grid if not `geographic`. SourceError when no column says where."""
    known = list(headings)
    if (shape := shape_column(known)) is not None:
        return lambda row: shape_of_text(row[shape], shape, datum)
    try:
        columns = coordinate_columns(known, datum)
    except SourceError:
        pair = pair_column(known)
        if pair is None:
            raise
        return lambda row: _of_pair(row[pair[0]], pair[0], datum, lat_first=pair[1], geographic=geographic)
    return lambda row: shapely.Point(place_of(row, columns, geographic=geographic))


def place_of(row: Row, columns: Columns, *, geographic: bool = True) -> tuple[float, float]:
    """Longitude and latitude in degrees (metres of a grid if not `geographic`); RowError names a column without."""
    if not geographic:
        return grid_of(row[columns.lon], columns.lon), grid_of(row[columns.lat], columns.lat)
    lon = degrees_of(row[columns.lon], columns.lon, "EW东西")
    lat = degrees_of(row[columns.lat], columns.lat, "NS北南")
    for value, widest, column in ((lon, _WIDEST["lon"], columns.lon), (lat, _WIDEST["lat"], columns.lat)):
        if abs(value) > widest:
            raise RowError(column, _beyond(lon, lat)(text=row[column].strip(), most=widest))
    return lon, lat


def _beyond(lon: float, lat: float) -> Code:
    if abs(lat) <= _WIDEST["lon"] and abs(lon) <= _WIDEST["lat"]:
        return Code.CELL_SWAPPED
    return Code.CELL_OF_GRID if max(abs(lon), abs(lat)) > 1000.0 else Code.CELL_OUT_OF_RANGE  # noqa: PLR2004


def shape_of_text(cell: str, column: str, datum: str) -> Any:
    """A shape as WKT, EWKT, WKB in hexadecimal digits, or GeoJSON; RowError when it is none of these."""
    text = cell.strip()
    if not text:
        raise RowError(column, Code.SHAPE_EMPTY())
    if srid := _SRID.match(text):
        _check_srid(int(srid[1]), column, datum)
        text = text[srid.end() :]
    reads = shapely.from_geojson if text.startswith("{") else shapely.from_wkb if _WKB.match(text) else shapely.from_wkt
    try:
        return reads(text)
    except (shapely.errors.GEOSException, NotImplementedError, TypeError, ValueError) as error:
        raise RowError(column, Code.NO_SHAPE(text=text[:40], cause=error)) from error


def _check_srid(srid: int, column: str, datum: str) -> None:
    """4326 is written on everything; any other number is meant."""
    try:
        same = srid in (0, 4326) or frame_of(f"EPSG:{srid}").name == frame_of(datum).name
    except DatumError:
        same = False
    if not same:
        raise RowError(column, Code.OTHER_SRID(srid=srid, datum=datum))


def _of_pair(cell: str, column: str, datum: str, *, lat_first: bool, geographic: bool) -> Any:
    if _WKT.match(cell):
        return shape_of_text(cell, column, datum)
    text = plain(cell).strip("[](){} ")
    parts = _BETWEEN.split(text) if _BETWEEN.search(text) else text.split()
    if len(parts) not in (2, 3):  # a third is a height
        raise RowError(column, Code.NO_PAIR(text=cell[:40]) if text else Code.PAIR_EMPTY())
    north_first = bool(_NORTH.search(parts[0]) and _EAST.search(parts[1]))
    lon, lat = parts[1::-1] if lat_first or north_first else parts[:2]
    try:
        return shapely.Point(place_of({"lon": lon, "lat": lat}, _PLACE, geographic=geographic))
    except RowError as error:
        raise RowError(column, error.finding) from error

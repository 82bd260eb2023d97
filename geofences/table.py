"""Tables (CSV, TSV, Excel) -> zones and places: English or Chinese headings, any usual encoding and separator."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple

import shapely

from geofences.geometry import add_shapes, plain_shapes
from geofences.reading import Defaults, Reader
from geofences.report import Report, RowError, SourceError
from geofences.zone import ZoneError

LON_HEADINGS = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "x坐标", "经度坐标", "lon_deg")
LAT_HEADINGS = ("lat", "latitude", "y", "纬度", "北纬", "y坐标", "纬度坐标", "lat_deg")
SHAPE_HEADINGS = ("wkt", "geometry", "geom", "the_geom", "几何")
PAIR_HEADINGS = ("经纬度", "坐标", "location", "coordinates", "lonlat", "lnglat")
_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = (",", ";", "\t", "|", "，")
_WIDEST = {"lon": 180.0, "lat": 90.0}
_TITLE_ROWS = 10
_ANGLE = re.compile(
    r"""(\d+(?:\.\d+)?)\s*[°度]\s*(?:(\d+(?:\.\d+)?)\s*['′分]\s*)?(?:(\d+(?:\.\d+)?)\s*(?:["″秒]|'')\s*)?"""
)
_WEST_SOUTH = re.compile(r"[WS西南]", re.IGNORECASE)
_SIDES = re.compile(r"[NESW东西南北][经纬]?", re.IGNORECASE)

Cells = list[str]
Record = tuple[int, Cells]
"""A row as an editor counts it, from 1, and its cells."""


class Columns(NamedTuple):
    """The headings under which longitude and latitude stand."""

    lon: str
    lat: str


@dataclass(frozen=True, slots=True)
class Table:
    """The headings of a table and its rows that are not blank, each with its number in an editor."""

    headings: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]


def read_table(records: Iterable[Record], defaults: Defaults) -> Report:
    """A zone a row; SourceError when the table has no columns for a place."""
    table = table_of(records)
    reader = Reader(defaults)
    shape_of = shapes_from(table.headings, geographic=reader.geographic)
    reader.report.rows = len(table.rows)
    for number, row in defaults.progress(table.rows):
        properties = {heading.lower(): cell for heading, cell in row.items()}
        try:
            if reader.wanted(row | properties):
                add_shapes(number, plain_shapes(number, shape_of(row), reader), reader, properties, None)
        except (RowError, ZoneError) as error:
            reader.refuse(number, error)
    return reader.report


def decoded(data: bytes) -> str:
    """Text of a file as spreadsheets write it: UTF-8 with or without a mark, UTF-16 with one, or GB18030 (and GBK)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("The text is neither UTF-8 nor GB18030: save it as CSV UTF-8.")


def csv_records(text: str) -> Iterator[Record]:
    """The rows of a CSV with any usual separator, numbered from 1; SourceError on broken quoting."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise SourceError(f"Line {reader.line_num} of the table is broken ({error}): save it again as CSV.") from error


def table_of(records: Iterable[Record]) -> Table:
    """Find the headings (titles may stand above them) and pair every row with them; SourceError when there are none."""
    headings: tuple[str, ...] = ()
    titles: list[Cells] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if headings:
            padded = cells + [""] * (len(headings) - len(cells))
            rows.append((number, dict(zip(headings, padded, strict=False))))
        elif _names_a_place(cells) or len(titles) == _TITLE_ROWS:
            headings = tuple(cell.strip() for cell in cells)
        else:
            titles.append(cells)
    if not headings and not titles:
        raise SourceError("The table is empty: its first line must name the columns, lon and lat among them.")
    return Table(headings or tuple(cell.strip() for cell in titles[0]), rows)


def has_headings(records: Iterable[Record]) -> bool:
    """Whether one of the first rows names columns for a place."""
    return any(_names_a_place(cells) for _, cells in islice(records, _TITLE_ROWS))


def _names_a_place(cells: Cells) -> bool:
    lower = {cell.strip().lower() for cell in cells}
    pair = any(name in lower for name in (*SHAPE_HEADINGS, *PAIR_HEADINGS))
    return pair or (any(name in lower for name in LON_HEADINGS) and any(name in lower for name in LAT_HEADINGS))


def shapes_from(headings: Iterable[str], *, geographic: bool = True) -> Callable[[Mapping[str, str]], Any]:
    """How a row's shape is found: a column of WKT, one of "lon,lat", or two of degrees (metres if not `geographic`)."""
    known = list(headings)
    by_lower = {heading.lower(): heading for heading in reversed(known)}
    shape = next((by_lower[name] for name in SHAPE_HEADINGS if name in by_lower), None)
    if shape is not None:
        return lambda row: _from_wkt(row, shape)
    pair = next((by_lower[name] for name in PAIR_HEADINGS if name in by_lower), None)
    try:
        columns = coordinate_columns(known)
    except SourceError:
        if pair is None:
            raise
        return lambda row: _from_pair(row, pair)
    return lambda row: shapely.Point(place_of(row, columns, geographic=geographic))


def coordinate_columns(headings: Iterable[str]) -> Columns:
    """Which headings hold longitude and latitude; SourceError with what was found when one lacks."""
    known = list(headings)
    by_lower = {heading.lower(): heading for heading in reversed(known)}
    lon = next((by_lower[name] for name in LON_HEADINGS if name in by_lower), None)
    lat = next((by_lower[name] for name in LAT_HEADINGS if name in by_lower), None)
    if lon is None or lat is None:
        raise SourceError(
            f"No column for {'longitude' if lon is None else 'latitude'} among {', '.join(known)}:"
            " name the columns lon and lat."
        )
    return Columns(lon, lat)


def place_of(row: Mapping[str, str], columns: Columns, *, geographic: bool = True) -> tuple[float, float]:
    """Longitude and latitude in degrees; RowError names the column that has none."""
    lon, lat = (_number(row[name], name) for name in columns)
    if geographic:
        _check_degrees(lon, lat, columns, row)
    return lon, lat


def _number(cell: str, column: str) -> float:
    text = cell.strip()
    try:
        value = float(text)
    except ValueError:
        value = _angle(text, column)
    if not isfinite(value):
        raise RowError(column, f"{text} is out of range.", "Write decimal degrees such as 119.974.")
    return value


def _angle(text: str, column: str) -> float:
    """Degrees, minutes and seconds: 118°47'39.3"E."""
    found = _ANGLE.fullmatch(_SIDES.sub("", text).strip())
    if found is None:
        raise RowError(column, f"{text!r} is no number.", "Write decimal degrees such as 119.974.")
    degrees, minutes, seconds = (float(part or 0.0) for part in found.groups())
    value = degrees + minutes / 60.0 + seconds / 3600.0
    return -value if _WEST_SOUTH.search(text) else value


def _check_degrees(lon: float, lat: float, columns: Columns, row: Mapping[str, str]) -> None:
    for value, widest, column in ((lon, _WIDEST["lon"], columns.lon), (lat, _WIDEST["lat"], columns.lat)):
        if abs(value) > widest:
            mend = f"Give degrees from -{widest:g} to {widest:g}, longitude under lon, latitude under lat."
            if abs(lat) <= _WIDEST["lon"] and abs(lon) <= _WIDEST["lat"]:
                mend = "Longitude and latitude look swapped: exchange them."
            elif max(abs(lon), abs(lat)) > 1000.0:  # noqa: PLR2004
                mend = "These look like metres of a map grid: say --datum EPSG:n with its number."
            raise RowError(column, f"{row[column].strip()} is out of range.", mend)


def _from_wkt(row: Mapping[str, str], column: str) -> Any:
    try:
        return shapely.from_wkt(row[column])
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise RowError(column, f"{row[column]!r:.40} is no WKT ({error}).", "Write it as POINT (lon lat).") from error


def _from_pair(row: Mapping[str, str], column: str) -> Any:
    parts = re.split(r"[,，;\s]+", row[column].strip().strip("[]()"))
    if len(parts) != 2:  # noqa: PLR2004
        raise RowError(column, f"{row[column]!r:.40} is no place.", 'Write longitude and latitude as "119.974,31.811".')
    own = {"lon": parts[0], "lat": parts[1]}
    try:
        return shapely.Point(place_of(own, Columns("lon", "lat")))
    except RowError as error:
        raise RowError(column, error.reason, error.mend) from error

"""CSV -> zones and places: English or Chinese headings, any usual encoding and separator."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import NamedTuple

import shapely

from geofences.reading import Defaults, Reader, Report, RowError, SourceError
from geofences.zone import ZoneError

LON_HEADINGS = ("lon", "lng", "long", "longitude", "x", "经度", "东经")
LAT_HEADINGS = ("lat", "latitude", "y", "纬度", "北纬")
_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = (",", ";", "\t", "|", "，")
_WIDEST = {"lon": 180.0, "lat": 90.0}


class Columns(NamedTuple):
    """The headings under which longitude and latitude stand."""

    lon: str
    lat: str


def read_csv(data: bytes | str, defaults: Defaults) -> Report:
    """A point zone a row; SourceError when the table has no columns for longitude and latitude."""
    reader = Reader(defaults)
    rows = dict_rows(decoded(data))
    columns = coordinate_columns(next(rows))
    for number, row in enumerate(rows):
        try:
            reader.add(number, shapely.Point(place_of(row, columns)), _lower(row))
        except (RowError, ZoneError) as error:
            reader.refuse(number, error)
    return reader.report


def decoded(data: bytes | str) -> str:
    """Text of a file as spreadsheets write it: UTF-8 with or without a mark, UTF-16 with one, or GB18030."""
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("The text is neither UTF-8 nor GB18030: save it as CSV UTF-8.")


def dict_rows(text: str) -> Iterator[dict[str, str]]:
    """First the headings (each with itself), then every row that is not blank; SourceError on broken quoting."""
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        if not any(headings):
            raise SourceError("The table is empty: its first line must name the columns, lon and lat among them.")
        yield dict(zip(headings, headings, strict=True))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                padded = cells + [""] * (len(headings) - len(cells))
                yield dict(zip(headings, padded, strict=False))
    except csv.Error as error:
        raise SourceError(f"Line {reader.line_num} of the table is broken ({error}): save it again as CSV.") from error


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


def place_of(row: Mapping[str, str], columns: Columns) -> tuple[float, float]:
    """Longitude and latitude in degrees; RowError names the column that has none."""
    lon, lat = (_degrees(row, name, _WIDEST[axis]) for axis, name in columns._asdict().items())
    return lon, lat


def _degrees(row: Mapping[str, str], column: str, widest: float) -> float:
    text = row[column].strip()
    try:
        value = float(text)
    except ValueError:
        raise RowError(column, f"{text!r} is no number.", "Write decimal degrees such as 119.974.") from None
    if not isfinite(value) or abs(value) > widest:
        mend = f"Give degrees from -{widest:g} to {widest:g}, longitude under lon, latitude under lat."
        raise RowError(column, f"{text} is out of range.", mend)
    return value


def _lower(row: Mapping[str, str]) -> dict[str, str]:
    return {heading.lower(): cell for heading, cell in row.items()}

"""What every reader of zones shares: the report, the words for a column, and one row -> one zone."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geofences.datum import convert, in_china
from geofences.geodesy import Floats
from geofences.zone import (
    DEFAULT_STANDOFF_M,
    DEFAULT_WARNING_M,
    FootprintError,
    Zone,
    ZoneError,
    check_extent,
    check_footprint,
    off_plane,
    on_plane,
)

ID_KEYS = ("id", "@id", "source_id", "编号", "zone_id", "osm_id")
NAME_KEYS = ("name", "名称", "name:zh", "name:en", "official_name", "title")
CATEGORY_KEYS = ("kind", "amenity", "category", "类别", "类型", "court_type", "type")
STANDOFF_KEYS = ("standoff_m", "standoff")
WARNING_KEYS = ("warning_m", "warning", "ring_m", "ring")
CATEGORIES = {"court": ("court", "法院", "法庭"), "police": ("police", "派出所", "公安", "警察")}


class SourceError(ValueError):
    """A file of zones that can't be read at all: the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row (counted from 0; None for the whole file), in which field, and how to mend it."""

    row: int | None
    field: str
    reason: str
    mend: str

    def __str__(self) -> str:
        place = "file" if self.row is None else f"row {self.row}"
        return f"{place}, {self.field}: {self.reason} {self.mend}".rstrip()


@dataclass(slots=True)
class Report:
    """What came of a reading: the zones, the rows that were refused, and what was repaired or is doubtful."""

    zones: list[Zone] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


class RowError(ValueError):
    """One row can't become a zone."""

    def __init__(self, field_: str, reason: str, mend: str) -> None:
        super().__init__(f"{field_}: {reason} {mend}")
        self.field, self.reason, self.mend = field_, reason, mend


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a row that says nothing gets, and the datum that its coordinates are in."""

    datum: str
    standoff_m: float = DEFAULT_STANDOFF_M
    warning_m: float = DEFAULT_WARNING_M
    category: str = "other"
    source: str = ""


class Reader:
    """Collects zones into a report; one bad row never loses the good ones."""

    def __init__(self, defaults: Defaults) -> None:
        self.defaults = defaults
        self.report = Report()
        self._ids: set[str] = set()

    def note(self, row: int | None, field_: str, reason: str, mend: str = "") -> None:
        """Remember what was repaired or is doubtful."""
        self.report.notes.append(Problem(row, field_, reason, mend))

    def refuse(self, row: int | None, error: RowError | ZoneError) -> None:
        """Remember why a row gives no zone."""
        if isinstance(error, RowError):
            problem = Problem(row, error.field, error.reason, error.mend)
        else:
            field_ = "geometry" if isinstance(error, FootprintError) else "properties"
            reason, _, mend = str(error).partition(": ")
            problem = Problem(row, field_, f"{reason}.", mend[:1].upper() + mend[1:])
        self.report.problems.append(problem)

    def add(self, row: int, shape: Any, properties: Mapping[str, Any], given_id: str | None = None) -> None:
        """One row as one zone; RowError or ZoneError when it can't be."""
        footprint = self._repaired(row, self._wrapped(row, self._wgs84(shape)))
        zone_id = given_id or _first(properties, ID_KEYS) or _hashed(footprint, properties)
        zone = Zone(
            id=self._unique(row, zone_id),
            name=_first(properties, NAME_KEYS),
            category=category_of(properties, self.defaults.category),
            footprint=footprint,
            standoff_m=_metres(properties, STANDOFF_KEYS, self.defaults.standoff_m),
            warning_m=_metres(properties, WARNING_KEYS, self.defaults.warning_m),
            source=self.defaults.source,
            source_datum=self.defaults.datum,
        )
        self._ids.add(zone.id)
        self.report.zones.append(zone)

    def _wgs84(self, shape: Any) -> Any:
        datum = self.defaults.datum
        if datum == "wgs84":
            return shape
        return shapely.transform(shape, lambda at: np.column_stack(convert(at[:, 0], at[:, 1], datum, "wgs84")))

    def _wrapped(self, row: int, shape: Any) -> Any:
        lons = shapely.get_coordinates(shape)[:, 0]
        if not len(lons) or not np.isfinite(lons).all() or np.abs(lons).max() <= 180.0:  # noqa: PLR2004
            return shape
        if np.abs(lons).max() > 540.0:  # noqa: PLR2004
            return shape
        self.note(row, "geometry", "Longitudes outside -180 to 180 were wrapped.")
        return shapely.transform(shape, _wrap)

    def _repaired(self, row: int, shape: Any) -> Any:
        try:
            check_footprint(shape)
        except FootprintError as error:
            mended = _mended(shape, error)
            self.note(row, "geometry", f"Repaired: {error}", "Look at it on the map.")
            return mended
        return shape

    def _unique(self, row: int, zone_id: str) -> str:
        if zone_id not in self._ids:
            return zone_id
        number = next(n for n in range(2, len(self._ids) + 3) if f"{zone_id}#{n}" not in self._ids)
        self.note(row, "id", f"The id {zone_id} stands twice; this one became {zone_id}#{number}.")
        return f"{zone_id}#{number}"


def _wrap(at: Floats) -> Floats:
    lons = np.where(np.abs(at[:, 0]) > 180.0, (at[:, 0] + 180.0) % 360.0 - 180.0, at[:, 0])  # noqa: PLR2004
    return np.column_stack([lons, at[:, 1]])


def _mended(shape: Any, error: FootprintError) -> Any:
    """An outline that crosses itself, made valid on the plane at its middle; anything else stays refused."""
    if "broken" not in str(error):
        raise error
    lon, lat = check_extent(shape)
    valid = shapely.make_valid(on_plane(shape, lon, lat), method="structure", keep_collapsed=False)
    mended = off_plane(valid, lon, lat)
    if mended.is_empty:
        raise error
    check_footprint(mended)
    return mended


def category_of(properties: Mapping[str, Any], otherwise: str) -> str:
    """`court` or `police` where a column says so in English or Chinese, else its own word in lower case."""
    said = _first(properties, CATEGORY_KEYS).strip().lower()
    for category, words in CATEGORIES.items():
        if any(word in said for word in words):
            return category
    return said or otherwise


def _first(properties: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = properties.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _metres(properties: Mapping[str, Any], keys: tuple[str, ...], otherwise: float) -> float:
    said = _first(properties, keys)
    if not said:
        return otherwise
    try:
        return float(said)
    except ValueError:
        raise RowError(keys[0], f"{said!r} is no number of metres.", "Write metres such as 200.") from None


def _hashed(footprint: Any, properties: Mapping[str, Any]) -> str:
    place = shapely.to_wkb(shapely.set_precision(footprint, 0.0), byte_order=1)
    name = _first(properties, NAME_KEYS).encode()
    return f"place/{hashlib.sha256(place + name).hexdigest()[:16]}"


def doubt_datum(report: Report, datum: str) -> None:
    """Note a Chinese datum declared for places where it means nothing."""
    at = shapely.get_coordinates([zone.footprint for zone in report.zones])
    if datum != "wgs84" and len(at) and not in_china(at[:, 0], at[:, 1]).any():
        report.notes.append(
            Problem(None, "datum", f"No place lies in China, where {datum} counts.", "Check the datum.")
        )

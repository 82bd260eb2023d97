"""What every reader of zones shares: the defaults, and one row -> one zone."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geofences.codes import Code
from geofences.crs import frame_of
from geofences.findings import Finding
from geofences.geodesy import Floats
from geofences.report import Candidate, Problem, Report, RowError
from geofences.sources.columns import (
    ID_KEYS,
    NAME_KEYS,
    STANDOFF_KEYS,
    WARNING_KEYS,
    Where,
    category_of,
    first,
    hours_of,
    metres,
    names_of,
    osm_id,
    spelled,
)
from geofences.zone import (
    DEFAULT_STANDOFF_M,
    DEFAULT_WARNING_M,
    LONGEST,
    FootprintError,
    Zone,
    ZoneError,
    check_extent,
    check_footprint,
    check_text,
    off_plane,
    on_plane,
)

LONGEST_OWN_ID = 200
"""Characters of a row's own id: a prefix and a number may be put to it."""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_SLIVER_M2 = 0.01

Progress = Callable[[Sequence[Any]], Iterable[Any]]
"""Shows how far a long reading is: gives back what it gets."""


def plain(rows: Sequence[Any]) -> Iterable[Any]:
    """No progress shown."""
    return rows


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a row that says nothing gets, and the datum that its coordinates are in."""

    datum: str
    standoff_m: float = DEFAULT_STANDOFF_M
    warning_m: float = DEFAULT_WARNING_M
    category: str = "other"
    source: str = ""
    where: tuple[Where, ...] = ()
    progress: Progress = plain


class Reader:
    """Collects zones into a report; one bad row never loses the good ones.

    Raises:
        DatumError: there is no such datum.
    """

    def __init__(self, defaults: Defaults) -> None:
        self.defaults = defaults
        self._frame = frame_of(defaults.datum)
        self.report = Report(datum=self._frame.name)
        self._ids: set[str] = set()
        if self._frame.doubt:
            self.note(None, "datum", self._frame.doubt)

    @property
    def geographic(self) -> bool:
        """Whether coordinates are degrees and not metres of a map grid."""
        return self._frame.geographic

    def possible(self, at: Floats) -> bool:
        """Whether at least one place, shape (n, 2) in the file's coordinates, lies where its system is used."""
        moved = at if self._frame.to_wgs84 is None else self._frame.to_wgs84(at)
        return self._frame.possible(moved[np.isfinite(moved).all(axis=1)])

    def note(self, row: int | None, field_: str, found: Finding) -> None:
        """Remember what was repaired or is doubtful."""
        self.report.notes.append(Problem(row, field_, found, self.defaults.source))

    def refuse(self, row: int | None, error: RowError | ZoneError) -> None:
        """Remember why a row gives no zone."""
        self.report.problems.append(Problem(row, error.field, error.finding, self.defaults.source))

    @contextmanager
    def judging(self, row: int) -> Iterator[None]:
        """One row by itself: whatever is wrong with it refuses it, and the next one is read."""
        try:
            yield
        except (RowError, ZoneError) as error:
            self.refuse(row, error)
        except (shapely.errors.ShapelyError, *_UNREADABLE) as error:
            cause = f"{str(error) or type(error).__name__:.100}"
            self.refuse(row, RowError("geometry", Code.ROW_UNREADABLE(cause=cause)))

    def wanted(self, properties: Mapping[str, Any]) -> bool:
        """Whether the filter lets a row through; one that does not is counted."""
        if all(where.matches(properties) for where in self.defaults.where):
            return True
        self.report.passed_over += 1
        return False

    def add(self, row: int, shape: Any, properties: Mapping[str, Any], given_id: str | None = None) -> None:
        """One row as one zone; RowError or ZoneError when it can't be."""
        footprint = self._repaired(row, self._wrapped(row, self._wgs84(shape)))
        properties = spelled(properties)
        source_id = given_id or osm_id(properties) or first(properties, ID_KEYS)
        keys = {"standoff_m": STANDOFF_KEYS, "warning_m": WARNING_KEYS}
        check_text("id", source_id, LONGEST_OWN_ID)
        check_text("name", first(properties, NAME_KEYS), LONGEST["name"])
        hours = hours_of(properties)
        metres_stated = (name for name, of in keys.items() if first(properties, of))
        stated = (*metres_stated, *(("schedule",) if hours else ()))
        zone = Zone(
            id=self._unique(row, source_id or _hashed(footprint, properties), said=bool(source_id)),
            name=first(properties, NAME_KEYS),
            category=category_of(properties, self.defaults.category),
            footprint=footprint,
            standoff_m=metres(properties, STANDOFF_KEYS, self.defaults.standoff_m),
            warning_m=metres(properties, WARNING_KEYS, self.defaults.warning_m),
            source=self.defaults.source,
            source_datum=self._frame.name,
            schedule=hours,
            overrides=stated,
        )
        self._ids.add(zone.id)
        self.report.candidates.append(Candidate(zone, row, source_id, names_of(properties), frozenset(stated)))

    def _wgs84(self, shape: Any) -> Any:
        to_wgs84 = self._frame.to_wgs84
        if to_wgs84 is None:
            return shape
        moved = shapely.transform(shape, to_wgs84)
        if not np.isfinite(shapely.get_coordinates(moved)).all():
            raise RowError("geometry", Code.NO_MEANING_THERE(datum=self._frame.name))
        return moved

    def _wrapped(self, row: int, shape: Any) -> Any:
        lons = shapely.get_coordinates(shape)[:, 0]
        if not len(lons) or not np.isfinite(lons).all() or np.abs(lons).max() <= 180.0:  # noqa: PLR2004
            return shape
        if np.abs(lons).max() > 540.0:  # noqa: PLR2004
            return shape
        self.note(row, "geometry", Code.LONGITUDES_WRAPPED())
        return shapely.transform(shape, _wrap)

    def _repaired(self, row: int, shape: Any) -> Any:
        try:
            check_footprint(shape)
        except FootprintError as error:
            mended = _mended(shape, error)
            self.note(row, "geometry", Code.OUTLINE_REPAIRED(**error.finding.params))
            return mended
        return shape

    def _unique(self, row: int, zone_id: str, *, said: bool) -> str:
        if zone_id not in self._ids:
            return zone_id
        numbered = (f"{zone_id}#{n}" for n in range(2, len(self._ids) + 3))
        new_id = next(each for each in numbered if each not in self._ids)
        if said:
            self.note(row, "id", Code.ID_TWICE(id=zone_id, new_id=new_id))
        return new_id


def _wrap(at: Floats) -> Floats:
    lons = np.where(np.abs(at[:, 0]) > 180.0, (at[:, 0] + 180.0) % 360.0 - 180.0, at[:, 0])  # noqa: PLR2004
    return np.column_stack([lons, at[:, 1]])


def _mended(shape: Any, error: FootprintError) -> Any:
    """An outline that crosses itself, made valid on the plane at its middle; anything else stays refused."""
    if error.finding.code != Code.OUTLINE_BROKEN.code:
        raise error
    lon, lat = check_extent(shape)
    valid = shapely.make_valid(on_plane(shape, lon, lat), method="structure", keep_collapsed=False)
    mended = off_plane(valid, lon, lat)
    if mended.is_empty or valid.area < _SLIVER_M2:
        raise error
    check_footprint(mended)
    return mended


def _hashed(footprint: Any, properties: Mapping[str, Any]) -> str:
    place = shapely.to_wkb(shapely.set_precision(footprint, 0.0), byte_order=1)
    name = first(properties, NAME_KEYS).encode()
    return f"place/{hashlib.sha256(place + name).hexdigest()[:16]}"


def doubt_datum(report: Report, datum: str) -> None:
    """Note a datum declared for places where it means nothing."""
    at = shapely.get_coordinates([zone.footprint for zone in report.zones])
    frame = frame_of(datum)
    if len(at) and not frame.possible(at):
        report.notes.append(Problem(None, "datum", frame.elsewhere()))

"""What every reader of zones shares: the report, the words for a column, and one row -> one zone."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geofences.crs import frame_of
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
NAME_KEYS = (
    "name",
    "名称",
    "name:zh",
    "name:en",
    "name_zh",
    "name_en",
    "official_name",
    "title",
    "单位名称",
    "单位",
    "机构名称",
)
OTHER_NAME_KEYS = (*NAME_KEYS, "alt_name", "old_name", "short_name", "别名", "简称")
CATEGORY_KEYS = ("kind", "amenity", "category", "fclass", "类别", "类型", "分类", "court_type", "type")
STANDOFF_KEYS = ("standoff_m", "standoff")
WARNING_KEYS = ("warning_m", "warning", "ring_m", "ring")
_LABEL_LENGTH = 40
_SLIVER_M2 = 0.01
CATEGORIES = {"court": ("court", "法院", "法庭"), "police": ("police", "派出所", "公安", "警察")}


Progress = Callable[[Sequence[Any]], Iterable[Any]]
"""Shows how far a long reading is: gives back what it gets."""


def plain(rows: Sequence[Any]) -> Iterable[Any]:
    """No progress shown."""
    return rows


class SourceError(ValueError):
    """A file of zones that can't be read at all: the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, in which field, and how to mend it.

    Rows count from 1 as an editor shows them: the first feature of a GeoJSON is 1, the headings of a table are 1.
    None means the whole file.
    """

    row: int | None
    field: str
    reason: str
    mend: str
    file: str = ""

    def __str__(self) -> str:
        place = "file" if self.row is None else f"row {self.row}"
        of = f"{self.file}, " if self.file else ""
        return f"{of}{place}, {self.field}: {self.reason} {self.mend}".rstrip()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A zone as one row gives it, with what tells whether another row means the same place.

    `source_id` is the row's own id ("" for none), `names` all its names in a form to compare, `stated` the fields
    (`standoff_m`, `warning_m`) that the row itself gives.
    """

    zone: Zone
    row: int
    source_id: str = ""
    names: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()


@dataclass(slots=True)
class Report:
    """What came of a reading: a candidate a row, the rows that were refused, and what was repaired or is doubtful."""

    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    datum: str = "wgs84"
    rows: int = 0
    passed_over: int = 0
    """Rows that a filter left out."""

    @property
    def zones(self) -> list[Zone]:
        """The zones alone."""
        return [candidate.zone for candidate in self.candidates]


class RowError(ValueError):
    """One row can't become a zone."""

    def __init__(self, field_: str, reason: str, mend: str) -> None:
        super().__init__(f"{field_}: {reason} {mend}")
        self.field, self.reason, self.mend = field_, reason, mend


@dataclass(frozen=True, slots=True)
class Where:
    """A filter on a column or tag: `amenity=courthouse|police`; `amenity=*` takes any value."""

    key: str
    values: frozenset[str]

    def matches(self, properties: Mapping[str, Any]) -> bool:
        """Whether a row has the key with one of the values."""
        value = _first(properties, (self.key, self.key.lower()))
        return bool(value) and ("*" in self.values or value in self.values)


def where_of(text: str) -> Where:
    """`key=a|b` -> Where; SourceError for anything else."""
    key, equals, values = text.partition("=")
    wanted = frozenset(value.strip() for value in values.split("|") if value.strip())
    if not (key.strip() and equals and wanted):
        raise SourceError(f"--where {text!r} is no filter: write it as amenity=courthouse|police.")
    return Where(key.strip(), wanted)


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

    def note(self, row: int | None, field_: str, reason: str, mend: str = "") -> None:
        """Remember what was repaired or is doubtful."""
        self.report.notes.append(Problem(row, field_, reason, mend, self.defaults.source))

    def refuse(self, row: int | None, error: RowError | ZoneError) -> None:
        """Remember why a row gives no zone."""
        if isinstance(error, RowError):
            problem = Problem(row, error.field, error.reason, error.mend, self.defaults.source)
        else:
            field_ = "geometry" if isinstance(error, FootprintError) else "properties"
            reason, _, mend = str(error).partition(": ")
            problem = Problem(row, field_, f"{reason}.", mend[:1].upper() + mend[1:], self.defaults.source)
        self.report.problems.append(problem)

    def wanted(self, properties: Mapping[str, Any]) -> bool:
        """Whether the filter lets a row through; one that does not is counted."""
        if all(where.matches(properties) for where in self.defaults.where):
            return True
        self.report.passed_over += 1
        return False

    def add(self, row: int, shape: Any, properties: Mapping[str, Any], given_id: str | None = None) -> None:
        """One row as one zone; RowError or ZoneError when it can't be."""
        footprint = self._repaired(row, self._wrapped(row, self._wgs84(shape)))
        source_id = given_id or osm_id(properties) or _first(properties, ID_KEYS)
        keys = {"standoff_m": STANDOFF_KEYS, "warning_m": WARNING_KEYS}
        stated = tuple(name for name, of in keys.items() if _first(properties, of))
        zone = Zone(
            id=self._unique(row, source_id or _hashed(footprint, properties)),
            name=_first(properties, NAME_KEYS),
            category=category_of(properties, self.defaults.category),
            footprint=footprint,
            standoff_m=_metres(properties, STANDOFF_KEYS, self.defaults.standoff_m),
            warning_m=_metres(properties, WARNING_KEYS, self.defaults.warning_m),
            source=self.defaults.source,
            source_datum=self._frame.name,
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
            raise RowError(
                "geometry", f"It lies where {self._frame.name} has no meaning.", "Check the datum and the coordinates."
            )
        return moved

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
    if mended.is_empty or valid.area < _SLIVER_M2:
        raise error
    check_footprint(mended)
    return mended


def category_of(properties: Mapping[str, Any], otherwise: str) -> str:
    """`court` or `police` where a column says so in English or Chinese, else its own word in lower case.

    Without such a column a short description (KML has nothing else) or a Chinese name may tell.
    """
    said = _first(properties, CATEGORY_KEYS).lower()
    if said:
        return _category(said) or said
    described = _first(properties, ("description",)).lower()
    name = re.sub(r"[\x00-\x7f]+", " ", _first(properties, NAME_KEYS))
    return (_category(described) if len(described) < _LABEL_LENGTH else "") or _category(name) or otherwise


def _category(text: str) -> str:
    return next((category for category, words in CATEGORIES.items() if any(word in text for word in words)), "")


def _first(properties: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = properties.get(key)
        usable = isinstance(value, str | int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124
        if usable and (text := plain_number(value)):
            return text
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


def osm_id(properties: Mapping[str, Any]) -> str:
    """`way/9` where OpenStreetMap's two columns say so."""
    kind, number = properties.get("osm_type"), properties.get("osm_id")
    return f"{kind}/{plain_number(number)}" if kind and number and kind == kind else ""  # noqa: PLR0124  NaN


def names_of(properties: Mapping[str, Any]) -> frozenset[str]:
    """All names of a row, each in a form to compare."""
    return frozenset(filter(None, (comparable(_first(properties, (key,))) for key in OTHER_NAME_KEYS)))


def comparable(name: str) -> str:
    """A name without what differs between two spellings of it: width, case, blanks, punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def plain_number(value: Any) -> str:
    """A value as text; 7.0, as tables give a whole number, as 7."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def doubt_datum(report: Report, datum: str) -> None:
    """Note a datum declared for places where it means nothing."""
    at = shapely.get_coordinates([zone.footprint for zone in report.zones])
    frame = frame_of(datum)
    if len(at) and not frame.possible(at):
        area = "in China" if frame.name in ("gcj02", "bd09") else "in the area"
        report.notes.append(
            Problem(None, "datum", f"No place lies {area}, where {frame.name} counts.", "Check the datum.")
        )

"""A zone: where visitors must not be, and how near is too near."""

import unicodedata
from dataclasses import dataclass
from math import isfinite
from typing import Any, Self

import numpy as np
import shapely

from geofences.codes import Code
from geofences.edges import bounds_of, edges_of
from geofences.findings import FindingError
from geofences.geodesy import E2, EQUATOR_M, Floats, ecef, tangent_basis
from geofences.schedule import Schedule

DEFAULT_STANDOFF_M = 200.0
DEFAULT_WARNING_M = 100.0
LEAST_DEPTH_M = 50.0
"""Depth ends at the footprint; where the standoff is less than this, it goes on into it, or nothing could be proven."""
MAX_STANDOFF_M = 20_000.0
MAX_WARNING_M = 20_000.0
MAX_EXTENT_M = 6_000_000.0
KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
LONGEST = {"id": 400, "name": 500, "category": 100}
"""Characters; an id is a key of the database, whose index takes no longer ones."""
_NO_TEXT = frozenset({"Cc", "Cs"})
_SMALL_DEG = 1.0
_POLAR_DEG = 85.0


class ZoneError(FindingError):
    """A zone that can't be: the finding says what is wrong and how to mend it."""

    @property
    def field(self) -> str:
        """What of the zone is meant."""
        return str(self.finding.params.get("field", "properties"))


class FootprintError(ZoneError):
    """The shape is empty, broken, out of range or too large."""

    @property
    def field(self) -> str:
        """Always the shape."""
        return "geometry"


class StandoffError(ZoneError):
    """The standoff or the warning ring is no sensible number of metres."""


class ValidityError(ZoneError):
    """The zone would end before it begins, or its version is not a count."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Footprint + standoff + warning ring, one immutable version of it.

    `footprint` is a shapely point, line, polygon or multiple of them in WGS-84 degrees (lon, lat); its edges are
    geodesics, which may run over the antimeridian or about a pole. `standoff_m` is the forbidden distance from it,
    `warning_m` the width of the ring outside that. `valid_from` and `valid_to` are UTC seconds since 1970. Without a
    schedule the zone counts at all hours. `overrides` names what the zone says itself rather than by its category's
    policy. `alike_since` is the first version in an unbroken row that judge alike; 0 stands for this one.
    """

    id: str
    name: str
    category: str
    footprint: Any
    standoff_m: float = DEFAULT_STANDOFF_M
    warning_m: float = DEFAULT_WARNING_M
    version: int = 1
    valid_from: float | None = None
    valid_to: float | None = None
    source: str = ""
    source_datum: str = "wgs84"
    schedule: Schedule | None = None
    overrides: tuple[str, ...] = ()
    alike_since: int = 0

    def __post_init__(self) -> None:
        if not self.id:
            raise ZoneError(Code.NO_ID())
        for field, longest in LONGEST.items():
            check_text(field, getattr(self, field), longest)
        check_metres("standoff_m", self.standoff_m, MAX_STANDOFF_M)
        check_metres("warning_m", self.warning_m, MAX_WARNING_M)
        check_validity(self)
        check_footprint(self.footprint)

    @classmethod
    def known(cls, **fields: Any) -> Self:
        """A zone of all its fields that was checked before, when it was recorded: a hundred thousand in a second."""
        zone = object.__new__(cls)
        for name, value in fields.items():
            object.__setattr__(zone, name, value)
        return zone

    @property
    def reach_m(self) -> float:
        """From the footprint to the outside of the warning ring."""
        return self.standoff_m + self.warning_m

    def valid_at(self, at: float) -> bool:
        """Whether this is the version of `at` (UTC seconds since 1970): from `valid_from`, until `valid_to`."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_to is None or at < self.valid_to)

    def in_force(self, at: float) -> bool:
        """Whether this version counts at `at` (UTC seconds since 1970): it is valid then, and its schedule is open."""
        begun = self.valid_from is None or self.valid_from <= at
        valid = begun and (self.valid_to is None or at < self.valid_to)
        return valid and (self.schedule is None or self.schedule.active(at))

    def judges_like(self, version: int) -> bool:
        """Whether what an earlier version of this zone began may go on under this one."""
        return (self.alike_since or self.version) <= version <= self.version


def judge_alike(one: Zone, other: Zone) -> bool:
    """Whether two versions say the same of every fix: shape, standoff, ring and schedule are equal."""
    facts = [(z.standoff_m, z.warning_m, z.schedule, shapely.to_wkb(z.footprint)) for z in (one, other)]
    return facts[0] == facts[1]


def check_text(field: str, text: str, longest: int) -> None:
    """Refuse text that is too long, or holds control characters or halves of characters, which no database keeps."""
    if len(text) > longest:
        raise ZoneError(Code.TEXT_TOO_LONG(field=field, length=len(text), most=longest))
    if not text.isprintable() and any(unicodedata.category(each) in _NO_TEXT for each in text):
        raise ZoneError(Code.CONTROL_CHARACTERS(field=field, text=text[:60]))


def check_metres(name: str, metres: float, most: float) -> None:
    """Refuse what is not a number of metres from 0 to `most`."""
    if not (isfinite(metres) and 0.0 <= metres <= most):
        raise StandoffError(Code.METRES_OUT_OF_RANGE(field=name, metres=metres, most=most))


def check_validity(zone: Zone) -> None:
    """Refuse versions below 1 and a validity that never holds."""
    if zone.version < 1:
        raise ValidityError(Code.BAD_VERSION(version=zone.version, id=zone.id))
    if zone.valid_from is not None and zone.valid_to is not None and zone.valid_to <= zone.valid_from:
        raise ValidityError(Code.ENDS_BEFORE_IT_BEGINS(id=zone.id))


def check_footprint(footprint: Any) -> None:
    """Refuse shapes that `geodesy` can't measure, with the reason."""
    kind = getattr(footprint, "geom_type", type(footprint).__name__)
    if kind not in KINDS:
        raise FootprintError(Code.NO_FOOTPRINT_KIND(kind=kind))
    if footprint.is_empty:
        raise FootprintError(Code.FOOTPRINT_EMPTY())
    if footprint.has_z:
        raise FootprintError(Code.FOOTPRINT_HIGH())
    at = shapely.get_coordinates(footprint)
    _check_range(at)
    if kind != "Point":
        _check_shape(footprint, at)


def _check_range(at: Floats) -> None:
    if not np.isfinite(at).all():
        raise FootprintError(Code.NOT_A_NUMBER())
    (west, south), (east, north) = at.min(axis=0), at.max(axis=0)
    if south < -90.0 or north > 90.0:  # noqa: PLR2004
        worst = south if south < -90.0 else north  # noqa: PLR2004
        swapped = max(-west, east) <= 90.0 and max(-south, north) <= 180.0  # noqa: PLR2004
        raise FootprintError((Code.LATITUDE_SWAPPED if swapped else Code.LATITUDE_OUT_OF_RANGE)(degrees=worst))
    if west < -180.0 or east > 180.0:  # noqa: PLR2004
        worst = west if west < -180.0 else east  # noqa: PLR2004
        raise FootprintError(Code.LONGITUDE_OUT_OF_RANGE(degrees=worst))


def _check_shape(footprint: Any, at: Floats) -> None:
    span = at.max(axis=0) - at.min(axis=0)
    if span.max() <= _SMALL_DEG and abs(at[0, 1]) < _POLAR_DEG:
        flat = footprint
    else:
        centre = check_extent(footprint)
        flat = on_plane(footprint, *centre)
    if not shapely.is_valid(flat):
        raise FootprintError(Code.OUTLINE_BROKEN(cause=shapely.is_valid_reason(flat)))


def check_extent(footprint: Any) -> tuple[float, float]:
    """The middle of a footprint in degrees; refused when it is larger than a plane view of the earth can hold."""
    bounds = bounds_of(edges_of([footprint]))
    extent = 2.0 * float(bounds.radius_m[0])
    if extent > MAX_EXTENT_M:
        raise FootprintError(Code.FOOTPRINT_TOO_WIDE(km=round(extent / 1000), most=round(MAX_EXTENT_M / 1000)))
    return float(bounds.lons[0]), float(bounds.lats[0])


def on_plane(footprint: Any, lon: float, lat: float) -> Any:
    """The footprint on the tangent plane at (lon, lat): metres east and north, seen from straight above."""
    here = ecef(np.array(lon), np.array(lat))
    east, north = tangent_basis(np.array(lon), np.array(lat))

    def project(at: Floats) -> Floats:
        away = ecef(at[:, 0], at[:, 1]) - here
        return np.column_stack([away[:, :2] @ east, away @ north])

    return shapely.transform(footprint, project)


def off_plane(flat: Any, lon: float, lat: float) -> Any:
    """Back from the tangent plane at (lon, lat) to degrees: the inverse of `on_plane`, to a micrometre."""
    origin = ecef(np.array(lon), np.array(lat))
    east, north = tangent_basis(np.array(lon), np.array(lat))
    phi, lam = np.radians(lat), np.radians(lon)
    up = np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    squash = np.array([1.0, 1.0, 1.0 / (1.0 - E2)]) / EQUATOR_M**2

    def lift(at: Floats) -> Floats:
        base = origin + at[:, :1] * np.append(east, 0.0) + at[:, 1:] * north
        a, b = (squash * up * up).sum(), (base * squash) @ up
        c = (base * base) @ squash - 1.0
        high = base + ((-b + np.sqrt(b * b - a * c)) / a)[:, None] * up
        lons = np.degrees(np.arctan2(high[:, 1], high[:, 0]))
        lats = np.degrees(np.arctan2(high[:, 2], (1.0 - E2) * np.hypot(high[:, 0], high[:, 1])))
        return np.column_stack([lons, lats])

    return shapely.transform(flat, lift)

"""Is this place allowed? Which zones it touches, the way out, and the nearest place where one may stop.

The answer is found on the plane about the place, where bearings and metres from it are exact: the nearest point that
no standoff holds is the nearest point of the edge of all standoffs together, the courtyards they leave open included.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, pi
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geofences.datum import convert
from geofences.index import Near
from geofences.plane import LocalPlane
from geofences.zone import Zone, check_footprint

ARC_SEGMENTS = 64
"""Segments a quarter circle, drawn round the outside: the edge lies up to 1.5 cm beyond 200 m, never within."""
CLEARANCE_M = 0.05
ROUND = 1.0 / cos(pi / (4 * ARC_SEGMENTS))


class Zones(Protocol):
    """What is asked of an index of zones."""

    def near(self, lon: float, lat: float) -> Sequence[Near]:
        """Zones whose standoff or warning ring holds the place."""

    def within(self, lon: float, lat: float, reach_m: float) -> Sequence[Near]:
        """Zones whose edge is at most so far away, or which hold the place."""


@dataclass(frozen=True, slots=True)
class Way:
    """A straight way (geodesic): the bearing to set out on (degrees from north), its metres, and where it ends."""

    bearing_deg: float
    metres: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Touch:
    """A zone that forbids the place, or (`signed_m` above 0) warns there; `out` leads out of this zone alone."""

    zone: Zone
    signed_m: float
    out: Way | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one may stop at a place. `out` leads to the nearest place outside every standoff; None: stay here."""

    lon: float
    lat: float
    touches: tuple[Touch, ...]
    out: Way | None

    @property
    def allowed(self) -> bool:
        """No zone forbids the place."""
        return self.out is None


def allowed(zones: Zones, lon: float, lat: float, at: float) -> Verdict:
    """Judge a place (WGS-84 degrees) by the zones in force at a moment (UTC seconds since 1970).

    Metres are right to a decimetre up to 1 km from the place, to the metre up to 20 km.
    """
    plane = LocalPlane(lon, lat)
    near = [found for found in zones.near(lon, lat) if found.zone.in_force(at)]
    touches = tuple(Touch(zone, signed_m, _way(plane, [zone]) if signed_m <= 0.0 else None) for zone, signed_m in near)
    forbidding = [touch.zone for touch in touches if touch.signed_m <= 0.0]
    if not forbidding:
        return Verdict(lon, lat, touches, None)
    return Verdict(lon, lat, touches, _out_of_all(zones, plane, forbidding, lambda zone: zone.in_force(at)))


def place_of(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """A place in wgs84, gcj02 or bd09 as WGS-84 degrees; ValueError when it or the datum is none."""
    check_footprint(shapely.Point(lon, lat))
    east, north = convert(np.array([lon]), np.array([lat]), datum, "wgs84")
    return float(east[0]), float(north[0])


def _out_of_all(zones: Zones, plane: LocalPlane, first: Iterable[Zone], counts: Callable[[Zone], bool]) -> Way:
    """Out of the zones here; while the way ends in, or passes, others, these count too."""
    way = _way(plane, first)
    while True:
        found = [near.zone for near in zones.within(plane.lon, plane.lat, way.metres) if counts(near.zone)]
        longer = _way(plane, found)
        if longer.metres <= way.metres + CLEARANCE_M:
            return longer
        way = longer


def _way(plane: LocalPlane, zones: Iterable[Zone]) -> Way:
    """To the nearest place outside the standoffs of zones of which one holds the middle of the plane."""
    area = shapely.union_all([_standoff(plane, zone) for zone in zones])
    edge = shapely.shortest_line(shapely.Point(0.0, 0.0), shapely.boundary(area))
    x, y = shapely.get_coordinates(edge)[-1].tolist()
    lon, lat = plane.to_degrees(np.array([[x, y]]))[0].tolist()
    return Way(degrees(atan2(x, y)) % 360.0, hypot(x, y), (lon + 180.0) % 360.0 - 180.0, lat)


def _standoff(plane: LocalPlane, zone: Zone) -> BaseGeometry:
    radius_m = zone.standoff_m * ROUND + CLEARANCE_M
    return plane.flat(zone.footprint).buffer(radius_m, quad_segs=ARC_SEGMENTS)

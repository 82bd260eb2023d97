"""Fixes, zones and walks with defaults, placed by metres from a zone's edge on the ellipsoid."""

from collections.abc import Iterable, Sequence

from pyproj import Geod
from shapely import Point

from geofences.index import Near
from geofences.schedule import Schedule
from geofences.zone import Zone
from tracker.fix import Fix

WGS84 = Geod(ellps="WGS84")
COURT = (118.79, 32.04)
NINE = 1_700_011_200.0
"""A shift's start: 2023-11-15 09:20 in Shanghai."""


def a_zone(
    zone_id: str = "court",
    *,
    at: tuple[float, float] = COURT,
    standoff_m: float = 200.0,
    warning_m: float = 100.0,
    version: int = 1,
    valid_from: float | None = None,
    valid_to: float | None = None,
    schedule: Schedule | None = None,
    alike_since: int = 0,
    name: str | None = None,
) -> Zone:
    return Zone(
        zone_id,
        zone_id if name is None else name,
        "court",
        Point(at),
        standoff_m,
        warning_m,
        version,
        valid_from=valid_from,
        valid_to=valid_to,
        schedule=schedule,
        alike_since=alike_since,
    )


def a_place(signed_m: float, zone: Zone | None = None, *, bearing_deg: float = 90.0) -> tuple[float, float]:
    """Lon, lat so many metres from the edge of a point zone (negative: inside), seen from its middle."""
    zone = zone or a_zone()
    away_m = zone.standoff_m + signed_m
    lon, lat, _ = WGS84.fwd(zone.footprint.x, zone.footprint.y, bearing_deg, away_m)
    return lon, lat


def a_fix(
    signed_m: float = 1000.0,
    at_s: float = 0.0,
    *,
    accuracy_m: float | None = 5.0,
    speed_mps: float | None = None,
    zone: Zone | None = None,
    bearing_deg: float = 90.0,
    place: tuple[float, float] | None = None,
    start: float = NINE,
    device: str = "phone-1",
    lag_s: float = 1.0,
) -> Fix:
    """A fix `at_s` seconds into the shift, `signed_m` from the zone's edge unless a place is given."""
    lon, lat = place or a_place(signed_m, zone, bearing_deg=bearing_deg)
    fix_at = start + at_s
    return Fix(device, fix_at, lon, lat, fix_at + lag_s, accuracy_m=accuracy_m, speed_mps=speed_mps)


def a_walk(
    signed_ms: Iterable[float],
    *,
    every_s: float = 10.0,
    from_s: float = 0.0,
    accuracy_m: float | None = 5.0,
    speed_mps: float | None = None,
    zone: Zone | None = None,
    start: float = NINE,
) -> list[Fix]:
    """Fixes along one ray from the middle of a zone, one for each distance from its edge."""
    return [
        a_fix(
            signed_m,
            from_s + step * every_s,
            accuracy_m=accuracy_m,
            speed_mps=speed_mps,
            zone=zone,
            start=start,
        )
        for step, signed_m in enumerate(signed_ms)
    ]


class FakeZones:
    """A plain list of point zones with the questions of `geofences.index.ZoneIndex`."""

    def __init__(self, *zones: Zone) -> None:
        self.zones: Sequence[Zone] = zones
        self.crossings_asked = 0

    def near(self, lon: float, lat: float) -> list[Near]:
        return [found for found in self._measured(lon, lat) if found.signed_m <= found.zone.warning_m]

    def within(self, lon: float, lat: float, reach_m: float) -> list[Near]:
        return [found for found in self._measured(lon, lat) if found.signed_m <= reach_m]

    def crossed(self, lon1: float, lat1: float, lon2: float, lat2: float) -> list[Near]:
        """Zones that some point of the line, sampled every few metres, lies in."""
        self.crossings_asked += 1
        length_m = WGS84.inv(lon1, lat1, lon2, lat2)[2]
        points = WGS84.npts(lon1, lat1, lon2, lat2, min(200, int(length_m / 5.0) + 2), initial_idx=0, terminus_idx=0)
        deepest = [min(self._signed_m(zone, lon, lat) for lon, lat in points) for zone in self.zones]
        return [Near(zone, depth) for zone, depth in zip(self.zones, deepest, strict=True) if depth <= 0.0]

    def signed_m(self, zone_id: str, lon: float, lat: float) -> float:
        zone = self.get(zone_id)
        if zone is None:
            raise KeyError(zone_id)
        return self._signed_m(zone, lon, lat)

    def get(self, zone_id: str) -> Zone | None:
        return next((zone for zone in self.zones if zone.id == zone_id), None)

    def _measured(self, lon: float, lat: float) -> list[Near]:
        return [Near(zone, self._signed_m(zone, lon, lat)) for zone in self.zones]

    def _signed_m(self, zone: Zone, lon: float, lat: float) -> float:
        return float(WGS84.inv(zone.footprint.x, zone.footprint.y, lon, lat)[2]) - zone.standoff_m

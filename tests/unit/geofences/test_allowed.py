"""Is this place allowed, and how to walk out: against a search of every bearing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from geofences.allowed import allowed
from geofences.index import ZoneIndex
from geofences.zone import Zone
from tests.builders import COURT, NINE, WGS84, a_place, a_zone


def beside(east_m: float, north_m: float, zone_id: str = "other", **changes) -> Zone:
    bearing, metres = math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m)
    return a_zone(zone_id, at=WGS84.fwd(*COURT, bearing, metres)[:2], **changes)


def outline(*corners_m: tuple[float, float], standoff_m: float = 50.0) -> Zone:
    at = [WGS84.fwd(*COURT, math.degrees(math.atan2(x, y)), math.hypot(x, y))[:2] for x, y in corners_m]
    return Zone("outline", "", "court", Polygon(at), standoff_m)


CIRCLES = np.linspace(0.0, 1.0, 61)[1:]
RING = [beside(260.0 * math.cos(a), 260.0 * math.sin(a), f"ring-{n}") for n, a in enumerate(np.arange(8) * math.pi / 4)]
PLACES = {
    "alone": [a_zone()],
    "two that overlap": [a_zone(), beside(150.0, 0.0)],
    "a chain": [a_zone(), beside(180.0, 0.0), beside(-180.0, 40.0, "third"), beside(0.0, 250.0, "fourth")],
    "a ring with an open middle": RING,
    "an L": [outline((0, 0), (300, 0), (300, 60), (60, 60), (60, 300), (0, 300))],
    "a small one in a large one": [a_zone(standoff_m=1500.0), beside(900.0, 0.0, standoff_m=300.0)],
}


def anywhere_allowed(index: ZoneIndex, lon: float, lat: float, within_m: float) -> bool:
    """Whether no zone forbids some place so near, tried on 60 circles of 720 places, the widest at `within_m`."""
    bearings, metres = (each.ravel() for each in np.meshgrid(np.arange(0.0, 360.0, 0.5), within_m * CIRCLES))
    lons, lats, _ = WGS84.fwd(np.full(len(metres), lon), np.full(len(metres), lat), bearings, metres)
    point, _, signed_m = index.near_many(np.asarray(lons), np.asarray(lats))
    return len(np.unique(point[signed_m <= 0.0])) < len(metres)


@pytest.mark.parametrize("name", PLACES)
@settings(max_examples=12, deadline=None)
@given(east_m=st.floats(-250.0, 250.0), north_m=st.floats(-250.0, 250.0))
def test_the_way_out_is_the_shortest_and_ends_outside_every_zone(name, east_m, north_m):
    index = ZoneIndex.build(PLACES[name])
    lon, lat, _ = WGS84.fwd(*COURT, math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m))
    verdict = allowed(index, lon, lat, NINE)
    assert verdict.allowed is not bool(index.inside(lon, lat))
    if verdict.out is not None:
        assert not anywhere_allowed(index, lon, lat, max(verdict.out.metres - 1.0, 0.0))
        assert index.inside(verdict.out.lon, verdict.out.lat) == []
        there = WGS84.fwd(lon, lat, verdict.out.bearing_deg, verdict.out.metres)[:2]
        assert WGS84.inv(*there, verdict.out.lon, verdict.out.lat)[2] < 0.01


@pytest.mark.parametrize("bearing_deg", [0.0, 37.0, 180.0, 301.0])
def test_out_of_one_round_zone_one_walks_straight_away_from_its_middle(bearing_deg):
    place = a_place(-80.0, bearing_deg=bearing_deg)
    out = allowed(ZoneIndex.build([a_zone()]), *place, NINE).out
    assert out.metres == pytest.approx(80.0, abs=0.1)
    assert (out.bearing_deg - bearing_deg + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1.0)


def test_a_place_in_the_warning_ring_is_allowed_and_touches_the_zone():
    verdict = allowed(ZoneIndex.build([a_zone()]), *a_place(50.0), NINE)
    assert (verdict.allowed, [touch.zone.id for touch in verdict.touches]) == (True, ["court"])


def test_each_zone_says_its_own_way_out():
    lon, lat = a_place(-30.0)
    verdict = allowed(ZoneIndex.build([a_zone(), beside(150.0, 0.0)]), lon, lat, NINE)
    own = {touch.zone.id: touch.out.metres for touch in verdict.touches}
    assert own["court"] == pytest.approx(30.0, abs=0.1)
    assert verdict.out.metres > max(own["court"], 100.0)


def test_a_zone_that_is_not_in_force_forbids_nothing():
    assert allowed(ZoneIndex.build([a_zone(valid_to=NINE)]), *a_place(-80.0), NINE).touches == ()


def test_over_the_antimeridian():
    zone = a_zone(at=(179.9999, 0.0))
    out = allowed(ZoneIndex.build([zone]), -179.9999, 0.0, NINE).out
    assert out.metres == pytest.approx(200.0 - WGS84.inv(179.9999, 0.0, -179.9999, 0.0)[2], abs=0.1)

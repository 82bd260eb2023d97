"""How far a phone moved, by the flat way and by the round one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tracker.incursion.motion import EARTH_RADIUS_M, FLAT_DEG, moved_m, moved_on
from tracker.incursion.stay import Anchor

SPHERE = Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)


def anchor(lon, lat):
    return Anchor(0.0, lon, lat, 5.0, None)


@given(
    lat=st.floats(-70.0, 70.0),
    lon=st.floats(-180.0, 180.0),
    bearing_deg=st.floats(0.0, 360.0),
    metres=st.floats(1.0, 50_000.0),
)
def test_a_way_is_as_long_as_on_a_sphere(lat, lon, bearing_deg, metres):
    there = SPHERE.fwd(lon, lat, bearing_deg, metres)[:2]
    assert moved_m(anchor(lon, lat), anchor(*there)) == pytest.approx(metres, rel=2e-6, abs=1e-6)


def test_a_way_over_the_antimeridian_is_short():
    assert moved_m(anchor(179.99, 0.0), anchor(-179.99, 0.0)) == pytest.approx(math.radians(0.02) * EARTH_RADIUS_M)


def test_where_flat_ends_nothing_leaps():
    least, most = (moved_m(anchor(119.97, 31.8), anchor(119.97 + FLAT_DEG * by, 31.8)) for by in (1 - 1e-9, 1 + 1e-9))
    assert most == pytest.approx(least, rel=1e-6)


def east(at, metres):
    return Anchor(at, 119.97 + math.degrees(metres / EARTH_RADIUS_M / math.cos(math.radians(31.8))), 31.8, 5.0, None)


@pytest.mark.parametrize(("metres", "drives"), [(240.0, False), (260.0, False), (310.0, True), (400.0, True)])
def test_a_leap_of_200_m_was_a_drive_if_it_goes_on_at_half_its_pace(metres, drives):
    assert moved_on(east(0.0, 0.0), east(10.0, 200.0), east(20.0, metres)) is drives

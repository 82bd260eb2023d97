"""An outline that is the forbidden area itself: depth goes on into it, so that it proves entries."""

from dataclasses import replace

import pytest
import shapely

from geofences.index import ZoneIndex
from tests.builders import COURT, NINE, WGS84, a_fix, a_zone
from tracker.incursion import Kind, begin
from tracker.settle import always, refold

HALF_M = 150.0
CORNERS = [WGS84.fwd(*COURT, bearing, HALF_M * 2**0.5)[:2] for bearing in (45.0, 135.0, 225.0, 315.0)]
YARD = shapely.Polygon(CORNERS)


def beside(signed_m):
    """A place so far from the eastern side of the yard, negative inside."""
    return WGS84.fwd(*COURT, 90.0, HALF_M + signed_m)[:2]


def kinds(standoff_m, *signed_ms):
    index = ZoneIndex.build([replace(a_zone(standoff_m=standoff_m), footprint=YARD)])
    fixes = [a_fix(at_s=10.0 * step, place=beside(at), accuracy_m=8.0) for step, at in enumerate(signed_ms)]
    return [each.kind for each in refold(begin(NINE), fixes, always(index)).incursions if each.confirmed_at]


@pytest.mark.parametrize("standoff_m", [0.0, 10.0, 29.0])
@pytest.mark.parametrize("depth_m", [60.0, 140.0])
def test_a_stay_well_within_is_a_dwell(standoff_m, depth_m):
    assert kinds(standoff_m, 100.0, 50.0, 0.0, -50.0, *[-depth_m] * 15) == [Kind.DWELL]


@pytest.mark.parametrize("signed_m", [60.0, 15.0, 3.0])
def test_a_stay_beside_it_is_nothing(signed_m):
    assert kinds(0.0, 300.0, 200.0, 100.0, *[signed_m] * 15) == []

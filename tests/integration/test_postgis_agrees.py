"""Index and containment find what `ST_DWithin(geography)` finds about the 200 m line, or are right against it.

PostGIS takes the nearest place of an outline's edge on the sphere, so beside long edges it is decimetres off;
GeographicLib decides each dispute.
"""

import pytest

from bench.agreement import compare
from tracker.store.connection import connect

PLACES = 200_000


@pytest.fixture(scope="module")
def found(make_database, empty_template):
    with connect(make_database(empty_template), "test", fenced=False) as connection:
        return compare(connection, PLACES)


def test_geographiclib_decides_every_dispute_for_us(found):
    assert [dispute for dispute in found.disputes if dispute.ours_wrong] == []


def test_disputes_are_rare_and_near_the_edge(found):
    assert found.places == PLACES
    assert len(found.disputes) < PLACES / 2_000
    assert all(abs(dispute.truth_m) < 2.0 for dispute in found.disputes)

"""A layered index answers as an index of its own would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.index import ZoneIndex
from geofences.layered import LayeredZones
from tests.builders import COURT, WGS84, a_zone

BEFORE = [a_zone(f"zone-{n}", at=WGS84.fwd(*COURT, 40.0 * n, 150.0 * n)[:2]) for n in range(9)]
EDITED = a_zone("zone-2", at=COURT, version=2, standoff_m=300.0)
ADDED = a_zone("new", at=WGS84.fwd(*COURT, 10.0, 700.0)[:2])
AFTER = {zone.id: zone for zone in (*BEFORE[:2], EDITED, *BEFORE[3:8], ADDED)}
LAYERED = LayeredZones.over(ZoneIndex.build(BEFORE), AFTER)
PLAIN = ZoneIndex.build(AFTER.values())


def named(found):
    return sorted((near.zone.id, near.zone.version, near.signed_m) for near in found)


@given(st.floats(0.0, 360.0), st.floats(0.0, 2500.0))
def test_every_question_has_the_same_answer(bearing, away_m):
    lon, lat, _ = WGS84.fwd(*COURT, bearing, away_m)
    assert named(LAYERED.near(lon, lat)) == named(PLAIN.near(lon, lat))
    assert named(LAYERED.within(lon, lat, 500.0)) == named(PLAIN.within(lon, lat, 500.0))
    assert named(LAYERED.crossed(*COURT, lon, lat)) == named(PLAIN.crossed(*COURT, lon, lat))


@given(st.floats(0.0, 360.0), st.floats(0.0, 2500.0))
def test_what_is_near_comes_in_the_order_of_distance(bearing, away_m):
    found = [near.signed_m for near in LAYERED.near(*WGS84.fwd(*COURT, bearing, away_m)[:2])]
    assert found == sorted(found)


@pytest.mark.parametrize("zone_id", [*AFTER, "zone-8", "nobody"])
def test_a_zone_is_the_version_wanted_or_none(zone_id):
    assert LAYERED.get(zone_id) == AFTER.get(zone_id)


@pytest.mark.parametrize("zone_id", list(AFTER))
def test_a_zone_is_measured_in_its_version(zone_id):
    assert LAYERED.signed_m(zone_id, 118.8, 32.05) == PLAIN.signed_m(zone_id, 118.8, 32.05)


def test_a_retired_zone_is_measured_no_more():
    with pytest.raises(KeyError):
        LAYERED.signed_m("zone-8", 118.8, 32.05)


def test_it_knows_what_it_holds():
    assert {(zone.id, zone.version) for zone in LAYERED.zones} == {(zone.id, zone.version) for zone in AFTER.values()}
    assert len(LAYERED) == len(AFTER)


def test_what_has_not_changed_is_shared():
    assert LayeredZones.over(PLAIN, AFTER) is PLAIN

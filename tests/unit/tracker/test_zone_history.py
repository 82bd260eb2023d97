"""A fix is judged by the versions in force at its own time."""

import math
from dataclasses import replace

import pytest

from geofences.index import ZoneIndex
from tests.builders import NINE, a_walk, a_zone
from tracker.incursion import End, begin
from tracker.settle import refold
from tracker.zones.history import ZoneHistory

VERSIONS = [
    a_zone(version=1, valid_to=NINE + 100),
    a_zone(version=2, valid_from=NINE + 100, standoff_m=150.0),
    a_zone("police", valid_from=NINE + 200),
]


@pytest.mark.parametrize(
    ("at_s", "expected"),
    [
        (-1e9, {("court", 1)}),
        (99.9, {("court", 1)}),
        (100.0, {("court", 2)}),
        (199.0, {("court", 2)}),
        (200.0, {("court", 2), ("police", 1)}),
        (1e9, {("court", 2), ("police", 1)}),
    ],
)
def test_each_moment_has_its_versions(at_s, expected):
    index = ZoneHistory(VERSIONS).at(NINE + at_s)
    assert {(zone.id, zone.version) for zone in index.zones} == expected


def test_of_two_versions_in_force_the_newer_counts():
    (zone,) = ZoneHistory([a_zone(version=2), a_zone(version=1)]).at(NINE).zones
    assert zone.version == 2


def test_an_era_is_built_once_and_the_oldest_unused_is_dropped():
    built = []

    def build(zones):
        built.append(1)
        return ZoneIndex.build(zones)

    history = ZoneHistory(VERSIONS, eras_kept=2, build=build)
    for at_s in (0, 50, 150, 50, 250, 60, 150):
        history.at(NINE + at_s)
    assert len(built) == 4


def test_an_edit_with_the_real_index_ends_one_incursion_and_begins_the_next():
    history = ZoneHistory(VERSIONS[:2])
    ended, begun = refold(begin(NINE), a_walk([-80] * 20), history.at).incursions
    assert (ended.zone_version, ended.ended, ended.exit_at) == (1, End.ZONE_CHANGED, NINE + 100)
    assert (begun.zone_version, begun.began_at, begun.confirmed_at) == (2, NINE + 100, NINE + 110)


@pytest.mark.parametrize("count", [1, 3, 700])
def test_a_history_that_came_after_another_is_the_history_of_all_versions(count):
    old = [a_zone(f"z{n}", at=(118.0 + n * 0.01, 32.0), valid_from=NINE) for n in range(800)]
    ended = [replace(zone, valid_to=NINE + 50.0 + n % 3) for n, zone in enumerate(old[:count])]
    made = [replace(zone, version=2, valid_from=zone.valid_to, valid_to=None, standoff_m=90.0) for zone in ended[1:]]
    new = [a_zone("new", at=(117.9, 32.0), valid_from=NINE + 60.0)]
    moments = [NINE, NINE + 50.5, NINE + 55.0, NINE + 70.0, math.inf]
    before = ZoneHistory(old)
    step = before.after([*ended[:1], *made[:1]], moments).after([*ended[1:], *made[1:], *new], moments)
    whole = ZoneHistory([*old[count:], *ended, *made, *new])
    for moment in moments:
        one, other = ({(zone.id, zone.version) for zone in each.at(moment).zones} for each in (step, whole))
        assert one == other
        assert len(step.at(moment)) == len(whole.at(moment))
        for place in ((118.0, 32.0), (118.01, 32.0), (117.9, 32.0)):
            one, other = ([near.zone.version for near in each.at(moment).near(*place)] for each in (step, whole))
            assert one == other

"""What a category's policy, an edit and a new import make of a zone."""

from dataclasses import replace

import pytest

from geofences.policy import Edit, Policy, edited, imported, under
from geofences.schedule import Schedule
from geofences.zone import StandoffError
from tests.builders import a_zone

HOURS = Schedule("DTSTART:20260105T083000\nDURATION:PT9H\nRRULE:FREQ=DAILY")
POLICY = Policy("court", 300.0, 50.0, HOURS)


def facts(zone):
    return zone.standoff_m, zone.warning_m, zone.schedule, zone.overrides


@pytest.mark.parametrize(
    ("edit", "policy", "expected"),
    [
        (Edit(standoff_m=150.0), None, (150.0, 100.0, None, ("standoff_m",))),
        (Edit(standoff_m=150.0), POLICY, (150.0, 50.0, HOURS, ("standoff_m",))),
        (Edit(always=True), POLICY, (300.0, 50.0, None, ("schedule",))),
        (Edit(schedule=HOURS), None, (200.0, 100.0, HOURS, ("schedule",))),
        (Edit(name="new"), None, (200.0, 100.0, None, ())),
    ],
)
def test_an_edit_overrides_the_policy_in_what_it_sets(edit, policy, expected):
    assert facts(edited(a_zone(), edit, policy)) == expected


def test_a_zone_can_follow_its_policy_again():
    own = replace(a_zone(standoff_m=500.0), overrides=("standoff_m",))
    assert facts(edited(own, Edit(follow=("standoff_m",)), POLICY)) == (300.0, 50.0, HOURS, ())


def test_a_new_policy_leaves_what_a_zone_overrides():
    own = replace(a_zone(standoff_m=500.0), overrides=("standoff_m",))
    assert facts(under(own, POLICY)) == (500.0, 50.0, HOURS, ("standoff_m",))


@pytest.mark.parametrize(
    ("stated", "known", "policy", "expected"),
    [
        pytest.param({}, None, None, (200.0, ()), id="new, no policy"),
        pytest.param({}, None, POLICY, (300.0, ()), id="new, the policy decides"),
        pytest.param({"standoff_m": 250.0}, None, POLICY, (250.0, ("standoff_m",)), id="new, the source says"),
        pytest.param({"standoff_m": 300.0}, None, POLICY, (300.0, ()), id="the source repeats the policy"),
        pytest.param({}, (500.0, ("standoff_m",)), POLICY, (500.0, ("standoff_m",)), id="set by hand, it stays"),
        pytest.param({"standoff_m": 300.0}, (300.0, ()), POLICY, (300.0, ()), id="the source repeats what stands"),
        pytest.param({"standoff_m": 250.0}, (300.0, ()), POLICY, (250.0, ("standoff_m",)), id="the source corrects"),
        pytest.param({}, (200.0, ()), None, (200.0, ()), id="nothing new"),
    ],
)
def test_an_import_over_what_stands(stated, known, policy, expected):
    zone = replace(a_zone(**stated), overrides=tuple(stated))
    there = None if known is None else replace(a_zone(standoff_m=known[0]), overrides=known[1])
    found = imported(zone, there, policy)
    assert (found.standoff_m, found.overrides) == expected


def test_an_import_keeps_the_hours_that_stand():
    known = replace(a_zone(schedule=HOURS), overrides=("schedule",))
    assert imported(a_zone(), known, None).schedule == HOURS


def test_metres_that_are_none_are_refused():
    with pytest.raises(StandoffError):
        Policy("court", -1.0)

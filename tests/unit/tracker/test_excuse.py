"""When an excuse covers a zone and a moment, and what is told all the same."""

import pytest

from tests.builders import NINE, FakeZones, a_walk, a_zone
from tracker.alert import alerts_for, overstays, unexcused
from tracker.excuse import Excuse
from tracker.incursion import begin
from tracker.settle import Action, Change, Stored, always, refold

HOUR = 3600.0
VISIT = [150, 50, *[-80.0] * 16, -10, 60, 60, 60]


def alerts_of_a_visit():
    (found,) = refold(begin(NINE), a_walk(VISIT), always(FakeZones(a_zone()))).incursions
    return alerts_for(Change(Action.NEW, None, Stored("i1", 1, retracted=False, incursion=found)), "phone-1")


def a_retraction():
    (found,) = refold(begin(NINE), a_walk(VISIT), always(FakeZones(a_zone()))).incursions
    before = Stored("i1", 1, retracted=False, incursion=found)
    return alerts_for(Change(Action.RETRACTED, before, Stored("i1", 2, retracted=True, incursion=found)), "phone-1")


@pytest.mark.parametrize(
    ("excuse", "covered"),
    [
        (Excuse("court", NINE, NINE + HOUR), True),
        (Excuse(None, NINE, NINE + HOUR), True),
        (Excuse("court", NINE), True),
        (Excuse("court", NINE + 60, NINE + 60), True),
        (Excuse("police", NINE, NINE + HOUR), False),
        (Excuse("court", NINE + 61, NINE + HOUR), False),
        (Excuse("court", NINE, NINE + 59), False),
    ],
)
def test_an_excuse_covers_its_zone_and_its_time_both_ends_included(excuse, covered):
    assert excuse.covers("court", NINE + 60) is covered


def test_an_excused_visit_is_told_to_nobody():
    assert alerts_of_a_visit() != []
    assert unexcused(alerts_of_a_visit(), [Excuse("court", NINE, NINE + HOUR)]) == []


def test_another_zone_s_excuse_silences_nothing():
    assert unexcused(alerts_of_a_visit(), [Excuse("police", NINE, NINE + HOUR)]) == alerts_of_a_visit()


def test_an_excuse_that_ends_while_inside_lets_the_exit_be_told():
    confirmed_at = alerts_of_a_visit()[0].at
    told = unexcused(alerts_of_a_visit(), [Excuse("court", NINE, confirmed_at + 1)])
    assert {str(alert.kind) for alert in told} == {"dwell", "exit"}


def overstayed(*excuses, walk=VISIT):
    (found,) = refold(begin(NINE), a_walk(walk), always(FakeZones(a_zone()))).incursions
    change = Change(Action.GROWN, None, Stored("i1", 1, retracted=False, incursion=found))
    return [(str(alert.kind), str(alert.audience), alert.at - NINE) for alert in overstays(change, "phone-1", excuses)]


STAY = [150, 50, *[-80.0] * 40]
"""Confirmed 30 s into the shift, dwelling at 150 s, still inside at 410 s."""
TOLD = [("overstay", "visitor", 200.0), ("overstay", "supervisor", 200.0)]


@pytest.mark.parametrize(
    ("excuses", "told"),
    [
        pytest.param([(0, 200)], TOLD, id="ended long ago"),
        pytest.param([(0, 300)], [], id="ended less than two minutes ago"),
        pytest.param([(0, 200), (150, 380)], [], id="another follows"),
        pytest.param([(0, 200), (200, None)], [], id="another without end follows"),
        pytest.param([(0, 100), (90, 200)], TOLD, id="the last of two counts"),
        pytest.param([(0, 100)], [], id="the dwell came after it and is told"),
        pytest.param([(100, 200)], [], id="the entry was not excused, so it was told"),
        pytest.param([], [], id="none"),
    ],
)
def test_who_stays_after_the_excuse_has_ended_is_told_as_of_that_end(excuses, told):
    given = [Excuse("court", NINE + begun, None if end is None else NINE + end) for begun, end in excuses]
    assert overstayed(*given, walk=STAY) == told


def test_who_left_within_two_minutes_of_the_end_is_told_by_the_exit_alone():
    assert overstayed(Excuse("court", NINE, NINE + 170)) == []


def test_that_something_was_wrong_is_told_in_spite_of_an_excuse():
    assert a_retraction() != []
    assert unexcused(a_retraction(), [Excuse(None, NINE)]) == a_retraction()

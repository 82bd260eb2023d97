"""Who is told what."""

import pytest

from tests.builders import NINE, FakeZones, a_fix, a_walk, a_zone
from tracker.alert import Alert, alerts_for, is_stale
from tracker.incursion import begin
from tracker.settle import Stored, always, reconcile, refold

ZONES = FakeZones(a_zone())
IN = -80.0
WALK = [150, 50, *[IN] * 16, -10, 60, 60, 60]


def found(signed_ms, **how):
    return refold(begin(NINE), a_walk(signed_ms, **how), always(ZONES)).incursions


def told(alerts):
    return [(str(alert.kind), str(alert.audience)) for alert in alerts]


def change(before, after, *, revision=1, retracted=False, complete=True):
    stored = [Stored("i1", revision, retracted, incursion) for incursion in before]
    (only,) = reconcile(stored, after, complete=complete, new_id=lambda: "i1")
    return only


def test_a_live_visit_tells_each_fact_once():
    alerts: list[Alert] = []
    before = ()
    for length in range(2, len(WALK) + 1):
        after = found(WALK[:length])
        alerts += alerts_for(change(before, after), "phone-1")
        before = after
    assert told(alerts) == [
        ("approach", "visitor"),
        ("entry", "visitor"),
        ("entry", "supervisor"),
        ("dwell", "supervisor"),
        ("exit", "supervisor"),
    ]
    assert len({alert.dedup_key for alert in alerts}) == len(alerts)


@pytest.mark.parametrize(
    ("fixes", "kind"),
    [
        ([a_fix(400, 0), a_fix(400, 60, bearing_deg=270)], "pass_through"),
        ([a_fix(400, 0), a_fix(400, 900)], "gap"),
    ],
)
def test_what_is_only_possible_is_listed_not_alarmed(fixes, kind):
    after = refold(begin(NINE), fixes, always(ZONES)).incursions
    assert [incursion.kind for incursion in after] == [kind]
    assert alerts_for(change([], after), "phone-1") == []


def test_a_batch_that_shows_a_whole_entry_warns_of_no_approach():
    assert told(alerts_for(change([], found(WALK[:6])), "phone-1")) == [("entry", "visitor"), ("entry", "supervisor")]


def test_a_retracted_entry_is_told_to_whoever_was_told_of_it():
    alerts = alerts_for(change(found(WALK[:6]), []), "phone-1")
    assert told(alerts) == [("retracted", "visitor"), ("retracted", "supervisor")]
    assert {alert.revision for alert in alerts} == {2}


def test_an_entry_that_shrinks_to_an_approach_is_revised_and_not_announced_as_new():
    alerts = alerts_for(change(found(WALK[:6]), found(WALK[:3])), "phone-1")
    assert told(alerts) == [("revised", "visitor"), ("revised", "supervisor")]


def test_a_confirmation_that_moves_by_seconds_is_no_news():
    later = found(WALK[:3] + WALK[3:6], every_s=11.0)
    assert alerts_for(change(found(WALK[:6]), later), "phone-1") == []


def test_a_confirmation_that_moves_by_minutes_is_news():
    later = found([*[50] * 20, *WALK[2:8]])
    assert told(alerts_for(change(found(WALK[:6]), later), "phone-1")) == [
        ("revised", "visitor"),
        ("revised", "supervisor"),
    ]


def test_a_return_after_the_exit_was_told_is_revised():
    left, back = found(WALK), found([*WALK, -10, *[IN] * 3])
    alerts = alerts_for(change(left, back, complete=False), "phone-1")
    assert told(alerts) == [("revised", "supervisor")]
    again = alerts_for(change(back, found([*WALK, -10, *[IN] * 3, -10, 60, 60, 60]), revision=2), "phone-1")
    assert [alert.dedup_key for alert in again] == ["i1:exit:supervisor:2"]


def test_an_incursion_that_comes_back_is_told_again_under_its_new_revision():
    after = found(WALK[:6])
    alerts = alerts_for(change(after, after, revision=2, retracted=True), "phone-1")
    assert [alert.dedup_key for alert in alerts] == ["i1:entry:visitor:3", "i1:entry:supervisor:3"]


def test_only_a_warning_can_come_too_late():
    (approach,) = alerts_for(change([], found(WALK[:2])), "phone-1")
    entry, _ = alerts_for(change([], found(WALK[:6])), "phone-1")
    assert not is_stale(approach, NINE + 60)
    assert is_stale(approach, NINE + 86400)
    assert not is_stale(entry, NINE + 86400)

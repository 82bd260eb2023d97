"""What differs from what somebody decided about: the table of changes, and what each ends."""

from dataclasses import replace

import pytest

from tracker.answers.finding import Difference, Finding, What, corrections, differences, growth
from tracker.answers.triage import Act, Deed, Reason, Stage, Subject, Triage, TriageError, news, step

NOON = 1_700_000_000.0
THEN = Finding(
    confirmed=True, first_possible_at=NOON, seen_until=NOON + 300, over=True, closest_m=-50.0, retracted=False,
    excused=False, zones=("court",),
)  # fmt: skip
ACKNOWLEDGED = Triage(Subject.INCURSION, 1, Stage.ACKNOWLEDGED, NOON, "anna")
SNOOZED = replace(ACKNOWLEDGED, snoozed_until=NOON + 900, found=THEN)
CLOSED = replace(ACKNOWLEDGED, stage=Stage.CLOSED, closed_at=NOON, closed_by="anna", reason=Reason.LAWFUL, found=THEN)
TABLE = [
    # what is now, how it differs, whether a snooze ends, whether a closed alert is marked
    ({}, None, False, False),
    ({"closest_m": -74.9}, None, False, False),
    ({"closest_m": -75.0}, What.DEEPER, True, True),
    ({"closest_m": -20.0}, What.SHALLOWER, False, True),
    ({"seen_until": NOON + 359}, None, False, False),
    ({"seen_until": NOON + 360}, What.LONGER, False, True),
    ({"first_possible_at": NOON - 60}, What.LONGER, False, True),
    ({"seen_until": NOON + 240}, What.SHORTER, False, True),
    ({"zones": ("court", "police")}, What.OTHER_ZONE, True, False),
    ({"excused": True}, What.EXCUSED, False, True),
    ({"confirmed": False}, What.NOT_ENTERED, False, True),
    ({"retracted": True, "closest_m": -500.0}, What.RETRACTED, False, True),
]


@pytest.mark.parametrize(("changes", "what", "wakes", "marks"), TABLE, ids=str)
def test_what_a_change_is_and_what_it_ends(changes, what, wakes, marks):
    now = replace(THEN, **changes)
    assert [each.what for each in differences(THEN, now)] == ([what] if what else [])
    assert (bool(growth(THEN, now)), bool(corrections(THEN, now))) == (wakes, marks)
    assert (bool(news(SNOOZED, now)), bool(news(CLOSED, now))) == (wakes, marks)


@pytest.mark.parametrize(("field", "what"), [("confirmed", What.ENTERED), ("zones", What.OTHER_ZONE)])
def test_a_warning_that_becomes_an_entry_ends_the_snooze(field, what):
    warning = replace(THEN, confirmed=False, zones=())
    now = replace(warning, **{field: getattr(THEN, field)})
    assert [each.what for each in growth(warning, now)] == [what]


def test_an_excuse_that_is_withdrawn_ends_the_snooze():
    assert [each.what for each in growth(replace(THEN, excused=True), THEN)] == [What.NOT_EXCUSED]


def test_depths_and_lengths_say_before_and_after():
    now = replace(THEN, closest_m=-120.0, seen_until=NOON + 600)
    assert differences(THEN, now) == (Difference(What.DEEPER, -50.0, -120.0), Difference(What.LONGER, 300.0, 600.0))


@pytest.mark.parametrize(("later_s", "marked"), [(899, False), (900, True)])
def test_who_was_inside_at_the_closing_may_take_a_while_to_leave(later_s, marked):
    inside = replace(THEN, over=False)
    left = replace(inside, over=True, seen_until=inside.seen_until + later_s)
    assert bool(corrections(inside, left)) == marked


def test_a_deed_keeps_what_was_found():
    snoozed = step(ACKNOWLEDGED, Deed(Act.SNOOZE, "ben", NOON, until=NOON + 60, found=THEN))
    closed = step(snoozed, Deed(Act.CLOSE, "ben", NOON, reason=Reason.LAWFUL, found=replace(THEN, excused=True)))
    assert (snoozed.found, closed.found) == (THEN, replace(THEN, excused=True))


def test_closed_before_findings_were_kept_has_no_news():
    assert news(replace(CLOSED, found=None), replace(THEN, retracted=True)) == ()


def test_who_acknowledges_a_change_leaves_it_closed_without_a_mark():
    now = replace(THEN, closest_m=-120.0)
    after = step(CLOSED, Deed(Act.ACKNOWLEDGE, "ben", NOON + 60, found=now))
    assert (after.stage, after.reason, news(after, now)) == (Stage.CLOSED, Reason.LAWFUL, ())


def test_a_closed_alert_without_a_change_can_not_be_acknowledged():
    with pytest.raises(TriageError):
        step(CLOSED, Deed(Act.ACKNOWLEDGE, "ben", NOON + 60, found=THEN))


def test_opened_again_nothing_is_marked():
    after = step(CLOSED, Deed(Act.REOPEN, "ben", NOON, text="it was deeper", found=THEN))
    assert (after.stage, news(after, replace(THEN, closest_m=-120.0))) == (Stage.ACKNOWLEDGED, ())

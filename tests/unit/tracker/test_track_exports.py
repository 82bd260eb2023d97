import pytest

from tracker.past.replay import Window
from tracker.past.track_exports import LAPSES_AFTER_S, Export, State, needs_two

ASKED_AT = 1_700_000_000.0


def an_export(fixes=25, **changes):
    window = Window((7,), ASKED_AT - 3600, ASKED_AT)
    usual = {"two_people": needs_two(fixes, 0)}
    return Export(1, 1, "anna", ASKED_AT, window, ("王芳",), "csv", "complaint 17", fixes, **(usual | changes))


@pytest.mark.parametrize(
    ("fixes", "alone", "two"), [(24, 0, False), (25, 0, True), (10, 14, False), (10, 15, True), (0, 24, False)]
)
def test_from_25_fixes_on_two_people_must_agree_however_they_are_split(fixes, alone, two):
    assert needs_two(fixes, alone) is two


@pytest.mark.parametrize(
    ("export", "state"),
    [
        (an_export(24), State.READY),
        (an_export(25), State.WAITING),
        (an_export(approved=True, decided_by="ben", decided_at=ASKED_AT), State.APPROVED),
        (an_export(approved=False, decided_by="ben", decided_at=ASKED_AT), State.DECLINED),
    ],
)
def test_what_may_be_done(export, state):
    assert export.state(ASKED_AT + 60) is state


@pytest.mark.parametrize("approved", [None, True])
def test_a_request_and_an_approval_lapse(approved):
    assert an_export(approved=approved).state(ASKED_AT + LAPSES_AFTER_S + 1) is State.LAPSED


def test_the_visitor_reads_who_agreed():
    assert an_export(approved=True, decided_by="ben").look() == "complaint 17 (export: csv; ben)"
    assert an_export(3).look() == "complaint 17 (export: csv)"

"""Every deed in every state of an alert, and what holds for any sequence of deeds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.answers.triage import (
    LONGEST_SNOOZE_S,
    REASONS,
    Act,
    Deed,
    Reason,
    Stage,
    Subject,
    Triage,
    TriageError,
    fold,
    step,
)

NOW = 1_700_000_000.0
ANNA, BEN = "anna", "ben"
DEEDS = {
    Act.ACKNOWLEDGE: Deed(Act.ACKNOWLEDGE, BEN, NOW),
    Act.ASSIGN: Deed(Act.ASSIGN, BEN, NOW, to="chen"),
    Act.COMMENT: Deed(Act.COMMENT, BEN, NOW, text="called, no answer"),
    Act.SNOOZE: Deed(Act.SNOOZE, BEN, NOW, until=NOW + 1800),
    Act.WAKE: Deed(Act.WAKE, BEN, NOW),
    Act.CLOSE: Deed(Act.CLOSE, BEN, NOW, reason=Reason.FALSE_ALARM),
    Act.REOPEN: Deed(Act.REOPEN, BEN, NOW, text="the visitor says otherwise"),
}
NEW = Triage(Subject.INCURSION)
ACKNOWLEDGED = Triage(Subject.INCURSION, 1, Stage.ACKNOWLEDGED, NOW - 60, ANNA)
ASSIGNED = replace(ACKNOWLEDGED, version=2, stage=Stage.ASSIGNED, assignee=ANNA)
SNOOZED = replace(ACKNOWLEDGED, version=2, snoozed_until=NOW + 600)
CLOSED = replace(ASSIGNED, version=3, stage=Stage.CLOSED, closed_at=NOW - 30, closed_by=ANNA, reason=Reason.SPOKEN_TO)
STATES = {"new": NEW, "acknowledged": ACKNOWLEDGED, "assigned": ASSIGNED, "snoozed": SNOOZED, "closed": CLOSED}
SOS = Triage(Subject.SOS)
SOS_TAKEN = Triage(Subject.SOS, 1, Stage.ACKNOWLEDGED, NOW - 60, ANNA)
SOS_CLOSED = replace(SOS_TAKEN, version=2, stage=Stage.CLOSED, closed_at=NOW, closed_by=ANNA, reason=Reason.HELPED)
STATES |= {"sos": SOS, "sos taken": SOS_TAKEN, "sos closed": SOS_CLOSED}
TABLE = {
    # state: what becomes of it by acknowledge, assign, comment, snooze, wake, close, reopen; "-" is refused
    "new": "acknowledged assigned new - - closed -",
    "acknowledged": "- assigned acknowledged snoozed - closed -",
    "assigned": "- assigned assigned snoozed - closed -",
    "snoozed": "- assigned snoozed snoozed woken closed -",
    "closed": "- - closed - - - assigned",
    "sos": "acknowledged assigned new - - closed -",
    "sos taken": "- assigned acknowledged - - closed -",
    "sos closed": "- - closed - - - -",
}
PAIRS = [(state, act, end) for state, row in TABLE.items() for act, end in zip(Act, row.split(), strict=True)]


def seen(state: Triage) -> set[str]:
    """The words of the table that a state answers to."""
    waiting = state.snoozed_until is not None and state.snoozed_until > NOW
    return {state.stage.value, "snoozed" if waiting else "woken"}


@pytest.mark.parametrize(("name", "act", "end"), PAIRS, ids=lambda each: str(each).replace(" ", "_"))
def test_every_deed_in_every_state(name, act, end):
    state = STATES[name]
    if end == "-":
        with pytest.raises(TriageError) as refusal:
            step(state, DEEDS[act])
        assert refusal.value.do.endswith(".")
    else:
        after = step(state, DEEDS[act])
        assert end in seen(after)
        assert after.version == state.version + 1


def test_who_assigns_or_closes_has_acknowledged():
    for act in (Act.ACKNOWLEDGE, Act.ASSIGN, Act.CLOSE):
        after = step(NEW, DEEDS[act])
        assert (after.acknowledged_at, after.acknowledged_by) == (NOW, BEN)


def test_the_first_acknowledgement_stays():
    closed = step(ACKNOWLEDGED, DEEDS[Act.CLOSE])
    assert (closed.acknowledged_by, closed.closed_by) == (ANNA, BEN)


def test_assigning_to_the_same_person_again_is_refused():
    with pytest.raises(TriageError, match="already"):
        step(ASSIGNED, Deed(Act.ASSIGN, BEN, NOW, to=ANNA))


def test_assigning_ends_a_snooze():
    assert step(SNOOZED, DEEDS[Act.ASSIGN]).snoozed_until is None


@pytest.mark.parametrize(
    ("until", "fits"),
    [(None, False), (NOW, False), (NOW + 1, True), (NOW + LONGEST_SNOOZE_S, True), (NOW + LONGEST_SNOOZE_S + 1, False)],
)
def test_a_snooze_ends_within_a_day(until, fits):
    deed = Deed(Act.SNOOZE, BEN, NOW, until=until)
    if fits:
        assert step(ACKNOWLEDGED, deed).snoozed_until == until
    else:
        with pytest.raises(TriageError):
            step(ACKNOWLEDGED, deed)


@pytest.mark.parametrize("state", [NEW, SOS, Triage(Subject.SILENCE)], ids=lambda state: state.subject)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_reason_must_fit_the_subject(state, reason):
    deed = Deed(Act.CLOSE, BEN, NOW, text="see the report", reason=reason)
    if reason in REASONS[state.subject]:
        assert step(state, deed).reason is reason
    else:
        with pytest.raises(TriageError, match="reason"):
            step(state, deed)


@pytest.mark.parametrize("deed", [
    Deed(Act.COMMENT, BEN, NOW, text="  "),
    Deed(Act.CLOSE, BEN, NOW, text=" ", reason=Reason.OTHER),
    Deed(Act.ASSIGN, BEN, NOW),
], ids=lambda deed: deed.act)  # fmt: skip
def test_what_a_deed_needs_is_asked_for(deed):
    with pytest.raises(TriageError):
        step(ACKNOWLEDGED, deed)


def test_opening_again_needs_a_comment_and_keeps_whose_it_was():
    with pytest.raises(TriageError):
        step(CLOSED, Deed(Act.REOPEN, BEN, NOW))
    after = step(CLOSED, DEEDS[Act.REOPEN])
    assert (after.stage, after.assignee, after.reason, after.closed_at) == (Stage.ASSIGNED, ANNA, None, None)


@given(st.lists(st.sampled_from(list(DEEDS.values()))), st.sampled_from(Subject))
def test_any_deeds_leave_a_state_that_makes_sense(deeds, subject):
    state, taken = Triage(subject), []
    for deed in deeds:
        try:
            state = step(state, deed)
        except TriageError:
            continue
        taken.append(deed)
    assert state == fold(subject, taken)
    assert state.version == len(taken)
    assert (state.stage is Stage.CLOSED) == (state.reason is not None) == (state.closed_at is not None)
    assert (state.stage is Stage.NEW) == (state.acknowledged_at is None)
    assert state.snoozed_until is None or subject is not Subject.SOS

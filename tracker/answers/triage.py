"""What people do about an alert (处置): a state machine over deeds, none of which is ever lost.

new -> acknowledged -> assigned -> closed. An alert that cleared itself waits for its answer all the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce

from tracker.answers.finding import Difference, Finding, corrections, growth
from tracker.errors import KeepClearError

LONGEST_SNOOZE_S = 24 * 3600.0
"""Nobody puts an alert off for longer than a day."""


class TriageError(KeepClearError):
    """A deed that does not fit the state of the alert."""


class Stage(StrEnum):
    """How far people are with an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class Act(StrEnum):
    """What somebody does about an alert."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    COMMENT = "comment"
    SNOOZE = "snooze"
    WAKE = "wake"
    CLOSE = "close"
    REOPEN = "reopen"


class Reason(StrEnum):
    """Why an alert is closed."""

    VIOLATION = "violation"
    SPOKEN_TO = "spoken_to"
    LAWFUL = "lawful"
    HELPED = "helped"
    REACHED = "reached"
    """Of a silence: somebody spoke to the visitor, who is well."""
    TECHNICAL = "technical"
    """Of a silence: the phone, the app or the network."""
    FALSE_ALARM = "false_alarm"
    OTHER = "other"
    EARLIER = "earlier"
    """It was over before alerts were triaged at all; only the migration gives it."""


UPHELD = frozenset({Reason.VIOLATION, Reason.SPOKEN_TO, Reason.LAWFUL, Reason.HELPED})
"""Reasons that say: what the alert told was so. REFUTED say it was not, the rest say neither."""
REFUTED = frozenset({Reason.FALSE_ALARM})


class Subject(StrEnum):
    """What an alert is about; it decides how it may be closed and whether it may wait."""

    INCURSION = "incursion"
    SOS = "sos"
    SILENCE = "silence"


REASONS = {
    Subject.INCURSION: frozenset({Reason.VIOLATION, Reason.SPOKEN_TO, Reason.LAWFUL, Reason.FALSE_ALARM, Reason.OTHER}),
    Subject.SOS: frozenset({Reason.HELPED, Reason.FALSE_ALARM, Reason.OTHER}),
    Subject.SILENCE: frozenset({Reason.REACHED, Reason.TECHNICAL, Reason.OTHER}),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One act of one person (`by`, an account's name) at a moment (seconds UTC).

    `to`: whom it is assigned to; `until`: the end of a snooze (seconds UTC); `text`: a comment.
    `found`: what detection said at that moment (None: a call for help, or not kept).
    """

    act: Act
    by: str
    at: float
    text: str = ""
    to: str | None = None
    until: float | None = None
    reason: Reason | None = None
    found: Finding | None = None


@dataclass(frozen=True, slots=True)
class Triage:
    """The state of an alert, folded from its deeds; `version` counts them. Times are seconds UTC.

    `found`: what detection said when it was put off or closed; what differs later is news.
    """

    subject: Subject
    version: int = 0
    stage: Stage = Stage.NEW
    acknowledged_at: float | None = None
    acknowledged_by: str | None = None
    assignee: str | None = None
    snoozed_until: float | None = None
    closed_at: float | None = None
    closed_by: str | None = None
    reason: Reason | None = None
    comments: int = 0
    found: Finding | None = None


def step(state: Triage, deed: Deed) -> Triage:
    """The state after a deed.

    Raises:
        TriageError: the deed doesn't fit the state; says what to do instead.
    """
    done = STEPS[deed.act](state, deed)
    return replace(done, version=state.version + 1, comments=done.comments + bool(deed.text))


def fold(subject: Subject, deeds: Iterable[Deed]) -> Triage:
    """The state after all of its deeds, in their order."""
    return reduce(step, deeds, Triage(subject))


def news(state: Triage | None, now: Finding) -> tuple[Difference, ...]:
    """What a person must look at again: growth while it is put off (the snooze has ended), any change once closed."""
    if state is None or state.found is None:
        return ()
    if state.stage is Stage.CLOSED:
        return corrections(state.found, now)
    return growth(state.found, now) if state.snoozed_until is not None else ()


def _acknowledge(state: Triage, deed: Deed) -> Triage:
    if state.stage is Stage.CLOSED and state.found and deed.found and corrections(state.found, deed.found):
        return replace(state, found=deed.found)  # it changed since, and stays closed all the same
    _refuse_closed(state)
    if state.stage is not Stage.NEW:
        what = f"{state.acknowledged_by} has acknowledged it already."
        raise TriageError(what, "Nothing is left to do; comment or close it.")
    return _acknowledged(replace(state, stage=Stage.ACKNOWLEDGED), deed)


def _assign(state: Triage, deed: Deed) -> Triage:
    _refuse_closed(state)
    if not deed.to:
        raise TriageError("Nobody is named.", "Say to whom it is assigned.")
    if state.assignee == deed.to:
        raise TriageError(f"It is assigned to {deed.to} already.", "Name somebody else, or comment.")
    return _acknowledged(replace(state, stage=Stage.ASSIGNED, assignee=deed.to, snoozed_until=None), deed)


def _comment(state: Triage, deed: Deed) -> Triage:
    if not deed.text.strip():
        raise TriageError("The comment is empty.", "Write something.")
    return state


def _snooze(state: Triage, deed: Deed) -> Triage:
    _refuse_closed(state)
    if state.subject is Subject.SOS:
        raise TriageError("A call for help can't wait.", "Acknowledge it and help.")
    if state.stage is Stage.NEW:
        raise TriageError("Nobody has acknowledged it yet.", "Acknowledge it first, then put it off.")
    if deed.until is None or not deed.at < deed.until <= deed.at + LONGEST_SNOOZE_S:
        raise TriageError("The end of the snooze is missing or out of range.", "Give one within 24 hours from now.")
    return replace(state, snoozed_until=deed.until, found=deed.found)


def _wake(state: Triage, deed: Deed) -> Triage:
    _refuse_closed(state)
    if state.snoozed_until is None or state.snoozed_until <= deed.at:
        raise TriageError("It is not put off.", "Nothing is left to do.")
    return replace(state, snoozed_until=None)


def _close(state: Triage, deed: Deed) -> Triage:
    _refuse_closed(state)
    if deed.reason not in REASONS[state.subject]:
        fitting = ", ".join(sorted(REASONS[state.subject]))
        raise TriageError("It can't be closed without a reason that fits.", f"Give one of {fitting}.")
    if deed.reason is Reason.OTHER and not deed.text.strip():
        raise TriageError("'Other' says nothing by itself.", "Add a comment that says why.")
    closed = replace(state, stage=Stage.CLOSED, closed_at=deed.at, closed_by=deed.by, reason=deed.reason)
    return _acknowledged(replace(closed, snoozed_until=None, found=deed.found), deed)


def _reopen(state: Triage, deed: Deed) -> Triage:
    if state.stage is not Stage.CLOSED:
        raise TriageError("It is open.", "Nothing is left to do.")
    if state.subject is Subject.SOS:
        raise TriageError("A call for help has ended when it is closed.", "Comment; the visitor can call again.")
    if not deed.text.strip():
        raise TriageError("It was closed for a reason.", "Add a comment that says why it is opened again.")
    stage = Stage.ACKNOWLEDGED if state.assignee is None else Stage.ASSIGNED
    return replace(state, stage=stage, closed_at=None, closed_by=None, reason=None, found=None)


STEPS: dict[Act, Callable[[Triage, Deed], Triage]] = {
    Act.ACKNOWLEDGE: _acknowledge,
    Act.ASSIGN: _assign,
    Act.COMMENT: _comment,
    Act.SNOOZE: _snooze,
    Act.WAKE: _wake,
    Act.CLOSE: _close,
    Act.REOPEN: _reopen,
}


def _acknowledged(state: Triage, deed: Deed) -> Triage:
    """Whoever assigns or closes an alert has seen it."""
    if state.acknowledged_at is not None:
        return state
    return replace(state, acknowledged_at=deed.at, acknowledged_by=deed.by)


def _refuse_closed(state: Triage) -> None:
    if state.stage is Stage.CLOSED:
        raise TriageError(f"{state.closed_by} has closed it.", "Open it again first, with a comment that says why.")

"""Who is told what about an incursion: decided from what changed, so that nothing is told twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.excuse import OVERSTAY_S, Excuse
from tracker.incursion import Incursion, Milestone
from tracker.settle import Action, Change
from tracker.silence import Over, Silence

RENOTICE_S = 60.0
"""A time that moved by less than this is no news to whoever was told."""
STALE_S = 120.0


class Audience(StrEnum):
    """Whom an alert is for."""

    VISITOR = "visitor"
    SUPERVISOR = "supervisor"


class AlertKind(StrEnum):
    """A milestone that was reached, or that what was told has changed or never was."""

    APPROACH = "approach"
    ENTRY = "entry"
    DWELL = "dwell"
    EXIT = "exit"
    OVERSTAY = "overstay"
    """Still inside after the excuse has ended; what came before it is told to nobody."""
    SOS = "sos"
    SILENCE = "silence"
    """No data for so long that somebody should ask."""
    HEARD = "heard"
    """A silence that was told is over."""
    REVISED = "revised"
    RETRACTED = "retracted"


RENOTICES = frozenset({AlertKind.REVISED, AlertKind.RETRACTED})
TOLD = {
    Milestone.APPROACH: (Audience.VISITOR,),
    Milestone.ENTRY: (Audience.VISITOR, Audience.SUPERVISOR),
    Milestone.DWELL: (Audience.SUPERVISOR,),
    Milestone.EXIT: (Audience.SUPERVISOR,),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One notice to one audience. `at` (seconds UTC) is when the fact happened, not when it was found.

    `incursion` is the record as it is now; `revision` its revision. Within one revision facts are only added,
    so the dedup key names each notice once, whatever is retried. A call for help has no incursion; nor has a silence.
    """

    device: str
    kind: AlertKind
    audience: Audience
    at: float
    incursion_id: str | None
    revision: int
    incursion: Incursion | None
    silence: Silence | None = None

    @property
    def dedup_key(self) -> str:
        """The same for the same notice on every attempt."""
        if self.silence is not None:
            return f"silence-{self.silence.id}:{self.kind}"
        if self.incursion_id is None:
            return f"{self.kind}:{self.device}:{self.at}"
        return f"{self.incursion_id}:{self.kind}:{self.audience}:{self.revision}"


def alerts_for(change: Change, device: str) -> list[Alert]:
    """The alerts that follow from a change, in the order of the facts; pass-throughs and gaps have none."""
    before = _milestones(change.before.incursion) if change.before and not change.before.retracted else {}
    after = {} if change.after.retracted else _milestones(change.after.incursion)
    told = [
        _alert(change, device, AlertKind(milestone), audience, at)
        for milestone, at in after.items()
        if milestone not in before and not (before and milestone is Milestone.APPROACH)
        for audience in TOLD[milestone]
    ]
    return _renotices(change, device, before, after) + told


def sos(device: str, at: float) -> Alert:
    """A visitor calls for help."""
    return Alert(device, AlertKind.SOS, Audience.SUPERVISOR, at, None, 1, None)


def silences(before: Silence | None, after: Silence) -> list[Alert]:
    """What supervisors are told of a silence: that it has become red, and that one they were told of is over."""
    told_before = before is not None and before.red_at is not None
    if after.over is Over.HEARD and told_before and after.ended_at is not None:
        return [_of_silence(after, AlertKind.HEARD, after.ended_at)]
    if after.over is None and after.red_at is not None and not told_before:
        return [_of_silence(after, AlertKind.SILENCE, after.red_at)]
    return []


def unexcused(alerts: Iterable[Alert], excuses: Sequence[Excuse]) -> list[Alert]:
    """The alerts that are told although the visitor has excuses.

    A notice that something told before was wrong is always among them: the outbox keeps it for those who were told.
    """
    return [alert for alert in alerts if alert.kind in RENOTICES or not _excused(alert, excuses)]


def overstays(change: Change, device: str, excuses: Sequence[Excuse]) -> list[Alert]:
    """An entry that was excused goes on `OVERSTAY_S` after its excuse ended: it is told as of that end, once.

    Not where another excuse follows, nor where the dwell is told after the end anyway. Told again by any later
    change, for the outbox knows the notice by its key.
    """
    found = change.after.incursion
    if change.after.retracted or found.confirmed_at is None:
        return []
    end = _leave_ends(found.zone, found.confirmed_at, excuses)
    inside_until = found.last_fix_at if found.exit_at is None else found.exit_at
    told_anyway = found.dwell_at is not None and found.dwell_at > end
    if end == found.confirmed_at or told_anyway or inside_until - end < OVERSTAY_S:
        return []
    return [_alert(change, device, AlertKind.OVERSTAY, audience, end) for audience in TOLD[Milestone.ENTRY]]


def is_stale(alert: Alert, now: float) -> bool:
    """Whether it comes too late to act on: an approach is for the moment, the rest for the record."""
    return alert.kind is AlertKind.APPROACH and now - alert.at > STALE_S


def _of_silence(silence: Silence, kind: AlertKind, at: float) -> Alert:
    return Alert(silence.device, kind, Audience.SUPERVISOR, at, None, 1, None, silence)


def _excused(alert: Alert, excuses: Sequence[Excuse]) -> bool:
    incursion = alert.incursion
    return incursion is not None and any(excuse.covers(incursion.zone, alert.at) for excuse in excuses)


def _leave_ends(zone: str, at: float, excuses: Sequence[Excuse]) -> float:
    """When the excuses that cover a moment, and those that follow without a break, have ended; `at` if none does."""
    while longer := [each.ends_at for each in excuses if each.covers(zone, at) and each.ends_at > at]:
        at = max(longer)
    return at


def _milestones(incursion: Incursion) -> dict[Milestone, float]:
    """What is told of an incursion; who is inside is not told of the approach any more."""
    milestones = incursion.milestones
    if Milestone.ENTRY in milestones:
        del milestones[Milestone.APPROACH]
    return milestones


def _renotices(
    change: Change, device: str, before: dict[Milestone, float], after: dict[Milestone, float]
) -> list[Alert]:
    """Tell those who were told something that is no longer so, or was more than a minute off."""
    if change.action not in (Action.REVISED, Action.RETRACTED):
        return []
    kind = AlertKind.RETRACTED if change.action is Action.RETRACTED else AlertKind.REVISED
    wrong = [(milestone, at) for milestone, at in before.items() if not _holds(milestone, at, after)]
    audiences = {audience: at for milestone, at in wrong for audience in TOLD[milestone]}
    return [_alert(change, device, kind, audience, at) for audience, at in audiences.items()]


def _holds(milestone: Milestone, at: float, after: dict[Milestone, float]) -> bool:
    if milestone is Milestone.APPROACH and Milestone.ENTRY in after:
        return True
    return milestone in after and abs(after[milestone] - at) <= RENOTICE_S


def _alert(change: Change, device: str, kind: AlertKind, audience: Audience, at: float) -> Alert:
    now = change.after
    return Alert(device, kind, audience, at, now.id, now.revision, now.incursion)

"""What detection said about an alert when somebody decided, and what of it is different now."""

from dataclasses import dataclass
from enum import StrEnum

DEEPER_M = 25.0
"""Less is the noise of a phone's position."""
LONGER_S = 60.0
"""A time that moved by less is no news, see `tracker.alert.RENOTICE_S`."""
STILL_THERE_S = 900.0
"""Whoever was inside when it was closed may take so long to leave before that is news."""


class What(StrEnum):
    """A way in which an alert differs from what was decided about."""

    ENTERED = "entered"
    NOT_ENTERED = "not_entered"
    DEEPER = "deeper"
    SHALLOWER = "shallower"
    LONGER = "longer"
    SHORTER = "shorter"
    OTHER_ZONE = "other_zone"
    EXCUSED = "excused"
    NOT_EXCUSED = "not_excused"
    RETRACTED = "retracted"
    RESTORED = "restored"


GROWTH = frozenset({What.ENTERED, What.DEEPER, What.OTHER_ZONE, What.NOT_EXCUSED, What.RESTORED})
"""What ends a snooze. To stay longer does not: that is what the snooze was for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An incursion as it stood. Times in seconds UTC; `closest_m` is signed metres to the edge, negative inside.

    `seen_until`: the exit, or the newest fix while there is none. `zones`: all that the shift has confirmed entries of.
    """

    confirmed: bool
    first_possible_at: float
    seen_until: float
    over: bool
    closest_m: float
    retracted: bool
    excused: bool
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed; of a depth (metres, negative inside) or a length (seconds) both values."""

    what: What
    before: float | None = None
    after: float | None = None


def differences(then: Finding, now: Finding) -> tuple[Difference, ...]:
    """What is different now; of one that is retracted nothing else counts."""
    if now.retracted:
        return () if then.retracted else (Difference(What.RETRACTED),)
    flags = (
        (then.retracted, now.retracted, What.RETRACTED, What.RESTORED),
        (then.confirmed, now.confirmed, What.ENTERED, What.NOT_ENTERED),
        (then.excused, now.excused, What.EXCUSED, What.NOT_EXCUSED),
    )
    changed = [Difference(came if after else went) for before, after, came, went in flags if before != after]
    other = [Difference(What.OTHER_ZONE)] if set(now.zones) - set(then.zones) else []
    return (*changed, *_depth(then, now), *_length(then, now), *other)


def growth(then: Finding, now: Finding) -> tuple[Difference, ...]:
    """What is worse now: for this a snooze ends."""
    return tuple(each for each in differences(then, now) if each.what in GROWTH)


def corrections(then: Finding, now: Finding) -> tuple[Difference, ...]:
    """What a decision about this alert did not know; another zone is an alert of its own."""
    return tuple(each for each in differences(then, now) if each.what is not What.OTHER_ZONE)


def _depth(then: Finding, now: Finding) -> tuple[Difference, ...]:
    if abs(now.closest_m - then.closest_m) < DEEPER_M:
        return ()
    what = What.DEEPER if now.closest_m < then.closest_m else What.SHALLOWER
    return (Difference(what, then.closest_m, now.closest_m),)


def _length(then: Finding, now: Finding) -> tuple[Difference, ...]:
    before, after = (each.seen_until - each.first_possible_at for each in (then, now))
    if after - before >= (LONGER_S if then.over else STILL_THERE_S):
        return (Difference(What.LONGER, before, after),)
    return (Difference(What.SHORTER, before, after),) if before - after >= LONGER_S else ()

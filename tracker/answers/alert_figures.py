"""How alerts are going: what is open, how long things take, how often alerts were right. Never about one person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from tracker.people.roles import Scope

AGE_LIMITS_S = (300.0, 1800.0, 7200.0, 86_400.0)
"""An open alert is younger than one of these, or older than all."""
By = Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something took, in seconds: the median and the 95th percentile of `count` (None of none)."""

    count: int = 0
    median_s: float | None = None
    p95_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delays:
    """From the true moments. The visitor's own phone is `warned`; supervisors are told, shown, and acknowledge.

    Of a call for help there is nothing to confirm: `told_after_confirmed` counts from the call.
    """

    warned_after_crossing: Delay = Delay()
    confirmed_after_crossing: Delay = Delay()
    told_after_confirmed: Delay = Delay()
    shown_after_told: Delay = Delay()
    acknowledged_after_told: Delay = Delay()
    acknowledged_after_crossing: Delay = Delay()


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that supervisors were told of and that have something in common: `key`, shown as `name`.

    Of the closed ones: how many were so, were not so, or were closed without saying either.
    `retracted`: how many later fixes contradicted.
    """

    key: str
    name: str
    told: int = 0
    upheld: int = 0
    refuted: int = 0
    undecided: int = 0
    retracted: int = 0
    delays: Delays = field(default_factory=Delays)

    @property
    def share(self) -> float | None:
        """Upheld among those that say; None if none does."""
        said = self.upheld + self.refuted
        return self.upheld / said if said else None


@dataclass(frozen=True, slots=True)
class Open:
    """Alerts that are not closed, of a kind: how many in each class of AGE_LIMITS_S, by when they were told.

    `left`: an entry or a stay that is over, and waits all the same.
    """

    kind: str
    waiting: tuple[int, ...]
    in_hand: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Silent:
    """No data from a visitor on shift since a moment (seconds UTC), see `tracker.silence`.

    `why`: a code of `tracker.word.Why`; `level`: amber or red.
    """

    visitor: str
    device: str
    heard_at: float
    level: str = "red"
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """How many messages were turned away for a reason, and the newest (seconds UTC)."""

    reason: str
    count: int
    last_at: float


@dataclass(frozen=True, slots=True)
class Channel:
    """What a recipient has been told, is yet to be told, and has been given up on, with the newest error."""

    recipient: str
    delivered: int
    waiting: int
    dead: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Span:
    """The last `days` days up to now, in days or weeks of a time zone."""

    days: int = 7
    by: By = "day"
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a span, but for what is open, on shift and not delivered: that is of now."""

    open: tuple[Open, ...] = ()
    subjects: tuple[Group, ...] = ()
    kinds: tuple[Group, ...] = ()
    zones: tuple[Group, ...] = ()
    platforms: tuple[Group, ...] = ()
    periods: tuple[Group, ...] = ()
    on_shift: int = 0
    silent_visitors: int = 0
    silent: tuple[Silent, ...] = ()
    ingest_lag: Delay = Delay()
    refusals: tuple[Reason, ...] = ()
    quarantine: tuple[Reason, ...] = ()
    channels: tuple[Channel, ...] = ()


class AlertFigures(Protocol):
    """Called from worker threads."""

    def figures(self, scope: Scope, span: Span) -> Figures:
        """Of a scope's people."""

    def teams(self, scope: Scope) -> Sequence[tuple[int, str]]:
        """The teams that a scope consists of, by name."""

    def shown(self, scope: Scope, alert_ids: list[str], by: str) -> None:
        """Note that a page has shown these to somebody now; the first time counts, and ids of nothing don't."""

    def retry(self, scope: Scope, recipient: str) -> int:
        """Try a recipient's dead deliveries about a scope's people again, from the first attempt. How many."""


def period_keys(span: Span, now: datetime) -> list[str]:
    """The first days (ISO 8601) of the periods that a span touches, the oldest first; weeks begin on Monday."""
    today = now.astimezone(ZoneInfo(span.time_zone)).date()
    first = (now - timedelta(days=span.days)).astimezone(ZoneInfo(span.time_zone)).date()
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    starts = days if span.by == "day" else [each - timedelta(days=each.weekday()) for each in days]
    return sorted({each.isoformat() for each in starts})


def filled(groups: Sequence[Group], keys: Sequence[str]) -> tuple[Group, ...]:
    """One group for each key in turn; where nothing happened, an empty one."""
    known = {each.key: each for each in groups}
    return tuple(known.get(key, Group(key, key)) for key in keys)

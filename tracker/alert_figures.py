"""How alerts are going: what is open, how long things take, how often alerts were right. Never about one person."""

from dataclasses import dataclass
from typing import Protocol

from tracker.roles import Scope


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something took, in seconds: the median and the 95th percentile of `count` alerts (None of none)."""

    count: int
    median_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the closed alerts of a kind: how many were so, were not so, or were closed without saying either."""

    kind: str
    upheld: int
    refuted: int
    undecided: int

    @property
    def share(self) -> float | None:
        """Upheld among those that say; None if none does."""
        said = self.upheld + self.refuted
        return self.upheld / said if said else None


@dataclass(frozen=True, slots=True)
class Dead:
    """What a channel has given up telling a recipient: how many alerts, and the newest error."""

    recipient: str
    count: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last `days`. The delays are from the true moments: crossing, confirmed, told, shown, acknowledged."""

    days: int
    waiting: int
    in_hand: int
    calls: int
    confirmed_after_crossing: Delay
    told_after_confirmed: Delay
    shown_after_told: Delay
    acknowledged_after_told: Delay
    precision: tuple[Precision, ...]
    silent_visitors: int
    on_shift: int
    ingest_lag: Delay
    dead: tuple[Dead, ...] = ()


class AlertFigures(Protocol):
    """Called from worker threads."""

    def figures(self, scope: Scope, days: int, silent_after_s: float) -> Figures:
        """Of a scope's people in the last days; silent is a phone on shift that was not heard for so many seconds."""

    def shown(self, scope: Scope, alert_ids: list[str], by: str) -> None:
        """Note that a page has shown these to somebody now; the first time counts, and ids of nothing don't."""

"""A phone on shift from which no position comes (失联): when it is said, how loud, and when it is over.

Worded as "no data" and never as intent: signals are lost every day. Decided from state and clock alone, so that any
number of workers, started again at any moment, say the same thing once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple, Self

from tracker.word import Why

TOGETHER_S = 120.0
"""Phones that were last heard within this time of one another fell silent together."""
TOGETHER_LEAST = 10
TOGETHER_SHARE = 0.5
"""From so many of those that were heard then, the cause is not with the visitors."""
ZONES_EVERY_S = 60.0
"""How often the zones within reach are listed anew while a silence lasts."""


class Level(StrEnum):
    """Amber is seen on the map and in the lists; red is an alert."""

    AMBER = "amber"
    RED = "red"


class Over(StrEnum):
    """Why a silence has ended."""

    HEARD = "heard"
    SHIFT_END = "shift_end"
    UNTRACKED = "untracked"
    """Consent was taken back, or the phone shut out: nothing is expected of it any more."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Seconds without a position after which a silence is amber, and red."""

    amber_s: float = 300.0
    red_s: float = 900.0


USUAL = Thresholds()


class Reached(NamedTuple):
    """A zone that could have been entered meanwhile, and how far its edge is from the last known place (metres)."""

    zone: str
    name: str
    away_m: float


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence of one visitor on a shift. Times are seconds UTC.

    `since`: the last position, or the shift's opening if there was none. `judged_from`: since when it counts, later
    than `since` where the service itself was not listening. `device`: the phone that was heard last. `together`: many
    fell silent at that moment. `filled`: positions measured meanwhile came later; only the network was silent.
    """

    shift_id: int
    device_id: int
    device: str
    since: float
    judged_from: float
    why: Why | None = None
    id: int | None = None
    red_at: float | None = None
    together: bool = False
    reached: tuple[Reached, ...] = ()
    listed_at: float = 0.0
    ended_at: float | None = None
    over: Over | None = None
    filled: bool = False

    @property
    def level(self) -> Level:
        """How loud it has become."""
        return Level.AMBER if self.red_at is None else Level.RED

    def numbered(self, id_: int) -> Self:
        """The same once it is stored."""
        return replace(self, id=id_)

    def to_json(self) -> dict[str, Any]:
        """Plain values for orjson."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"reached": [list(each) for each in self.reached]}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        why, over = content["why"], content["over"]
        decoded = {"why": why and Why(why), "over": over and Over(over)}
        return cls(**{**content, **decoded, "reached": tuple(Reached(*each) for each in content["reached"])})


@dataclass(frozen=True, slots=True)
class Watch:
    """One shift as the service sees it. Times are seconds UTC.

    `heard_at`: the newest position (or ping) of any phone of the visitor, or the shift's opening. `listening_since`:
    since when the service listens to this phone without a break; None: it doesn't now. `over`, `over_at`: nothing is
    expected any more. `why`: what the phone said of its silence. `open`: the silence that goes on, as it is stored.
    """

    shift_id: int
    device_id: int
    device: str
    shard: int
    heard_at: float
    listening_since: float | None = None
    why: Why | None = None
    over: Over | None = None
    over_at: float | None = None
    open: Silence | None = None

    @property
    def judged_from(self) -> float:
        """Since when a silence is the phone's; whoever does not listen can't call anybody silent."""
        return self.heard_at if self.listening_since is None else max(self.heard_at, self.listening_since)


class Company:
    """When everybody on shift was heard last: who falls silent together with many others did not do it themselves."""

    def __init__(self, heard_ats: Iterable[float]) -> None:
        self._heard_ats = sorted(heard_ats)

    def fell_together(self, heard_at: float, now: float, amber_s: float) -> bool:
        """Whether most of those who were heard at a moment have not been heard since."""
        first = bisect_left(self._heard_ats, heard_at - TOGETHER_S)
        last = bisect_right(self._heard_ats, min(heard_at + TOGETHER_S, now - amber_s))
        fell, heard_then = last - first, len(self._heard_ats) - first
        return fell >= TOGETHER_LEAST and fell >= TOGETHER_SHARE * heard_then


def decide(watch: Watch, now: float, thresholds: Thresholds, company: Company) -> Silence | None:
    """The silence as it is to be written now; None if nothing is to be said or changed.

    Nobody's becomes red while it is shared by many, and none begins or becomes red while the service doesn't listen.
    """
    silence = watch.open
    if silence is not None and (ended := _ended(silence, watch, now)) is not None:
        return ended
    if watch.over is not None:
        return None
    if silence is None:
        return _begun(watch, now, thresholds, company)
    return _grown(silence, watch, now, thresholds, company)


def _begun(watch: Watch, now: float, thresholds: Thresholds, company: Company) -> Silence | None:
    if watch.listening_since is None or now - watch.judged_from < thresholds.amber_s:
        return None
    begun = Silence(watch.shift_id, watch.device_id, watch.device, watch.heard_at, watch.judged_from, watch.why)
    return _grown(begun, watch, now, thresholds, company) or begun


def _grown(silence: Silence, watch: Watch, now: float, thresholds: Thresholds, company: Company) -> Silence | None:
    together = company.fell_together(silence.since, now, thresholds.amber_s)
    judged_from = max(silence.judged_from, watch.judged_from)
    due = watch.listening_since is not None and now - judged_from >= thresholds.red_s
    red_at = now if silence.red_at is None and due and not together else silence.red_at
    grown = replace(silence, why=watch.why, together=together, judged_from=judged_from, red_at=red_at)
    return None if grown == silence else grown


def _ended(silence: Silence, watch: Watch, now: float) -> Silence | None:
    if watch.heard_at > silence.since:
        return replace(silence, ended_at=watch.heard_at, over=Over.HEARD, why=watch.why or silence.why)
    if watch.over is not None:
        return replace(silence, ended_at=now if watch.over_at is None else watch.over_at, over=watch.over)
    return None


def listed(silence: Silence, reached: Iterable[Reached], now: float) -> Silence:
    """The silence with the zones that could have been entered by now, the nearest first."""
    return replace(silence, reached=tuple(sorted(reached, key=lambda each: each.away_m)), listed_at=now)


def is_filled(since: float, ended_at: float, fix_ats: Iterable[float], amber_s: float) -> bool:
    """Whether positions measured during a silence leave no part of it that would itself be one."""
    moments = [since, *sorted(at for at in fix_ats if since < at < ended_at), ended_at]
    return max(after - before for before, after in pairwise(moments)) < amber_s

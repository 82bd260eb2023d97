"""Signs that what a phone says may not be so: a score with reasons, worth asking about and never a verdict.

Folded over the stored fixes of one device in one shift, in canonical order; a late fix goes back to a mark before
it and folds again from there, so that the result depends on the fixes alone and not on how they came.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Self

from tracker.fix import Fix, FixKey
from tracker.incursion.motion import TOP_SPEED_MPS, moved_m, usable
from tracker.incursion.stay import Anchor

SKEW_S = 30.0
STEADY_FIXES = 20
BACKLOG_S = 3600.0
"""A least delay beyond this is a backlog, and says nothing of the clock."""
SAME_FIXES = 60
SAME_PLACE_S = 1800.0
SAME_ACCURACY_S = 3600.0
"""The longest such run of an honest phone in `data/tracks` is 24 minutes."""
GOOD_M = 10.0
"""What no phone reaches without satellites."""
MARK_EVERY_S = 300.0


class Signal(StrEnum):
    """What was noticed."""

    MOCK = "mock"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"
    CLOCK_SET = "clock_set"
    TELEPORT = "teleport"
    SAME_PLACE = "same_place"
    SAME_ACCURACY = "same_accuracy"
    NO_SATELLITES = "no_satellites"


QUESTIONS = {
    Signal.MOCK: "The phone says an app made up its position: is one installed, and why?",
    Signal.CLOCK_AHEAD: "Fixes are dated after they arrived or were sent: is the phone's clock set by the network?",
    Signal.CLOCK_BEHIND: "Every message came late by the phone's own clock: is it slow, or the connection?",
    Signal.CLOCK_SET: "The phone's clock was moved during the shift: by whom, or by what?",
    Signal.TELEPORT: "It moved faster than any vehicle: poor reception, or two phones with one name?",
    Signal.SAME_PLACE: "The same place to the last digit for half an hour or more: did the phone lie somewhere?",
    Signal.SAME_ACCURACY: "The same accuracy for an hour or more: is the position made by something else?",
    Signal.NO_SATELLITES: "Accurate to metres without satellites: what gives the phone its position?",
}


class Rule(NamedTuple):
    """From how many fixes on a signal is listed, at how many it counts in full, and how much that is (0 to 1)."""

    least: int
    full: int
    weight: float


RULES = {
    Signal.MOCK: Rule(1, 10, 0.6),
    Signal.CLOCK_AHEAD: Rule(3, 30, 0.3),
    Signal.CLOCK_BEHIND: Rule(STEADY_FIXES, 60, 0.2),
    Signal.CLOCK_SET: Rule(1, 3, 0.4),
    Signal.TELEPORT: Rule(3, 20, 0.4),
    Signal.SAME_PLACE: Rule(SAME_FIXES, 360, 0.3),
    Signal.SAME_ACCURACY: Rule(SAME_FIXES, 360, 0.2),
    Signal.NO_SATELLITES: Rule(10, 60, 0.3),
}


class Reason(NamedTuple):
    """A signal with the number of fixes that show it, the first and the last of them (seconds UTC)."""

    signal: Signal
    fixes: int
    first_at: float
    last_at: float


class Run(NamedTuple):
    """Fixes one after another that say the same, to the last digit."""

    value: tuple[float, ...]
    since: float
    fixes: int
    long: bool = False


class Plausibility(NamedTuple):
    """What is remembered of a shift up to `key`. `marks` are the same as of some minutes ago, oldest first.

    `least_delay_s`: the shortest time from the making of a message to its arrival; no clock that is right is beaten
    by it. `boot`: when the phone was started by its own clocks, and the fix that said so.
    """

    key: FixKey | None = None
    first_at: float = 0.0
    fixes: int = 0
    least_delay_s: float = BACKLOG_S
    last: Anchor | None = None
    place: Run | None = None
    accuracy: Run | None = None
    boot: tuple[float, float] | None = None
    seen: tuple[Reason, ...] = ()
    marks: tuple["Plausibility", ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What is worth asking about."""
        seen = self.seen
        if self.key is not None and SKEW_S < self.least_delay_s < BACKLOG_S:
            seen = (*seen, Reason(Signal.CLOCK_BEHIND, self.fixes, self.first_at, self.key[0]))
        return tuple(reason for reason in seen if reason.fixes >= RULES[reason.signal].least)

    @property
    def score(self) -> int:
        """0 to 100: how much there is to ask about. Not a probability, and no finding follows from it."""
        left = 1.0
        for reason in self.reasons:
            rule = RULES[reason.signal]
            left *= 1.0 - rule.weight * min(1.0, reason.fixes / rule.full)
        return round(100.0 * (1.0 - left))

    def to_json(self) -> dict[str, Any]:
        """Plain values for orjson: what people read, and the state."""
        return {"score": self.score, "reasons": [list(reason) for reason in self.reasons], "state": _plain(self)}

    @classmethod
    def from_json(cls, content: dict[str, Any] | None) -> Self:
        """The inverse of `to_json`; a track from before there was any begins anew."""
        return cls() if content is None else cls._read(content["state"])

    @classmethod
    def _read(cls, plain: list[Any]) -> Self:
        key, first_at, fixes, delay_s, last, place, accuracy, boot, seen, marks = plain
        return cls(
            (key[0], key[1], key[2]) if key else None, first_at, fixes, delay_s, Anchor(*last) if last else None,
            _run(place), _run(accuracy), (boot[0], boot[1]) if boot else None,
            tuple(Reason(Signal(signal), *rest) for signal, *rest in seen), tuple(cls._read(mark) for mark in marks),
        )  # fmt: skip


def take(state: Plausibility, new_fixes: Sequence[Fix], read_fixes: Callable[[float], Sequence[Fix]]) -> Plausibility:
    """Fold fixes that were not stored before, sorted by key; `read_fixes` as for `settle.take`, if one is late."""
    if not new_fixes:
        return state
    first = new_fixes[0].key
    if state.key is not None and first <= state.key:
        marks = [mark for mark in state.marks if mark.key is not None and mark.key < first]
        state = marks[-1]._replace(marks=tuple(marks)) if marks else Plausibility()
        since = state.key
        new_fixes = [fix for fix in read_fixes(since[0] if since else 0.0) if since is None or fix.key > since]
    for fix in new_fixes:
        state = step(state, fix)
    return state


def step(was: Plausibility, fix: Fix) -> Plausibility:
    """Fold one fix that comes after the last."""
    at, here = fix.fix_at, usable(fix)
    place = _same(was.place, (fix.lon, fix.lat), at, SAME_PLACE_S)
    accuracy = None if fix.accuracy_m is None else _same(was.accuracy, (fix.accuracy_m,), at, SAME_ACCURACY_S)
    boot = was.boot if fix.monotonic_s is None else (at - fix.monotonic_s, at)
    signs = {
        Signal.MOCK: fix.mock is True,
        Signal.CLOCK_AHEAD: _is_ahead(fix),
        Signal.CLOCK_SET: _is_set(was.boot, boot),
        Signal.TELEPORT: was.last is not None and here is not None and _is_teleport(was.last, here),
        Signal.NO_SATELLITES: fix.satellites == 0 and fix.accuracy_m is not None and fix.accuracy_m <= GOOD_M,
    }
    shown = [Reason(signal, 1, at, at) for signal, is_shown in signs.items() if is_shown]
    shown += _of_run(Signal.SAME_PLACE, was.place, place, at) + _of_run(
        Signal.SAME_ACCURACY, was.accuracy, accuracy, at
    )
    delay_s = fix.received_at - (at if fix.built_at is None else fix.built_at)
    return Plausibility(
        fix.key, at if was.key is None else was.first_at, was.fixes + 1, min(was.least_delay_s, delay_s),
        here or was.last, place, accuracy, boot, _counted(was.seen, shown), _marked(was, at),
    )  # fmt: skip


def _is_ahead(fix: Fix) -> bool:
    """Measured or sent after it arrived, or measured after its message was made."""
    built_at = fix.fix_at if fix.built_at is None else fix.built_at
    return max(fix.fix_at, built_at) - fix.received_at > SKEW_S or fix.fix_at - built_at > SKEW_S


def _is_set(before: tuple[float, float] | None, now: tuple[float, float] | None) -> bool:
    """The clock moved against the monotonic one; a phone that was started again since has a new one."""
    if before is None or now is None or now[0] > before[1] - SKEW_S:
        return False
    return abs(now[0] - before[0]) > SKEW_S


def _is_teleport(start: Anchor, end: Anchor) -> bool:
    """Faster than anything on the road, for all that both places may be off."""
    reach_m = TOP_SPEED_MPS * max(end.at - start.at, 1.0) + start.accuracy_m + end.accuracy_m
    return moved_m(start, end) > reach_m


def _same(run: Run | None, value: tuple[float, ...], at: float, long_s: float) -> Run:
    if run is None or run.value != value:
        return Run(value, at, 1)
    fixes = run.fixes + 1
    return Run(value, run.since, fixes, fixes >= SAME_FIXES and at - run.since >= long_s)


def _of_run(signal: Signal, before: Run | None, now: Run | None, at: float) -> list[Reason]:
    """All of a run once it is long, then each fix that goes on with it."""
    if now is None or not now.long:
        return []
    goes_on = before is not None and before.long
    return [Reason(signal, 1, at, at) if goes_on else Reason(signal, now.fixes, now.since, at)]


def _counted(seen: tuple[Reason, ...], shown: Sequence[Reason]) -> tuple[Reason, ...]:
    if not shown:
        return seen
    sums = {reason.signal: reason for reason in seen}
    for more in shown:
        was = sums.get(more.signal, more._replace(fixes=0))
        first_at = min(was.first_at, more.first_at)
        sums[more.signal] = Reason(more.signal, was.fixes + more.fixes, first_at, more.last_at)
    return tuple(sums[signal] for signal in Signal if signal in sums)


def _marked(was: Plausibility, at: float) -> tuple[Plausibility, ...]:
    """Two marks, five minutes apart: the older one is never younger than that, the newer one becomes it."""
    newest = was.marks[-1].key if was.marks else None
    if was.key is None or at - (newest[0] if newest else was.first_at) < MARK_EVERY_S:
        return was.marks
    return (*was.marks[-1:], was._replace(marks=()))


def _run(plain: list[Any] | None) -> Run | None:
    return Run(tuple(plain[0]), *plain[1:]) if plain else None


def _plain(state: Plausibility) -> list[Any]:
    parts = (state.last, state.place, state.accuracy, state.boot)
    return [
        state.key, state.first_at, state.fixes, state.least_delay_s, *(part and list(part) for part in parts),
        [list(reason) for reason in state.seen], [_plain(mark) for mark in state.marks],
    ]  # fmt: skip

"""The application acknowledgement: which `seq` of a device are durable, and when to tell the phone.

No broker is trusted for the last metre: a phone keeps each fix until the service says `{"upto": n}`, after
the commit. Both parts are pure; time is passed in, as seconds of any clock that does not go back.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Final, NamedTuple

from tracker.fix import Fix

SeqRange = tuple[int, int]

NOTHING_YET: Final = -1
MAX_RANGES: Final = 64
ACK_INTERVAL_S: Final = 30.0
BACKLOG_FIXES: Final = 10
BACKLOG_AGE_S: Final = 30.0


class SeqLedger(NamedTuple):
    """The `seq` numbers of one device that are durable: all up to `upto`, and closed ranges beyond it.

    `upto` is -1 before the first; a phone may count from 0 or from 1. At most MAX_RANGES ranges are
    remembered: the farthest are forgotten, which costs a resend and never a fix.
    """

    upto: int = NOTHING_YET
    beyond: tuple[SeqRange, ...] = ()

    def take(self, seq: int, oldest_held: int | None = None) -> tuple["SeqLedger", tuple[SeqRange, ...]]:
        """The ledger with `seq`, and the ranges lost because the phone holds nothing below `oldest_held`."""
        if seq == self.upto + 1 and not self.beyond and (oldest_held is None or oldest_held <= seq):
            return SeqLedger(seq), ()
        ledger = self
        losses: tuple[SeqRange, ...] = ()
        if oldest_held is not None and oldest_held > self.upto + 1:
            ledger, losses = self._let_go_below(oldest_held)
        return (ledger if ledger.has(seq) else ledger._with(seq)), losses  # noqa: SLF001

    def has(self, seq: int) -> bool:
        """Whether `seq` is durable or was declared lost."""
        return seq <= self.upto or any(low <= seq <= high for low, high in self.beyond)

    def dump(self) -> dict[str, Any]:
        """JSON form: `{"upto": 7, "beyond": [[9, 12]]}`."""
        return {"upto": self.upto, "beyond": self.beyond}

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "SeqLedger":
        """The inverse of `dump`."""
        return cls(dumped["upto"], tuple((low, high) for low, high in dumped["beyond"]))

    def _let_go_below(self, oldest_held: int) -> tuple["SeqLedger", tuple[SeqRange, ...]]:
        """Moves `upto` to below `oldest_held`; what was missing there is lost, but not a 0 never counted."""
        first = 1 if self.upto == NOTHING_YET else self.upto + 1
        losses: list[SeqRange] = []
        for low, high in (*self.beyond, (oldest_held, oldest_held)):
            end = min(low, oldest_held) - 1
            if first <= end:
                losses.append((first, end))
            first = max(first, high + 1)
        kept = tuple((max(low, oldest_held), high) for low, high in self.beyond if high >= oldest_held)
        return _contiguous(oldest_held - 1, kept), tuple(losses)

    def _with(self, seq: int) -> "SeqLedger":
        at = bisect_left(self.beyond, (seq, seq))
        low = high = seq
        before, after = self.beyond[:at], self.beyond[at:]
        if before and before[-1][1] == seq - 1:
            low, before = before[-1][0], before[:-1]
        if after and after[0][0] == seq + 1:
            high, after = after[0][1], after[1:]
        return _contiguous(self.upto, (*before, (low, high), *after))


def _contiguous(upto: int, ranges: tuple[SeqRange, ...]) -> SeqLedger:
    if ranges and ranges[0][0] == upto + 1:
        return SeqLedger(ranges[0][1], ranges[1:])
    return SeqLedger(upto, ranges[:MAX_RANGES])


def is_backlog(fixes: Sequence[Fix]) -> bool:
    """Whether one device's fixes of a batch were held back by the phone, which then waits to be relieved."""
    late = any(fix.received_at - fix.fix_at > BACKLOG_AGE_S for fix in fixes)
    return late or len(fixes) >= BACKLOG_FIXES


@dataclass(slots=True)
class AckSchedule:
    """Whom to tell `upto` now: each device at most every 30 s, at once after a backlog, and a trailing one.

    A commit asks for it even when `upto` did not move: the phone resent because it missed one.
    """

    interval_s: float = ACK_INTERVAL_S
    _waiting: dict[str, tuple[float, int]] = field(default_factory=dict)
    _told_at: dict[str, float] = field(default_factory=dict)
    _timers: list[tuple[float, str]] = field(default_factory=list)

    def committed(self, device: str, upto: int, now: float, *, backlog: bool = False) -> None:
        """Fixes of `device` became durable at `now`; `upto` is its ledger's."""
        told_at = self._told_at.get(device)
        due_at = now if backlog or told_at is None else max(now, told_at + self.interval_s)
        waiting = self._waiting.get(device)
        if waiting is None or due_at < waiting[0]:
            heappush(self._timers, (due_at, device))
        else:
            due_at = waiting[0]
        self._waiting[device] = (due_at, upto)

    def due(self, now: float) -> list[tuple[str, int]]:
        """The (device, upto) to publish at `now`; each is handed out once."""
        told: list[tuple[str, int]] = []
        while self._timers and self._timers[0][0] <= now:
            due_at, device = heappop(self._timers)
            waiting = self._waiting.get(device)
            if waiting is not None and waiting[0] == due_at:  # else an earlier one told it already
                del self._waiting[device]
                self._told_at[device] = now
                told.append((device, waiting[1]))
        return told

    def next_at(self) -> float | None:
        """When `due` is to be asked next; None when nothing waits."""
        return self._timers[0][0] if self._timers else None

    def forget(self, device: str) -> None:
        """Drops a device whose shard went to another worker."""
        self._waiting.pop(device, None)
        self._told_at.pop(device, None)

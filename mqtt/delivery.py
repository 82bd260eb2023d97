"""A phone's side of the application acknowledgement: what it holds, sends, and sends again. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Protocol

import orjson

Body = dict[str, Any]

FIRST_SEQ: Final = 1


class Outbox(Protocol):
    """What the phone holds until the service has it. On a real phone it survives restarts.

    `seq` counts up by one and is never used again. All methods may be called from any thread.
    """

    def append(self, body: Body) -> int:
        """Holds one message and gives its `seq`."""

    def held(self, first_seq: int, limit: int) -> list[tuple[int, Body]]:
        """At most `limit` messages from `first_seq` on, in order."""

    def drop_upto(self, upto: int) -> None:
        """Deletes what the service has."""

    def renumber(self, upto: int) -> None:
        """Numbers the held messages from `upto` + 1: the service knows higher ones than this phone."""

    def oldest(self) -> int:
        """The lowest `seq` held, or the next one when nothing is held."""

    def newest(self) -> int:
        """The highest `seq` ever given."""

    def __len__(self) -> int: ...


class MemoryOutbox:
    """An Outbox for tests, benches and replays: gone with the process."""

    def __init__(self) -> None:
        self._bodies: dict[int, Body] = {}
        self._oldest = FIRST_SEQ
        self._newest = FIRST_SEQ - 1
        self._lock = Lock()

    def append(self, body: Body) -> int:
        """Holds one message and gives its `seq`."""
        with self._lock:
            self._newest += 1
            self._bodies[self._newest] = body
            return self._newest

    def held(self, first_seq: int, limit: int) -> list[tuple[int, Body]]:
        """At most `limit` messages from `first_seq` on."""
        with self._lock:
            first = max(first_seq, self._oldest)
            last = min(self._newest, first + limit - 1)
            return [(seq, self._bodies[seq]) for seq in range(first, last + 1)]

    def drop_upto(self, upto: int) -> None:
        """Deletes what the service has."""
        with self._lock:
            for seq in range(self._oldest, min(upto, self._newest) + 1):
                del self._bodies[seq]
            self._oldest = max(self._oldest, min(upto, self._newest) + 1)

    def renumber(self, upto: int) -> None:
        """Numbers the held messages from `upto` + 1."""
        with self._lock:
            self._bodies = dict(enumerate(self._bodies.values(), upto + 1))
            self._oldest, self._newest = upto + 1, upto + len(self._bodies)

    def oldest(self) -> int:
        """The lowest `seq` held, or the next one."""
        return self._oldest

    def newest(self) -> int:
        """The highest `seq` ever given."""
        return self._newest

    def __len__(self) -> int:
        return len(self._bodies)


def retry_delay_s(attempt: int, chance: float, base_s: float, cap_s: float) -> float:
    """Seconds until attempt `attempt` (from 0): doubling from `base_s` to `cap_s`, times 1 to 2 by `chance`.

    `chance` is in [0, 1). The jitter is wide, so that phones that lost one broker come back apart.
    """
    return min(cap_s, base_s * 2.0 ** min(attempt, 32)) * (1.0 + chance)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a phone waits. The service acknowledges every 30 s, so `upto` stalls only after more."""

    stall_s: float = 45.0
    stall_cap_s: float = 900.0
    after_reconnect_s: float = 2.0
    connect_s: float = 1.0
    connect_cap_s: float = 120.0


@dataclass(slots=True)
class Delivery:
    """Decides what to send. Times are of any clock that does not go back; `chance` draws from [0, 1).

    `window` bounds what the broker has not confirmed, `ahead` what the service has not acknowledged.
    With `plain` (OwnTracks) there is no `seq`, and the broker's confirmation is all there is.
    """

    outbox: Outbox
    chance: Callable[[], float]
    patience: Patience = Patience()
    window: int = 100
    ahead: int = 1_000
    plain: bool = False
    resent: int = 0
    _next_seq: int = field(init=False)
    _sent_upto: int = field(init=False)
    _unconfirmed: set[int] = field(default_factory=set)
    _resend_at: float | None = None
    _attempt: int = 0

    def __post_init__(self) -> None:
        self._next_seq = self.outbox.oldest()
        self._sent_upto = self._next_seq - 1

    def to_send(self, now: float) -> list[tuple[int, bytes]]:
        """The (seq, payload) to publish now, within the window; each is considered sent."""
        if self._resend_at is not None and now >= self._resend_at:
            self._rewind(now)
        oldest = self.outbox.oldest()
        room = min(self.window - len(self._unconfirmed), oldest + self.ahead - self._next_seq)
        if room <= 0 or self._next_seq > self.outbox.newest():
            return []
        held = self.outbox.held(self._next_seq, room)
        # What the broker has not confirmed is still in the MQTT client's own hands.
        batch = [(seq, body) for seq, body in held if seq not in self._unconfirmed]
        self._sent(held[-1][0], batch, now)
        return [(seq, self._message(seq, oldest, body)) for seq, body in batch]

    def confirmed(self, seq: int, now: float) -> None:
        """The broker has `seq` (PUBACK)."""
        self._unconfirmed.discard(seq)
        if self.plain:
            self.acknowledged(min(self._unconfirmed, default=self._next_seq) - 1, now)

    def acknowledged(self, upto: int, now: float) -> None:
        """The service has everything up to `upto`."""
        if upto > self.outbox.newest():
            self._start_above(upto)
        elif upto >= self.outbox.oldest():
            self.outbox.drop_upto(upto)
            self._next_seq = max(self._next_seq, upto + 1)
            self._attempt = 0
            pending = self._sent_upto > upto and not self.plain
            self._resend_at = now + self._stall_s() if pending else None

    def reconnected(self, now: float) -> None:
        """A new connection: send again soon, but after the acknowledgements that waited in the session."""
        if not self.plain and self._sent_upto >= self.outbox.oldest():
            self._resend_at = now + self._delay_s(self.patience.after_reconnect_s)

    def _rewind(self, now: float) -> None:
        self._attempt += 1
        self._next_seq = self.outbox.oldest()
        self._resend_at = now + self._stall_s()

    def _start_above(self, upto: int) -> None:
        self.outbox.renumber(upto)
        self._unconfirmed.clear()
        self._next_seq = self.outbox.oldest()
        self._sent_upto = upto
        self._resend_at = None

    def _sent(self, last_seq: int, batch: list[tuple[int, Body]], now: float) -> None:
        self._unconfirmed.update(seq for seq, _ in batch)
        self.resent += sum(seq <= self._sent_upto for seq, _ in batch)
        self._next_seq = last_seq + 1
        self._sent_upto = max(self._sent_upto, last_seq)
        if self._resend_at is None and not self.plain:
            self._resend_at = now + self._stall_s()

    def _message(self, seq: int, oldest: int, body: Body) -> bytes:
        return orjson.dumps(body if self.plain else {**body, "seq": seq, "lo": oldest})

    def _stall_s(self) -> float:
        return self._delay_s(self.patience.stall_s)

    def _delay_s(self, base_s: float) -> float:
        return retry_delay_s(self._attempt, self.chance(), base_s, self.patience.stall_cap_s)

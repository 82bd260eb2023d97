"""What wrong guesses cost: after a number of free ones each further one locks its key for twice as long."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

FIRST_LOCK_S = 30.0
LONGEST_LOCK_S = 900.0
FORGET_AFTER_S = 3600.0
DOUBLINGS = 5
"""After so many the longest lock is reached."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What is remembered of a key. Times in seconds since 1970 UTC."""

    count: int = 0
    last_at: float = 0.0
    locked_until: float = 0.0

    def tried(self, free: int, now: float) -> "Tries":
        """One try more, as if it were wrong: whoever guesses in parallel gains nothing."""
        count = self.count + 1 if now - self.last_at <= FORGET_AFTER_S else 1
        lock_s = min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** min(count - free, DOUBLINGS))
        return Tries(count, now, now + lock_s if count >= free else 0.0)

    def right(self) -> "Tries":
        """That try was right: it doesn't count, and the lock it set is lifted."""
        return Tries(max(0, self.count - 1), self.last_at)


class Limit(NamedTuple):
    """A key, a digest so that nobody reads names or addresses off it, and its free tries."""

    key: bytes
    free: int


class TryBook(Protocol):
    """Tries by key, shared by every process of the service."""

    def begin_try(self, limits: Sequence[Limit]) -> float:
        """Count a try against each key; if one is locked count none: the seconds to wait (0: go on)."""

    def try_was_right(self, limits: Sequence[Limit]) -> None:
        """Take back what `begin_try` counted."""

    def forget_tries(self, limit: Limit) -> None:
        """Begin with a key anew."""

"""Slows down whoever guesses passwords."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FIRST_LOCK_S = 30.0
LONGEST_LOCK_S = 900.0
FORGET_AFTER_S = 3600.0
NAMES_HELD = 10_000


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last_at: float = 0.0


class Throttle:
    """After `free` failures of a key, each further one locks it for twice as long (30 s up to 15 min).

    Held in memory and bounded: the oldest key is forgotten first. `clock` is in seconds and never runs back.
    """

    def __init__(self, clock: Callable[[], float], *, free: int) -> None:
        self._clock = clock
        self._free = free
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def locked_s(self, key: str) -> float:
        """Seconds until the key may try again; 0 if it may now."""
        with self._lock:
            failures = self._failures.get(key)
            if failures is None or failures.count < self._free:
                return 0.0
            lock_s = min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** (failures.count - self._free))
            return max(0.0, failures.last_at + lock_s - self._clock())

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            now = self._clock()
            failures = self._failures.pop(key, None)
            if failures is None or now - failures.last_at > FORGET_AFTER_S:
                failures = _Failures()
            failures.count, failures.last_at = failures.count + 1, now
            self._failures[key] = failures
            while len(self._failures) > NAMES_HELD:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the key's failures."""
        with self._lock:
            self._failures.pop(key, None)

"""Waiting for what real services do in their own time."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.02


def eventually(check: Callable[[], T], within_s: float = 20.0) -> T:
    """What `check` says once it is true; fails with what it said last when that does not come in time."""
    deadline, pause = time.monotonic() + within_s, Event()
    while not (said := check()):
        assert time.monotonic() < deadline, f"still {said!r} after {within_s:g} s"
        pause.wait(POLL_S)
    return said

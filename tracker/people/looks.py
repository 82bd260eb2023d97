"""Who looked at where a visitor was, and what for; the visitor reads it, and a privacy officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the track from `from_at` to `to_at`. Times in seconds since 1970 UTC."""

    at: float
    by: str
    visitor_id: int
    visitor: str
    from_at: float
    to_at: float
    purpose: str


class LookLog(Protocol):
    """Looks as they were written down; nothing changes or removes one. Called from worker threads."""

    def newest(self, limit: int, visitor_id: int | None = None) -> Sequence[Look]:
        """The newest first: at one visitor, or at anybody."""

    def at_carrier_of(self, device: str, limit: int) -> Sequence[Look]:
        """The newest first: at the visitor who carries a device."""

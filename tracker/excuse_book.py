"""Excuses as the API reads and writes them; `tracker.store` keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tracker.excuse import Cause, Excuse
from tracker.people.roles import Scope


@dataclass(frozen=True, slots=True)
class ExcuseRecord:
    """An excuse with who allowed it and, perhaps, took it back. Times are seconds UTC; no zone: every zone."""

    id: int
    zone: str | None
    zone_name: str | None
    from_at: float
    to_at: float | None
    cause: Cause
    note: str
    approved_by: str
    recorded_at: float
    withdrawn_at: float | None = None
    withdrawn_by: str | None = None


class ExcuseBook(Protocol):
    """Called from worker threads. A device of somebody whom the scope doesn't see is no device."""

    def of(self, scope: Scope, device: str) -> Sequence[ExcuseRecord]:
        """The excuses of the visitor who carries a device, calls for help left out; the newest first.

        Raises:
            NotFoundError: no such device.
        """

    def add(self, scope: Scope, device: str, excuse: Excuse, cause: Cause, *, by: str, note: str) -> int:
        """Excuse the visitor who carries a device; returns the excuse's number.

        Raises:
            ConflictError: it ends before it begins.
            NotFoundError: no such device or zone.
        """

    def withdraw(self, scope: Scope, excuse_id: int, *, by: str) -> None:
        """Take it back; it stays on record.

        Raises:
            NotFoundError: no such excuse in force, or it is a call for help, which is closed as an alert.
        """

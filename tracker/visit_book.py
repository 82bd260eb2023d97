"""Visits as the API reads and plans them; `tracker.store` keeps them."""

from collections.abc import Sequence
from typing import Protocol

from tracker.people.roles import Scope
from tracker.visit import Visit


class VisitBook(Protocol):
    """Called from worker threads. A device of somebody whom the scope doesn't see is none; times in seconds UTC."""

    def of(self, scope: Scope, device: str, since_at: float) -> Sequence[Visit]:
        """What is planned for the visitor who carries a device and ends after a moment; the first first.

        Raises:
            NotFoundError: no such device.
        """

    def add(self, scope: Scope, device: str, case: str, from_at: float, to_at: float, *, by: str) -> int:
        """Plan a visit of the visitor who carries a device; returns the visit's number.

        Raises:
            NotFoundError: no such device.
            VisitRefusedError: the case reference (CaseRefusedError) or the time (SpanRefusedError) can't be taken.
        """

    def cancel(self, scope: Scope, visit_id: int, *, by: str) -> None:
        """Take it back; it stays on record.

        Raises:
            NotFoundError: no such visit, or it is cancelled already.
        """

"""The record of what people did about alerts, as the API reads and writes it; `tracker.store` keeps it."""

from collections.abc import Sequence
from typing import Protocol

from tracker.triage import Deed, Triage


class StaleTriageError(Exception):
    """Somebody else did something about the alert since it was read; `now` is its state."""

    def __init__(self, now: Triage) -> None:
        super().__init__(f"version {now.version} stands")
        self.now = now


class TriageBook(Protocol):
    """Deeds about alerts, each with the version that it was done to. Called from worker threads, several at once."""

    def do(self, alert_id: str, deed: Deed, seen: int) -> Triage:
        """Add a deed if the version that was seen still stands; closing a call for help ends it.

        Raises:
            NotFoundError: no such alert, or nobody of the name that it is assigned to.
            StaleTriageError: another version stands.
            TriageError: the deed doesn't fit the state.
        """

    def history(self, alert_id: str) -> tuple[Triage, Sequence[Deed]]:
        """The state of an alert and every deed about it, the oldest first.

        Raises:
            NotFoundError: no such alert.
        """

    def people(self) -> Sequence[str]:
        """To whom alerts may be assigned."""

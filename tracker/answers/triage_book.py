"""The record of what people did about alerts, as the API reads and writes it; `tracker.store` keeps it."""

from collections.abc import Sequence
from typing import Protocol

from tracker.answers.triage import Deed, Triage
from tracker.people.roles import Scope


class StaleTriageError(Exception):
    """Somebody else did something about the alert since it was read; `now` is its state."""

    def __init__(self, now: Triage) -> None:
        super().__init__(f"version {now.version} stands")
        self.now = now


class TriageBook(Protocol):
    """Deeds about alerts, each with the version that it was done to. Called from worker threads, several at once.

    `scope` says whose people the caller may see: an alert about anybody else is no alert.
    """

    def do(self, scope: Scope, alert_id: str, deed: Deed, seen: int) -> Triage:
        """Add a deed if the version that was seen still stands; closing a call for help ends it.

        Raises:
            NotFoundError: no such alert, or nobody of the name that it is assigned to who may answer it.
            StaleTriageError: another version stands.
            TriageError: the deed doesn't fit the state.
        """

    def history(self, scope: Scope, alert_id: str) -> tuple[Triage, Sequence[Deed]]:
        """The state of an alert and every deed about it, the oldest first.

        Raises:
            NotFoundError: no such alert.
        """

    def people(self, scope: Scope) -> Sequence[str]:
        """Who may answer alerts about people of the scope; each alert's own team decides when it is assigned."""

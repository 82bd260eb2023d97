"""A past that leaves as a file: so many whereabouts that two people must have agreed. Pure; `tracker.store` keeps it.

To provide others with 50 items of somebody's whereabouts unlawfully is a crime in China, with 25 for those who hold
them through their duties (interpretation of 2017 on personal information, article 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tracker.past.replay import Past, Window
from tracker.past.track_files import Format
from tracker.people.roles import Principal

TWO_PEOPLE_FROM = 25
"""Fixes: from so many on a second person must approve."""
COUNTED_TOGETHER_S = 30 * 86_400.0
"""What an account took alone within this time counts together: many small files are one big one."""
LAPSES_AFTER_S = 7 * 86_400.0
"""A request, and an approval, are worth nothing after this time."""


class State(StrEnum):
    """What may be done with an export."""

    READY = "ready"
    """Small enough to be taken without anybody else."""
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Export:
    """A file that somebody asked for. Times in seconds since 1970 UTC; `fixes`: how many it holds.

    `two_people`: whether it needs a second one, who then is `decided_by`. `taken`: how often it was taken as a file.
    """

    id: int
    by_id: int
    by: str
    asked_at: float
    window: Window
    visitors: tuple[str, ...]
    form: Format
    purpose: str
    fixes: int
    two_people: bool
    decided_at: float | None = None
    decided_by: str | None = None
    approved: bool | None = None
    taken: int = 0

    def state(self, now: float) -> State:
        """What may be done with it at a moment."""
        if self.approved is False:
            return State.DECLINED
        if now - self.asked_at > LAPSES_AFTER_S:
            return State.LAPSED
        if not self.two_people:
            return State.READY
        return State.APPROVED if self.approved else State.WAITING

    def look(self) -> str:
        """What the visitor reads about each taking of it."""
        second = f"; {self.decided_by}" if self.two_people else ""
        return f"{self.purpose} (export: {self.form}{second})"


def needs_two(fixes: int, taken_alone: int) -> bool:
    """Whether an export needs a second person, after those that the same account took alone lately."""
    return fixes + taken_alone >= TWO_PEOPLE_FROM


class ExportBook(Protocol):
    """Where exports are asked for, decided and taken. Called from worker threads; each refusal changes nothing."""

    def ask(self, who: Principal, window: Window, purpose: str, form: Format) -> Export:
        """Ask for a file; raises what `TrackBook.look` raises."""

    def of(self, who: Principal, limit: int) -> Sequence[Export]:
        """The caller's own, the newest first."""

    def to_decide(self, who: Principal, limit: int) -> Sequence[Export]:
        """Those of others that need two people and concern only visitors whom the caller may see, the newest first."""

    def decide(self, who: Principal, export_id: int, *, approve: bool) -> Export:
        """Approve or decline, once and for all.

        Raises:
            NotFoundError: there is no such export among those that the caller may decide.
            ConflictError: it doesn't wait any more.
        """

    def take(self, who: Principal, export_id: int) -> tuple[Export, Past]:
        """What the file holds: what was known when it was asked for. The taking is written down as a look.

        Raises:
            NotFoundError: it isn't the caller's, or they no longer see its visitors.
            ConflictError: nobody has approved it, or it has lapsed.
        """

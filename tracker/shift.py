from collections.abc import Sequence
from dataclasses import dataclass

from tracker.excuse import Excuse


@dataclass(frozen=True, slots=True)
class Shift:
    """One duty period of a visitor: the only time in which tracking exists (seconds since 1970 UTC)."""

    id: int
    opened_at: float
    closed_at: float | None = None

    def covers(self, at: float) -> bool:
        """Both ends belong to the shift."""
        return self.opened_at <= at and (self.closed_at is None or at <= self.closed_at)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A device, the visitor who carries it, the shifts in which it may be tracked, newest last, and excuses."""

    device_id: int
    device: str
    visitor_id: int
    consented: bool
    revoked: bool = False
    platform: str = "android"
    shifts: Sequence[Shift] = ()
    excuses: Sequence[Excuse] = ()

    def shift_at(self, at: float) -> Shift | None:
        """The shift that covers the moment, if any."""
        for shift in reversed(self.shifts):
            if shift.covers(at):
                return shift
        return None

    def shift(self, shift_id: int) -> Shift | None:
        """One of its shifts, if it may still receive fixes."""
        return next((shift for shift in self.shifts if shift.id == shift_id), None)

    def trackable_at(self, at: float) -> bool:
        """Whether anything about this device's place may be kept at a moment."""
        return self.consented and not self.revoked and self.shift_at(at) is not None

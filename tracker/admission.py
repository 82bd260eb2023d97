"""Accept or refuse a fix, always with a reason. A refused fix leaves no position anywhere."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.fix import Fix
from tracker.shift import Enrolment, Shift


class Refusal(StrEnum):
    """Why a fix is not stored. The codes are counted and shown; positions are not."""

    UNKNOWN_DEVICE = "unknown_device"
    WRONG_TOPIC = "wrong_topic"
    REVOKED = "revoked"
    NO_CONSENT = "no_consent"
    OFF_SHIFT = "off_shift"
    CLOCK_AHEAD = "clock_ahead"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a phone's clock and its backlog may be from the moment of arrival, in seconds."""

    ahead_s: float = 120.0
    late_s: float = 7 * 86400.0


def admit(fix: Fix, enrolment: Enrolment | None, limits: Limits) -> Shift | Refusal:
    """The shift the fix belongs to, or the reason it is refused."""
    if enrolment is None:
        return Refusal.UNKNOWN_DEVICE
    if enrolment.revoked:
        return Refusal.REVOKED
    if not enrolment.consented:
        return Refusal.NO_CONSENT
    age_s = fix.received_at - fix.fix_at
    if age_s < -limits.ahead_s:
        return Refusal.CLOCK_AHEAD
    if age_s > limits.late_s:
        return Refusal.TOO_LATE
    return enrolment.shift_at(fix.fix_at) or Refusal.OFF_SHIFT

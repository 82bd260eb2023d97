"""Excuses (豁免): a visitor may be in a zone, as a party, a witness, or for their own safety.

Detection goes on and the incursion is recorded as ever, marked as excused; only the telling stops.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf


class Cause(StrEnum):
    """Why a visitor may be there."""

    PARTY = "party"
    WITNESS = "witness"
    SUMMONED = "summoned"
    SAFETY = "safety"
    SOS = "sos"
    OTHER = "other"


class Call(StrEnum):
    """What a fix that calls for help amounts to, given the calls that are known."""

    NEW = "new"
    EARLIER = "earlier"
    """The beginning of a call that a newer fix has raised already: nobody is told again."""
    KNOWN = "known"


SOS_LASTS_S = 12 * 3600.0
"""A call for help that nobody closes silences zones no longer than this."""
OVERSTAY_S = 120.0
"""Who is inside for longer than this after the excuse has ended is there without one."""


@dataclass(frozen=True, slots=True)
class Excuse:
    """Leave to be in a zone (None: in any) from one moment to another (seconds UTC; None: until withdrawn)."""

    zone: str | None
    from_at: float
    to_at: float | None = None

    @property
    def ends_at(self) -> float:
        """`to_at`, infinite where there is none."""
        return inf if self.to_at is None else self.to_at

    def covers(self, zone: str, at: float) -> bool:
        """Whether it excuses being in this zone at this moment; both ends belong to it."""
        return self.zone in (None, zone) and self.from_at <= at and (self.to_at is None or at <= self.to_at)

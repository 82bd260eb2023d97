"""Who made a version of a zone, when and why: what stands beside the zone itself in the record."""

from dataclasses import dataclass

from geofences.zone import Zone


@dataclass(frozen=True, slots=True)
class Signature:
    """Who changes zones, why, and who approved of it."""

    by: str
    why: str = ""
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """A version with its signature; `ended_by` and `ended_why` if it was retired rather than followed by another.

    `recorded_at`, `ended_at`: when it, and its end, were put on record (UTC seconds since 1970); what they say holds
    from a little later on.
    """

    zone: Zone
    signature: Signature
    recorded_at: float
    ended_by: str | None = None
    ended_why: str | None = None
    ended_at: float | None = None

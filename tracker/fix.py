from typing import NamedTuple

from tracker.word import Why

FixKey = tuple[float, float, float]


class Fix(NamedTuple):
    """What a phone claims about one moment; a named tuple, because it is made and read for every message.

    Times are seconds since 1970-01-01 UTC, held to the microsecond; positions are WGS-84 degrees.
    `accuracy_m` is the radius the phone claims; None means unknown and is never read as perfect.
    `seq` and `oldest_held` (`lo` on the wire) belong to the application acknowledgement.
    `sos`: the visitor calls for help. `monotonic_s`: the phone's clock since it was started, asleep or
    not, which nobody can set. `satellites`: how many the position was made of. `why`: why nothing may follow.
    """

    device: str
    fix_at: float
    lon: float
    lat: float
    received_at: float
    accuracy_m: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    battery_pct: float | None = None
    built_at: float | None = None
    trigger: str | None = None
    mock: bool | None = None
    seq: int | None = None
    oldest_held: int | None = None
    sos: bool = False
    monotonic_s: float | None = None
    satellites: int | None = None
    why: Why | None = None

    @property
    def key(self) -> FixKey:
        """Identity and canonical order of a device's fixes: phones resend one fix with other fields."""
        return (self.fix_at, self.lon, self.lat)

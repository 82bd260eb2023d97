"""The record of an incursion: what detection found, as it is stored, shown and told."""

from enum import StrEnum
from typing import Any, NamedTuple, Self


class Kind(StrEnum):
    """What an incursion amounts to so far. Only entry and dwell are confirmed."""

    APPROACH = "approach"
    ENTRY = "entry"
    DWELL = "dwell"
    PASS_THROUGH = "pass_through"  # noqa: S105
    GAP = "gap"


SILENT = (Kind.GAP, Kind.PASS_THROUGH)


class Certainty(StrEnum):
    """Whether the visitor was inside; what was clear is not recorded at all."""

    UNCERTAIN = "uncertain"
    CONFIRMED = "confirmed"


class End(StrEnum):
    """The rule that closed an incursion."""

    EXIT = "exit"
    LEFT_RING = "left_ring"
    NEXT_FIX = "next_fix"
    ZONE_CHANGED = "zone_changed"
    OFF_SCHEDULE = "off_schedule"
    SHIFT_END = "shift_end"


class Milestone(StrEnum):
    """The facts of an incursion that somebody is told."""

    APPROACH = "approach"
    ENTRY = "entry"
    DWELL = "dwell"
    EXIT = "exit"


class IncursionKey(NamedTuple):
    """Names an incursion within the fold of one shift."""

    zone: str
    began_at: float
    silent: bool


class Incursion(NamedTuple):
    """What detection found in one stay near or in a zone. Times are seconds UTC, distances metres.

    `began_at`: first fix in the ring, or the fix before the silence. `first_possible_at`: since when the
    folded P(inside) has been above 0.05 (`began_at` while it never was). `p_inside`: the highest folded
    P(inside); 0.5 where there is no evidence. `closest_m`: the smallest signed distance to the edge with the
    accuracy of that fix; for a pass-through that of the line between two fixes. `fixes`: usable fixes folded.
    """

    zone: str
    zone_version: int
    kind: Kind
    began_at: float
    first_possible_at: float
    last_fix_at: float
    p_inside: float
    closest_m: float
    closest_accuracy_m: float
    fixes: int
    confirmed_at: float | None = None
    dwell_at: float | None = None
    exit_at: float | None = None
    ended: End | None = None

    @property
    def silent(self) -> bool:
        """Found between two fixes rather than from fixes."""
        return self.kind in SILENT

    @property
    def certainty(self) -> Certainty:
        """Confirmed once the folded P(inside) reached 0.95."""
        return Certainty.UNCERTAIN if self.confirmed_at is None else Certainty.CONFIRMED

    @property
    def key(self) -> IncursionKey:
        """A later fold of the same fixes gives the same key."""
        return IncursionKey(self.zone, self.began_at, self.silent)

    @property
    def milestones(self) -> dict[Milestone, float]:
        """The moment of each fact that somebody is told; none for what is only listed."""
        if self.silent:
            return {}
        exit_at = self.exit_at if self.ended is End.EXIT else None
        moments = {
            Milestone.APPROACH: self.began_at,
            Milestone.ENTRY: self.confirmed_at,
            Milestone.DWELL: self.dwell_at,
            Milestone.EXIT: exit_at,
        }
        return {milestone: at for milestone, at in moments.items() if at is not None}

    def to_json(self) -> dict[str, Any]:
        """Plain values; floats stay exact through orjson."""
        return self._asdict()

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        ended = End(content["ended"]) if content["ended"] else None
        return cls(**{**content, "kind": Kind(content["kind"]), "ended": ended})

"""Where visitors were, for replays and files: their fixes, the zones as they were then, and what was found."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np

from geofences.index import ZoneIndex
from geofences.zone import Zone
from tracker.errors import KeepClearError
from tracker.fix import Fix
from tracker.people.roles import Principal, Scope

GAP_S = 180.0
"""Between two fixes further apart nobody knows where the visitor was: a line between them would be made up."""
LATE_AFTER_S = 60.0
MOST_VISITORS = 20
LONGEST_S = 31 * 86_400.0
MOST_FIXES = 200_000
"""How many fixes one look may hold: more than a week of one visitor who sends every three seconds."""


class TooManyFixesError(KeepClearError):
    """A look would hold more fixes than `MOST_FIXES`."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whose past is asked for and from when to when, both ends included. Seconds since 1970 UTC."""

    visitors: tuple[int, ...]
    from_at: float
    to_at: float


@dataclass(frozen=True, slots=True)
class PastVisitor:
    """Somebody whose past may be looked at, on shift or not; `devices` by name."""

    id: int
    name: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift of a visitor, open or closed. Times in seconds since 1970 UTC."""

    id: int
    opened_at: float
    closed_at: float | None


@dataclass(frozen=True, slots=True)
class PastIncursion:
    """What detection found. Times in seconds since 1970 UTC."""

    id: str
    zone: str
    zone_name: str
    kind: str
    first_possible_at: float
    confirmed_at: float | None
    exit_at: float | None
    retracted: bool


@dataclass(frozen=True, slots=True)
class PastTrack:
    """One visitor in the window: the fixes by their own time, and the incursions."""

    visitor_id: int
    visitor: str
    fixes: tuple[Fix, ...]
    incursions: tuple[PastIncursion, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """A look: the tracks in the window's order, and every zone version that was valid near them meanwhile."""

    window: Window
    tracks: tuple[PastTrack, ...]
    zones: tuple[Zone, ...] = ()

    @property
    def fixes(self) -> int:
        """How many there are of all visitors."""
        return sum(len(track.fixes) for track in self.tracks)


class TrackBook(Protocol):
    """Where past tracks are read. Called from worker threads."""

    def visitors(self, scope: Scope) -> Sequence[PastVisitor]:
        """Everybody whom the scope sees, by name."""

    def shifts(self, scope: Scope, visitor_id: int) -> Sequence[PastShift]:
        """A visitor's shifts, the newest first; none if the scope doesn't see them."""

    def look(self, who: Principal, window: Window, purpose: str) -> Past:
        """What was in the window. That somebody looked at each, and what for, is written down in the same transaction.

        Raises:
            NotFoundError: the caller may not see one of the visitors, or there is no such visitor.
            TooManyFixesError: there are more than `MOST_FIXES`.
        """


def is_late(fix: Fix) -> bool:
    """Whether it came long after it was measured, so that nobody saw it live."""
    return fix.received_at - fix.fix_at > LATE_AFTER_S


def pieces(fixes: Sequence[Fix]) -> Iterator[list[Fix]]:
    """The fixes in rows without a gap, and of one device each."""
    piece: list[Fix] = []
    for fix in fixes:
        if piece and (fix.fix_at - piece[-1].fix_at > GAP_S or fix.device != piece[-1].device):
            yield piece
            piece = []
        piece.append(fix)
    if piece:
        yield piece


def to_edges_m(fixes: Sequence[Fix], zones: Sequence[Zone]) -> list[float | None]:
    """Signed metres from each fix to the nearest edge of the zones valid at its time (None: there were none)."""
    changes = sorted({at for zone in zones for at in (zone.valid_from, zone.valid_to) if at is not None})
    metres: list[float | None] = []
    for _, group in groupby(fixes, key=lambda fix: bisect_right(changes, fix.fix_at)):
        together = list(group)
        index = ZoneIndex.build(zone for zone in zones if zone.valid_at(together[0].fix_at))
        lons, lats = np.array([(fix.lon, fix.lat) for fix in together]).T
        metres += index.nearest_many(lons, lats)[1].tolist() if len(index) else [None] * len(lons)
    return metres

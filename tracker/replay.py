"""A shift that was, for replays and files: its fixes, the zones as they were then, and what was found."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np

from geofences.index import ZoneIndex
from geofences.zone import Zone
from tracker.fix import Fix
from tracker.roles import Principal, Scope

GAP_S = 180.0
"""Between two fixes further apart nobody knows where the visitor was: a line between them would be made up."""
LATE_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift of a visitor, open or closed. Times in seconds since 1970 UTC."""

    id: int
    visitor: str
    opened_at: float
    closed_at: float | None


@dataclass(frozen=True, slots=True)
class PastIncursion:
    """What detection found in the shift. Times in seconds since 1970 UTC."""

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
    """One shift: the fixes by their own time, every zone version that was valid near them meanwhile, the incursions."""

    shift: PastShift
    fixes: tuple[Fix, ...]
    zones: tuple[Zone, ...]
    incursions: tuple[PastIncursion, ...]


class TrackBook(Protocol):
    """Where past tracks are read. Called from worker threads."""

    def shifts(self, scope: Scope, device: str) -> Sequence[PastShift]:
        """The shifts of the visitor who carries a device, the newest first; none if the scope doesn't see them."""

    def look(self, who: Principal, shift_id: int, purpose: str) -> PastTrack:
        """A shift's track. That somebody looked, and what for, is written down in the same transaction.

        Raises:
            NotFoundError: there is no such shift of a visitor whom the caller may see.
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


def to_edges_m(track: PastTrack) -> list[float | None]:
    """Signed metres from each fix to the nearest edge of the zones valid at its time (None: there were none)."""
    changes = sorted({at for zone in track.zones for at in (zone.valid_from, zone.valid_to) if at is not None})
    metres: list[float | None] = []
    for _, group in groupby(track.fixes, key=lambda fix: bisect_right(changes, fix.fix_at)):
        fixes = list(group)
        index = ZoneIndex.build(zone for zone in track.zones if zone.valid_at(fixes[0].fix_at))
        lons, lats = np.array([(fix.lon, fix.lat) for fix in fixes]).T
        metres += index.nearest_many(lons, lats)[1].tolist() if len(index) else [None] * len(lons)
    return metres

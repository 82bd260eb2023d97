"""Zone versions over time -> the index of those valid at a moment: a late fix meets the zones of its day."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from math import inf
from typing import Self

from geofences.index import ZoneIndex
from geofences.zone import Zone
from tracker.zone_base import Build, Index, ZoneBase


class ZoneHistory:
    """Zone versions, and an index for each era between two changes, built when first asked for.

    `at` has the form that `settle.take` wants. Of two versions of a zone valid at once the newer counts. Schedules
    open and close within an era: they are asked of the zone, fix by fix. Eras share what has not changed from one to
    the other, and so does a history with the one it came `after`: an edit costs what it changes, not what there is.
    """

    def __init__(
        self,
        versions: Iterable[Zone],
        eras_kept: int = 4,
        build: Build = ZoneIndex.build,
        base: ZoneBase | None = None,
    ) -> None:
        self._versions = sorted(versions, key=lambda zone: zone.version)
        moments = {at for zone in self._versions for at in (zone.valid_from, zone.valid_to) if at is not None}
        self._changes = sorted(moments)
        self._eras: OrderedDict[int, Index] = OrderedDict()
        self._eras_kept = eras_kept
        self._build = build
        self._base = base or ZoneBase(build)

    def after(self, changed: Iterable[Zone]) -> Self:
        """The history with versions that were added or ended since this one was read; the newest is prepared."""
        known = {(zone.id, zone.version): zone for zone in self._versions}
        known |= {(zone.id, zone.version): zone for zone in changed}
        history = type(self)(known.values(), self._eras_kept, self._build, self._base)
        self._base.prepare(history.valid(inf))
        return history

    def valid(self, at: float) -> dict[str, Zone]:
        """The version of each zone at a moment (seconds UTC), by id."""
        return {zone.id: zone for zone in self._versions if zone.valid_at(at)}

    def at(self, at: float) -> Index:
        """The zones valid at a moment (seconds UTC), one version of each."""
        era = bisect_right(self._changes, at)
        index = self._eras.get(era)
        if index is None:
            index = self._eras[era] = self._base.index(self.valid(at))
        self._eras.move_to_end(era)
        while len(self._eras) > self._eras_kept:
            self._eras.popitem(last=False)
        return index

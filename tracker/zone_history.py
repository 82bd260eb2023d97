"""Zone versions over time -> the index of those in force at a moment: a late fix meets the zones of its day."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable

from geofences.index import ZoneIndex
from geofences.zone import Zone

Build = Callable[[Iterable[Zone]], ZoneIndex]


class ZoneHistory:
    """Zone versions, and an index for each era between two changes, built when first asked for.

    `at` has the form that `settle.take` wants. Of two versions of a zone valid at once the newer counts. Schedules
    open and close within an era: they are asked of the zone, fix by fix.
    """

    def __init__(self, versions: Iterable[Zone], eras_kept: int = 4, build: Build = ZoneIndex.build) -> None:
        self._versions = sorted(versions, key=lambda zone: zone.version)
        moments = {at for zone in self._versions for at in (zone.valid_from, zone.valid_to) if at is not None}
        self._changes = sorted(moments)
        self._eras: OrderedDict[int, ZoneIndex] = OrderedDict()
        self._eras_kept = eras_kept
        self._build = build

    def at(self, at: float) -> ZoneIndex:
        """The zones in force at a moment (seconds UTC), one version of each."""
        era = bisect_right(self._changes, at)
        index = self._eras.get(era)
        if index is None:
            in_force = {zone.id: zone for zone in self._versions if zone.valid_at(at)}
            index = self._eras[era] = self._build(in_force.values())
        self._eras.move_to_end(era)
        while len(self._eras) > self._eras_kept:
            self._eras.popitem(last=False)
        return index

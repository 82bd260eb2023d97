"""Zone versions over time -> the index of those valid at a moment: a late fix meets the zones of its day."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Self

from geofences.index import ZoneIndex
from geofences.layered import LayeredZones
from geofences.zone import Zone
from tracker.zones.base import SMALL, Build, Index, ZoneBase, build_apart, build_aside

Versions = dict[tuple[str, int], Zone]
DEEPEST = 3
"""Layers that an index may have before one is made of all versions anew."""


class ZoneHistory:
    """Zone versions, and an index for each era between two changes, built when first asked for.

    `at` has the form that `settle.take` wants. Of two versions of a zone valid at once the newer counts. Schedules
    open and close within an era: they are asked of the zone, fix by fix. Eras share what has not changed from one to
    the other, and so does a history with the one it came `after`: an edit costs what it changes, not what there is.
    """

    def __init__(
        self,
        versions: Iterable[Zone] | Versions,
        eras_kept: int = 4,
        build: Build = build_apart,
        base: ZoneBase | None = None,
    ) -> None:
        self._versions = versions if isinstance(versions, dict) else keyed(versions)
        self._changes = sorted(moments_of(self._versions))
        self._eras: OrderedDict[int, Index] = OrderedDict()
        self._eras_kept = eras_kept
        self._asked: tuple[int, Index] | None = None
        self._lock = Lock()
        self._base = base or ZoneBase(build, build_aside if build is build_apart else None)

    def after(self, changed: Iterable[Zone], moments: Iterable[float] = ()) -> Self:
        """The history with versions that were added or ended since this one was read, ready to be asked for moments."""
        new = keyed(changed)
        history = type(self)(self._versions | new, self._eras_kept, base=self._base)
        for moment in moments:
            history.prepare(moment, edited(self.at(moment), new, moment))
        return history

    def prepare(self, at: float, index: Index | None) -> None:
        """Have the index of a moment's era ready: this one, or (None) one made of all versions."""
        if index is None:
            self.at(at)
            return
        with self._lock:
            self._eras.setdefault(bisect_right(self._changes, at), index)

    def valid(self, at: float) -> dict[str, Zone]:
        """The version of each zone at a moment (seconds UTC), by id."""
        return {zone.id: zone for zone in self._versions.values() if zone.valid_at(at)}

    def at(self, at: float) -> Index:
        """The zones valid at a moment (seconds UTC), one version of each."""
        era = bisect_right(self._changes, at)
        if (asked := self._asked) is not None and asked[0] == era:
            return asked[1]
        with self._lock:
            index = self._eras.get(era)
        if index is None:
            index = self._base.index(self.valid(at))
        self._asked = era, index
        with self._lock:
            self._eras[era] = index
            self._eras.move_to_end(era)
            while len(self._eras) > self._eras_kept:
                self._eras.popitem(last=False)
        return index


def keyed(versions: Iterable[Zone]) -> dict[tuple[str, int], Zone]:
    """Versions by id and number, the newer ones last."""
    return {(zone.id, zone.version): zone for zone in sorted(versions, key=lambda zone: zone.version)}


def moments_of(versions: Versions) -> set[float]:
    """When versions begin and end."""
    return {at for zone in versions.values() for at in (zone.valid_from, zone.valid_to) if at is not None}


def edited(index: Index, changed: Versions, at: float) -> Index | None:
    """The index of a moment after a few versions changed; None if they are many, or the index has many layers."""
    if len(changed) > SMALL or index.depth >= DEEPEST or len(index) <= SMALL:
        return None
    standing = {zone.id: zone for zone in changed.values() if zone.valid_at(at)}
    gone, fresh = set[str](), list[Zone]()
    for zone_id in {zone_id for zone_id, _ in changed}:
        was, now = index.get(zone_id), standing.get(zone_id)
        if was is not None and (zone_id, was.version) not in changed and (now is None or now.version < was.version):
            continue  # the version that stands has not changed
        if was is not None and (now is None or now.version != was.version):
            gone.add(zone_id)
        if now is not None and (was is None or now.version != was.version):
            fresh.append(now)
    if not (gone or fresh):
        return index
    if isinstance(index, LayeredZones) and index.layer <= SMALL:
        return index.replaced(gone, fresh)
    return LayeredZones(index, gone, ZoneIndex.build(fresh))

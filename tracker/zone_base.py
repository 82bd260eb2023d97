"""The large index that histories of zones share, replaced off-thread while the one before goes on being asked."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from geofences.index import ZoneIndex
from geofences.layered import LayeredZones
from geofences.zone import Zone

Build = Callable[[Iterable[Zone]], ZoneIndex]
Index = ZoneIndex | LayeredZones
SMALL = 500
"""So many zones are covered in a few hundredths of a second: not worth a layer."""


class ZoneBase:
    """An index of most of the zones; what differs is laid over it, and when that is much, the base is built anew."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._base: ZoneIndex | None = None
        self._next: Future[ZoneIndex] | None = None
        self._pool = ThreadPoolExecutor(1, "zone-index")

    def prepare(self, wanted: Mapping[str, Zone]) -> None:
        """Begin to build a base of these zones if the present one is far from them; answers at once."""
        if self._base is not None and self._next is None and unlike(self._base, wanted) > SMALL:
            self._next = self._pool.submit(self._build, tuple(wanted.values()))

    def index(self, wanted: Mapping[str, Zone]) -> Index:
        """An index of exactly these zones; it waits for a base in the making only if that spares a longer wait."""
        if len(wanted) <= SMALL:
            return self._build(wanted.values())
        if self._base is None:
            self._base = self._build(wanted.values())
        apart = unlike(self._base, wanted)
        if self._next is not None and (self._next.done() or apart > SMALL):
            self._base, self._next = self._nearer(self._base, self._next.result(), wanted), None
        return LayeredZones.over(self._base, wanted)

    @staticmethod
    def _nearer(old: ZoneIndex, new: ZoneIndex, wanted: Mapping[str, Zone]) -> ZoneIndex:
        return new if unlike(new, wanted) <= unlike(old, wanted) else old


def unlike(base: ZoneIndex, wanted: Mapping[str, Zone]) -> int:
    """How many zones differ between an index and what is wanted."""
    same = sum(1 for zone in base.zones if (other := wanted.get(zone.id)) and other.version == zone.version)
    return max(len(base), len(wanted)) - same

"""The large index that histories of zones share, replaced off-thread while the one before goes on being asked."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from geofences.index import ZoneIndex
from geofences.layered import LayeredZones
from geofences.lookup.covering import covers_apart, covers_aside
from geofences.zone import Zone

Index = ZoneIndex | LayeredZones
Build = Callable[[Iterable[Zone]], ZoneIndex]
SMALL = 500
"""So many zones are covered in a few hundredths of a second: not worth a layer."""
KEPT = 3


def build_apart(zones: Iterable[Zone]) -> ZoneIndex:
    """An index; of many zones, made mostly by other processes."""
    return ZoneIndex.build(zones, covers_apart)


def build_aside(zones: Iterable[Zone]) -> ZoneIndex:
    """The same for which nobody waits."""
    return ZoneIndex.build(zones, covers_aside)


class ZoneBase:
    """Indexes of most of the zones; what differs is laid over the nearest.

    When that is much, the layered index is a base itself, for the next edits, and a flat one is built aside, which
    nobody waits for. The newest few are kept: for moments before a large change, and after it. Threads may share it.
    """

    def __init__(self, build: Build, aside: Build | None = None) -> None:
        self._build = build
        self._aside = aside or build
        self._bases: tuple[Index, ...] = ()
        self._next: Future[ZoneIndex] | None = None
        self._pool = ThreadPoolExecutor(1, "zone-index")

    def index(self, wanted: Mapping[str, Zone]) -> Index:
        """An index of exactly these zones; what it costs is what differs from one that is there."""
        if len(wanted) <= SMALL:
            return self._build(wanted.values())
        if not self._bases:
            self._keep(self._build(wanted.values()))
        coming = self._next
        if coming is not None and coming.done():
            self._next = None
            self._keep(coming.result())
        apart, base = min(((unlike(base, wanted), base) for base in self._bases), key=lambda each: each[0])
        made = LayeredZones.over(base, wanted, self._build)
        if apart > SMALL:
            self._keep(made)
            if self._next is None:
                self._next = self._pool.submit(self._aside, tuple(wanted.values()))
        return made

    def _keep(self, base: Index) -> None:
        self._bases = (base, *self._bases)[:KEPT]


def unlike(base: Index, wanted: Mapping[str, Zone]) -> int:
    """How many zones differ between an index and what is wanted."""
    same = sum(1 for zone in base.zones if (other := wanted.get(zone.id)) and other.version == zone.version)
    return max(len(base), len(wanted)) - same

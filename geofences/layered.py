"""A large index with some zones taken out and a small index of others laid over it: what an edit costs is its size."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Self

from geofences.index import Near, ZoneIndex
from geofences.zone import Zone


class LayeredZones:
    """The questions of a `ZoneIndex`, asked of two. It never changes; another one is swapped in."""

    __slots__ = ("_base", "_hidden", "_over")

    def __init__(self, base: "ZoneIndex | LayeredZones", hidden: Collection[str], over: ZoneIndex) -> None:
        self._base = base
        self._hidden = frozenset(hidden)
        self._over = over

    @classmethod
    def over(
        cls,
        base: "ZoneIndex | LayeredZones",
        wanted: Mapping[str, Zone],
        build: Callable[[Iterable[Zone]], ZoneIndex] = ZoneIndex.build,
    ) -> "Self | ZoneIndex | LayeredZones":
        """An index of the zones wanted, sharing what `base` has of them; `base` itself if that is all.

        A version is known by its id and number.
        """
        fresh = [zone for zone_id, zone in wanted.items() if not _same(base.get(zone_id), zone)]
        gone = [zone.id for zone in base.zones if not _same(wanted.get(zone.id), zone)]
        return cls(base, gone, build(fresh)) if fresh or gone else base

    def replaced(self, gone: Collection[str], fresh: Iterable[Zone]) -> Self:
        """The same index without some zones and with some others, in a layer made anew instead of another over it."""
        hidden = self._hidden | {zone_id for zone_id in gone if self._base.get(zone_id) is not None}
        kept = (zone for zone in self._over.zones if zone.id not in gone)
        return type(self)(self._base, hidden, ZoneIndex.build((*kept, *fresh)))

    @property
    def layer(self) -> int:
        """How many zones are laid over."""
        return len(self._over)

    @property
    def depth(self) -> int:
        """How many layers lie over a plain index."""
        return self._base.depth + 1

    @property
    def zones(self) -> tuple[Zone, ...]:
        """All of them."""
        return (*(zone for zone in self._base.zones if zone.id not in self._hidden), *self._over.zones)

    def __len__(self) -> int:
        return len(self._base) - len(self._hidden) + len(self._over)

    def get(self, zone_id: str) -> Zone | None:
        """The version of a zone."""
        return self._holder(zone_id).get(zone_id)

    def near(self, lon: float, lat: float) -> list[Near]:
        """As `ZoneIndex.near`."""
        return self._both(self._base.near(lon, lat), self._over.near(lon, lat))

    def within(self, lon: float, lat: float, reach_m: float) -> list[Near]:
        """As `ZoneIndex.within`."""
        return self._both(self._base.within(lon, lat, reach_m), self._over.within(lon, lat, reach_m))

    def crossed(self, lon1: float, lat1: float, lon2: float, lat2: float) -> list[Near]:
        """As `ZoneIndex.crossed`."""
        line = (lon1, lat1, lon2, lat2)
        return self._both(self._base.crossed(*line), self._over.crossed(*line))

    def signed_m(self, zone_id: str, lon: float, lat: float) -> float:
        """As `ZoneIndex.signed_m`."""
        return self._holder(zone_id).signed_m(zone_id, lon, lat)

    def _holder(self, zone_id: str) -> "ZoneIndex | LayeredZones":
        return self._over if zone_id in self._hidden or self._base.get(zone_id) is None else self._base

    def _both(self, below: Iterable[Near], above: list[Near]) -> list[Near]:
        kept = [near for near in below if near.zone.id not in self._hidden]
        if not above:
            return kept
        return sorted((*kept, *above), key=lambda near: near.signed_m)


def _same(one: Zone | None, other: Zone) -> bool:
    return one is not None and one.version == other.version

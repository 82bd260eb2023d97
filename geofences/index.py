"""From a fix to the zones near it: H3 narrows, metres decide.

An index never changes; whoever edits zones builds another and swaps it in. `near` measures one fix in
microseconds, `near_many` many at once. Both see every zone whose warning ring or inside holds the fix.
"""

from collections.abc import Iterable
from itertools import repeat
from math import hypot, inf
from typing import NamedTuple, Self

import numpy as np
from h3._cy import latlng_to_cell  # the public name of it adds a Python frame to every fix

from geofences.geodesy import Bools, Floats, Ints, ecef, ecef_point
from geofences.lookup.cover import IN_FOOTPRINT, Cells
from geofences.lookup.covering import covers
from geofences.lookup.crossing import STEP_DEG, Piece, pieces
from geofences.lookup.levels import MARK, Covering, Level, levels_of
from geofences.lookup.nearest import Nearest
from geofences.lookup.shapes import FLAT_M, Shapes
from geofences.zone import LEAST_DEPTH_M, Zone

CELL_RESOLUTION = 9
_FIXES_AT_ONCE = 50_000


class Near(NamedTuple):
    """A zone and the signed metres to its edge: negative inside, 0 on it, positive outside.

    In the footprint they are less the standoff, or less the way to its outline, too, as far as `LEAST_DEPTH_M`.
    """

    zone: Zone
    signed_m: float


def cell_of(lon: float, lat: float) -> int:
    """The H3 cell (resolution 9, about 0.1 km2) of a place in degrees."""
    return int(latlng_to_cell(lat, lon, CELL_RESOLUTION))


def _signed(near: Near) -> float:
    return near.signed_m


class ZoneIndex:
    """Zones by place. Lon and lat are WGS-84 degrees; longitudes may wrap, NaN is an error of H3's.

    Several versions of one zone may stand side by side; all answers name the version, `get` the newest.
    """

    __slots__ = ("_by_id", "_levels", "_nearest", "_shapes", "zones")

    def __init__(self, zones: tuple[Zone, ...], shapes: Shapes | None, levels: tuple[Level, ...]) -> None:
        self.zones = zones
        self._shapes = shapes
        self._levels = levels
        self._nearest: Nearest | None = None
        self._by_id = {zones[row].id: row for row in sorted(range(len(zones)), key=lambda row: zones[row].version)}

    @classmethod
    def build(cls, zones: Iterable[Zone], covering: Covering = covers) -> Self:
        """Cover every zone with cells; about 50 us a zone. `covers_apart` does it in processes of their own."""
        kept = tuple(zones)
        if not kept:
            return cls(kept, None, ())
        shapes, levels = levels_of(kept, covering)
        return cls(kept, shapes, levels)

    def __len__(self) -> int:
        return len(self.zones)

    @property
    def depth(self) -> int:
        """No layer: it is one of itself (see `LayeredZones`)."""
        return 0

    def get(self, zone_id: str) -> Zone | None:
        """The newest version of a zone, or None."""
        row = self._by_id.get(zone_id)
        return None if row is None else self.zones[row]

    def near(self, lon: float, lat: float) -> list[Near]:
        """Every zone whose warning ring or inside holds the fix, by signed metres; equals in zone order."""
        found: list[Near] = []
        for level in self._levels:
            codes = level.candidates(latlng_to_cell(lat, lon, level.resolution))
            if codes:
                self._measure(codes, lon, lat, found)
        if len(found) > 1:
            found.sort(key=_signed)
        return found

    def _measure(self, codes: Iterable[int], lon: float, lat: float, found: list[Near]) -> None:
        fix = ecef_point(lon, lat)
        near_m = self._known().near_m
        for code in codes:
            metres = 0.0 if code & MARK == IN_FOOTPRINT else near_m(code >> 2, lon, lat, fix)
            if metres < inf:
                zone = self.zones[code >> 2]
                if metres <= zone.standoff_m + zone.warning_m:
                    deep = metres == 0.0 and zone.standoff_m < LEAST_DEPTH_M
                    found.append(Near(zone, self._deep_m(code >> 2, lon, lat) if deep else metres - zone.standoff_m))

    def _deep_m(self, row: int, lon: float, lat: float) -> float:
        """Signed metres within a footprint whose standoff alone proves little."""
        return self._known().signed_m(np.zeros(1), np.array([lon]), np.array([lat]), np.array([row])).item()

    def inside(self, lon: float, lat: float) -> list[Zone]:
        """Every zone that forbids the place (signed metres <= 0); cells wholly inside need no metres."""
        fix = ecef_point(lon, lat)
        found = []
        for level in self._levels:
            for code in level.candidates(latlng_to_cell(lat, lon, level.resolution)):
                zone = self.zones[code >> 2]
                if code & MARK or self._known().near_m(code >> 2, lon, lat, fix) <= zone.standoff_m:
                    found.append(zone)
        return found

    def signed_m(self, zone_id: str, lon: float, lat: float) -> float:
        """Signed metres to the edge of the newest version of a zone, however far; KeyError if there is none."""
        row = self._by_id[zone_id]
        metres = self._known().near_m(row, lon, lat, ecef_point(lon, lat), FLAT_M * FLAT_M)
        standoff_m = self.zones[row].standoff_m
        if metres == 0.0 and standoff_m < LEAST_DEPTH_M:
            return self._deep_m(row, lon, lat)
        if metres < inf:
            return metres - standoff_m
        return self._rows_signed_m(np.array([row]), np.array([lon]), np.array([lat])).item()

    def measure_many(self, lons: Floats, lats: Floats, rows: Ints) -> Floats:
        """Signed metres from fix i to zone `rows[i]` of `zones`, however far; shape (n,)."""
        return self._rows_signed_m(rows, lons, lats)

    def _rows_signed_m(self, rows: Ints, lons: Floats, lats: Floats) -> Floats:
        shapes = self._known()
        away = ecef(lons, lats) - shapes.bounds.centre[rows]
        return shapes.signed_m(shapes.any_m(lons, lats, away, rows), lons, lats, rows)

    def _known(self) -> Shapes:
        if self._shapes is None:
            raise LookupError("The index holds no zones.")
        return self._shapes

    def near_many(self, lons: Floats, lats: Floats) -> tuple[Ints, Ints, Floats]:
        """`near` for n fixes: rows of the fixes, rows of `zones` and signed metres, each of shape (pairs,)."""
        found = [
            self._near_part(begin, lons[begin : begin + _FIXES_AT_ONCE], lats[begin : begin + _FIXES_AT_ONCE])
            for begin in range(0, len(lons) if self.zones else 0, _FIXES_AT_ONCE)
        ]
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        point, zone, signed_m = (np.concatenate(column) for column in zip(*found, strict=True))
        return point, zone, signed_m

    def _near_part(self, begin: int, lons: Floats, lats: Floats) -> tuple[Ints, Ints, Floats]:
        shapes = self._known()
        point, zone, within = self._candidates(lons, lats)
        lon, lat = lons[point], lats[point]
        away = ecef(lon, lat) - shapes.bounds.centre[zone]
        close = np.flatnonzero(~within & (np.einsum("ij,ij->i", away, away) <= shapes.ball[zone, 3]))
        metres = np.where(within, 0.0, inf)
        metres[close] = shapes.pairs_m(lon[close], lat[close], away[close], zone[close])
        kept = np.flatnonzero(metres <= shapes.reach_m[zone])
        kept = kept[np.lexsort((zone[kept], point[kept]))]
        signed_m = shapes.signed_m(metres[kept], lon[kept], lat[kept], zone[kept])
        return point[kept] + begin, zone[kept], signed_m

    def _candidates(self, lons: Floats, lats: Floats) -> tuple[Ints, Ints, Bools]:
        """Rows of fix and zone, and whether the fix is surely in the footprint."""
        points, codes = [], []
        for level in self._levels:
            asked = map(latlng_to_cell, lats.tolist(), lons.tolist(), repeat(level.resolution))
            cells: Cells = np.fromiter(asked, dtype=np.uint64, count=len(lons))
            point, code = level.candidates_many(cells)
            points.append(point)
            codes.append(code)
        known = np.concatenate(codes)
        return np.concatenate(points), known >> 2, (known & MARK) == IN_FOOTPRINT

    def within(self, lon: float, lat: float, reach_m: float) -> list[Near]:
        """Every zone whose edge is at most `reach_m` away or that holds the place, by signed metres."""
        if self._shapes is None:
            return []
        away = ecef(np.array([lon]), np.array([lat])) - self._shapes.bounds.centre
        most = self._shapes.bounds.radius_m + self._shapes.standoff_m + reach_m
        rows = np.flatnonzero(np.einsum("ij,ij->i", away, away) <= np.maximum(most, 0.0) ** 2)
        if not len(rows):
            return []
        signed_m = self._rows_signed_m(rows, np.full(len(rows), lon), np.full(len(rows), lat))
        pairs = zip(rows.tolist(), signed_m.tolist(), strict=True)
        return sorted((Near(self.zones[row], metres) for row, metres in pairs if metres <= reach_m), key=_signed)

    def crossed(self, lon1: float, lat1: float, lon2: float, lat2: float) -> list[Near]:
        """Every zone whose standoff area the geodesic between two places touches, with the least signed metres."""
        if self._is_clear(lon1, lat1, lon2, lat2):
            return []
        least: dict[int, float] = {}
        for piece in pieces(lon1, lat1, lon2, lat2):
            for row in self._about(piece):
                signed_m = self._known().closest_m(row, piece) - self.zones[row].standoff_m
                if signed_m <= 0.0:
                    least[row] = min(signed_m, least.get(row, 0.0))
        return sorted((Near(self.zones[row], signed_m) for row, signed_m in least.items()), key=_signed)

    def _is_clear(self, lon1: float, lat1: float, lon2: float, lat2: float) -> bool:
        """Whether a way is short and nobody covers its middle: for the price of a cell, that settles most ways."""
        if hypot(lon2 - lon1, lat2 - lat1) > STEP_DEG:
            return False
        lon, lat = 0.5 * (lon1 + lon2), 0.5 * (lat1 + lat2)
        return not any(level.candidates(latlng_to_cell(lat, lon, level.resolution)) for level in self._levels)

    def _about(self, piece: Piece) -> set[int]:
        """Rows of the zones that a piece may touch."""
        return {
            code >> 2
            for level in self._levels
            for cell in set(map(latlng_to_cell, piece.lats, piece.lons, repeat(level.resolution)))
            for code in level.candidates(cell)
        }

    def nearest(self, lon: float, lat: float) -> Near | None:
        """The zone with the least signed metres, the first of equals; None when there are no zones."""
        if not self.zones:
            return None
        rows, signed_m = self.nearest_many(np.array([lon]), np.array([lat]))
        return Near(self.zones[rows.item()], signed_m.item())

    def nearest_many(self, lons: Floats, lats: Floats) -> tuple[Ints, Floats]:
        """`nearest` for n fixes: rows of `zones` and signed metres; LookupError when there are no zones."""
        if self._nearest is None:
            self._nearest = Nearest(self._known())
        return self._nearest.rows(lons, lats)

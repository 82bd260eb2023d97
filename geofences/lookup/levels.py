"""Cells -> candidate zones, one table for each H3 resolution in use."""

from array import array
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from geofences.edges import bounds_of, edges_of
from geofences.geodesy import Ints, spread
from geofences.lookup.cover import Areas, Cells, Cover, resolutions_for
from geofences.lookup.covering import covers
from geofences.lookup.shapes import Shapes
from geofences.zone import Zone

LEAST_RING_M = 100.0  # covered even round a zone without a warning ring, for `ZoneIndex.crossed`
MARK = 3
_NOBODY = array("i")

Covering = Callable[[Ints, Areas, int], Cover]
"""Covers some rows of areas at one resolution."""


class Level(NamedTuple):
    """Candidates by cell, packed flat so that a million zones fit and a fix touches little memory.

    Cells are grouped by an ancestor, two or three resolutions up. `base` gives an ancestor's first slot and a
    cell's last digits (`bits` of them in binary) lead on from there; slot i has `codes[first[i]:first[i + 1]]`. A
    code is `row << 2 | mark`, the mark being one of `cover`. `ancestors` and `bases` are `base` again, sorted, for
    many fixes at once. `unused` is how many low bits of a cell say nothing at this resolution.
    """

    resolution: int
    unused: int
    bits: int
    base: dict[int, int]
    ancestors: Cells
    bases: Ints
    first: "array[int]"
    codes: "array[int]"

    def candidates(self, cell: int) -> "array[int]":
        """The codes of one cell."""
        own = cell >> self.unused
        bits = self.bits
        base = self.base.get(own >> bits)
        if base is None:
            return _NOBODY
        slot = base + (own & (1 << bits) - 1)
        return self.codes[self.first[slot] : self.first[slot + 1]]

    def candidates_many(self, cells: Cells) -> tuple[Ints, Ints]:
        """Row of the cell and code, for every candidate of n cells."""
        order = np.argsort(cells)  # a search in order is ten times as fast
        own = cells[order] >> np.uint64(self.unused)
        ancestor = own >> np.uint64(self.bits)
        at = np.minimum(np.searchsorted(self.ancestors, ancestor), len(self.ancestors) - 1)
        hit = np.flatnonzero(self.ancestors[at] == ancestor)
        slot = self.bases[at[hit]] + (own[hit] & np.uint64((1 << self.bits) - 1)).astype(np.int64)
        first = np.frombuffer(self.first, np.int32)
        begin = first[slot].astype(np.int64)
        count = first[slot + 1] - begin
        some = np.flatnonzero(count)
        if not len(some):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        codes = np.frombuffer(self.codes, np.int32)[spread(begin[some], count[some])[0]]
        return np.repeat(order[hit[some]], count[some]), codes.astype(np.int64)


def levels_of(zones: tuple[Zone, ...], covering: Covering = covers) -> tuple[Shapes, tuple[Level, ...]]:
    """The shapes of at least one zone and the tables that find them."""
    edges = edges_of([zone.footprint for zone in zones])
    bounds = bounds_of(edges)
    shapes = Shapes(zones, edges, bounds)
    reach_m = np.maximum(shapes.reach_m, shapes.standoff_m + LEAST_RING_M)
    areas = Areas(edges, bounds, reach_m, shapes.standoff_m)
    resolutions = resolutions_for(bounds.radius_m + reach_m)
    levels = []
    for resolution in np.unique(resolutions)[::-1].tolist():
        rows = np.flatnonzero(resolutions == resolution)
        levels.append(_level(resolution, covering(rows, areas, resolution)))
    return shapes, tuple(levels)


def _level(resolution: int, found: Cover) -> Level:
    unused = 3 * (15 - resolution)
    own = found.cell >> np.uint64(unused)
    bits = _ancestry(own)
    ancestors, which = np.unique(own >> np.uint64(bits), return_inverse=True)
    slot = (which << bits) + (own & np.uint64((1 << bits) - 1)).astype(np.int64)
    order = np.lexsort((found.zone, slot))
    first = np.concatenate([[0], np.cumsum(np.bincount(slot, minlength=len(ancestors) << bits))])
    bases = np.arange(len(ancestors)) << bits
    base = dict(zip(ancestors.tolist(), bases.tolist(), strict=True))
    codes = (found.zone << 2 | found.mark)[order]
    return Level(resolution, unused, bits, base, ancestors, bases, _packed(first), _packed(codes))


def _ancestry(own: Cells) -> int:
    """Three digits where zones are dense, because few ancestors fit a cache; else two, to save slots."""
    far, near = (len(np.unique(own >> np.uint64(bits))) << bits for bits in (9, 6))
    return 9 if far <= 2 * near else 6


def _packed(numbers: Ints) -> "array[int]":
    """Four bytes a number; as an array it is read by Python twice as fast as from numpy."""
    return array("i", numbers.astype(np.int32).tobytes())

"""Cells -> candidate zones, one table for each H3 resolution in use."""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from geofences.cover import Cells, Cover, cover, resolutions_for
from geofences.edges import Bounds, Edges, bounds_of, edges_of
from geofences.geodesy import Floats, Ints, spread
from geofences.shapes import Shapes
from geofences.zone import Zone

LEAST_RING_M = 100.0  # covered even round a zone without a warning ring, for `ZoneIndex.crossed`
LENGTH, MARK = (1 << 32) - 1, 3
_ZONES_AT_ONCE = 20_000


class Level(NamedTuple):
    """Candidates by cell, packed so that a million zones fit and a fix touches little memory.

    `runs` has, for one fix, a cell's run in `codes` as `start << 32 | length`; for many, sorted cell i has
    `codes[first[i]:first[i + 1]]`. A code is `row << 2 | mark`, the mark being one of `cover`.
    """

    resolution: int
    runs: dict[int, int]
    cells: Cells
    first: Ints
    codes: "array[int]"

    def candidates(self, cell: int) -> "array[int]":
        """The codes of one cell."""
        run = self.runs.get(cell, 0)
        return self.codes[run >> 32 : (run >> 32) + (run & LENGTH)]


def levels_of(zones: tuple[Zone, ...]) -> tuple[Shapes, tuple[Level, ...]]:
    """The shapes of at least one zone and the tables that find them."""
    edges = edges_of([zone.footprint for zone in zones])
    bounds = bounds_of(edges)
    shapes = Shapes(zones, edges, bounds)
    reach_m = np.maximum(shapes.reach_m, shapes.standoff_m + LEAST_RING_M)
    resolutions = resolutions_for(bounds.radius_m + reach_m)
    levels = []
    for resolution in np.unique(resolutions)[::-1].tolist():
        rows = np.flatnonzero(resolutions == resolution)
        found = list(_covers(rows, edges, bounds, reach_m, shapes.standoff_m, resolution))
        levels.append(_level(resolution, _joined(found)))
    return shapes, tuple(levels)


def _covers(
    rows: Ints, edges: Edges, bounds: Bounds, reach_m: Floats, standoff_m: Floats, resolution: int
) -> Iterator[Cover]:
    """The cover, some zones at a time to bound memory; its zones are rows of the whole."""
    for begin in range(0, len(rows), _ZONES_AT_ONCE):
        part = rows[begin : begin + _ZONES_AT_ONCE]
        count = edges.count[part]
        ends = edges.ends[spread(edges.first[part], count)[0]]
        own = Edges(ends, np.cumsum(count) - count, count)
        ball = Bounds(*(each[part] for each in bounds))
        found = cover(own, ball, reach_m[part], standoff_m[part], resolution)
        yield found._replace(zone=part[found.zone])


def _joined(covers: list[Cover]) -> Cover:
    cell, zone, mark = (np.concatenate(column) for column in zip(*covers, strict=True))
    order = np.lexsort((zone, cell))
    return Cover(cell[order], zone[order], mark[order])


def _level(resolution: int, found: Cover) -> Level:
    cells, first = np.unique(found.cell, return_index=True)
    first = np.append(first, len(found.cell))
    runs = first[:-1] << 32 | np.diff(first)
    codes = array("i", (found.zone << 2 | found.mark).astype(np.int32).tobytes())
    return Level(resolution, dict(zip(cells.tolist(), runs.tolist(), strict=True)), cells, first, codes)

"""Cells -> candidate zones, one table for each H3 resolution in use."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from geofences.cover import IN_FOOTPRINT, IN_STANDOFF, Cells, Cover, cover, resolutions_for
from geofences.edges import Bounds, Edges, bounds_of, edges_of
from geofences.geodesy import Floats, Ints, spread
from geofences.shapes import WITHIN, Record, Shapes
from geofences.zone import Zone

LEAST_RING_M = 100.0  # covered even round a zone without a warning ring, for `ZoneIndex.crossed`
_ZONES_AT_ONCE = 20_000


class Level(NamedTuple):
    """Candidates by cell: a dictionary for one fix; for many, `zone[first[i]:first[i + 1]]` of sorted cell i."""

    resolution: int
    records: dict[int, tuple[Record, ...]]
    cells: Cells
    first: Ints
    zone: Ints


def levels_of(zones: tuple[Zone, ...]) -> tuple[Shapes, tuple[Level, ...]]:
    """The shapes of at least one zone and the tables that find them."""
    edges = edges_of([zone.footprint for zone in zones])
    bounds = bounds_of(edges)
    shapes = Shapes(zones, edges, bounds)
    reach_m = np.maximum(shapes.reach_m, shapes.standoff_m + LEAST_RING_M)
    resolutions = resolutions_for(bounds.radius_m + reach_m)
    records = shapes.records()
    levels = []
    for resolution in np.unique(resolutions)[::-1].tolist():
        rows = np.flatnonzero(resolutions == resolution)
        found = list(_covers(rows, edges, bounds, reach_m, shapes.standoff_m, resolution))
        levels.append(_level(resolution, _joined(found), records))
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


def _level(resolution: int, found: Cover, records: list[Record]) -> Level:
    cells, first = np.unique(found.cell, return_index=True)
    ends = np.append(first[1:], len(found.cell))
    chosen = [records[row] for row in found.zone.tolist()]
    for at in np.flatnonzero(found.mark).tolist():
        chosen[at] = _surely(chosen[at], int(found.mark[at]))
    bounds = zip(cells.tolist(), first.tolist(), ends.tolist(), strict=True)
    by_cell = {cell: tuple(chosen[begin:end]) for cell, begin, end in bounds}
    return Level(resolution, by_cell, cells, np.append(first, len(found.cell)), found.zone.astype(np.int32))


def _surely(record: Record, mark: int) -> Record:
    """The record for a cell that lies wholly inside the edge, or even inside the footprint."""
    if mark == IN_FOOTPRINT:
        return record._replace(how=WITHIN, plane=None, sure=True)
    return record._replace(sure=mark == IN_STANDOFF)

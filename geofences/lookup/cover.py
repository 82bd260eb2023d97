"""H3 cells that may hold a place within reach of a footprint: always a superset, at any latitude.

H3's own polygon fill works on a flat map and misses a part of every disc. Here the cells are found by walking from
the footprint's vertices to neighbours, and each is kept when its centre lies within reach + the largest
circumradius a cell of that resolution has anywhere. The cells that touch a connected area are connected, so the
walk finds them all; pentagons, poles and the antimeridian need no care, because H3 is only asked for neighbours.
"""

from itertools import repeat
from math import pi
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from h3 import average_hexagon_area
from h3._cy import cell_to_latlng, grid_disk, latlng_to_cell  # the public names copy every cell

from geofences.edges import Bounds, Edges
from geofences.geodesy import FLATTEST_RADIUS_M, Bools, Floats, Ints, ecef, geodetic, local_m, spread

RESOLUTIONS = (9, 7, 5, 3)
MOST_CELLS = 1_000
NOTHING, IN_STANDOFF, IN_FOOTPRINT = 0, 1, 2

# The largest circumradius of a cell over all icosahedron faces, in radians at resolution 0's scale; it shrinks by
# sqrt(7) a resolution. Found by enumerating resolutions 0 to 4 and sampling the finer ones; 0.5 % is added.
_CIRCUMRADIUS_RAD = 0.220529 * 1.005
_SLACK_M = 1.0

Cells = npt.NDArray[np.uint64]


class Cover(NamedTuple):
    """Cell i is a candidate of zone i; `mark` says whether the whole cell lies in its standoff or footprint."""

    cell: Cells
    zone: Ints
    mark: npt.NDArray[np.int8]


def circumradius_m(resolution: int) -> float:
    """No place of a cell is farther from the cell's centre, in metres along the ground."""
    return float(_CIRCUMRADIUS_RAD * 7.0 ** (-resolution / 2.0) * FLATTEST_RADIUS_M)


def resolutions_for(extent_m: Floats) -> Ints:
    """The finest of `RESOLUTIONS` whose cells over a disc of this radius stay about `MOST_CELLS` in number."""
    chosen = np.full(len(extent_m), RESOLUTIONS[-1])
    for resolution in reversed(RESOLUTIONS):
        area = pi * (extent_m + circumradius_m(resolution)) ** 2
        chosen[area <= MOST_CELLS * average_hexagon_area(resolution, "m^2")] = resolution
    return chosen


class Areas(NamedTuple):
    """Footprints and how far about each to look."""

    edges: Edges
    bounds: Bounds
    reach_m: Floats
    standoff_m: Floats

    def pick(self, rows: Ints) -> "Areas":
        """Some of them, numbered anew."""
        counts = self.edges.counts[rows]
        ends = self.edges.ends[spread(self.edges.first[rows], counts)[0]]
        bounds = Bounds(*(each[rows] for each in self.bounds))
        edges = Edges(ends, np.cumsum(counts) - counts, counts)
        return Areas(edges, bounds, self.reach_m[rows], self.standoff_m[rows])


class _Pairs(NamedTuple):
    """Pair i asks whether cell i is a candidate of zone i."""

    zone: Ints
    cell: Cells

    def pick(self, rows: Ints | Bools) -> "_Pairs":
        return _Pairs(self.zone[rows], self.cell[rows])

    def plus(self, other: "_Pairs") -> "_Pairs":
        return _Pairs(np.concatenate([self.zone, other.zone]), np.concatenate([self.cell, other.cell]))

    def fresh(self, old: "_Pairs") -> "_Pairs":
        """These pairs once each, without the old ones."""
        both = old.plus(self)
        order = np.lexsort((both.cell, both.zone))
        zone, cell = both.zone[order], both.cell[order]
        new = np.append(True, (zone[1:] != zone[:-1]) | (cell[1:] != cell[:-1]))
        chosen = order[new]
        return both.pick(chosen[chosen >= len(old.zone)])


def cover(areas: Areas, resolution: int) -> Cover:
    """The cells of one resolution that hold any place within `reach_m` of each footprint."""
    seeds = _seeds(areas.edges, resolution)
    inner = _around(seeds, 1).fresh(seeds.pick(np.arange(0)))
    outer = _around(seeds, 2).fresh(inner)
    asked, frontier = inner.plus(outer), outer
    before = inner
    found = []
    while len(asked.zone):
        kept, mark = _judged(asked, areas, resolution)
        found.append((asked.pick(kept), mark[kept]))
        on_rim = kept[-len(frontier.zone) :] if len(frontier.zone) else kept[:0]
        known = before.plus(frontier)
        before, frontier = frontier, _around(frontier.pick(on_rim), 1).fresh(known)
        asked = frontier
    pairs = [pair for pair, _ in found]
    return Cover(
        np.concatenate([pair.cell for pair in pairs]),
        np.concatenate([pair.zone for pair in pairs]),
        np.concatenate([mark for _, mark in found]),
    )


def _seeds(edges: Edges, resolution: int) -> _Pairs:
    """The cells of every vertex."""
    lons, lats = geodetic(edges.ends[:, :3])
    cells = map(latlng_to_cell, lats.tolist(), lons.tolist(), repeat(resolution))
    owner = np.repeat(np.arange(len(edges.counts)), edges.counts)
    seeds = _Pairs(owner, np.fromiter(cells, np.uint64, len(owner)))
    return seeds.fresh(seeds.pick(np.arange(0)))


def _around(pairs: _Pairs, rings: int) -> _Pairs:
    """Each pair's cell and those within some rings of it; a pentagon has fewer and repeats itself."""
    cells, which = np.unique(pairs.cell, return_inverse=True)
    size = 1 + 3 * rings * (rings + 1)
    disks = np.repeat(cells, size).reshape(-1, size)
    for row, cell in zip(disks, cells.tolist(), strict=True):
        disk = grid_disk(cell, rings)
        row[: len(disk)] = disk
    return _Pairs(np.repeat(pairs.zone, size), disks[which].ravel())


def _judged(pairs: _Pairs, areas: Areas, resolution: int) -> tuple[Bools, npt.NDArray[np.int8]]:
    """Which pairs of zone and cell to keep, and what is true of the whole cell."""
    edges, bounds, reach_m, standoff_m = areas
    zone, radius = pairs.zone, circumradius_m(resolution) + _SLACK_M
    lons, lats = _centres(pairs.cell)
    chord = np.linalg.norm(ecef(lons, lats) - bounds.centre[zone], axis=1)
    inside, edge_m = np.zeros(len(zone), dtype=bool), chord.copy()
    maybe = np.flatnonzero((chord <= bounds.radius_m[zone] + reach_m[zone] + radius) & (edges.counts[zone] > 1))
    if len(maybe):
        near = zone[maybe]
        inside[maybe], edge_m[maybe], _ = local_m(
            lons[maybe], lats[maybe], edges.ends, edges.first[near], edges.counts[near]
        )
    kept = inside | (edge_m <= reach_m[zone] + radius)
    outward = np.where(inside, -edge_m, edge_m)
    mark = np.where(outward + radius <= standoff_m[zone], IN_STANDOFF, NOTHING)
    return kept, np.where(outward <= -radius, IN_FOOTPRINT, mark).astype(np.int8)


def _centres(cells: Cells) -> tuple[Floats, Floats]:
    known, which = np.unique(cells, return_inverse=True)
    at = np.fromiter(map(cell_to_latlng, known.tolist()), np.dtype((np.float64, 2)), len(known))
    return at[which, 1], at[which, 0]

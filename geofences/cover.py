"""H3 cells that may hold a place within reach of a footprint: always a superset, at any latitude.

H3's own polygon fill works on a flat map and misses a part of every disc. Here the cells are found by walking from
the footprint's vertices to neighbours, and each is kept when its centre lies within reach + the largest
circumradius a cell of that resolution has anywhere. The cells that touch a connected area are connected, so the
walk finds them all; pentagons, poles and the antimeridian need no care, because H3 is only asked for neighbours.
"""

from math import pi
from typing import NamedTuple

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

from geofences.edges import Bounds, Edges
from geofences.geodesy import FLATTEST_RADIUS_M, Bools, Floats, Ints, ecef, geodetic, local_m

RESOLUTIONS = (9, 7, 5, 3)
MOST_CELLS = 1_000
NOTHING, IN_STANDOFF, IN_FOOTPRINT = 0, 1, 2

# The largest circumradius of a cell over all icosahedron faces, in radians at resolution 0's scale; it shrinks by
# sqrt(7) a resolution. Found by enumerating resolutions 0 to 4 and sampling the finer ones; 0.5 % is added.
_CIRCUMRADIUS_RAD = 0.220529 * 1.005
_SLACK_M = 1.0
_LOW = (1 << 32) - 1

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
        chosen[area <= MOST_CELLS * h3.average_hexagon_area(resolution, "m^2")] = resolution
    return chosen


class _Grid:
    """The cells met so far, numbered from 0, with their centres and neighbours."""

    def __init__(self, resolution: int) -> None:
        self.resolution = resolution
        self.cells: list[int] = []
        self._number: dict[int, int] = {}
        self._around: dict[int, list[int]] = {}

    def number(self, cell: int) -> int:
        found = self._number.get(cell)
        if found is None:
            found = self._number[cell] = len(self.cells)
            self.cells.append(cell)
        return found

    def neighbours(self, numbers: Ints) -> Ints:
        """Shape (n, 7): each cell's disk of radius 1; a pentagon's lacks one and repeats the first."""
        disks = [self._disk(number) for number in numbers.tolist()]
        return np.array(disks, dtype=np.int64).reshape(-1, 7)

    def _disk(self, number: int) -> list[int]:
        found = self._around.get(number)
        if found is None:
            found = [self.number(cell) for cell in h3.grid_disk(self.cells[number], 1)]
            found += found[:1] * (7 - len(found))
            self._around[number] = found
        return found

    def centres(self, numbers: Ints) -> tuple[Floats, Floats]:
        known, which = np.unique(numbers, return_inverse=True)
        at = np.array([h3.cell_to_latlng(self.cells[number]) for number in known.tolist()])
        return at[which, 1], at[which, 0]


def cover(edges: Edges, bounds: Bounds, reach_m: Floats, standoff_m: Floats, resolution: int) -> Cover:
    """The cells of one resolution that hold any place within `reach_m` of each footprint."""
    grid = _Grid(resolution)
    frontier = _seeds(edges, grid)
    before = frontier[:0]
    found: list[tuple[Ints, npt.NDArray[np.int8]]] = []
    while len(frontier):
        kept, mark = _judged(frontier, grid, edges, bounds, reach_m, standoff_m)
        pairs = frontier[kept]
        found.append((pairs, mark[kept]))
        around = (pairs >> 32 << 32)[:, None] | grid.neighbours(pairs & _LOW)
        fresh = np.setdiff1d(around, frontier)
        before, frontier = frontier, np.setdiff1d(fresh, before, assume_unique=True)
    pairs = np.concatenate([pair for pair, _ in found])
    cells = np.array(grid.cells, dtype=np.uint64)[pairs & _LOW]
    return Cover(cells, pairs >> 32, np.concatenate([mark for _, mark in found]))


def _seeds(edges: Edges, grid: _Grid) -> Ints:
    """Pairs of zone (high 32 bits) and cell number (low): the cells of every vertex."""
    lons, lats = geodetic(edges.ends[:, :3])
    resolution = grid.resolution
    numbers = [
        grid.number(h3.latlng_to_cell(lat, lon, resolution))
        for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)
    ]
    owner = np.repeat(np.arange(len(edges.count)), edges.count)
    return np.unique(owner << 32 | np.array(numbers, dtype=np.int64))


def _judged(
    pairs: Ints, grid: _Grid, edges: Edges, bounds: Bounds, reach_m: Floats, standoff_m: Floats
) -> tuple[Bools, npt.NDArray[np.int8]]:
    """Which pairs of zone and cell to keep, and what is true of the whole cell."""
    zone, radius = pairs >> 32, circumradius_m(grid.resolution) + _SLACK_M
    lons, lats = grid.centres(pairs & _LOW)
    chord = np.linalg.norm(ecef(lons, lats) - bounds.centre[zone], axis=1)
    inside, edge_m = np.zeros(len(pairs), dtype=bool), chord.copy()
    maybe = np.flatnonzero((chord <= bounds.radius_m[zone] + reach_m[zone] + radius) & (edges.count[zone] > 1))
    if len(maybe):
        near = zone[maybe]
        inside[maybe], edge_m[maybe], _ = local_m(
            lons[maybe], lats[maybe], edges.ends, edges.first[near], edges.count[near]
        )
    kept = inside | (edge_m <= reach_m[zone] + radius)
    outward = np.where(inside, -edge_m, edge_m)
    mark = np.where(outward + radius <= standoff_m[zone], IN_STANDOFF, NOTHING)
    return kept, np.where(outward <= -radius, IN_FOOTPRINT, mark).astype(np.int8)

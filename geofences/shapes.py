"""The footprints of an index, laid out for speed: plain tuples for one fix, flat arrays for many."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from geofences.edges import Bounds, Edges, edges_of
from geofences.geodesy import (
    LOCAL_M,
    MEAN_RADIUS_M,
    Floats,
    Ints,
    arc_m,
    foot_and_crossing,
    footprint_m,
    plane_footprint_m,
    spread,
    tangent_basis,
)
from geofences.zone import Zone

POINT, OUTLINE, WIDE, WITHIN = 0, 1, 2, 3
FLAT_M = 5_000.0  # as far as a plane about a footprint's own centre is right to 2 mm
PLANE_EDGES_BY_HAND = 32  # beyond, numpy is faster
_BEND = 1.0 / (24.0 * MEAN_RADIUS_M**2)


class Record(NamedTuple):
    """What the check of one fix needs to know of one zone; metres are ECEF or on the plane at (x, y, z)."""

    zone: Zone
    how: int
    standoff_m: float
    reach_m: float
    x: float
    y: float
    z: float
    cutoff2: float
    row: int
    sure: bool
    plane: tuple[float, float, float, float, float, int, int] | None


class Shapes:
    """Footprints of many zones, measured one pair of fix and zone at a time or all at once."""

    __slots__ = (
        "bounds", "count", "cutoff2", "east", "first", "flat", "how", "north", "reach_m", "standoff_m", "wide",
        "zones",
    )  # fmt: skip

    def __init__(self, zones: Sequence[Zone], edges: Edges, bounds: Bounds) -> None:
        self.zones = zones
        self.bounds = bounds
        self.standoff_m = np.array([zone.standoff_m for zone in zones])
        self.reach_m = np.array([zone.reach_m for zone in zones])
        self.cutoff2 = (bounds.radius_m + self.reach_m) ** 2
        self.east, self.north = tangent_basis(bounds.lons, bounds.lats)
        small = bounds.radius_m + self.reach_m <= FLAT_M
        self.how = np.where(small, OUTLINE, WIDE)
        self.how[bounds.radius_m == 0.0] = POINT
        self._pack(edges)

    def _pack(self, edges: Edges) -> None:
        """Keep the edges of outlines on their own plane, those of wide zones as they are, of points none."""
        owner = np.repeat(np.arange(len(self.zones)), edges.count)
        how = self.how[owner]
        flat = how == OUTLINE
        self.wide = edges.ends[how == WIDE]
        self.flat = self._on_own_plane(edges.ends[flat], owner[flat])
        self.count = np.where(self.how == POINT, 0, edges.count)
        outlines = np.where(self.how == OUTLINE, self.count, 0)
        wides = np.where(self.how == WIDE, self.count, 0)
        first_flat, first_wide = np.cumsum(outlines) - outlines, np.cumsum(wides) - wides
        self.first = np.where(self.how == OUTLINE, first_flat, first_wide)

    def _on_own_plane(self, ends: Floats, owner: Ints) -> Floats:
        columns = []
        for end in (ends[:, :3], ends[:, 3:]):
            away = end - self.bounds.centre[owner]
            columns.append(np.einsum("ij,ij->i", away[:, :2], self.east[owner]))
            columns.append(np.einsum("ij,ij->i", away, self.north[owner]))
        return np.column_stack(columns)

    def records(self) -> list[Record]:
        """One record a zone, in order."""
        columns = zip(
            self.zones,
            self.how.tolist(),
            self.reach_m.tolist(),
            self.bounds.centre.tolist(),
            self.cutoff2.tolist(),
            self.east.tolist(),
            self.north.tolist(),
            self.first.tolist(),
            self.count.tolist(),
            strict=True,
        )
        return [
            Record(
                zone, how, zone.standoff_m, reach, *centre, cutoff2, row, False,
                (*east, *north, first, first + count) if how == OUTLINE else None,
            )
            for row, (zone, how, reach, centre, cutoff2, east, north, first, count) in enumerate(columns)
        ]  # fmt: skip

    def footprint_m(self, record: Record, lon: float, lat: float, dx: float, dy: float, dz: float) -> float:
        """Metres from a fix to the footprint of a zone that it may be in reach of; dx.. lead from its centre."""
        plane = record.plane
        if plane is not None:
            ex, ey, nx, ny, nz, first, last = plane
            x, y = ex * dx + ey * dy, nx * dx + ny * dy + nz * dz
            if last - first <= PLANE_EDGES_BY_HAND:
                return plane_footprint_m(x, y, self.flat[first:last].tolist())
            zone = np.array([record.row])
            return float(self._outlines_m(np.array([x]), np.array([y]), zone)[0])
        if record.how == POINT:
            chord2 = dx * dx + dy * dy + dz * dz
            return sqrt(chord2) * (1.0 + chord2 * _BEND)
        if record.how == WITHIN:
            return 0.0
        zone = np.array([record.row])
        return float(self._wide_m(np.array([lon]), np.array([lat]), zone)[0])

    def pairs_m(self, lons: Floats, lats: Floats, away: Floats, zone: Ints) -> Floats:
        """Metres from fix i to the footprint of `zone[i]`, in reach; away (n, 3) leads from its centre."""
        how = self.how[zone]
        metres = arc_m(np.sqrt(np.einsum("ij,ij->i", away, away)))
        flat = np.flatnonzero(how == OUTLINE)
        if len(flat):
            chosen, lead = zone[flat], away[flat]
            x = np.einsum("ij,ij->i", lead[:, :2], self.east[chosen])
            y = np.einsum("ij,ij->i", lead, self.north[chosen])
            metres[flat] = self._outlines_m(x, y, chosen)
        wide = np.flatnonzero(how == WIDE)
        if len(wide):
            metres[wide] = self._wide_m(lons[wide], lats[wide], zone[wide])
        return metres

    def _outlines_m(self, x: Floats, y: Floats, zone: Ints) -> Floats:
        count = self.count[zone]
        rows, starts = spread(self.first[zone], count)
        ends = self.flat[rows]
        xs, ys = np.repeat(x, count), np.repeat(y, count)
        fx, fy, crosses = foot_and_crossing(ends[:, 0] - xs, ends[:, 1] - ys, ends[:, 2] - xs, ends[:, 3] - ys)
        edge_m = np.sqrt(np.minimum.reduceat(fx * fx + fy * fy, starts))
        return np.where(np.logical_xor.reduceat(crosses, starts), 0.0, edge_m)

    def _wide_m(self, lons: Floats, lats: Floats, zone: Ints) -> Floats:
        return footprint_m(lons, lats, self.wide, self.first[zone], self.count[zone])

    def any_m(self, lons: Floats, lats: Floats, away: Floats, zone: Ints) -> Floats:
        """As `pairs_m`, in reach or not."""
        how = self.how[zone]
        chord2 = np.einsum("ij,ij->i", away, away)
        flat = (how == OUTLINE) & (chord2 > FLAT_M**2)
        lost = np.flatnonzero(flat | ((how == POINT) & (chord2 > LOCAL_M**2)))
        near = np.setdiff1d(np.arange(len(zone)), lost, assume_unique=True)
        metres = np.empty(len(zone))
        if len(near):
            metres[near] = self.pairs_m(lons[near], lats[near], away[near], zone[near])
        if len(lost):
            metres[lost] = self.exact_m(lons[lost], lats[lost], zone[lost])
        return metres

    def edges(self, row: int) -> Floats:
        """The ECEF edges (m, 6) of one footprint."""
        if self.how[row] == WIDE:
            return self.wide[self.first[row] : self.first[row] + self.count[row]]
        return edges_of([self.zones[row].footprint]).ends

    def exact_m(self, lons: Floats, lats: Floats, zone: Ints) -> Floats:
        """Metres from fix i to the footprint of `zone[i]`, however far it is."""
        used, which = np.unique(zone, return_inverse=True)
        edges = edges_of([self.zones[row].footprint for row in used.tolist()])
        return footprint_m(lons, lats, edges.ends, edges.first[which], edges.count[which])

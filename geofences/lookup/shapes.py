"""The footprints of an index, laid out for speed: flat arrays, read a row for one fix and at once for many."""

from collections.abc import Sequence
from math import inf, sqrt
from struct import Struct

import numpy as np

from geofences.edges import Bounds, Edges, edges_of
from geofences.geodesy import (
    LOCAL_M,
    MEAN_RADIUS_M,
    Floats,
    Ints,
    arc_m,
    chunks,
    foot_and_crossing,
    footprint_m,
    local_m,
    plane_footprint_m,
    spread,
    tangent_basis,
)
from geofences.lookup.crossing import Piece, closest_m, plane_segment_m, straight_m
from geofences.zone import LEAST_DEPTH_M, Zone

POINT, OUTLINE, WIDE = 0, 1, 2
FLAT_M = 5_000.0  # as far as a plane about a footprint's own centre is right to 2 mm
EDGES_BY_HAND = 32  # beyond, numpy is faster
_BEND = 1.0 / (24.0 * MEAN_RADIUS_M**2)


_BALL = Struct("4d")
_FRAME = Struct("5d3q")


class Shapes:
    """Footprints of many zones, measured one pair of fix and zone at a time or all at once.

    `ball` (n, 4) has the centre and the square of the straight distance beyond which a fix is out of reach;
    `frame` the axes of the plane at the centre, how to measure, and the rows of `flat` (m, 4; metres on that
    plane) or `wide` (m, 6; ECEF metres).
    """

    __slots__ = ("ball", "bounds", "flat", "frame", "reach_m", "standoff_m", "wide", "zones")

    def __init__(self, zones: Sequence[Zone], edges: Edges, bounds: Bounds) -> None:
        self.zones = zones
        self.bounds = bounds
        self.standoff_m = np.array([zone.standoff_m for zone in zones])
        self.reach_m = np.array([zone.reach_m for zone in zones])
        self.ball = np.column_stack([bounds.centre, (bounds.radius_m + self.reach_m) ** 2])
        self.frame = np.zeros(len(zones), dtype=[("axes", "5d"), ("how", "q"), ("first", "q"), ("count", "q")])
        self.frame["axes"] = np.hstack(tangent_basis(bounds.lons, bounds.lats))
        small = bounds.radius_m + self.reach_m <= FLAT_M
        self.frame["how"] = np.where(bounds.radius_m == 0.0, POINT, np.where(small, OUTLINE, WIDE))
        self._pack(edges)

    def _pack(self, edges: Edges) -> None:
        """Keep the edges of outlines on their own plane, those of wide zones as they are, of points none."""
        owner = np.repeat(np.arange(len(self.zones)), edges.counts)
        how = self.frame["how"]
        self.wide = edges.ends[how[owner] == WIDE]
        flat = how[owner] == OUTLINE
        self.flat = self._on_own_plane(edges.ends[flat], owner[flat])
        self.frame["count"] = np.where(how == POINT, 0, edges.counts)
        for kind in (OUTLINE, WIDE):
            count = np.where(how == kind, edges.counts, 0)
            self.frame["first"] += np.where(how == kind, np.cumsum(count) - count, 0)

    def _on_own_plane(self, ends: Floats, owner: Ints) -> Floats:
        centre = self.ball[owner, :3]
        return np.column_stack([c for end in (ends[:, :3], ends[:, 3:]) for c in self._on_plane(end - centre, owner)])

    def _on_plane(self, away: Floats, zone: Ints) -> tuple[Floats, Floats]:
        axes = self.frame["axes"][zone]
        return np.einsum("ij,ij->i", away[:, :2], axes[:, :2]), np.einsum("ij,ij->i", away, axes[:, 2:])

    def near_m(
        self, row: int, lon: float, lat: float, fix: tuple[float, float, float], most2: float | None = None
    ) -> float:
        """Metres from one fix (degrees and ECEF) to the footprint of a zone; infinity when out of reach.

        `most2`: the square of another reach from the footprint's centre, at most `FLAT_M`.
        """
        x, y, z, cutoff2 = _BALL.unpack_from(
            self.ball,  # type: ignore[arg-type]  # an array is a buffer, whatever its dtype
            row * _BALL.size,
        )
        dx, dy, dz = fix[0] - x, fix[1] - y, fix[2] - z
        chord2: float = dx * dx + dy * dy + dz * dz
        if chord2 > (cutoff2 if most2 is None else most2):
            return inf
        ex, ey, nx, ny, nz, how, first, count = _FRAME.unpack_from(
            self.frame,  # type: ignore[arg-type]  # an array is a buffer, whatever its dtype
            row * _FRAME.size,
        )
        if how == POINT:
            return sqrt(chord2) * (1.0 + chord2 * _BEND)
        if how == OUTLINE and count <= EDGES_BY_HAND:
            edges = self.flat[first : first + count].tolist()
            return plane_footprint_m(ex * dx + ey * dy, nx * dx + ny * dy + nz * dz, edges)
        away = np.array([[dx, dy, dz]])
        return float(self.pairs_m(np.array([lon]), np.array([lat]), away, np.array([row]))[0])

    def pairs_m(self, lons: Floats, lats: Floats, away: Floats, zone: Ints) -> Floats:
        """Metres from fix i to the footprint of `zone[i]`, in reach; away (n, 3) leads from its centre."""
        how = self.frame["how"][zone]
        metres = arc_m(np.sqrt(np.einsum("ij,ij->i", away, away)))
        flat = np.flatnonzero(how == OUTLINE)
        if len(flat):
            chosen, lead = zone[flat], away[flat]
            metres[flat] = self._outlines_m(*self._on_plane(lead, chosen), chosen)
        wide = np.flatnonzero(how == WIDE)
        if len(wide):
            metres[wide] = self._wide_m(lons[wide], lats[wide], zone[wide])
        return metres

    def _outlines_m(self, x: Floats, y: Floats, zone: Ints) -> Floats:
        parts = [self._some_outlines_m(x[part], y[part], zone[part]) for part in chunks(self.frame["count"][zone])]
        return np.concatenate(parts)

    def _some_outlines_m(self, x: Floats, y: Floats, zone: Ints) -> Floats:
        count = self.frame["count"][zone]
        rows, starts = spread(self.frame["first"][zone], count)
        ends = self.flat[rows]
        xs, ys = np.repeat(x, count), np.repeat(y, count)
        fx, fy, crosses = foot_and_crossing(ends[:, 0] - xs, ends[:, 1] - ys, ends[:, 2] - xs, ends[:, 3] - ys)
        edge_m = np.sqrt(np.minimum.reduceat(fx * fx + fy * fy, starts))
        return np.where(np.logical_xor.reduceat(crosses, starts), 0.0, edge_m)

    def _wide_m(self, lons: Floats, lats: Floats, zone: Ints) -> Floats:
        return footprint_m(lons, lats, self.wide, self.frame["first"][zone], self.frame["count"][zone])

    def any_m(self, lons: Floats, lats: Floats, away: Floats, zone: Ints) -> Floats:
        """As `pairs_m`, in reach or not."""
        how = self.frame["how"][zone]
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
        if self.frame["how"][row] == WIDE:
            first = self.frame["first"][row]
            wide: Floats = self.wide[first : first + self.frame["count"][row]]
            return wide
        return edges_of([self.zones[row].footprint]).ends

    def closest_m(self, row: int, piece: Piece) -> float:
        """Metres between a piece of a way and one footprint; infinity when out of reach."""
        x, y, z, cutoff2 = _BALL.unpack_from(
            self.ball,  # type: ignore[arg-type]  # an array is a buffer, whatever its dtype
            row * _BALL.size,
        )
        if straight_m(piece, x, y, z) ** 2 > cutoff2:
            return inf
        ex, ey, nx, ny, nz, how, first, count = _FRAME.unpack_from(
            self.frame,  # type: ignore[arg-type]  # an array is a buffer, whatever its dtype
            row * _FRAME.size,
        )
        if how == WIDE or count > EDGES_BY_HAND:
            lon, lat = piece.middle() if how == WIDE else (float(self.bounds.lons[row]), float(self.bounds.lats[row]))
            return closest_m(piece, self.edges(row), lon, lat)
        ends = []
        for at in (piece.start, piece.end):
            dx, dy, dz = at[0] - x, at[1] - y, at[2] - z
            ends.append((ex * dx + ey * dy, nx * dx + ny * dy + nz * dz))
        edges = self.flat[first : first + count].tolist() if how == OUTLINE else [[0.0, 0.0, 0.0, 0.0]]
        return plane_segment_m(ends[0], ends[1], edges)

    def exact_m(self, lons: Floats, lats: Floats, zone: Ints) -> Floats:
        """Metres from fix i to the footprint of `zone[i]`, however far it is."""
        used, which = np.unique(zone, return_inverse=True)
        edges = edges_of([self.zones[row].footprint for row in used.tolist()])
        return footprint_m(lons, lats, edges.ends, edges.first[which], edges.counts[which])

    def signed_m(self, metres: Floats, lons: Floats, lats: Floats, zone: Ints) -> Floats:
        """Signed metres to the edge of `zone[i]` of fix i, which is so many metres from its footprint."""
        signed: Floats = metres - self.standoff_m[zone]
        shallow = np.flatnonzero((metres == 0.0) & (signed > -LEAST_DEPTH_M))
        if len(shallow):
            depth = self._depth_m(lons[shallow], lats[shallow], zone[shallow])
            signed[shallow] = np.maximum(signed[shallow] - depth, -LEAST_DEPTH_M)
        return signed

    def _depth_m(self, lons: Floats, lats: Floats, zone: Ints) -> Floats:
        """Metres from fix i, in the footprint of `zone[i]`, to the outline of it."""
        used, which = np.unique(zone, return_inverse=True)
        edges = edges_of([self.zones[row].footprint for row in used.tolist()])
        return local_m(lons, lats, edges.ends, edges.first[which], edges.counts[which])[1]

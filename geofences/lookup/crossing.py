"""How near the straight way between two fixes came to a footprint."""

from collections.abc import Iterator
from math import atan2, ceil, degrees, dist, hypot, sqrt
from typing import NamedTuple

import numpy as np

from geofences.edges import cut_edge
from geofences.geodesy import (
    E2,
    LONGEST_EDGE_M,
    MEAN_RADIUS_M,
    Bools,
    Floats,
    ecef,
    ecef_point,
    foot_and_crossing,
    plane_footprint_m,
    tangent_basis,
)

STEP_M = 190.0  # half of it stays below `levels.LEAST_RING_M`
STEP_DEG = 0.0017  # no longer than that, in any direction and at any latitude


Place = tuple[float, float, float]


class Piece(NamedTuple):
    """A part of the way, at most `LONGEST_EDGE_M` long, and places on it less than `STEP_M` apart.

    `start` and `end` are ECEF metres, the places degrees.
    """

    start: Place
    end: Place
    lons: list[float]
    lats: list[float]

    def middle(self) -> tuple[float, float]:
        """Longitude and latitude half way."""
        at = len(self.lons) // 2
        return self.lons[at], self.lats[at]


def pieces(lon1: float, lat1: float, lon2: float, lat2: float) -> Iterator[Piece]:
    """The geodesic from one place to another, cut up."""
    start, end = ecef_point(lon1, lat1), ecef_point(lon2, lat2)
    if dist(start, end) <= LONGEST_EDGE_M:
        yield piece_of(start, end)
        return
    for ax, ay, az, bx, by, bz in cut_edge(np.array([*start, *end])).tolist():
        yield piece_of((ax, ay, az), (bx, by, bz))


def piece_of(start: Place, end: Place) -> Piece:
    """A short way with the middles of its equal steps, in plain Python: most ways have one or two."""
    count = max(1, ceil(dist(start, end) / STEP_M))
    lons, lats = [], []
    for step in range(count):
        share = (step + 0.5) / count
        x, y, z = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        lons.append(degrees(atan2(y, x)))
        lats.append(degrees(atan2(z, (1.0 - E2) * hypot(x, y))))
    return Piece(start, end, lons, lats)


def straight_m(piece: Piece, x: float, y: float, z: float) -> float:
    """Metres, straight through the ground, between a piece and an earth-centred place."""
    ax, ay, az = piece.start
    dx, dy, dz = piece.end[0] - ax, piece.end[1] - ay, piece.end[2] - az
    px, py, pz = x - ax, y - ay, z - az
    length2 = dx * dx + dy * dy + dz * dz
    share = min(max((px * dx + py * dy + pz * dz) / length2, 0.0), 1.0) if length2 > 0.0 else 0.0
    return sqrt((px - share * dx) ** 2 + (py - share * dy) ** 2 + (pz - share * dz) ** 2)


def plane_segment_m(a: tuple[float, float], b: tuple[float, float], edges: list[list[float]]) -> float:
    """Metres from the segment ab to plane edges [x1, y1, x2, y2], 0 when it meets the shape they bound."""
    (ax, ay), (bx, by) = a, b
    best = min(plane_footprint_m(ax, ay, edges), plane_footprint_m(bx, by, edges))
    wx, wy = bx - ax, by - ay
    length2 = wx * wx + wy * wy
    if best == 0.0 or length2 == 0.0:
        return best
    for x1, y1, x2, y2 in edges:
        px, py = x1 - ax, y1 - ay
        if (wx * py - wy * px > 0.0) is not (wx * (y2 - ay) - wy * (x2 - ax) > 0.0):
            ex, ey = x2 - x1, y2 - y1
            if (ey * px - ex * py > 0.0) is not (ex * (by - y1) - ey * (bx - x1) > 0.0):
                return 0.0
        share = min(max((px * wx + py * wy) / length2, 0.0), 1.0)
        best = min(best, hypot(px - share * wx, py - share * wy))
    return best


def closest_m(piece: Piece, ends: Floats, lon: float, lat: float) -> float:
    """Metres between a piece and a footprint with these edges (m, 6), on the plane at a place near both."""
    origin = ecef(np.array(lon), np.array(lat))
    east, north = tangent_basis(np.array(lon), np.array(lat))
    axes = np.stack([np.append(east, 0.0), north], axis=1)
    a, b = (np.array([piece.start, piece.end]) - origin) @ axes
    starts, stops = (ends[:, :3] - origin) @ axes, (ends[:, 3:] - origin) @ axes
    offset = _plane_m(a, b, starts, stops)
    return float(MEAN_RADIUS_M * np.arcsin(min(offset / MEAN_RADIUS_M, 1.0)))


def _plane_m(a: Floats, b: Floats, starts: Floats, stops: Floats) -> float:
    """Distance from the segment ab to a plane shape, 0 when they share a place."""
    ax, ay, crosses = foot_and_crossing(*(starts - a).T, *(stops - a).T)
    bx, by, _ = foot_and_crossing(*(starts - b).T, *(stops - b).T)
    sx, sy, _ = foot_and_crossing(*(a - starts).T, *(b - starts).T)
    if np.logical_xor.reduce(crosses) or _cut_across(a, b, starts, stops).any():
        return 0.0
    return sqrt(min(float(np.min(x * x + y * y)) for x, y in ((ax, ay), (bx, by), (sx, sy))))


def _cut_across(a: Floats, b: Floats, starts: Floats, stops: Floats) -> Bools:
    way, edge = b - a, stops - starts
    sides = (_cross(way, starts - a) > 0.0) != (_cross(way, stops - a) > 0.0)
    cut: Bools = sides & ((_cross(edge, a - starts) > 0.0) != (_cross(edge, b - starts) > 0.0))
    return cut


def _cross(one: Floats, other: Floats) -> Floats:
    area: Floats = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return area

"""How near the straight way between two fixes came to a footprint."""

from collections.abc import Iterator
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np

from geofences.edges import cut_edge
from geofences.geodesy import (
    LONGEST_EDGE_M,
    MEAN_RADIUS_M,
    Bools,
    Floats,
    ecef,
    ecef_point,
    foot_and_crossing,
    geodetic,
    tangent_basis,
)

STEP_M = 190.0  # half of it stays below `levels.LEAST_RING_M`


class Piece(NamedTuple):
    """A part of the way, at most `LONGEST_EDGE_M` long, and places on it less than `STEP_M` apart."""

    ends: Floats
    lons: list[float]
    lats: list[float]

    def middle(self) -> tuple[float, float]:
        """Longitude and latitude half way."""
        at = len(self.lons) // 2
        return self.lons[at], self.lats[at]


def pieces(lon1: float, lat1: float, lon2: float, lat2: float) -> Iterator[Piece]:
    """The geodesic from one place to another, cut up."""
    whole = np.array([*ecef_point(lon1, lat1), *ecef_point(lon2, lat2)])
    length = float(np.linalg.norm(whole[3:] - whole[:3]))
    for ends in [whole] if length <= LONGEST_EDGE_M else cut_edge(whole):
        start, span = ends[:3], ends[3:] - ends[:3]
        count = max(1, ceil(sqrt(float(span @ span)) / STEP_M))
        lons, lats = geodetic(start + span * ((np.arange(count) + 0.5) / count)[:, None])
        yield Piece(ends, lons.tolist(), lats.tolist())


def straight_m(piece: Piece, x: float, y: float, z: float) -> float:
    """Metres, straight through the ground, between a piece and an earth-centred place."""
    ax, ay, az, bx, by, bz = piece.ends.tolist()
    dx, dy, dz = bx - ax, by - ay, bz - az
    px, py, pz = x - ax, y - ay, z - az
    length2 = dx * dx + dy * dy + dz * dz
    share = min(max((px * dx + py * dy + pz * dz) / length2, 0.0), 1.0) if length2 > 0.0 else 0.0
    return sqrt((px - share * dx) ** 2 + (py - share * dy) ** 2 + (pz - share * dz) ** 2)


def closest_m(piece: Piece, ends: Floats, lon: float, lat: float) -> float:
    """Metres between a piece and a footprint with these edges (m, 6), on the plane at a place near both."""
    origin = ecef(np.array(lon), np.array(lat))
    east, north = tangent_basis(np.array(lon), np.array(lat))
    axes = np.stack([np.append(east, 0.0), north], axis=1)
    a, b = (piece.ends.reshape(2, 3) - origin) @ axes
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

"""Metres on the WGS-84 ellipsoid between fixes and footprints, right to 1 cm at any distance and latitude.

A footprint is a list of *edges*, each a geodesic of at most `LONGEST_EDGE_M`, given by the earth-centred (ECEF)
metres of its two ends. A point is an edge of length nought and a line runs forth and back, so that one rule serves
all shapes: the footprint is what an odd number of edges separates from afar, and the edges themselves.

Near by, the ends are dropped on the tangent plane of the fix (orthographic projection), where the distance from
the fix is `sin` of the arc and geodesics as short as these are straight: within `LOCAL_M` the error stays below
2 mm. Farther away the foot point is sought along each edge with Karney's geodesics (J. Geod. 87, 2013; PROJ).
"""

from collections.abc import Iterator
from functools import cache
from math import cos, radians, sin, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EQUATOR_M = 6378137.0
FLATTENING = 1 / 298.257223563
E2 = FLATTENING * (2 - FLATTENING)
MEAN_RADIUS_M = 6371008.8
FLATTEST_RADIUS_M = EQUATOR_M / (1 - FLATTENING)  # the pole's; nothing on the ellipsoid curves less
ROUNDEST_RADIUS_M = EQUATOR_M * (1 - E2)  # the equator's, northward; nothing curves more
HALF_ROUND_M = 20_003_932.0  # no two places are farther apart

LONGEST_EDGE_M = 3_000.0
LOCAL_M = 50_000.0
_EDGES_AT_ONCE = 250_000


@cache
def geod() -> Any:
    """The exact geodesic solver; loaded when first needed, because most processes never measure that far."""
    from pyproj import Geod  # noqa: PLC0415

    return Geod(ellps="WGS84")


def ecef_point(lon: float, lat: float) -> tuple[float, float, float]:
    """Earth-centred metres of one place on the ellipsoid, from degrees."""
    phi, lam = radians(lat), radians(lon)
    up = sin(phi)
    normal = EQUATOR_M / sqrt(1.0 - E2 * up * up)
    outward = normal * cos(phi)
    return outward * cos(lam), outward * sin(lam), normal * (1.0 - E2) * up


def ecef(lons: Floats, lats: Floats) -> Floats:
    """Earth-centred metres, shape (n, 3), of places in degrees."""
    phi, lam = np.radians(lats), np.radians(lons)
    up = np.sin(phi)
    normal = EQUATOR_M / np.sqrt(1.0 - E2 * up * up)
    outward = normal * np.cos(phi)
    return np.stack([outward * np.cos(lam), outward * np.sin(lam), normal * (1.0 - E2) * up], axis=-1)


def geodetic(xyz: Floats) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in degrees of (n, 3) earth-centred metres on the ellipsoid."""
    x, y, z = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, (1.0 - E2) * np.hypot(x, y)))


def tangent_basis(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """Unit vectors to the east (n, 2; its third part is nought) and to the north (n, 3)."""
    phi, lam = np.radians(lats), np.radians(lons)
    east = np.stack([-np.sin(lam), np.cos(lam)], axis=-1)
    up = np.sin(phi)
    north = np.stack([-up * np.cos(lam), -up * np.sin(lam), np.cos(phi)], axis=-1)
    return east, north


def arc_m(chord_m: Floats) -> Floats:
    """Metres along the ground for a straight line through it; to 1 mm below 50 km."""
    return chord_m * (1.0 + chord_m * chord_m / (24.0 * MEAN_RADIUS_M**2))


def longest_arc_m(chord_m: Floats) -> Floats:
    """No geodesic between two places with this straight distance is longer (Schur's comparison theorem)."""
    half = chord_m / (2.0 * ROUNDEST_RADIUS_M)
    return np.where(half < 1.0, 2.0 * ROUNDEST_RADIUS_M * np.arcsin(np.minimum(half, 1.0)), HALF_ROUND_M)


def foot_and_crossing(x1: Floats, y1: Floats, x2: Floats, y2: Floats) -> tuple[Floats, Floats, Bools]:
    """For plane segments seen from the origin: the nearest point of each, and whether the ray to +x crosses it."""
    dx, dy = x2 - x1, y2 - y1
    length2 = dx * dx + dy * dy
    share = -(x1 * dx + y1 * dy) / np.where(length2 > 0.0, length2, 1.0)
    share = np.minimum(np.maximum(share, 0.0), 1.0)
    crosses = ((y1 > 0.0) != (y2 > 0.0)) & ((x1 * dy - y1 * dx > 0.0) == (dy > 0.0))
    return x1 + share * dx, y1 + share * dy, crosses


def plane_footprint_m(x: float, y: float, edges: list[list[float]]) -> float:
    """Metres from (x, y) to plane edges [x1, y1, x2, y2], 0 inside the shape they bound."""
    inside = False
    best = float("inf")
    for x1, y1, x2, y2 in edges:
        ax, ay = x1 - x, y1 - y
        dx, dy = x2 - x1, y2 - y1
        if ((y1 > y) is not (y2 > y)) and ((ax * dy - ay * dx > 0.0) is (dy > 0.0)):
            inside = not inside
        along = -(ax * dx + ay * dy)
        if along > 0.0:
            length2 = dx * dx + dy * dy
            share = along / length2 if along < length2 else 1.0
            ax += share * dx
            ay += share * dy
        distance2 = ax * ax + ay * ay
        best = min(best, distance2)
    return 0.0 if inside else sqrt(best)


def spread(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Rows `first[i] .. first[i] + counts[i]` one after another, and where each run starts; every count >= 1."""
    ends = np.cumsum(counts)
    starts = ends - counts
    return np.arange(ends[-1]) + np.repeat(first - starts, counts), starts


def chunks(counts: Ints) -> Iterator[slice]:
    """Slices of consecutive pairs that together have about `_EDGES_AT_ONCE` edges, to bound memory."""
    total = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + _EDGES_AT_ONCE, "right")))
        yield slice(begin, end)
        begin = end


def footprint_m(lons: Floats, lats: Floats, edges: Floats, first: Ints, counts: Ints) -> Floats:
    """Geodesic metres from fix i to the footprint with rows first[i] .. of `edges` (m, 6), 0 inside."""
    metres = np.empty(len(lons))
    for part in chunks(counts):
        metres[part] = _measured(lons[part], lats[part], edges, first[part], counts[part])
    return metres


def _measured(lons: Floats, lats: Floats, edges: Floats, first: Ints, counts: Ints) -> Floats:
    inside, edge_m, visible = local_m(lons, lats, edges, first, counts)
    metres = np.where(inside & visible, 0.0, edge_m)
    far = (metres > LOCAL_M) | ~visible
    if far.any():
        metres[far] = _far_m(lons[far], lats[far], edges, first[far], counts[far])
    return metres


def local_m(lons: Floats, lats: Floats, edges: Floats, first: Ints, counts: Ints) -> tuple[Bools, Floats, Bools]:
    """On the tangent plane of each fix: inside or not, metres to the nearest edge, and whether to believe it.

    The metres are exact within `LOCAL_M`; beyond they are right to a few metres, and never short by more than
    that. A fix that can't see every edge (it lies below the horizon) is not to be believed.
    """
    rows, starts = spread(first, counts)
    fix = ecef(lons, lats)
    east, north = (np.repeat(axis, counts, axis=0) for axis in tangent_basis(lons, lats))
    here = np.repeat(fix, counts, axis=0)
    a, b = edges[rows, :3] - here, edges[rows, 3:] - here
    x1, x2 = (np.einsum("ij,ij->i", end[:, :2], east) for end in (a, b))
    y1, y2 = (np.einsum("ij,ij->i", end, north) for end in (a, b))
    x, y, crosses = foot_and_crossing(x1, y1, x2, y2)
    metres = _arc_of_offset_m(x, y, np.repeat(lats, counts))
    seen = np.einsum("ij,ij->i", edges[rows, :3], here) > 0.0
    inside = np.logical_xor.reduceat(crosses, starts)
    return inside, np.minimum.reduceat(metres, starts), np.logical_and.reduceat(seen, starts)


def _arc_of_offset_m(x: Floats, y: Floats, lats: Floats) -> Floats:
    """Metres along the ground to what stands x east and y north on the tangent plane (Euler's curvature)."""
    w2 = 1.0 - E2 * np.sin(np.radians(lats)) ** 2
    across = np.sqrt(w2) / EQUATOR_M
    along = across * w2 / (1.0 - E2)
    offset2 = x * x + y * y
    curvature = (x * x * across + y * y * along) / np.where(offset2 > 0.0, offset2, 1.0)
    offset = np.sqrt(offset2)
    bend = np.minimum(offset * curvature, 1.0)
    return np.where(bend > 1e-8, np.arcsin(bend) / np.where(curvature > 0.0, curvature, 1.0), offset)  # noqa: PLR2004


def _far_m(lons: Floats, lats: Floats, edges: Floats, first: Ints, counts: Ints) -> Floats:
    """The exact metres, from the few edges that can be nearest."""
    rows, starts = spread(first, counts)
    here = np.repeat(ecef(lons, lats), counts, axis=0)
    a = edges[rows, :3]
    span = edges[rows, 3:] - a
    length2 = np.einsum("ij,ij->i", span, span)
    share = np.einsum("ij,ij->i", here - a, span) / np.where(length2 > 0.0, length2, 1.0)
    chord = np.linalg.norm(a + np.clip(share, 0.0, 1.0)[:, None] * span - here, axis=1)
    nearest = np.minimum.reduceat(chord, starts)
    # Arcs of one chord differ by direction: by less than 3 % of their excess over the chord.
    slack = 1.0 + 0.03 * (longest_arc_m(nearest) - nearest)
    keep = chord <= np.repeat(nearest + slack, counts)
    owner = np.repeat(np.arange(len(lons)), counts)[keep]
    metres = _foot_m(lons[owner], lats[owner], edges[rows[keep]])
    best = np.full(len(lons), np.inf)
    np.minimum.at(best, owner, metres)
    return best


def _foot_m(lons: Floats, lats: Floats, edges: Floats) -> Floats:
    """Least geodesic distance from fix i to edge i: both ends, then Newton's steps to the foot point."""
    lon_a, lat_a = geodetic(edges[:, :3])
    lon_b, lat_b = geodetic(edges[:, 3:])
    heading, _, length = geod().inv(lon_a, lat_a, lon_b, lat_b)
    best = np.minimum(geod().inv(lons, lats, lon_a, lat_a)[2], geod().inv(lons, lats, lon_b, lat_b)[2])
    along = length / 2.0
    for _ in range(4):
        lon, lat, back = geod().fwd(lon_a, lat_a, heading, along)
        _, sight, metres = geod().inv(lons, lats, lon, lat)
        best = np.minimum(best, metres)
        slope = np.cos(np.radians(sight - back))
        bend = (1.0 - slope * slope) / (MEAN_RADIUS_M * np.tan(metres / MEAN_RADIUS_M))
        step = slope / np.where(np.abs(bend) > 1e-12, np.abs(bend), 1e-12)  # noqa: PLR2004
        along = np.clip(along - step, 0.0, length)
    return np.asarray(best)

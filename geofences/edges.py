"""Shapes in degrees -> the edges that `geodesy` measures, for many footprints at once."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from geofences.geodesy import LONGEST_EDGE_M, Floats, Ints, ecef, geod, geodetic


class Edges(NamedTuple):
    """Footprint i has `counts[i]` edges from row `first[i]`; a row is the ECEF metres of both ends."""

    ends: Floats
    first: Ints
    counts: Ints


class Bounds(NamedTuple):
    """A ball about each footprint: centre in degrees and ECEF metres, radius in metres (straight, not along)."""

    lons: Floats
    lats: Floats
    centre: Floats
    radius_m: Floats


def edges_of(footprints: Sequence[Any]) -> Edges:
    """Geodesic edges, none longer than `LONGEST_EDGE_M`, of points, lines and polygons and their multiples."""
    parts, owner = shapely.get_parts(np.asarray(footprints, dtype=object), return_index=True)
    kind = shapely.get_type_id(parts)
    pieces = [_points(parts, owner, kind), _lines(parts, owner, kind), _rims(parts, owner, kind)]
    degrees = np.concatenate([piece[0] for piece in pieces])
    owners = np.concatenate([piece[1] for piece in pieces])
    order = np.argsort(owners, kind="stable")
    ends, owners = _densified(_to_ecef(degrees[order]), owners[order])
    count = np.bincount(owners, minlength=len(footprints))
    return Edges(ends, np.cumsum(count) - count, count)


def bounds_of(edges: Edges) -> Bounds:
    """The balls that hold the footprints; 1 m is added for the bend of the ground along an edge."""
    starts = edges.first
    middle = np.add.reduceat(edges.ends[:, :3] + edges.ends[:, 3:], starts) / (2.0 * edges.counts[:, None])
    lons, lats = geodetic(middle)
    centre = ecef(lons, lats)
    reach = np.linalg.norm(edges.ends[:, :3] - np.repeat(centre, edges.counts, axis=0), axis=1)
    radius = np.maximum.reduceat(reach, starts)
    return Bounds(lons, lats, centre, np.where(radius > 1e-6, radius + 1.0, 0.0))  # noqa: PLR2004


def _points(parts: Any, owner: Ints, kind: Ints) -> tuple[Floats, Ints]:
    chosen = kind == shapely.GeometryType.POINT
    at = shapely.get_coordinates(parts[chosen])
    return np.hstack([at, at]), owner[chosen]


def _lines(parts: Any, owner: Ints, kind: Ints) -> tuple[Floats, Ints]:
    chosen = kind == shapely.GeometryType.LINESTRING
    forth, owners = _steps(parts[chosen], owner[chosen])
    return np.concatenate([forth, forth[:, [2, 3, 0, 1]]]), np.concatenate([owners, owners])


def _rims(parts: Any, owner: Ints, kind: Ints) -> tuple[Floats, Ints]:
    chosen = kind == shapely.GeometryType.POLYGON
    rings, part = shapely.get_rings(parts[chosen], return_index=True)
    return _steps(rings, owner[chosen][part])


def _steps(lines: Any, owner: Ints) -> tuple[Floats, Ints]:
    at, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    return np.hstack([at[:-1], at[1:]])[same], owner[line[1:][same]]


def _to_ecef(degrees: Floats) -> Floats:
    return np.hstack([ecef(degrees[:, 0], degrees[:, 1]), ecef(degrees[:, 2], degrees[:, 3])])


def _densified(ends: Floats, owners: Ints) -> tuple[Floats, Ints]:
    """Long edges cut into equal pieces along their geodesics."""
    long = np.flatnonzero(np.linalg.norm(ends[:, 3:] - ends[:, :3], axis=1) > LONGEST_EDGE_M)
    if not len(long):
        return ends, owners
    cut = [cut_edge(row) for row in ends[long]]
    kept = np.delete(np.arange(len(ends)), long)
    new_owners = np.concatenate([owners[kept], np.repeat(owners[long], [len(piece) for piece in cut])])
    order = np.argsort(new_owners, kind="stable")
    return np.concatenate([ends[kept], *cut])[order], new_owners[order]


def cut_edge(row: Floats) -> Floats:
    """Equal pieces, at most `LONGEST_EDGE_M` long, of the geodesic between two ECEF places (6 numbers)."""
    (lon_a, lon_b), (lat_a, lat_b) = geodetic(row.reshape(2, 3))
    heading, _, length = geod().inv(lon_a, lat_a, lon_b, lat_b)
    count = int(np.ceil(length / LONGEST_EDGE_M)) + 1
    along = np.linspace(0.0, length, count + 1)
    lons, lats, _ = geod().fwd(*(np.full(count + 1, value) for value in (lon_a, lat_a, heading)), along)
    at = ecef(np.asarray(lons), np.asarray(lats))
    at[0], at[-1] = row[:3], row[3:]
    return np.hstack([at[:-1], at[1:]])

"""Roads about zones as a graph, for simulated visitors. The plane is local metres: to walk in, never to judge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import cos, radians
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely.geometry import shape

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Feature = Mapping[str, Any]

METRES_PER_DEGREE: Final = 111_195.0  # of latitude, on the mean sphere: within 0.6 % of the ellipsoid
NEAR_ZONE_M: Final = 230.0
DETOUR: Final = 20.0  # a metre near a zone counts as twenty for whoever keeps clear of it


@dataclass(frozen=True)
class Town:
    """Connected roads in local metres about (`lon`, `lat`): vertices, edges, and each vertex's way to a footprint."""

    lon: float
    lat: float
    xy: Floats
    edges: Ints
    to_zone_m: Floats

    def to_degrees(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a point in local metres."""
        return (
            float(self.lon + x / (METRES_PER_DEGREE * cos(radians(self.lat)))),
            float(self.lat + y / METRES_PER_DEGREE),
        )

    def addresses(self, nearest_m: float, farthest_m: float) -> Ints:
        """The vertices so far from the nearest footprint; raises ValueError when there are none."""
        found = np.flatnonzero((self.to_zone_m >= nearest_m) & (self.to_zone_m <= farthest_m))
        if found.size == 0:
            raise ValueError(f"no road lies {nearest_m:.0f} to {farthest_m:.0f} m from a zone here")
        return found

    def way(self, start: int, end: int, *, keep_clear: bool) -> list[int]:
        """The vertices of the shortest way from `start` to `end`, round the zones if asked and if there is one."""
        graph = self._keeping_clear if keep_clear else self._shortest
        _, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
        way = [end]
        while way[-1] != start:
            way.append(int(before[way[-1]]))
        return way[::-1]

    @cached_property
    def _lengths_m(self) -> Floats:
        steps = self.xy[self.edges[:, 0]] - self.xy[self.edges[:, 1]]
        lengths: Floats = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 0.01)
        return lengths

    @cached_property
    def _shortest(self) -> Any:
        return self._graph(self._lengths_m)

    @cached_property
    def _keeping_clear(self) -> Any:
        near = self.to_zone_m[self.edges].min(axis=1) < NEAR_ZONE_M
        return self._graph(self._lengths_m * np.where(near, DETOUR, 1.0))

    def _graph(self, weights: Floats) -> Any:
        size = len(self.xy)
        return csr_array((weights, (self.edges[:, 0], self.edges[:, 1])), shape=(size, size))


def town_of(roads: Iterable[Feature], zones: Iterable[Feature]) -> Town:
    """A town of GeoJSON features (WGS-84): LineStrings are roads where they share a vertex, zones are footprints.

    Only the largest connected part is kept, so that every address can be reached.
    """
    degrees, edges = _network([feature["geometry"] for feature in roads])
    vertices, edges = _largest_part(len(degrees), edges)
    lon, lat = (float(middle) for middle in degrees[vertices].mean(axis=0))
    scale = np.array([METRES_PER_DEGREE * cos(radians(lat)), METRES_PER_DEGREE])
    xy: Floats = (degrees[vertices] - (lon, lat)) * scale
    footprints = shapely.union_all([shape(feature["geometry"]) for feature in zones])
    local = shapely.transform(footprints, lambda points: (points - (lon, lat)) * scale)
    return Town(lon, lat, xy, edges, np.asarray(shapely.distance(local, shapely.points(xy))))


def _network(geometries: Iterable[Mapping[str, Any]]) -> tuple[Floats, Ints]:
    index: dict[tuple[float, float], int] = {}
    edges: set[tuple[int, int]] = set()
    for geometry in geometries:
        if geometry["type"] == "LineString":
            line = [index.setdefault((point[0], point[1]), len(index)) for point in geometry["coordinates"]]
            edges.update((min(ends), max(ends)) for ends in pairwise(line) if ends[0] != ends[1])
    if not edges:
        raise ValueError("a town needs at least one road (LineString)")
    return np.array(list(index)), np.array(sorted(edges))


def _largest_part(size: int, edges: Ints) -> tuple[Ints, Ints]:
    """The vertices of the largest connected part, and its edges numbered by them."""
    linked = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    _, part = connected_components(linked, directed=False)
    kept = part == np.bincount(part).argmax()
    renumbered = np.cumsum(kept) - 1
    return np.flatnonzero(kept), renumbered[edges[kept[edges[:, 0]]]]

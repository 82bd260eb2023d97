"""A real city's zones on a plane of metres, so that a truth can be walked in them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geofences.sources.files import read_zones
from geofences.zone import Zone

Floats = NDArray[np.float64]
NANJING = Path(__file__).parents[2] / "data/zones/nanjing_osm.geojson"
FAR_M = 400.0


@dataclass(frozen=True)
class Town:
    """Zones; places are metres east and north of their middle (azimuthal equidistant, 1 mm true over 5 km)."""

    zones: tuple[Zone, ...]

    @classmethod
    def read(cls, path: Path = NANJING) -> "Town":
        return cls(tuple(read_zones(path, None, rfc7946=True).zones))

    @cached_property
    def _middle(self) -> tuple[float, float]:
        at = shapely.get_coordinates([zone.footprint for zone in self.zones])
        return float(at[:, 0].mean()), float(at[:, 1].mean())

    @cached_property
    def _to_plane(self) -> Transformer:
        lon, lat = self._middle
        return Transformer.from_crs("EPSG:4326", f"+proj=aeqd +lon_0={lon} +lat_0={lat}", always_xy=True)

    @cached_property
    def shapes(self) -> list[shapely.Geometry]:
        """Footprints on the plane."""
        return [shapely.transform(zone.footprint, self._flat) for zone in self.zones]

    def _flat(self, at: Floats) -> Floats:
        return np.column_stack(self._to_plane.transform(at[:, 0], at[:, 1]))

    def plane(self, lonlat: Floats) -> Floats:
        """Places of degrees, shape (n, 2) -> (n, 2)."""
        return self._flat(lonlat)

    def lonlat(self, xy: Floats) -> tuple[Floats, Floats]:
        """Degrees of places, shape (n, 2) -> two of (n,)."""
        lons, lats = self._to_plane.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
        return np.asarray(lons), np.asarray(lats)

    def signed_m(self, row: int, xy: Floats) -> Floats:
        """Metres to the edge of a zone; what is farther than `FAR_M` is only said to be that."""
        west, south, east, north = self.shapes[row].bounds
        reach_m = self.zones[row].standoff_m + FAR_M
        inside = (xy[:, 0] > west - reach_m) & (xy[:, 0] < east + reach_m)
        near = np.flatnonzero(inside & (xy[:, 1] > south - reach_m) & (xy[:, 1] < north + reach_m))
        signed_m = np.full(len(xy), FAR_M)
        points = shapely.points(xy[near])
        signed_m[near] = np.minimum(shapely.distance(points, self.shapes[row]) - self.zones[row].standoff_m, FAR_M)
        return signed_m

    def place(self, row: int, signed_m: float, turn: float) -> Floats:
        """A place so many metres from the edge of a zone, at a share `turn` of the way round it."""
        away_m = max(self.zones[row].standoff_m + signed_m, 1.0)
        ring = shapely.buffer(self.shapes[row], away_m, quad_segs=32).exterior
        return shapely.get_coordinates(ring.interpolate(turn, normalized=True))[0]

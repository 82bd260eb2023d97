"""The azimuthal equidistant plane about a place: bearings and metres from it are those on the ellipsoid."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geofences.geodesy import Floats, geod


class LocalPlane:
    """Metres east and north of a place (WGS-84 degrees), by geodesics; elsewhere right to 1 in 10^6 near it."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat

    def to_metres(self, lon_lat: Floats) -> Floats:
        """Degrees (n, 2) -> metres (n, 2)."""
        azimuth, _, distance_m = geod().inv(*self._origin(lon_lat), lon_lat[:, 0], lon_lat[:, 1])
        angle = np.radians(azimuth)
        return np.column_stack((distance_m * np.sin(angle), distance_m * np.cos(angle)))

    def to_degrees(self, metres: Floats) -> Floats:
        """Metres (n, 2) -> degrees (n, 2); longitudes run on past 180 rather than jump."""
        azimuth = np.degrees(np.arctan2(metres[:, 0], metres[:, 1]))
        lon, lat, _ = geod().fwd(*self._origin(metres), azimuth, np.hypot(metres[:, 0], metres[:, 1]))
        unwrapped = self.lon + (np.asarray(lon) - self.lon + 180.0) % 360.0 - 180.0
        return np.column_stack((unwrapped, lat))

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in degrees on the plane."""
        return shapely.transform(shape, self.to_metres)

    def _origin(self, like: Floats) -> tuple[Floats, Floats]:
        return np.full(len(like), self.lon), np.full(len(like), self.lat)

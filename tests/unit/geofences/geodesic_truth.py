"""Independent answers: GeographicLib for metres, a search along each edge, a plane for inside or not."""

from itertools import pairwise
from math import cos, inf, radians, sin

import shapely
from geographiclib.geodesic import Geodesic

WGS84 = Geodesic.WGS84
_FINE = Geodesic.DISTANCE

WIDEST_M = 6_000_000.0


def metres(lon1, lat1, lon2, lat2):
    return WGS84.Inverse(lat1, lon1, lat2, lon2, _FINE)["s12"]


def destination(lon, lat, azimuth, distance_m):
    end = WGS84.Direct(lat, lon, azimuth, distance_m)
    return end["lon2"], end["lat2"]


def edge_m(lon, lat, start, end):
    """Least distance to a geodesic edge by golden-section search between its ends."""
    line = WGS84.InverseLine(start[1], start[0], end[1], end[0])

    def at(share):
        place = line.Position(share * line.s13)
        return metres(lon, lat, place["lon2"], place["lat2"])

    marks = 12
    best = min(range(marks + 1), key=lambda mark: at(mark / marks))
    low, high = max(best - 1, 0) / marks, min(best + 1, marks) / marks
    golden = 0.6180339887498949
    while (high - low) * line.s13 > 1e-3:
        one, other = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, other) if at(one) < at(other) else (one, high)
    return min(at((low + high) / 2), at(0.0), at(1.0))


def edges(shape):
    for part in shapely.get_parts(shape).tolist():
        if part.geom_type == "Point":
            yield (part.x, part.y), (part.x, part.y)
        else:
            rings = [part] if part.geom_type == "LineString" else [part.exterior, *part.interiors]
            for ring in rings:
                yield from zip(ring.coords[:-1], ring.coords[1:], strict=True)


def footprint_m(lon, lat, shape):
    """Geodesic metres from a place to a shape, 0 inside."""
    if shapely.get_dimensions(shape) == 2 and inside(lon, lat, shape):
        return 0.0
    return outline_m(lon, lat, shape)


def outline_m(lon, lat, shape):
    """Geodesic metres from a place to the edges of a shape, from within, too."""
    return min((edge_m(lon, lat, start, end) for start, end in edges(shape)), default=inf)


def inside(lon, lat, shape):
    """Even-odd rule on the azimuthal equidistant plane about the place, edges cut fine."""
    corner = shapely.get_coordinates(shape)[0]
    if WGS84.Inverse(lat, lon, corner[1], corner[0])["s12"] > WIDEST_M:
        return False  # seen from the other side of the earth every azimuth is as good
    odd = False
    for start, end in edges(shape):
        line = WGS84.InverseLine(start[1], start[0], end[1], end[0])
        count = max(1, min(200, int(line.s13 / 1000)))
        between = [line.Position(line.s13 * step / count) for step in range(1, count)]
        places = [start, *((place["lon2"], place["lat2"]) for place in between), end]
        flat = [_plane(lon, lat, *place) for place in places]
        for (x1, y1), (x2, y2) in pairwise(flat):
            if (y1 > 0) != (y2 > 0) and x1 + (x2 - x1) * y1 / (y1 - y2) > 0:
                odd = not odd
    return odd


def _plane(lon, lat, lon2, lat2):
    there = WGS84.Inverse(lat, lon, lat2, lon2, Geodesic.DISTANCE | Geodesic.AZIMUTH)
    return there["s12"] * sin(radians(there["azi1"])), there["s12"] * cos(radians(there["azi1"]))


def star(lon, lat, radii_m, turn=0.0):
    """A ring of places about a centre, at these distances and evenly spread azimuths."""
    count = len(radii_m)
    return [destination(lon, lat, turn + 360.0 * step / count, radius) for step, radius in enumerate(radii_m)]

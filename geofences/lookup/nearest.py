"""The nearest zone of each fix, however far: balls about the footprints narrow, metres decide."""

from typing import Any

import numpy as np

from geofences.geodesy import FLATTEST_RADIUS_M, Floats, Ints, ecef, geod, longest_arc_m
from geofences.lookup.shapes import Shapes

_FIXES_AT_ONCE = 20_000
_FAR_M = 50_000.0


class Nearest:
    """Search trees over the centres of footprints, one tree for each size class of them."""

    def __init__(self, shapes: Shapes) -> None:
        from scipy.spatial import cKDTree  # noqa: PLC0415 - a worker never asks this

        self.shapes = shapes
        self._ball_m = longest_arc_m(shapes.bounds.radius_m) + shapes.standoff_m
        size = np.log2(self._ball_m + 1.0).astype(int)
        self._trees: list[tuple[Ints, Any, float]] = []
        for each in np.unique(size):
            rows = np.flatnonzero(size == each)
            tree = cKDTree(shapes.bounds.centre[rows])
            self._trees.append((rows, tree, float(self._ball_m[rows].max())))

    def rows(self, lons: Floats, lats: Floats) -> tuple[Ints, Floats]:
        """For each fix the row of the zone with the least signed metres (the first of equals), and those metres."""
        row, signed_m = np.empty(len(lons), dtype=np.int64), np.empty(len(lons))
        for begin in range(0, len(lons), _FIXES_AT_ONCE):
            part = slice(begin, begin + _FIXES_AT_ONCE)
            row[part], signed_m[part] = self._part(lons[part], lats[part])
        return row, signed_m

    def _part(self, lons: Floats, lats: Floats) -> tuple[Ints, Floats]:
        fix = ecef(lons, lats)
        point, zone = self._candidates(fix, self._at_most_m(fix, lons, lats))
        away = fix[point] - self.shapes.bounds.centre[zone]
        metres = self.shapes.any_m(lons[point], lats[point], away, zone)
        signed_m = self.shapes.signed_m(metres, lons[point], lats[point], zone)
        order = np.lexsort((zone, signed_m, point))
        first = order[np.searchsorted(point[order], np.arange(len(lons)))]
        return zone[first], signed_m[first]

    def _at_most_m(self, fix: Floats, lons: Floats, lats: Floats) -> Floats:
        """The least signed metres can't be more than this."""
        bounds = self.shapes.bounds
        most = np.full(len(fix), np.inf)
        for rows, tree, _ in self._trees:
            chord, which = tree.query(fix)
            zone = rows[which]
            arc = longest_arc_m(chord)
            far = np.flatnonzero(chord > _FAR_M)
            if len(far):
                at = zone[far]
                arc[far] = geod().inv(lons[far], lats[far], bounds.lons[at], bounds.lats[at])[2]
            radius = longest_arc_m(bounds.radius_m[zone])
            most = np.minimum(most, arc + radius - self.shapes.standoff_m[zone])
        return most

    def _candidates(self, fix: Floats, most_m: Floats) -> tuple[Ints, Ints]:
        """Pairs of fix and zone, of which one is the nearest."""
        points, zones = [], []
        for rows, tree, ball_m in self._trees:
            found = tree.query_ball_point(fix, _longest_chord_m(most_m + ball_m), return_sorted=False)
            count = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
            if count.any():
                zone = rows[np.concatenate([np.asarray(each, dtype=np.int64) for each in found])]
                point = np.repeat(np.arange(len(fix)), count)
                away = fix[point] - self.shapes.bounds.centre[zone]
                chord = np.sqrt(np.einsum("ij,ij->i", away, away))
                kept = chord <= _longest_chord_m(most_m[point] + self._ball_m[zone])
                points.append(point[kept])
                zones.append(zone[kept])
        return np.concatenate(points), np.concatenate(zones)


def _longest_chord_m(arc_m: Floats) -> Floats:
    """Places no farther apart than this along the ground are no farther apart straight; 0.01 % and 1 m to spare."""
    half = np.clip(arc_m / (2.0 * FLATTEST_RADIUS_M), 0.0, np.pi / 2.0)
    return np.asarray(2.0 * FLATTEST_RADIUS_M * np.sin(half) * 1.0001 + 1.0)

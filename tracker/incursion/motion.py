"""How far a phone moved, and whether it can have."""

import math

from tracker.fix import Fix
from tracker.incursion.stay import Anchor

USABLE_ACCURACY_M = 100.0
"""Beyond this radius a fix says too little about a 200 m zone."""
TOP_SPEED_MPS = 70.0
"""250 km/h: above road traffic, below a fix thrown across the city."""
SLOW_MPS = 3.0
SLOW_TOP_MPS = 5.0
"""Who reports less than `SLOW_MPS` at both ends did not run faster than this between them."""
WALKING_MPS = 1.4
LEAPS_MAX = 2
"""The third leap in a row is believed: then it was the old place that was wrong, or the speeds."""
EARTH_RADIUS_M = 6_371_008.8


def usable(fix: Fix) -> Anchor | None:
    """The fix as detection uses it; None if its accuracy is unknown (missing, 0) or worse than 100 m."""
    accuracy_m = fix.accuracy_m
    if accuracy_m is None or not 0.0 < accuracy_m <= USABLE_ACCURACY_M:
        return None
    return Anchor(fix.fix_at, fix.lon, fix.lat, accuracy_m, fix.speed_mps)


def moved_m(start: Anchor, end: Anchor) -> float:
    """Metres between two fixes on a sphere: 0.6 % off the ellipsoid, enough for a gate, never for an edge."""
    dlat = math.radians(end.lat - start.lat)
    dlon = math.radians((end.lon - start.lon + 180.0) % 360.0 - 180.0)
    cosines = math.cos(math.radians(start.lat)) * math.cos(math.radians(end.lat))
    haversine = math.sin(dlat / 2) ** 2 + cosines * math.sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(haversine)))


def is_leap(start: Anchor, end: Anchor, distance_m: float) -> bool:
    """Whether the phone can't have moved so far: no car can, or it says at both ends that it is slow."""
    slow = _is_slow(start) and _is_slow(end)
    reach_m = (SLOW_TOP_MPS if slow else TOP_SPEED_MPS) * (end.at - start.at)
    return distance_m > reach_m + start.accuracy_m + end.accuracy_m


def _is_slow(anchor: Anchor) -> bool:
    return anchor.speed_mps is not None and anchor.speed_mps < SLOW_MPS


def silence_reach_m(start: Anchor, silent_s: float, distance_m: float = 0.0) -> float:
    """How far a phone may have gone in a silence: at its last known speed, or what brought it here."""
    speed_mps = WALKING_MPS if start.speed_mps is None else start.speed_mps
    return max(speed_mps * silent_s, distance_m)

"""How far a phone moved, and whether it can have."""

import math

from tracker.fix import Fix
from tracker.incursion.stay import Anchor

USABLE_ACCURACY_M = 100.0
"""Beyond this radius a fix says too little about a 200 m zone."""
EARTH_RADIUS_M = 6_371_008.8
TOP_SPEED_MPS = 70.0
"""250 km/h: above road traffic, below a fix thrown across the city."""
SLOW_MPS = 3.0
SLOW_TOP_MPS = 5.0
"""Who reports less than `SLOW_MPS` at both ends did not run faster than this between them."""
WALKING_MPS = 1.4
SPURT = 1.3
STARTING_M = 75.0
"""How far a car gets in 10 s from standing (1.5 m/s2), beyond what its speed so far explains."""
STARTING_S = 10.0
TOWN_MPS = 15.0
"""What is allowed to a phone of which no speed is known, for the first 10 s."""
ROAD_MPS = 30.0
"""And after that: who had time to get going may be on a fast road."""
LEAPS_MAX = 3
"""Glitches last up to three fixes. The fourth leap in a row is believed: then it was the old place that was wrong."""
MOVED_ON_M = 40.0
MOVED_ON_SHARE = 0.8
MOVED_ON_PACE = 0.5
"""A drive goes on about as fast as it leapt; a glitch creeps on with whoever carries the phone."""
LATEST_SHARE = 0.4
M_PER_DEG = math.radians(EARTH_RADIUS_M)
FLAT_DEG = 0.05
"""Up to here a sphere may be flat: below a millionth off, but round the poles."""


def usable(fix: Fix) -> Anchor | None:
    """The fix as detection uses it; None if its accuracy is unknown (missing, 0) or worse than 100 m."""
    accuracy_m = fix.accuracy_m
    if accuracy_m is None or not 0.0 < accuracy_m <= USABLE_ACCURACY_M:
        return None
    return Anchor(fix.fix_at, fix.lon, fix.lat, accuracy_m, fix.speed_mps)


def moved_m(start: Anchor, end: Anchor) -> float:
    """Metres between two fixes on a sphere: 0.6 % off the ellipsoid, enough for a gate, never for an edge."""
    north_deg, east_deg = end.lat - start.lat, (end.lon - start.lon + 180.0) % 360.0 - 180.0
    if -FLAT_DEG < north_deg < FLAT_DEG and -FLAT_DEG < east_deg < FLAT_DEG:
        return M_PER_DEG * math.hypot(north_deg, east_deg * math.cos(math.radians(start.lat + 0.5 * north_deg)))
    dlat, dlon = math.radians(north_deg), math.radians(east_deg)
    cosines = math.cos(math.radians(start.lat)) * math.cos(math.radians(end.lat))
    haversine = math.sin(dlat / 2) ** 2 + cosines * math.sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(haversine)))


Drift = tuple[float, float]
"""Mean velocity east and north of late, metres per second."""


def drift_of(before: Drift | None, start: Anchor, end: Anchor) -> Drift:
    """The drift after a step from one believed fix to the next; single errors cancel out in it."""
    per_s = M_PER_DEG / (end.at - start.at)
    dlon = (end.lon - start.lon + 180.0) % 360.0 - 180.0
    east, north = dlon * per_s * math.cos(math.radians(end.lat)), (end.lat - start.lat) * per_s
    if before is None:
        return east, north
    return before[0] + LATEST_SHARE * (east - before[0]), before[1] + LATEST_SHARE * (north - before[1])


def is_leap(start: Anchor, end: Anchor, distance_m: float, silent_s: float, drift: Drift | None) -> bool:
    """Whether the phone can't have moved so far in this silence, for all that is known of its speed."""
    beyond_m = distance_m - start.accuracy_m - end.accuracy_m
    return beyond_m > 0.0 and beyond_m > min(TOP_SPEED_MPS * silent_s, _reach_m(start, end, silent_s, drift))


def _reach_m(start: Anchor, end: Anchor, silent_s: float, drift: Drift | None) -> float:
    if _is_slow(start) and _is_slow(end):
        return SLOW_TOP_MPS * silent_s
    known = [anchor.speed_mps for anchor in (start, end) if anchor.speed_mps is not None]
    soon_s, late_s = min(silent_s, STARTING_S), max(silent_s - STARTING_S, 0.0)
    if not known and drift is None:
        return TOWN_MPS * soon_s + ROAD_MPS * late_s
    speed_mps = max(known) if known else math.hypot(*(drift or (0.0, 0.0)))
    return SPURT * speed_mps * silent_s + STARTING_M * (soon_s / STARTING_S) ** 2 + ROAD_MPS * late_s


def moved_on(start: Anchor, leapt: Anchor, end: Anchor) -> bool:
    """Whether what looked like a leap began a drive: it goes on the same way and as fast. A glitch stays."""
    leap_m, on_m, far_m = moved_m(start, leapt), moved_m(leapt, end), moved_m(start, end)
    leap_s, on_s = leapt.at - start.at, end.at - leapt.at
    straight = far_m >= MOVED_ON_SHARE * (leap_m + on_m)
    kept_up = on_m * leap_s >= MOVED_ON_PACE * leap_m * on_s
    return straight and kept_up and MOVED_ON_M <= on_m <= TOP_SPEED_MPS * on_s


def _is_slow(anchor: Anchor) -> bool:
    return anchor.speed_mps is not None and anchor.speed_mps < SLOW_MPS


def silence_reach_m(start: Anchor, silent_s: float, distance_m: float = 0.0) -> float:
    """How far a phone may have gone in a silence: at its last known speed, or what brought it here."""
    speed_mps = WALKING_MPS if start.speed_mps is None else start.speed_mps
    return max(speed_mps * silent_s, distance_m)

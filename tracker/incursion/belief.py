"""What is believed of one phone near zones: where it is, how it moves and by how much it errs.

A phone that errs by 20 m errs by 20 m again ten seconds later, so ten such fixes are one witness and no proof. So the
error is a quantity of its own, beside the place (`kalman`). Of a phone that stands the errors average out; of one
that walks in, the walk goes on while an error turns back. Which of the two it is, its own speed says; where it gives
none, both are followed and weighed by how well they foretell the next fix. What a phone claims of its accuracy is
weighed against how much its fixes scatter.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from tracker.incursion.kalman import WHITE_M, Mode, Step, at_first, corrected, mixed, moved, stood

ERROR_TIME_S = 42.0
"""Time constant of the error of phones in streets: 30 to 60 s."""
LEAST_SIGMA_M = 4.0
FORGET_S = 300.0
"""After a longer silence nothing that was believed of the error or the velocity holds."""
STANDING_MPS = 0.4
"""Who says less than this stands."""
WALK_VAR = 0.81
"""Variance of the velocity of somebody on foot, each axis, (m/s)2."""
HOLD_S = 100.0
HOLD_MPS = 6.0
"""A walk goes on as it is for about `HOLD_S`; at `HOLD_MPS` turns come twice as often."""
START_S = 400.0
STOP_S = 60.0
"""How long somebody of whom no speed is known stands and walks, about."""
UNSEEN_MOVE_PER_S = 0.0005
UNSEEN_MOVE_M = 40.0
"""Whoever stood at both fixes may have moved between them: how often, and how far within 20 s."""
NOISE_SHARE = 0.6
SCATTER_FIXES = 12.0
SCATTER_CLIP = 6.0
SCATTER_SPAN = (0.3, 9.0)
SCATTER_BELOW_MPS = 5.0
STEPS_ALIKE = 3.0
STEP_MAX_S = 60.0
SURE = 1e-6
AHEAD_S = 6.0
AHEAD_M = 10.0
"""Who says that they move is taken to be so far ahead: who walks in is known sooner, who stands at the edge is not."""
NORTH_M = math.radians(6_371_008.8)
"""Metres in a degree of latitude."""


class Seen(NamedTuple):
    """A usable fix as the filter sees it: place, claimed error along one axis, seconds since the last, speeds.

    `drift_mps`: how fast it has gone of late by its places; None where nothing is known of that.
    """

    lon: float
    lat: float
    sigma_m: float
    since_s: float
    speed_mps: float | None
    drift_mps: float | None


class Belief(NamedTuple):
    """Both modes and the share of `standing`, in metres from an origin (degrees; `east_m` metres per degree).

    `best`: the two as one. `speed_mps`: as the phone said last. `x` to `slope_y`: the last fix and how it got there,
    for the scatter, which is measured / claimed variance.
    """

    lon: float
    lat: float
    east_m: float
    standing: Mode
    moving: Mode
    best: Mode
    share: float
    speed_mps: float | None
    x: float = 0.0
    y: float = 0.0
    step_s: float = 0.0
    slope_x: float = 0.0
    slope_y: float = 0.0
    scatter: float = 1.0

    @property
    def place(self) -> tuple[float, float]:
        """Lon, lat where the phone is believed to be, a few steps ahead if it says that it moves."""
        x, y = self._ahead
        return self.lon + x / self.east_m, self.lat + y / NORTH_M

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the believed place along any line."""
        return math.sqrt(self.best.place_var)

    @property
    def off_m(self) -> float:
        """Metres from the last fix to that place."""
        x, y = self._ahead
        return math.hypot(x - self.x, y - self.y)

    @property
    def _ahead(self) -> tuple[float, float]:
        best = self.best
        if self.speed_mps is None:
            return best.x, best.y
        ahead_s = min(AHEAD_S, AHEAD_M / max(math.hypot(best.vx, best.vy), 1.0))
        return best.x + ahead_s * best.vx, best.y + ahead_s * best.vy

    def to_json(self) -> list[Any]:
        """Plain lists; floats stay exact."""
        return [list(value) if isinstance(value, Mode) else value for value in self]

    @classmethod
    def from_json(cls, content: Sequence[Any]) -> Self:
        """The inverse of `to_json`."""
        lon, lat, east_m, standing, moving, best, *rest = content
        return cls(lon, lat, east_m, Mode(*standing), Mode(*moving), Mode(*best), *rest)


def first_belief(seen: Seen, scatter: float = 1.0) -> Belief:
    """After one fix: there, as far off as it may err. `scatter` is what was measured of the phone before."""
    speed_mps = seen.speed_mps
    velocity_var = 1.0 if speed_mps is None else max(0.5 * speed_mps**2, 0.05)
    mode = at_first(max(seen.sigma_m * math.sqrt(scatter), LEAST_SIGMA_M), velocity_var)
    share = 0.5 if speed_mps is None else SURE if speed_mps >= STANDING_MPS else 1.0 - SURE
    standing = mode._replace(velocity_var=0.0)
    east_m = NORTH_M * math.cos(math.radians(seen.lat))
    return Belief(seen.lon, seen.lat, east_m, standing, mode, mode, share, speed_mps, scatter=scatter)


def next_belief(was: Belief, seen: Seen) -> Belief:
    """Fold one more fix into what was believed."""
    since_s = seen.since_s
    if since_s > FORGET_S:
        return first_belief(seen, was.scatter)
    x = ((seen.lon - was.lon + 180.0) % 360.0 - 180.0) * was.east_m
    y = (seen.lat - was.lat) * NORTH_M
    error_var = max(seen.sigma_m * seen.sigma_m * was.scatter, LEAST_SIGMA_M * LEAST_SIGMA_M)
    step = Step(since_s, math.exp(-since_s / ERROR_TIME_S), error_var)
    if seen.speed_mps is None:
        fast_mps = max(0.0, (seen.drift_mps or 0.0) - NOISE_SHARE * math.sqrt(error_var) / max(since_s, 1.0))
        standing, moving, best, share = _by_places(was, step, fast_mps, x, y)
    else:
        before_mps = seen.speed_mps if was.speed_mps is None else was.speed_mps
        fast_mps = max(seen.speed_mps, before_mps)
        standing, moving, best, share = _by_speed(was, step, before_mps, seen.speed_mps, x, y)
    slope_x, slope_y = (x - was.x) / since_s, (y - was.y) / since_s
    scatter = was.scatter
    if fast_mps < SCATTER_BELOW_MPS and _are_alike(was.step_s, since_s):
        bend = _bend(was, step, slope_x, slope_y, seen.sigma_m)
        scatter = _within(scatter + (min(bend, SCATTER_CLIP * scatter) - scatter) / SCATTER_FIXES)
    return Belief(
        was.lon, was.lat, was.east_m, standing, moving, best, share, seen.speed_mps,
        x, y, since_s, slope_x, slope_y, scatter,
    )  # fmt: skip


def _are_alike(before_s: float, since_s: float) -> bool:
    """Whether two steps can be compared, and there were two."""
    return since_s <= STEP_MAX_S and before_s <= since_s * STEPS_ALIKE <= before_s * STEPS_ALIKE * STEPS_ALIKE


def _within(scatter: float) -> float:
    low, high = SCATTER_SPAN
    return min(max(scatter, low), high)


Modes = tuple[Mode, Mode, Mode, float]
"""Standing, moving, both as one, the share of standing."""


def _by_places(was: Belief, step: Step, fast_mps: float, x: float, y: float) -> Modes:
    """No speed is known: follow both and see which foretells the fix."""
    start = 1.0 - math.exp(-step.seconds / START_S)
    stop = 1.0 - math.exp(-step.seconds / STOP_S)
    still, starting = was.share * (1.0 - start), was.share * start
    stopping, going = (1.0 - was.share) * stop, (1.0 - was.share) * (1.0 - stop)
    standing = mixed(was.standing, was.moving, still / (still + stopping))
    begun = was.standing._replace(velocity_var=WALK_VAR)
    moving = mixed(begun, was.moving, starting / (starting + going))
    velocity_var = max(WALK_VAR, 0.5 * fast_mps * fast_mps)
    if 0.5 * fast_mps * fast_mps > 4.0 * moving.velocity_var:
        moving = moving._replace(velocity_var=velocity_var)
    standing, stands = corrected(stood(standing, step), x, y)
    moving, moves = corrected(moved(moving, step, velocity_var, _hold_s(fast_mps)), x, y)
    share = _share(still + stopping, stands, moves)
    return standing, moving, mixed(standing, moving, share), share


def _by_speed(was: Belief, step: Step, before_mps: float, now_mps: float, x: float, y: float) -> Modes:
    """The phone says how fast it is: at this fix and at the one before."""
    fast_mps, best = max(before_mps, now_mps), was.best
    if fast_mps < STANDING_MPS:
        loose_var = UNSEEN_MOVE_M * UNSEEN_MOVE_M * min(step.seconds / 20.0, 1.0)
        standing, stands = corrected(stood(best, step), x, y)
        moving, moves = corrected(stood(best, step, loose_var), x, y)
        share = _share(1.0 - UNSEEN_MOVE_PER_S * step.seconds, stands, moves)
        return standing, moving, mixed(standing, moving, share), share
    velocity_var = 0.5 * fast_mps * fast_mps
    if before_mps < STANDING_MPS:  # whither nobody knows
        velocity = max(best.velocity_var, 0.5 * velocity_var)
        best = best._replace(velocity_var=velocity, place_velocity=0.0, velocity_error=0.0)
    loose_var = ((now_mps - before_mps) * step.seconds) ** 2 / 12.0
    moving, _ = corrected(moved(best, step, velocity_var, _hold_s(fast_mps), loose_var), x, y)
    velocity_mps = math.hypot(moving.vx, moving.vy)
    if now_mps < STANDING_MPS:
        moving = moving._replace(vx=0.0, vy=0.0, velocity_var=0.02, place_velocity=0.0, velocity_error=0.0)
    elif velocity_mps > now_mps:
        slower = now_mps / velocity_mps
        moving = moving._replace(vx=moving.vx * slower, vy=moving.vy * slower)
    return moving, moving, moving, SURE


def _hold_s(fast_mps: float) -> float:
    return HOLD_S / (1.0 + fast_mps / HOLD_MPS)


def _share(standing: float, stands: float, moves: float) -> float:
    """How likely standing is after the fix; never quite sure."""
    odds = (1.0 - standing) / standing * math.exp(min(moves - stands, 50.0))
    return min(max(1.0 / (1.0 + odds), SURE), 1.0 - SURE)


def _bend(was: Belief, step: Step, slope_x: float, slope_y: float, sigma_m: float) -> float:
    """The square of a second difference over what the claimed error makes of it: 1 when the claim is honest.

    A second difference, because an even walk leaves none.
    """
    bend_x, bend_y = (slope_x - was.slope_x) * step.seconds, (slope_y - was.slope_y) * step.seconds
    ratio = step.seconds / was.step_s
    here, before = step.keep, math.exp(-was.step_s / ERROR_TIME_S)
    middle = -(1.0 + ratio)
    weights = 1.0 + middle * middle + ratio * ratio
    kept = weights + 2.0 * middle * here + 2.0 * middle * ratio * before + 2.0 * ratio * here * before
    return (bend_x * bend_x + bend_y * bend_y) / (2.0 * (sigma_m * sigma_m * kept + WHITE_M * WHITE_M * weights))

"""Two ways in which a phone may be moving, as Kalman filters over place, velocity and error.

Both axes are alike and independent, so they share one covariance: six numbers for two means of three. The error is
a Gauss-Markov process (Brown and Hwang, Introduction to Random Signals, ch. 5 and 9), and so is the velocity. The
mixture of the two modes is the interacting multiple model of Blom and Bar-Shalom (1988).
"""

import math
from typing import NamedTuple

WHITE_M = 2.0
"""What differs from fix to fix at random."""
WANDER_VAR = 0.04
"""A standing phone may still drift: square metres a second."""


class Mode(NamedTuple):
    """Metres east and north, velocity, error of the phone on each; then their variances and covariances."""

    x: float
    y: float
    vx: float
    vy: float
    ex: float
    ey: float
    place_var: float
    place_velocity: float
    place_error: float
    velocity_var: float
    velocity_error: float
    error_var: float


class Step(NamedTuple):
    """What happens in the time to the next fix: how much of the error stays, and how large a new one is (variance)."""

    seconds: float
    keep: float
    error_var: float

    @property
    def fresh_var(self) -> float:
        """The variance that the error gains."""
        return (1.0 - self.keep * self.keep) * self.error_var


def at_first(sigma_m: float, velocity_var: float) -> Mode:
    """After one fix, at the origin: as far off as it may err."""
    error_var = sigma_m * sigma_m
    return Mode(
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, error_var + WHITE_M * WHITE_M, 0.0, -error_var, velocity_var, 0.0, error_var
    )  # fmt: skip


def stood(was: Mode, step: Step, loose_var: float = 0.0) -> Mode:
    """The phone did not move, but for `loose_var` (m2)."""
    x, y, _, _, ex, ey, place_var, _, place_error, _, _, error_var = was
    seconds, keep, _ = step
    return Mode(
        x, y, 0.0, 0.0, keep * ex, keep * ey,
        place_var + WANDER_VAR * seconds + loose_var, 0.0, keep * place_error,
        0.0, 0.0, keep * keep * error_var + step.fresh_var,
    )  # fmt: skip


def moved(was: Mode, step: Step, velocity_var: float, hold_s: float, loose_var: float = 0.0) -> Mode:
    """The phone moved: its velocity of variance `velocity_var` (m2/s2, each axis) lasts for about `hold_s`."""
    x, y, vx, vy, ex, ey, place_var, place_velocity, place_error, was_var, velocity_error, error_var = was
    seconds, keep, _ = step
    hold = math.exp(-seconds / hold_s)
    reach_s, fresh_var = 0.5 * seconds * (1.0 + hold), (1.0 - hold * hold) * velocity_var
    grown_var = 2.0 * reach_s * place_velocity + reach_s * reach_s * was_var + 0.25 * seconds * seconds * fresh_var
    return Mode(
        x + reach_s * vx, y + reach_s * vy, hold * vx, hold * vy, keep * ex, keep * ey,
        place_var + grown_var + WANDER_VAR * seconds + loose_var,
        hold * (place_velocity + reach_s * was_var) + 0.5 * seconds * fresh_var,
        keep * (place_error + reach_s * velocity_error),
        hold * hold * was_var + fresh_var, keep * hold * velocity_error,
        keep * keep * error_var + step.fresh_var,
    )  # fmt: skip


def corrected(was: Mode, x_m: float, y_m: float) -> tuple[Mode, float]:
    """The mode after a fix, and the logarithm of how likely the fix was (less a constant)."""
    x, y, vx, vy, ex, ey, place_var, place_velocity, place_error, velocity_var, velocity_error, error_var = was
    place, velocity, error = place_var + place_error, place_velocity + velocity_error, place_error + error_var
    spread = place + error + WHITE_M * WHITE_M
    to_place, to_velocity, to_error = place / spread, velocity / spread, error / spread
    off_x, off_y = x_m - x - ex, y_m - y - ey
    now = Mode(
        x + to_place * off_x, y + to_place * off_y,
        vx + to_velocity * off_x, vy + to_velocity * off_y,
        ex + to_error * off_x, ey + to_error * off_y,
        place_var - to_place * place, place_velocity - to_place * velocity, place_error - to_place * error,
        velocity_var - to_velocity * velocity, velocity_error - to_velocity * error, error_var - to_error * error,
    )  # fmt: skip
    return now, -0.5 * (off_x * off_x + off_y * off_y) / spread - math.log(spread)


def mixed(one: Mode, other: Mode, share: float) -> Mode:
    """The two as one, `share` of it `one`: the covariances grow by how far the means are apart."""
    rest = 1.0 - share
    x, y, vx, vy, ex, ey, *of_one = one
    other_x, other_y, other_vx, other_vy, other_ex, other_ey, *of_other = other
    dx, dy, dvx, dvy, dex, dey = x - other_x, y - other_y, vx - other_vx, vy - other_vy, ex - other_ex, ey - other_ey
    apart = 0.5 * share * rest
    place_var, place_velocity, place_error, velocity_var, velocity_error, error_var = of_one
    place_var2, place_velocity2, place_error2, velocity_var2, velocity_error2, error_var2 = of_other
    return Mode(
        other_x + share * dx, other_y + share * dy, other_vx + share * dvx, other_vy + share * dvy,
        other_ex + share * dex, other_ey + share * dey,
        share * place_var + rest * place_var2 + apart * (dx * dx + dy * dy),
        share * place_velocity + rest * place_velocity2 + apart * (dx * dvx + dy * dvy),
        share * place_error + rest * place_error2 + apart * (dx * dex + dy * dey),
        share * velocity_var + rest * velocity_var2 + apart * (dvx * dvx + dvy * dvy),
        share * velocity_error + rest * velocity_error2 + apart * (dvx * dex + dvy * dey),
        share * error_var + rest * error_var2 + apart * (dex * dex + dey * dey),
    )  # fmt: skip

"""What is believed of one phone's distance to one edge: a Kalman filter that knows the errors are correlated.

A phone that errs by 20 m errs by 20 m again ten seconds later, so ten such fixes are one witness and no proof. The
filter holds two numbers, the true signed distance and the error of the phone, an AR(1) process (Gauss-Markov; Brown
and Hwang, Introduction to Random Signals, ch. 5 and 9). While the phone stands, its errors average out; while
it moves, the depth must exceed them. What it claims of its accuracy is weighed against how much it scatters.
"""

import math
from typing import NamedTuple

ERROR_TIME_S = 45.0
"""Time constant of the error of phones in streets: 30 to 60 s."""
SAME_ERROR_S = 8.0
"""Fixes closer together than this are the same error: the second is no second witness."""
WHITE_M = 2.0
"""What differs from fix to fix at random."""
LEAST_SIGMA_M = 4.0
WANDER_MPS = 0.3
"""A standing phone may still drift: metres per square root of a second."""
DEPTH_MARGIN_M = 11.0
"""The edge is taken to be this much further in: an entry of 30 m is to be found, a graze is not to be guessed."""
ENTRY_SIGMAS = 1.0
EXIT_SIGMAS = 1.65
"""Deviations of the belief from the (moved) edge that amount to P = 0.95 and P = 0.05."""
P95_SIGMAS = 1.645
MOST_SIGMAS = 3.1
SCATTER_FIXES = 12.0
SCATTER_CLIP = 6.0
SCATTER_SPAN = (0.6, 9.0)
WALK_MPS = 3.0
STEPS_ALIKE = 3.0
STEP_MAX_S = 60.0


class Belief(NamedTuple):
    """Signed metres and error, their variances and covariance; the last fix and slope; measured / claimed variance.

    `side_s`: for how long fixes have been on this side of the edge.
    """

    signed_m: float
    error_m: float
    signed_var: float
    error_var: float
    covariance: float
    last_m: float
    step_s: float = 0.0
    slope_mps: float = 0.0
    scatter: float = 1.0
    side_s: float = 0.0

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the believed distance."""
        return math.sqrt(self.signed_var)


def first_belief(signed_m: float, sigma_m: float) -> Belief:
    """After one fix: as far off as it may err."""
    sigma_m = max(sigma_m, LEAST_SIGMA_M)
    error_var = sigma_m * sigma_m
    return Belief(signed_m, 0.0, error_var + WHITE_M * WHITE_M, error_var, -error_var, signed_m)


def next_belief(was: Belief, signed_m: float, sigma_m: float, step_s: float, pace_mps: float) -> Belief:
    """Fold one more fix, `step_s` after the last, of a phone that moves at about `pace_mps`."""
    slope_mps = (signed_m - was.last_m) / step_s
    scatter = was.scatter
    if pace_mps < WALK_MPS and step_s <= STEP_MAX_S and was.step_s <= step_s * STEPS_ALIKE <= was.step_s * 9.0:
        scatter += (min(_bend(was, slope_mps, step_s, sigma_m), SCATTER_CLIP) - scatter) / SCATTER_FIXES
    low, high = SCATTER_SPAN
    error_var = max(sigma_m * sigma_m * min(max(scatter, low), high), LEAST_SIGMA_M * LEAST_SIGMA_M)
    keep = math.exp(-step_s / ERROR_TIME_S)
    # Predict.
    error_m, covariance = keep * was.error_m, keep * was.covariance
    error_var = keep * keep * was.error_var + (1.0 - keep * keep) * error_var
    signed_var = was.signed_var + (pace_mps * step_s) ** 2 + WANDER_MPS * WANDER_MPS * step_s
    # Correct.
    surprise_m = signed_m - was.signed_m - error_m
    spread = signed_var + 2.0 * covariance + error_var + WHITE_M * WHITE_M
    signed_share, error_share = (signed_var + covariance) / spread, (error_var + covariance) / spread
    side_s = was.side_s + step_s if (signed_m <= 0.0) == (was.last_m <= 0.0) else 0.0
    return Belief(
        was.signed_m + signed_share * surprise_m,
        error_m + error_share * surprise_m,
        signed_var - signed_share * (signed_var + covariance),
        error_var - error_share * (error_var + covariance),
        covariance - signed_share * (error_var + covariance),
        signed_m,
        step_s,
        slope_mps,
        scatter,
        side_s,
    )


def _bend(was: Belief, slope_mps: float, step_s: float, sigma_m: float) -> float:
    """The square of a second difference over what the claimed error makes of it: 1 when the claim is honest.

    A second difference, because an even walk towards the edge leaves none.
    """
    bend_m = (slope_mps - was.slope_mps) * step_s
    ratio = step_s / was.step_s
    here, before = math.exp(-step_s / ERROR_TIME_S), math.exp(-was.step_s / ERROR_TIME_S)
    middle = -(1.0 + ratio)
    weights = 1.0 + middle * middle + ratio * ratio
    kept = weights + 2.0 * middle * here + 2.0 * middle * ratio * before + 2.0 * ratio * here * before
    return bend_m * bend_m / (sigma_m * sigma_m * kept + WHITE_M * WHITE_M * weights)


def log_odds(now: Belief) -> float:
    """Log-odds of being inside, as told. One fix is never proof: a side is taken once fixes agree for a while."""
    sigmas = -(now.signed_m + DEPTH_MARGIN_M) / now.sigma_m
    inside, agreed = now.last_m <= 0.0, now.side_s >= SAME_ERROR_S
    if sigmas > 0.0 and not (inside and agreed):
        sigmas = 0.0
    if sigmas < -1.0 and (inside or not agreed) and now.step_s:
        sigmas = -1.0
    scaled = sigmas * P95_SIGMAS / (ENTRY_SIGMAS if sigmas > 0.0 else EXIT_SIGMAS)
    inside_p = 0.5 * math.erfc(-min(max(scaled, -MOST_SIGMAS), MOST_SIGMAS) / math.sqrt(2.0))
    return math.log(inside_p / (1.0 - inside_p))

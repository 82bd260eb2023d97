"""Signed metres to the edge and a claimed accuracy -> the probability of being inside.

A fix is taken as the truth plus a round normal error. `sigma_m` is its standard deviation along one axis; what a
phone reports is a radius, and what share of fixes it holds differs by maker: 68 % on Android (`Location.getAccuracy`),
the 2-D root mean square on iOS (`horizontalAccuracy`, 63 to 68 %), 95 % in browsers (W3C Geolocation).
"""

from functools import cache
from math import asin, cos, erf, erfc, exp, isfinite, pi, sin, sqrt
from typing import Literal

import numpy as np

Platform = Literal["android", "ios", "browser"]
SIGMAS_IN_RADIUS: dict[str, float] = {"android": 1.51, "ios": 1.414, "browser": 2.45}
LEAST_SIGMA_M = 3.0
LONG_EDGE = 30.0  # a disc this many sigmas wide is told from a bent edge by less than 0.0001
_NODES = 32
_TAIL = 9.0  # sigmas beyond which nothing is left that matters


def sigma_m(accuracy_m: float, platform: str = "android") -> float:
    """Standard deviation along one axis, in metres, of a fix of this accuracy; at least 3 m.

    An unknown platform is taken as the one with the widest error, iOS. Accuracy 0, negative or not a number
    means unknown, never perfect: ValueError.
    """
    if not (isfinite(accuracy_m) and accuracy_m > 0.0):
        raise ValueError(f"Accuracy {accuracy_m} is unknown: such a fix neither confirms nor clears.")
    return max(accuracy_m / SIGMAS_IN_RADIUS.get(platform, SIGMAS_IN_RADIUS["ios"]), LEAST_SIGMA_M)


def p_inside(signed_m: float, sigma_m: float, disc_m: float | None = None) -> float:
    """Probability that a fix measured `signed_m` from an edge is truly inside it.

    For an edge long against sigma that is Phi(-d / sigma). The edge of a point zone is a circle of radius `disc_m`
    (its standoff), where the probability is that of the exact disc: the non-central chi-square distribution.
    """
    if disc_m is None:
        return 0.5 * erfc(signed_m / (sigma_m * sqrt(2.0)))
    if disc_m <= 0.0:
        return 0.0
    if disc_m > LONG_EDGE * sigma_m:
        # The mean distance of a scattered fix from the centre is longer by sigma2 / 2r: the curve of the edge.
        bent_m = signed_m + sigma_m * sigma_m / (2.0 * max(disc_m + signed_m, disc_m / 2.0))
        return 0.5 * erfc(bent_m / (sigma_m * sqrt(2.0)))
    return _p_in_disc((signed_m + disc_m) / sigma_m, disc_m / sigma_m)


def _p_in_disc(centre: float, radius: float) -> float:
    """Mass of the unit normal in a disc, both in sigmas: strips across it, by Gauss and Legendre."""
    low, high = max(-radius, centre - _TAIL), min(radius, centre + _TAIL)
    if low >= high:
        return 0.0
    # x = radius * sin(t) takes the square root out of the strip's length at the rim.
    start, stop = asin(low / radius), asin(high / radius)
    half, middle = (stop - start) / 2.0, (stop + start) / 2.0
    total = 0.0
    for node, weight in _gauss_legendre():
        turn = middle + half * node
        along, across = radius * sin(turn), radius * cos(turn)
        total += weight * exp(-0.5 * (along - centre) ** 2) * erf(across / sqrt(2.0)) * across
    return min(1.0, total * half / sqrt(2.0 * pi))


@cache
def _gauss_legendre() -> tuple[tuple[float, float], ...]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return tuple(zip(nodes.tolist(), weights.tolist(), strict=True))

"""What a phone claims of its accuracy -> the standard deviation of its error.

A fix is taken as the truth plus a round normal error. `sigma_m` is its standard deviation along one axis; what a
phone reports is a radius, and what share of fixes it holds differs by maker: 68 % on Android (`Location.getAccuracy`),
the 2-D root mean square on iOS (`horizontalAccuracy`, 63 to 68 %), 95 % in browsers (W3C Geolocation).
"""

from math import isfinite
from typing import Literal

Platform = Literal["android", "ios", "browser"]
SIGMAS_IN_RADIUS: dict[str, float] = {"android": 1.51, "ios": 1.414, "browser": 2.45}
LEAST_SIGMA_M = 3.0


def sigma_m(accuracy_m: float, platform: str = "android") -> float:
    """Standard deviation along one axis, in metres, of a fix of this accuracy; at least 3 m.

    An unknown platform is taken as the one with the widest error, iOS. Accuracy 0, negative or not a number
    means unknown, never perfect: ValueError.
    """
    if not (isfinite(accuracy_m) and accuracy_m > 0.0):
        raise ValueError(f"Accuracy {accuracy_m} is unknown: such a fix neither confirms nor clears.")
    return max(accuracy_m / SIGMAS_IN_RADIUS.get(platform, SIGMAS_IN_RADIUS["ios"]), LEAST_SIGMA_M)

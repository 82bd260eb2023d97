import numpy as np
import pytest

from geofences.containment import LEAST_SIGMA_M, sigma_m


@pytest.mark.parametrize(
    ("platform", "share_percent", "radius_m"), [("android", 68.0, 30.0), ("ios", 63.2, 30.0), ("browser", 95.0, 30.0)]
)
def test_sigma_gives_the_share_of_fixes_that_the_maker_claims(platform, share_percent, radius_m):
    sigma = sigma_m(radius_m, platform)
    held = 1.0 - np.exp(-0.5 * (radius_m / sigma) ** 2)
    assert held * 100.0 == pytest.approx(share_percent, abs=0.3)


def test_sigma_has_a_floor_and_unknown_platforms_are_the_vaguest():
    assert sigma_m(1.0) == LEAST_SIGMA_M
    assert sigma_m(50.0, "toaster") == max(sigma_m(50.0, name) for name in ("android", "ios", "browser"))


@pytest.mark.parametrize("accuracy_m", [0.0, -1.0, float("nan"), float("inf")])
def test_unknown_accuracy_is_never_perfect(accuracy_m):
    with pytest.raises(ValueError, match="unknown"):
        sigma_m(accuracy_m)

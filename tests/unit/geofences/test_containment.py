import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ncx2, norm

from geofences.containment import LEAST_SIGMA_M, p_inside, sigma_m

SIGMAS = st.floats(3.0, 100.0)


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


@given(st.floats(-500, 500), SIGMAS)
def test_straight_edge_is_the_normal_distribution(signed_m, sigma):
    assert p_inside(signed_m, sigma) == pytest.approx(norm.cdf(-signed_m / sigma), abs=1e-12)


@given(st.floats(-1, 3), SIGMAS, st.floats(1, 3000))
def test_disc_is_the_non_central_chi_square(share, sigma, disc_m):
    signed_m = share * disc_m
    exact = ncx2.cdf((disc_m / sigma) ** 2, 2, ((signed_m + disc_m) / sigma) ** 2)
    assert p_inside(signed_m, sigma, disc_m) == pytest.approx(exact, abs=1.5e-4)


@given(SIGMAS, st.floats(10, 1000), st.floats(-1, 2), st.floats(0, 1))
def test_farther_out_is_never_likelier(sigma, disc_m, share, further):
    near, far = share * disc_m, (share + further) * disc_m
    assert p_inside(near, sigma) >= p_inside(far, sigma)
    assert p_inside(near, sigma, disc_m) >= p_inside(far, sigma, disc_m) - 1e-4


def test_certain_where_far_and_even_on_the_edge():
    assert p_inside(0.0, 10.0) == 0.5
    assert p_inside(-200.0, 5.0, 200.0) == pytest.approx(1.0, abs=1e-9)
    assert p_inside(5000.0, 5.0, 200.0) == 0.0
    assert p_inside(10.0, 5.0, 0.0) == 0.0
    assert p_inside(0.0, 60.0, 200.0) < 0.5

"""What is believed of a phone: how far it errs, whether it walks, and what one fix may change."""

import math
from itertools import pairwise
from random import Random

import pytest

from tests.builders import COURT
from tracker.incursion.belief import NORTH_M, Belief, Seen, first_belief, next_belief

EAST_M = NORTH_M * math.cos(math.radians(COURT[1]))


def seen(east_m, north_m=0.0, *, since_s=10.0, sigma_m=12.0, speed_mps=None, drift_mps=None, at=COURT):
    lon = (at[0] + east_m / EAST_M + 180.0) % 360.0 - 180.0
    return Seen(lon, at[1] + north_m / NORTH_M, sigma_m, since_s, speed_mps, drift_mps)


def believed(fixes) -> Belief:
    first, *others = fixes
    belief = first_belief(first)
    for fix in others:
        belief = next_belief(belief, fix)
    return belief


def east_m(belief, at=COURT):
    return ((belief.place[0] - at[0] + 180.0) % 360.0 - 180.0) * EAST_M


def a_drift(sigma_m, count, seed=1):
    """Correlated errors, 10 s apart, time constant 45 s: (east, north)."""
    random, keep = Random(seed), math.exp(-10.0 / 45.0)
    errors = [(random.gauss(0.0, sigma_m), random.gauss(0.0, sigma_m))]
    for _ in range(count - 1):
        fresh = sigma_m * math.sqrt(1.0 - keep * keep)
        east, north = errors[-1]
        errors.append((keep * east + random.gauss(0.0, fresh), keep * north + random.gauss(0.0, fresh)))
    return errors


def test_after_one_fix_the_phone_is_there_within_its_error():
    belief = believed([seen(0.0)])
    assert belief.place == pytest.approx(COURT)
    assert belief.sigma_m == pytest.approx(12.0, abs=0.5)


@pytest.mark.parametrize("speed_mps", [0.0, None])
def test_ten_fixes_of_one_minute_are_hardly_more_than_one(speed_mps):
    belief = believed([seen(0.0, since_s=6.0, speed_mps=speed_mps)] * 10)
    assert 0.7 * 12.0 < belief.sigma_m < 12.0


def test_the_errors_of_a_phone_that_stands_for_long_average_out():
    belief = believed([seen(*error, speed_mps=0.0) for error in a_drift(12.0, 180)])
    assert belief.sigma_m < 6.0
    assert math.hypot(belief.best.x, belief.best.y) < 40.0


def test_a_phone_that_moves_errs_as_much_as_it_did():
    walk = [seen(12.0 * step, speed_mps=1.2) for step in range(30)]
    stand = [seen(0.0, speed_mps=0.0) for _ in range(30)]
    assert believed(stand).sigma_m < 0.8 * believed(walk).sigma_m


@pytest.mark.parametrize("speed_mps", [1.2, None])
def test_an_even_walk_is_followed(speed_mps):
    belief = believed([seen(12.0 * step, speed_mps=speed_mps) for step in range(20)])
    assert east_m(belief) == pytest.approx(228.0, abs=12.0)


def test_without_a_speed_an_even_walk_is_told_from_a_stand():
    assert believed([seen(12.0 * step, sigma_m=4.0) for step in range(12)]).share < 0.1
    assert believed([seen(0.3 * (step % 2), sigma_m=4.0) for step in range(12)]).share > 0.9


def test_a_fix_aside_moves_the_belief_of_a_standing_phone_by_a_part_of_it():
    quiet = [seen(0.0, speed_mps=0.0)] * 20
    assert 0.0 < east_m(believed([*quiet, seen(12.0, speed_mps=0.0)])) < 6.0


def test_who_stood_at_both_fixes_may_have_moved_between_them():
    quiet = [seen(0.0, speed_mps=0.0, sigma_m=4.0)] * 20
    moved = [seen(60.0, speed_mps=0.0, sigma_m=4.0)] * 2
    assert east_m(believed([*quiet, *moved])) > 45.0


@pytest.mark.parametrize(("true_m", "claimed_m"), [(24.0, 12.0), (12.0, 12.0), (6.0, 12.0)])
def test_what_a_phone_claims_is_weighed_against_its_scatter(true_m, claimed_m):
    ratios = []
    for seed in range(20):
        fixes = [seen(*error, sigma_m=claimed_m, speed_mps=0.0) for error in a_drift(true_m, 60, seed)]
        ratios.append(believed(fixes).scatter)
    assert math.sqrt(sum(ratios) / len(ratios)) == pytest.approx(true_m / claimed_m, rel=0.35)


def test_an_even_walk_is_no_scatter():
    assert believed([seen(12.0 * step, speed_mps=1.2) for step in range(40)]).scatter < 0.5


@pytest.mark.parametrize(("speed_mps", "step_m", "ahead_m"), [(1.4, 14.0, 8.4), (9.0, 90.0, 10.0), (0.0, 0.0, 0.0)])
def test_who_says_that_they_move_is_taken_to_be_a_little_ahead(speed_mps, step_m, ahead_m):
    belief = believed([seen(step_m * step, sigma_m=4.0, speed_mps=speed_mps) for step in range(40)])
    assert east_m(belief) - belief.best.x == pytest.approx(ahead_m, abs=1.0)


def test_after_a_long_silence_nothing_is_left_of_the_belief_but_how_far_the_phone_errs():
    old = [seen(0.0, speed_mps=0.0)] * 20
    late = seen(0.0, since_s=400.0, speed_mps=0.0)
    assert believed([*old, late]) == first_belief(late, believed(old).scatter)


def test_variances_stay_positive_through_anything():
    random = Random(3)
    belief = first_belief(seen(0.0))
    for _ in range(2000):
        speed_mps = random.choice([None, 0.0, 1.2, 14.0])
        since_s, sigma_m = random.choice([0.001, 1.0, 10.0, 299.0]), random.choice([3.0, 12.0, 66.0])
        there = (random.uniform(-500, 500), random.uniform(-500, 500))
        belief = next_belief(belief, seen(*there, since_s=since_s, sigma_m=sigma_m, speed_mps=speed_mps, drift_mps=5.0))
        for mode in (belief.standing, belief.moving, belief.best):
            assert mode.place_var > 0.0
            assert mode.error_var > 0.0
            assert mode.velocity_var >= 0.0
        assert all(math.isfinite(value) for value in (*belief.best, belief.share, belief.scatter))


@pytest.mark.parametrize("longitude", [179.9999, -179.9999])
def test_the_dateline_is_no_border(longitude):
    at = (longitude, COURT[1])
    walk = [seen(8.0 * step, speed_mps=0.8, at=at, sigma_m=4.0) for step in range(12)]
    belief = believed(walk)
    assert east_m(belief, at) == pytest.approx(88.0, abs=6.0)
    steps = [believed(walk[:length]) for length in range(1, len(walk))]
    assert all(east_m(b, at) > east_m(a, at) for a, b in pairwise(steps))

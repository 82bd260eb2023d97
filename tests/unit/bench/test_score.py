"""The definitions of the benchmark: one stay, what could be seen of it, which detection it is credited with."""

import numpy as np
import pytest

from bench.detection.phone import Fixes
from bench.detection.score import Found, observe, stays_of, tally

OUTSIDE_M, NEAR_M, INSIDE_M = 100.0, 10.0, -40.0


def truth(*stretches):
    """Metres to the edge at every second, of (metres, seconds)."""
    return np.concatenate([np.full(seconds, metres) for metres, seconds in stretches])


def fixes_at(*moments, accuracy_m=10.0, clock_s=0.0):
    at = np.array(moments, float) + clock_s
    nothing = np.zeros(len(at))
    accuracy = np.full(len(at), accuracy_m)
    return Fixes(at, np.zeros((len(at), 2)), accuracy, nothing, clock_s, 4.0, 10.0, nothing.astype(bool))


@pytest.mark.parametrize(
    ("between", "count"),
    [((OUTSIDE_M, 59), 1), ((OUTSIDE_M, 60), 2), ((NEAR_M, 300), 1), ((20.0, 300), 1), ((20.1, 300), 2)],
)
def test_pieces_less_than_a_minute_or_never_20_m_apart_are_one_stay(between, count):
    signed_m = truth((OUTSIDE_M, 60), (INSIDE_M, 50), between, (INSIDE_M, 50), (OUTSIDE_M, 60))
    assert len(stays_of(signed_m, 0)) == count


def test_the_class_of_a_stay_is_that_of_its_longest_piece():
    signed_m = truth((OUTSIDE_M, 60), (-90.0, 40), (OUTSIDE_M, 30), (INSIDE_M, 130), (OUTSIDE_M, 60))
    (stay,) = stays_of(signed_m, 0)
    assert (stay.longest_s, stay.depth_m, stay.entry_s, stay.exit_s) == (130, 40.0, 60.0, 260.0)


@pytest.mark.parametrize(
    ("moments", "accuracy_m", "observable"),
    [((70, 80, 90), 10.0, True), ((50, 70, 80), 10.0, False), ((70, 80, 90), 101.0, False)],
)
def test_a_stay_is_observable_by_three_usable_fixes_inside(moments, accuracy_m, observable):
    signed_m = truth((OUTSIDE_M, 60), (INSIDE_M, 60), (OUTSIDE_M, 60))
    (stay,) = stays_of(signed_m, 0)
    observe(stay, signed_m, fixes_at(*moments, accuracy_m=accuracy_m))
    assert stay.observable is observable


@pytest.mark.parametrize(
    ("found", "true"),
    [
        pytest.param(Found(0, 310.0, 330.0, 400.0, 0.99), True, id="within"),
        pytest.param(Found(0, 200.0, 239.0, 400.0, 0.99), False, id="confirmed more than a minute before the entry"),
        pytest.param(Found(0, 481.0, 490.0, 600.0, 0.99), False, id="possible more than a minute after the exit"),
        pytest.param(Found(0, 479.0, 490.0, 600.0, 0.99), True, id="possible within a minute of the exit"),
        pytest.param(Found(1, 310.0, 330.0, 400.0, 0.99), False, id="another zone"),
    ],
)
def test_a_detection_is_true_if_it_overlaps_the_stay_widened_by_a_minute(found, true):
    inside = truth((OUTSIDE_M, 300), (INSIDE_M, 120), (OUTSIDE_M, 300))
    counted = tally([inside, np.full(len(inside), 500.0)], fixes_at(310, 320, 330), [found], 1.0)
    assert (counted.true_found, len(counted.false)) == ((1, 0) if true else (0, 1))


def test_a_detection_over_two_stays_is_credited_to_one():
    signed_m = truth((OUTSIDE_M, 300), (INSIDE_M, 60), (OUTSIDE_M, 90), (INSIDE_M, 60), (OUTSIDE_M, 300))
    counted = tally([signed_m], fixes_at(310, 320, 330), [Found(0, 310.0, 320.0, 505.0, 0.99)], 1.0)
    assert [len(stay.found) for stay in counted.stays] == [1, 0]


def test_a_delay_is_measured_from_the_crossing_by_the_true_clock():
    signed_m = truth((OUTSIDE_M, 300), (INSIDE_M, 120), (OUTSIDE_M, 300))
    found = Found(0, 325.0, 345.0, 420.0, 0.99)
    counted = tally([signed_m], fixes_at(*range(285, 440, 10), clock_s=20.0), [found], 1.0)
    assert [stay.delay_s for stay in counted.stays] == [25.0]


def test_a_false_entry_on_a_near_passage_is_counted_as_such():
    signed_m = truth((OUTSIDE_M, 300), (NEAR_M, 120), (OUTSIDE_M, 300))
    counted = tally([signed_m], fixes_at(310, 320, 330), [Found(0, 310.0, 330.0, 400.0, 0.99)], 1.0)
    assert (counted.passages, counted.passages_false, counted.false[0][1]) == (1, 1, NEAR_M)

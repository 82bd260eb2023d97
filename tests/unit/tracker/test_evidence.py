"""From a believed distance to the log-odds that are told."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.incursion.evidence import DEPTH_MARGIN_M, Evidence, entry_sigmas, is_plain, log_odds

SURE, CLEAR = math.log(0.95 / 0.05), math.log(0.05 / 0.95)


def evidence(*, inside=True, agreed_s=10.0, lingered_s=0.0, first=False):
    return Evidence(inside, agreed_s, lingered_s, first)


def test_deep_inside_and_agreed_confirms():
    assert log_odds(evidence(), -60.0, 10.0) > SURE


@pytest.mark.parametrize("agreed_s", [0.0, 7.9])
def test_a_single_fix_however_deep_confirms_nothing(agreed_s):
    assert log_odds(evidence(agreed_s=agreed_s), -500.0, 3.0) == pytest.approx(0.0)


def test_a_fix_outside_confirms_nothing():
    assert log_odds(evidence(inside=False), -500.0, 3.0) == pytest.approx(0.0)


def test_a_fix_inside_never_clears():
    assert log_odds(evidence(), 300.0, 3.0) > CLEAR


def test_a_graze_is_not_guessed():
    assert log_odds(evidence(), -DEPTH_MARGIN_M, 4.0) == pytest.approx(0.0)


def test_whoever_lingers_at_the_edge_needs_more():
    needed = [entry_sigmas(lingered_s) for lingered_s in (0.0, 50.0, 60.0, 120.0, 900.0, 9000.0)]
    assert needed[0] == needed[1] < needed[2] < needed[3] <= needed[4] == needed[5]


@given(
    signed_m=st.floats(-200.0, 400.0),
    off_m=st.floats(0.0, 80.0),
    share=st.floats(-1.0, 1.0),
    sigma_m=st.floats(2.0, 60.0),
    agreed_s=st.floats(0.0, 100.0),
    lingered_s=st.floats(0.0, 1000.0),
    first=st.booleans(),
)
def test_where_a_fix_is_plain_the_believed_place_changes_nothing(
    signed_m, off_m, share, sigma_m, agreed_s, lingered_s, first
):
    seen = Evidence(signed_m <= 0.0, agreed_s, lingered_s, first)
    if is_plain(seen, signed_m, off_m, sigma_m):
        assert log_odds(seen, signed_m, sigma_m) == log_odds(seen, signed_m + share * off_m, sigma_m)


def test_a_fix_near_the_edge_is_not_plain():
    assert not is_plain(evidence(inside=False), 10.0, 5.0, 10.0)
    assert is_plain(evidence(inside=False), 90.0, 5.0, 10.0)

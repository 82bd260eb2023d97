import pytest

from tests.builders import NINE, a_fix
from tracker.admission import Limits, Refusal, admit
from tracker.shift import Enrolment, Shift

MORNING = Shift(1, NINE, NINE + 3600)
AFTERNOON = Shift(2, NINE + 7200)


def enrolled(
    *, consented: bool = True, revoked: bool = False, shifts: tuple[Shift, ...] = (MORNING, AFTERNOON)
) -> Enrolment:
    return Enrolment(7, "phone-1", 3, consented=consented, revoked=revoked, shifts=shifts)


@pytest.mark.parametrize(
    ("at_s", "outcome"),
    [
        (-1, Refusal.OFF_SHIFT),
        (0, MORNING),
        (3600, MORNING),
        (3601, Refusal.OFF_SHIFT),
        (7199, Refusal.OFF_SHIFT),
        (7200, AFTERNOON),
        (90_000, AFTERNOON),
    ],
)
def test_a_fix_belongs_to_the_shift_that_covers_its_own_time(at_s: float, outcome: Shift | Refusal) -> None:
    assert admit(a_fix(at_s=at_s), enrolled(), Limits()) == outcome


def test_an_unknown_device_is_refused() -> None:
    assert admit(a_fix(), None, Limits()) is Refusal.UNKNOWN_DEVICE


def test_without_consent_nothing_is_taken() -> None:
    assert admit(a_fix(), enrolled(consented=False), Limits()) is Refusal.NO_CONSENT


def test_a_revoked_device_is_refused() -> None:
    assert admit(a_fix(), enrolled(revoked=True), Limits()) is Refusal.REVOKED


@pytest.mark.parametrize(
    ("lag_s", "admitted"), [(-60, True), (-61, False), (7 * 86_400, True), (7 * 86_400 + 1, False)]
)
def test_the_clock_may_be_a_minute_ahead_and_a_backlog_a_week_old(lag_s: float, admitted: bool) -> None:
    outcome = admit(a_fix(lag_s=lag_s), enrolled(), Limits(ahead_s=60, late_s=7 * 86_400))
    assert (outcome == MORNING) is admitted


def test_a_day_late_fix_of_a_closed_shift_is_taken() -> None:
    assert admit(a_fix(at_s=10, lag_s=86_400), enrolled(), Limits()) == MORNING

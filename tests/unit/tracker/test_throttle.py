import pytest

from tracker.people.throttle import FIRST_LOCK_S, FORGET_AFTER_S, LONGEST_LOCK_S, Tries

FREE = 5


NONE = Tries()


def after(times, tries=NONE, now=1000.0):
    for _ in range(times):
        tries = tries.tried(FREE, now)
    return tries


def locked_s(tries, now=1000.0):
    return max(0.0, tries.locked_until - now)


def test_the_first_tries_cost_nothing():
    assert locked_s(after(4)) == 0.0


@pytest.mark.parametrize(("times", "doublings"), [(5, 0), (6, 1), (7, 2)])
def test_each_further_try_locks_twice_as_long(times, doublings):
    assert locked_s(after(times)) == FIRST_LOCK_S * 2**doublings


@pytest.mark.parametrize("times", [11, 200, 5000])
def test_a_lock_never_exceeds_its_limit(times):
    assert locked_s(after(times)) == LONGEST_LOCK_S


def test_after_an_hour_of_silence_one_begins_anew():
    later = 1000.0 + FORGET_AFTER_S
    assert after(1, after(7), later).count == 8
    assert after(1, after(7), later + 1.0).count == 1


def test_a_right_try_does_not_count_and_lifts_its_lock():
    tries = after(1, after(4))
    assert locked_s(tries) > 0.0
    assert (tries.right().count, locked_s(tries.right())) == (4, 0.0)


def test_a_right_try_after_which_all_was_forgotten_counts_for_nothing():
    assert Tries().right() == Tries()

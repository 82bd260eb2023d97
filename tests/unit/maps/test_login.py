import pytest

from maps.login import safe_next
from maps.throttle import FIRST_LOCK_S, LONGEST_LOCK_S, NAMES_HELD, Throttle


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def fail(throttle, times, key="anna"):
    for _ in range(times):
        throttle.failed(key)


def test_the_first_failures_cost_nothing(clock):
    throttle = Throttle(clock, free=5)
    fail(throttle, 4)

    assert throttle.locked_s("anna") == 0.0


def test_each_further_failure_locks_twice_as_long(clock):
    throttle = Throttle(clock, free=5)
    fail(throttle, 5)
    first = throttle.locked_s("anna")
    fail(throttle, 1)

    assert (first, throttle.locked_s("anna")) == (FIRST_LOCK_S, 2 * FIRST_LOCK_S)


def test_a_lock_never_exceeds_its_limit(clock):
    throttle = Throttle(clock, free=5)
    fail(throttle, 200)

    assert throttle.locked_s("anna") == LONGEST_LOCK_S


def test_a_lock_ends(clock):
    throttle = Throttle(clock, free=5)
    fail(throttle, 5)
    clock.now += FIRST_LOCK_S

    assert throttle.locked_s("anna") == 0.0


def test_success_forgets_the_failures(clock):
    throttle = Throttle(clock, free=5)
    fail(throttle, 5)
    throttle.succeeded("anna")

    assert throttle.locked_s("anna") == 0.0


def test_others_are_not_locked(clock):
    throttle = Throttle(clock, free=5)
    fail(throttle, 5)

    assert throttle.locked_s("bert") == 0.0


def test_a_flood_of_names_takes_bounded_memory(clock):
    throttle = Throttle(clock, free=5)
    for number in range(NAMES_HELD + 10):
        throttle.failed(str(number))

    assert len(throttle._failures) == NAMES_HELD


@pytest.mark.parametrize("target", ["/", "/?device=a", "/review/12#top"])
def test_a_path_of_our_own_is_followed(target):
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target", [None, "", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n", "x"]
)
def test_another_host_is_never_followed(target):
    assert safe_next(target) == "/"

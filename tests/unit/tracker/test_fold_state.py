"""The state between two fixes: exact in JSON, small after a long day."""

import orjson
import pytest

from tests.builders import NINE, FakeZones, a_fix, a_walk, a_zone
from tracker.incursion import Incursion, begin, finish
from tracker.incursion.state import FoldState, Mark, marked
from tracker.settle import always, refold

ZONES = FakeZones(a_zone(), a_zone("police", standoff_m=50.0))


def states():
    walk = a_walk([1000.1, 700.3, 300.7, 80.9, -33.3, -60.1, 40.7, 60.3, 400.0], speed_mps=None)
    return [refold(begin(NINE), walk[:length], always(ZONES)).state for length in range(len(walk) + 1)]


@pytest.mark.parametrize("state", [*states(), finish(begin(NINE), NINE + 0.1, ZONES).state])
def test_json_brings_the_same_state_back(state):
    assert FoldState.from_json(orjson.loads(orjson.dumps(state.to_json()))) == state


def test_json_brings_the_same_incursion_back():
    for incursion in refold(begin(NINE), a_walk([150, 50, -80, -80, 60, 60, 60]), always(ZONES)).incursions:
        assert Incursion.from_json(orjson.loads(orjson.dumps(incursion.to_json()))) == incursion


@pytest.mark.parametrize("version", [1, 2])
def test_a_state_of_an_older_format_is_read_and_its_belief_begins_again(version):
    state = refold(begin(NINE), a_walk([90.7, 80.2, 70.0]), always(ZONES)).state
    content = state.to_json()
    del content["belief"]
    of_a_zone = [[[70.0, 0.0, 36.0, 16.0, -16.0, 70.0, 10.0, -1.0, 1.0, 20.0]], []][version == 1]
    old = content | {"v": version, "stays": [[*stay[:3], *of_a_zone] for stay in content["stays"]]}
    read = FoldState.from_json(orjson.loads(orjson.dumps(old)))
    assert [stay[:2] for stay in read.stays] == [stay[:2] for stay in state.stays]
    assert read.stays
    assert read.belief is None
    assert refold(read, a_walk([60.0, 50.0], from_s=30.0), always(ZONES)).state.belief


def test_a_state_of_format_3_is_read_and_knows_nothing_of_the_scatter():
    state = refold(begin(NINE), a_walk([1000.0, 90.7, 80.2, 70.0]), always(ZONES)).state
    content = state.to_json()
    del content["scatter"]
    old = content | {"v": 3, "clear_at": [at for at, _ in content["clear_at"]]}
    assert FoldState.from_json(orjson.loads(orjson.dumps(old))) == state._replace(scatter=1.0)
    assert state.clear_at


def test_what_was_learnt_of_the_phone_outlasts_the_zones_and_stands_in_the_marks():
    beside = refold(begin(NINE), a_walk([60.0, 100.0] * 20), always(ZONES)).state
    away = refold(beside, a_walk([2000.0] * 9, from_s=1000.0), always(ZONES)).state
    assert (away.belief, away.scatter) == (None, away.clear_at[-1].scatter)
    assert away.scatter > 2.0


def test_a_state_of_another_format_is_refused():
    with pytest.raises(ValueError, match="format 0"):
        FoldState.from_json({"v": 0})


def test_a_day_keeps_few_marks_and_any_rewind_reads_little():
    marks: tuple[Mark, ...] = ()
    for at in range(0, 86400, 10):
        marks = marked(marks, float(at), 1.0)
    now = 86390.0
    state = FoldState(clear_at=marks)
    assert len(marks) <= 24
    for age_s in (5, 60, 600, 3600, 20000, 80000):
        assert now - state.rewound(now - age_s)[1] <= 2 * age_s + 120


def test_no_mark_is_set_while_a_zone_is_in_memory():
    assert refold(begin(NINE), a_walk([80.0] * 30), always(ZONES)).state.clear_at == ()


def test_no_mark_is_set_where_two_fixes_share_an_instant():
    fixes = sorted([a_fix(900, 5), a_fix(901, 5, accuracy_m=None)], key=lambda fix: fix.key)
    state = refold(begin(NINE), fixes, always(ZONES)).state
    assert all(mark.at == NINE + 5 for mark in state.clear_at)
    assert state.rewound(NINE + 5)[1] == NINE

"""Recordings in, incursions out: whatever the order and however often a fix is repeated."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import FakeZones, a_fix, a_walk, a_zone
from tracker.detection import SHIFT_GAP_S, Recording, detect
from tracker.incursion import End, Kind
from tracker.settle import always

ZONES = always(FakeZones(a_zone()))
IN = -80.0
VISIT = [1000, 280, 150, 50, *[IN] * 20, 50, 150, 280, 400, 1000]


def found(fixes):
    recording = Recording()
    for fix in fixes:
        recording.add(fix)
    return [detected.to_json() for detected in detect(recording, ZONES)]


def of_devices(*names):
    return [fix._replace(device=name) for name in names for fix in a_walk(VISIT)]


def test_each_device_has_its_own_incursions():
    lines = found(of_devices("b", "a"))
    assert [(line["device"], line["kind"], line["revision"]) for line in lines] == [
        ("a", "dwell", 1),
        ("b", "dwell", 1),
    ]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_order_and_repeats_change_nothing(data):
    fixes = of_devices("a", "b")
    vaguer = [fix._replace(accuracy_m=90.0) for fix in fixes[5:9]]
    again = data.draw(st.lists(st.sampled_from(fixes + vaguer), max_size=20))
    arrivals = data.draw(st.permutations(fixes + vaguer + again))
    assert found(arrivals) == found(fixes + vaguer)


def test_of_two_claims_about_one_place_and_time_the_vaguer_counts():
    vague = [fix._replace(accuracy_m=None) for fix in a_walk(VISIT)]
    assert found([*a_walk(VISIT), *vague]) == found([*vague, *a_walk(VISIT)]) == found(vague)


def test_a_shift_ends_with_its_last_fix():
    (line,) = found(a_walk(VISIT[:20]))
    assert (line["ended"], line["exit_at"]) == (End.SHIFT_END, a_fix(at_s=190).fix_at)


def test_a_long_silence_parts_two_shifts_and_is_no_gap():
    night_s = SHIFT_GAP_S + 300
    lines = found([*a_walk(VISIT[:20]), *a_walk(VISIT[4:], from_s=night_s)])
    assert [line["kind"] for line in lines] == [Kind.DWELL, Kind.DWELL]
    assert lines[0]["exit_at"] < lines[1]["began_at"]


def test_nothing_is_found_in_nothing():
    assert found([]) == []

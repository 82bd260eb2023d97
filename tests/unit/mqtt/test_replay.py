from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.phone import Connection
from mqtt.replay import latest_start, moved, replay, schedule
from tracker.fix import Fix
from tracker.recordings import Track, read

TRACKS = Path(__file__).parents[3] / "data" / "tracks"
NOW = 1_800_000_000.0


def a_track(*times, device="phone-1"):
    return Track(
        device, tuple(Fix(device, 1.7e9 + at, 118.7 + n / 1000, 32.0, 1.7e9 + at) for n, at in enumerate(times))
    )


def test_a_track_moved_keeps_its_places_and_its_rhythm():
    track = read(TRACKS / "phone_ios_a_nanjing.jsonl")[0]
    now = moved(track, NOW)
    assert now.fixes[0].fix_at == NOW
    assert [fix.lon for fix in now.fixes] == [fix.lon for fix in track.fixes]
    assert [fix.fix_at - NOW for fix in now.fixes] == pytest.approx(
        [fix.fix_at - track.fixes[0].fix_at for fix in track.fixes], abs=1e-5
    )


def test_the_time_a_message_was_built_moves_with_it():
    fix = Fix("phone-1", 1000.0, 118.7, 32.0, 1000.0, built_at=1002.5)
    assert moved(Track("phone-1", (fix,)), NOW).fixes[0].built_at == NOW + 2.5


def test_without_a_start_the_times_are_as_recorded():
    track = a_track(0, 5)
    assert moved(track, None) is track


def test_an_empty_track_is_moved_and_played_as_nothing():
    assert moved(Track("phone-1", ()), NOW).fixes == ()
    assert list(schedule(Track("phone-1", ()), 1.0)) == []


@pytest.mark.parametrize(
    ("speed", "expected_s"), [(1.0, [0, 5, 65]), (10.0, [0, 0.5, 6.5]), (0.5, [0, 10, 130]), (inf, [0, 0, 0])]
)
def test_fixes_are_due_as_they_came_at_the_given_speed(speed, expected_s):
    assert [due_s for due_s, _ in schedule(a_track(0, 5, 65), speed)] == expected_s


def test_fixes_of_one_moment_and_from_the_past_are_played_in_stored_order():
    track = a_track(0, 10, 10, 4, 20)
    played = list(schedule(track, 1.0))
    assert [due_s for due_s, _ in played] == [0, 10, 10, 10, 20]
    assert tuple(fix for _, fix in played) == track.fixes


@pytest.mark.parametrize("name", ["phone_android_a_nanjing", "phone_android_b_nanjing", "phone_ios_a_nanjing"])
def test_real_logs_are_played_whole_and_never_back_in_time(name):
    track = read(TRACKS / f"{name}.jsonl")[0]
    played = list(schedule(track, 60.0))
    assert tuple(fix for _, fix in played) == track.fixes
    assert [due_s for due_s, _ in played] == sorted(due_s for due_s, _ in played)


def test_at_the_speed_of_life_the_latest_start_is_now():
    assert latest_start([a_track(0, 5, 65)], 1.0, NOW) == NOW


TIMES = st.lists(st.floats(-1_000, 10_000), min_size=1).map(lambda times: a_track(*times))


@given(st.lists(TIMES, min_size=1, max_size=4), st.floats(0.1, 1_000) | st.just(inf))
def test_from_the_latest_start_no_fix_is_ahead_of_the_clock_when_it_is_sent(tracks, speed):
    start_at = latest_start(tracks, speed, NOW)
    for track in tracks:
        for due_s, fix in schedule(moved(track, start_at), speed):
            assert fix.fix_at <= NOW + due_s + 1e-4


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_replay_runs_forward(speed):
    with pytest.raises(ValueError, match="above 0"):
        replay([], lambda _: Connection(), speed=speed)

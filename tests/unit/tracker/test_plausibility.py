"""Signs that are worth asking about: which fixes show them, and that the order of arrival has no say."""

from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NINE, a_fix, a_walk
from tracker.plausibility import MARK_EVERY_S, RULES, Plausibility, Signal, take


def folded(fixes):
    return take(Plausibility(), sorted(fixes, key=lambda fix: fix.key), lambda _since: [])


def reasons(fixes):
    return [(str(r.signal), r.fixes, r.first_at - NINE, r.last_at - NINE) for r in folded(fixes).reasons]


def clocked(fixes, *, set_at=None, by_s=0.0, started_at=None):
    """The fixes of a phone whose monotonic clock began with the shift (and again `started_at`)."""
    out = []
    for fix in fixes:
        at = fix.fix_at - NINE
        ticks = at - (by_s if set_at is not None and at >= set_at else 0.0)
        if started_at is not None and at >= started_at:
            ticks = at - started_at - 100.0
        out.append(fix._replace(monotonic_s=ticks + 100.0))
    return out


def late(lag_s):
    return [fix._replace(received_at=fix.fix_at + lag_s) for fix in WALK]


def test_an_honest_walk_shows_nothing():
    walk = [fix._replace(mock=False, satellites=9, accuracy_m=5.0 + step % 7) for step, fix in enumerate(clocked(WALK))]
    assert (reasons(walk), folded(walk).score) == ([], 0)


DATA = Path(__file__).parents[3] / "data"
WALK = a_walk([1000.0 + 10 * step for step in range(60)])
STILL = a_walk([900.0] * 200, every_s=10.0)


@pytest.mark.parametrize(
    ("fixes", "expected"),
    [
        pytest.param([WALK[0]._replace(mock=True), *WALK[1:]], [("mock", 1, 0, 0)], id="one mock fix"),
        pytest.param([fix._replace(received_at=fix.fix_at - 31) for fix in WALK[:3]], [("clock_ahead", 3, 0, 20)],
                     id="measured after it came"),
        pytest.param([fix._replace(received_at=fix.fix_at - 29) for fix in WALK], [], id="within the tolerance"),
        pytest.param([fix._replace(built_at=fix.fix_at - 31) for fix in WALK[:3]], [("clock_ahead", 3, 0, 20)],
                     id="measured after its message was made"),
        pytest.param(late(31), [("clock_behind", 60, 0, 590)], id="every one comes late"),
        pytest.param([*late(31), a_fix(1600, 600)], [], id="one comes in time"),
        pytest.param(late(86400), [], id="a backlog of a day"),
        pytest.param(clocked(WALK, set_at=300, by_s=60), [("clock_set", 1, 300, 300)], id="the clock was moved"),
        pytest.param(clocked(WALK, set_at=300, by_s=-29), [], id="the clock was corrected"),
        pytest.param(clocked(WALK, started_at=300), [], id="the phone was started again"),
        pytest.param(a_walk([0, 0, 9000] * 3), [("teleport", 5, 20, 80)], id="to and fro"),
        pytest.param(a_walk([0, 9000, 9000]), [], id="one glitch"),
        pytest.param(a_walk([0, 9000] * 9, accuracy_m=3000.0), [], id="nobody knows where it was"),
        pytest.param(a_walk([0, 690] * 9), [], id="fast but possible"),
        pytest.param([fix._replace(satellites=0) for fix in WALK[:10]], [("no_satellites", 10, 0, 90)],
                     id="metres without satellites"),
        pytest.param([fix._replace(satellites=0, accuracy_m=30.0) for fix in WALK], [], id="by the wireless network"),
    ],
)  # fmt: skip
def test_what_shows_a_signal(fixes, expected):
    assert reasons(fixes) == expected


def test_a_place_that_stays_to_the_last_digit_counts_from_its_first_fix():
    varied = [fix._replace(accuracy_m=5.0 + step % 7) for step, fix in enumerate(STILL)]
    assert reasons(varied) == [("same_place", 200, 0, 1990)]
    assert reasons(varied[:180]) == []


def test_an_accuracy_that_never_changes_is_noticed_after_an_hour():
    walk = a_walk([1000.0 + step for step in range(400)])
    assert reasons(walk) == [("same_accuracy", 400, 0, 3990)]
    assert reasons([fix._replace(accuracy_m=None) for fix in walk]) == []


def test_two_places_at_one_moment_are_a_teleport():
    twice = [a_fix(distance_m, 10.0 * step) for step in range(3) for distance_m in (0.0, 5000.0)]
    assert [reason.signal for reason in folded(twice).reasons] == [Signal.TELEPORT]


def test_the_score_grows_with_the_reasons_and_never_reaches_certainty():
    mock = [fix._replace(mock=True) for fix in WALK]
    ahead = [fix._replace(received_at=fix.fix_at - 60) for fix in mock]
    scores = [folded(fixes).score for fixes in (WALK, mock[:1] + WALK[1:], mock, ahead)]
    assert scores == sorted(set(scores))
    assert scores[0] == 0
    assert scores[-1] < 100


def test_every_signal_has_a_rule_that_can_be_met():
    assert set(RULES) == set(Signal)
    assert all(1 <= rule.least <= rule.full and 0.0 < rule.weight < 1.0 for rule in RULES.values())


@st.composite
def shifts(draw):
    """Fixes with every fault, seconds to minutes apart."""
    fixes, at_s = [], 0.0
    for _ in range(draw(st.integers(1, 40))):
        at_s += draw(st.sampled_from([0.0, 1.0, 10.0, 40.0, 200.0]))
        fix = a_fix(
            draw(st.sampled_from([0.0, 10.0, 5000.0])),
            at_s,
            accuracy_m=draw(st.sampled_from([5.0, 8.0, 300.0, None])),
            lag_s=draw(st.sampled_from([-40.0, 1.0, 35.0, 90000.0])),
        )
        mock, ticks = draw(st.sampled_from([None, True, False])), draw(st.sampled_from([None, at_s, at_s - 60.0]))
        fixes.append(fix._replace(mock=mock, monotonic_s=ticks, satellites=draw(st.sampled_from([None, 0, 7]))))
    return list({fix.key: fix for fix in fixes}.values())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_order_and_repetition_ends_in_the_same_signals(data):
    fixes = data.draw(shifts())
    arrivals = data.draw(st.permutations(fixes + data.draw(st.lists(st.sampled_from(fixes), max_size=5))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arrivals)), max_size=6)))
    stored, state = {}, Plausibility()

    def read(since):
        return [stored[key] for key in sorted(stored) if key[0] >= since]

    for start, end in pairwise([0, *cuts, len(arrivals)]):
        fresh = {fix.key: fix for fix in arrivals[start:end] if fix.key not in stored}
        stored |= fresh
        state = take(state, [fresh[key] for key in sorted(fresh)], read)
        state = Plausibility.from_json(orjson.loads(orjson.dumps(state.to_json())))
    assert state._replace(marks=()) == folded(fixes)._replace(marks=())


def test_a_late_fix_reads_no_further_back_than_ten_minutes():
    asked = []
    state = folded(WALK + a_walk([2000.0 + step for step in range(400)], from_s=600))
    take(state, [a_fix(2000, 4500.5)], lambda since: asked.append(since) or [a_fix(2000, 4500.5)])
    assert 0 < state.key[0] - asked[0] <= 2 * MARK_EVERY_S + 10


def test_a_track_from_before_there_were_signals_begins_anew():
    assert Plausibility.from_json(None) == Plausibility()


def test_the_state_of_a_long_shift_is_small():
    long = [fix._replace(mock=True, monotonic_s=1.5) for fix in a_walk([1000.0 + step for step in range(2000)])]
    assert len(orjson.dumps(folded(long).to_json())) < 1500


@pytest.mark.parametrize("name", ["android_a", "ios_a", "android_b"])
def test_real_phones_show_nothing(name):
    lines = (DATA / f"tracks/phone_{name}_nanjing.jsonl").read_bytes().splitlines()
    fixes = {fix.key: fix for fix in map(recorded, map(orjson.loads, lines))}.values()
    assert folded(fixes).seen == ()


def recorded(row):
    """A line of a phone log with the clocks it has."""
    ticks = row["elapsed_ns"] / 1e9 if row.get("elapsed_ns") else None
    saved_at = row.get("saved_at") or row["ts"]
    return a_fix(place=(row["lon"], row["lat"]))._replace(fix_at=row["ts"], received_at=saved_at, built_at=saved_at,
                   accuracy_m=row["acc"], monotonic_s=ticks)  # fmt: skip

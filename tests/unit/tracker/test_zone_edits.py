"""What becomes of an incursion under way when its zone is edited, retired, closed or opened: a table."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely

from geofences.schedule import Schedule
from tests.builders import COURT, NINE, WGS84, a_walk, a_zone
from tracker.incursion import End, Kind, begin, finish
from tracker.settle import refold
from tracker.zones.history import ZoneHistory

EDIT_S = 75.0
MIDNIGHT = 19_800 * 86_400.0 - 8 * 3600.0
"""00:00 in Shanghai."""
INSIDE = a_walk([-80] * 30)
BEFORE = a_zone(valid_to=NINE + EDIT_S)


def moved(metres: float) -> tuple[float, float]:
    lon, lat, _ = WGS84.fwd(*COURT, 270.0, metres)
    return lon, lat


def after(**changes):
    return a_zone(version=2, valid_from=NINE + EDIT_S, **changes)


def block(metres: float) -> shapely.Polygon:
    """A square footprint that reaches so far from the court to each side."""
    west, east = moved(metres)[0], moved(-metres)[0]
    south, north = (WGS84.fwd(*COURT, bearing, metres)[1] for bearing in (180.0, 0.0))
    return shapely.box(west, south, east, north)


def reshaped(metres: float):
    return replace(after(), footprint=block(metres))


def hours(opens_s: float, closes_s: float) -> Schedule:
    begins, ends = (f"{datetime.fromtimestamp(NINE + s, UTC):%Y%m%dT%H%M%SZ}" for s in (opens_s, closes_s))
    return Schedule(f"DTSTART:{begins}\nDTEND:{ends}")


def story(versions, fixes=INSIDE):
    found = refold(begin(NINE), fixes, ZoneHistory(versions).at)
    return [(i.kind, i.zone_version, i.began_at - NINE, at_s(i.exit_at), i.ended) for i in found.incursions]


def at_s(moment):
    return None if moment is None else moment - NINE


UNTOUCHED = [(Kind.DWELL, 1, 0, None, None)]
CLOSED = [(Kind.ENTRY, 1, 0, EDIT_S, End.ZONE_CHANGED)]
RETIRED = [(Kind.ENTRY, 1, 0, 80.0, End.ZONE_CHANGED)]
OFF = [(Kind.ENTRY, 1, 0, EDIT_S, End.OFF_SCHEDULE)]


def begun_again(kind=Kind.DWELL, version=2):
    return [*CLOSED, (kind, version, 80, None, None)]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param([BEFORE, after(name="renamed", alike_since=1)], UNTOUCHED, id="a name only"),
        pytest.param(
            [BEFORE, replace(after(alike_since=1), category="police", source="survey")],
            UNTOUCHED,
            id="category, source",
        ),
        pytest.param([BEFORE, after(at=moved(500.0))], CLOSED, id="the edge moved away"),
        pytest.param([BEFORE, after(at=moved(1.0))], begun_again(), id="the edge moved a little"),
        pytest.param([BEFORE, after(standoff_m=100.0)], begun_again(Kind.APPROACH), id="standoff smaller: in the ring"),
        pytest.param([BEFORE, after(standoff_m=10.0)], CLOSED, id="standoff smaller: clear of it"),
        pytest.param([BEFORE, after(standoff_m=300.0)], begun_again(), id="standoff larger"),
        pytest.param([BEFORE, after(warning_m=50.0)], begun_again(), id="another ring"),
        pytest.param([BEFORE, reshaped(50.0)], begun_again(), id="the footprint grown"),
        pytest.param(
            [replace(BEFORE, footprint=block(150.0), standoff_m=50.0), after(standoff_m=50.0)],
            begun_again(Kind.APPROACH),
            id="the footprint shrunk: in the ring",
        ),
        pytest.param(
            [replace(BEFORE, footprint=block(150.0), standoff_m=50.0), after(standoff_m=10.0)],
            CLOSED,
            id="the footprint shrunk: clear of it",
        ),
        pytest.param([BEFORE], RETIRED, id="retired: noticed by the next fix"),
        pytest.param([BEFORE, after(schedule=hours(EDIT_S, 9999.0))], begun_again(), id="given hours that are open"),
        pytest.param([BEFORE, after(schedule=hours(5000.0, 9999.0))], CLOSED, id="given hours that are closed"),
        pytest.param([a_zone(schedule=hours(0.0, EDIT_S))], OFF, id="the schedule closes"),
        pytest.param([a_zone(schedule=hours(80.0, 9999.0))], [(Kind.DWELL, 1, 80, None, None)], id="it opens"),
        pytest.param(
            [BEFORE, after(alike_since=1, valid_to=NINE + 150.0), a_zone(version=3, valid_from=NINE + 150.0)],
            [(Kind.DWELL, 1, 0, 75 + 75, End.ZONE_CHANGED), (Kind.DWELL, 3, 150, None, None)],
            id="a name, then another version",
        ),
    ],
)
def test_an_incursion_under_way_when_its_zone_changes(versions, expected):
    assert story(versions) == expected


def at_midnight(second_zone, fixes):
    versions = [a_zone(valid_from=0.0, valid_to=MIDNIGHT), replace(second_zone, valid_from=MIDNIGHT)]
    found = refold(begin(MIDNIGHT - 60.0), fixes, ZoneHistory(versions).at).incursions
    return [(i.zone_version, i.began_at - MIDNIGHT, i.exit_at and i.exit_at - MIDNIGHT, i.ended) for i in found]


def test_an_edit_at_midnight_counts_for_the_fix_of_midnight_itself():
    fixes = a_walk([-80] * 13, start=MIDNIGHT - 60.0)
    assert at_midnight(after(standoff_m=300.0), fixes) == [(1, -60.0, 0.0, End.ZONE_CHANGED), (2, 0.0, None, None)]


def test_an_edit_at_midnight_does_not_count_a_moment_before():
    fixes = a_walk([-80] * 13, start=MIDNIGHT - 60.5)
    assert at_midnight(after(standoff_m=300.0), fixes) == [(1, -60.5, 0.0, End.ZONE_CHANGED), (2, 9.5, None, None)]


def test_midnight_alone_changes_nothing():
    fixes = a_walk([-80] * 13, start=MIDNIGHT - 60.0)
    assert at_midnight(after(name="renamed", alike_since=1), fixes) == [(1, -60.0, None, None)]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (after(standoff_m=300.0), [(1, EDIT_S, End.ZONE_CHANGED), (2, None, None)]),
        (after(standoff_m=10.0), [(1, EDIT_S, End.ZONE_CHANGED)]),
        (after(name="renamed", alike_since=1), [(1, None, None)]),
    ],
    ids=["larger", "smaller: clear of it", "a name only"],
)
def test_an_edit_during_a_silence_is_judged_by_the_fixes_on_both_sides(second, expected):
    fixes = [*a_walk([-80] * 7), *a_walk([-80] * 13, from_s=180.0)]
    found = refold(begin(NINE), fixes, ZoneHistory([BEFORE, second]).at).incursions
    assert [(i.zone_version, at_s(i.exit_at), i.ended) for i in found] == expected


def test_a_zone_that_closed_and_opened_in_a_silence_begins_again():
    both = Schedule("\n".join(f"BEGIN:VEVENT\n{hours(*each).text}\nEND:VEVENT" for each in ((0, 100), (3600, 9999))))
    fixes = [*a_walk([-80] * 9), *a_walk([-80] * 9, from_s=4000.0)]
    first, second = refold(begin(NINE), fixes, ZoneHistory([a_zone(schedule=both)]).at).incursions[:2]
    assert (first.ended, first.exit_at) == (End.OFF_SCHEDULE, NINE + 80)
    assert (second.began_at, second.ended) == (NINE + 4000.0, None)


def test_whoever_stays_silent_is_not_left_inside_a_retired_zone_at_the_end_of_the_shift():
    history = ZoneHistory([BEFORE])
    folded = refold(begin(NINE), INSIDE[:7], history.at)
    step = finish(folded.state, NINE + 90, history.at(NINE + 90))
    assert [(i.ended, i.exit_at) for i in step.incursions] == [(End.ZONE_CHANGED, NINE + 90)]
    assert step.state.stays == ()

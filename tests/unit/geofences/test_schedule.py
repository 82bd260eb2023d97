"""When a zone counts: opening hours on the wall clock of its time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.ical import ScheduleError
from geofences.schedule import Schedule
from tests.builders import a_zone

OFFICE = "DTSTART:20260105T083000\nDTEND:20260105T173000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
HOLIDAY = f"{OFFICE}\nEXDATE;VALUE=DATE:20261001,20261002\nRDATE;VALUE=DATE:20261010"
NIGHT = "DTSTART:20260101T220000\nDURATION:PT8H\nRRULE:FREQ=DAILY"
EXAM = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260607\nDTEND;VALUE=DATE:20260610\nEND:VEVENT\nEND:VCALENDAR"
)
BERLIN = "DTSTART:20260101T020000\nDTEND:20260101T033000\nRRULE:FREQ=DAILY"


def at(wall: str, zone: str = "Asia/Shanghai", fold: int = 0) -> float:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


@pytest.mark.parametrize(
    ("text", "wall", "expected"),
    [
        (OFFICE, "2026-11-23T08:29:59", False),
        (OFFICE, "2026-11-23T08:30", True),
        (OFFICE, "2026-11-23T17:29:59", True),
        (OFFICE, "2026-11-23T17:30", False),
        (OFFICE, "2026-11-22T12:00", False),
        (OFFICE, "2025-12-01T12:00", False),
        (HOLIDAY, "2026-10-01T12:00", False),
        (HOLIDAY, "2026-10-05T12:00", True),
        (HOLIDAY, "2026-10-10T12:00", True),
        (HOLIDAY, "2026-10-10T18:00", False),
        (NIGHT, "2026-11-23T23:00", True),
        (NIGHT, "2026-11-24T00:00", True),
        (NIGHT, "2026-11-24T05:59", True),
        (NIGHT, "2026-11-24T06:00", False),
        (EXAM, "2026-06-06T23:59", False),
        (EXAM, "2026-06-07T00:00", True),
        (EXAM, "2026-06-09T23:59", True),
        (EXAM, "2026-06-10T00:00", False),
        ("DTSTART:20260101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2", "2026-01-02T08:30", True),
        ("DTSTART:20260101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2", "2026-01-03T08:30", False),
        (f"{OFFICE};UNTIL=20260109T003000Z", "2026-01-09T09:00", True),
        (f"{OFFICE};UNTIL=20260109T003000Z", "2026-01-12T09:00", False),
        (f"{OFFICE}\nEXDATE:20261123T083000", "2026-11-23T09:00", False),
    ],
)
def test_a_schedule_is_open_from_its_opening_until_its_closing(text, wall, expected):
    assert Schedule(text).active(at(wall)) is expected


@pytest.mark.parametrize(
    ("wall", "fold", "expected"),
    [
        pytest.param("2026-03-29T01:59", 0, False, id="before a skipped opening"),
        pytest.param("2026-03-29T03:00", 0, True, id="a skipped opening is read with the offset before"),
        pytest.param("2026-03-29T04:29", 0, True, id="90 minutes are 90 minutes"),
        pytest.param("2026-03-29T04:30", 0, False, id="and no more"),
        pytest.param("2026-10-25T02:15", 0, True, id="of two openings the first counts"),
        pytest.param("2026-10-25T02:15", 1, True, id="the hour comes again"),
        pytest.param("2026-10-25T02:30", 1, False, id="90 minutes after the first"),
        pytest.param("2026-07-01T03:29", 0, True, id="in summer"),
        pytest.param("2026-12-01T03:29", 0, True, id="in winter"),
    ],
)
def test_where_the_clocks_change(wall, fold, expected):
    assert Schedule(BERLIN, "Europe/Berlin").active(at(wall, "Europe/Berlin", fold)) is expected


@pytest.mark.parametrize(
    ("text", "wall", "expected"),
    [
        (OFFICE, "2026-11-23T12:00", "2026-11-23T17:30"),
        (OFFICE, "2026-11-20T18:00", "2026-11-23T08:30"),
        (NIGHT, "2026-11-23T23:00", "2026-11-24T06:00"),
        (EXAM, "2026-06-10T00:00", None),
        ("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY", "2026-01-01T12:00", None),
    ],
)
def test_the_next_change_is_the_next_opening_or_closing(text, wall, expected):
    assert Schedule(text).next_change(at(wall)) == (None if expected is None else at(expected))


@given(st.integers(0, 400 * 24 * 60), st.sampled_from([OFFICE, HOLIDAY, NIGHT, EXAM]))
def test_nothing_changes_before_the_next_change(minute, text):
    schedule, moment = Schedule(text), at("2026-01-01T00:00") + 60.0 * minute
    change = schedule.next_change(moment)
    if change is not None:
        assert schedule.active(change) is not schedule.active(moment)
        assert schedule.active((moment + change) / 2) is schedule.active(moment)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no event"),
        ("nine to five", "no iCalendar line"),
        ("RRULE:FREQ=DAILY", "no DTSTART"),
        ("DTSTART:20260105T083000\nDTEND:20260105T073000", "ends when it begins"),
        ("DTSTART:20260105T083000", "ends when it begins"),
        ("DTSTART:2026-01-05\nDURATION:P1D", "can't be read"),
        ("DTSTART:20260105T083000\nDURATION:8 hours", "DURATION can't be read"),
        (OFFICE.replace("WEEKLY;BYDAY=MO,TU,WE,TH,FR", "SECONDLY"), "recurs daily"),
        (OFFICE.replace("BYDAY=MO", "BYDAY=XX"), "can't be read"),
        ("DTSTART;TZID=Mars/Base:20260105T083000\nDURATION:PT1H", "no time zone"),
        ("A" * 30_000, "longer than"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_reason(text, said):
    with pytest.raises(ScheduleError, match=said):
        Schedule(text)


def test_a_time_zone_that_is_none_is_refused():
    with pytest.raises(ScheduleError, match="no time zone"):
        Schedule(OFFICE, "Asia/Nowhere")


def test_a_zone_counts_while_it_is_valid_and_open():
    noon = at("2026-11-23T12:00")
    zone = a_zone(valid_from=noon - 60.0, schedule=Schedule(OFFICE))
    moments = [noon - 61.0, noon - 60.0, at("2026-11-23T17:29"), at("2026-11-23T17:30")]
    assert [zone.in_force(moment) for moment in moments] == [False, True, True, False]


@given(begin=st.floats(1.76e9, 1.80e9), span_s=st.floats(0, 200 * 86_400), part=st.floats(0, 1))
def test_the_open_spans_are_the_moments_at_which_it_is_active(begin, span_s, part):
    schedule = Schedule(HOLIDAY)
    moment = begin + part * span_s

    spans = schedule.open_spans(begin, begin + span_s)

    inside = moment < begin + span_s and schedule.active(moment)
    assert any(opens <= moment < closes for opens, closes in spans) == inside

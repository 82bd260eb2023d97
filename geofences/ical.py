"""iCalendar events (RFC 5545) -> when something opens and how long it lasts.

A schedule is the text of one or more events. What is read of an event:

| property | what |
|---|---|
| `DTSTART` | the first opening; `VALUE=DATE` is a whole day; `TZID` or a final Z where it is not the zone's time |
| `DTEND` or `DURATION` | how long; without either a whole day, or nothing for a DTSTART with a time |
| `RRULE` | how it recurs, daily or slower |
| `EXDATE` | left out; with `VALUE=DATE` everything that opens on that day, which is how holidays are written |
| `RDATE` | added; with `VALUE=DATE` at DTSTART's time of day, which is how exchanged working days are written |

A time that a change of the clocks skips is read with the offset before it, a time that comes twice is the first of
the two, hours are exact and days nominal: all as RFC 5545 has it (3.3.5, 3.3.6). The recurrences are dateutil's.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rruleset, rrulestr

MAX_TEXT = 20_000
DAY_S = 86_400.0
_LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^:;]+)*):(.*)", re.IGNORECASE)
_PARAMETER = re.compile(r";([A-Za-z-]+)=([^;]+)")
_DURATION = re.compile(r"\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SLOW = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


class ScheduleError(ValueError):
    """A schedule that can't be read: the sentence says what is wrong and how to mend it."""


class Event(NamedTuple):
    """Openings on the wall clock of `zone`; each lasts some nominal days and then exact seconds."""

    starts: Any
    days: int
    seconds: float
    zone: ZoneInfo
    closed: frozenset[date]


class _Line(NamedTuple):
    """A content line: its parameters and its value."""

    parameters: dict[str, str]
    value: str


@lru_cache(maxsize=1024)
def events(text: str, time_zone: str) -> tuple[Event, ...]:
    """The events of a schedule; times without a zone of their own are those of `time_zone`.

    Raises:
        ScheduleError: the text can't be read.
    """
    if len(text) > MAX_TEXT:
        raise ScheduleError(f"The schedule is longer than {MAX_TEXT} characters: keep opening hours and holidays only.")
    zone = _zone(time_zone)
    try:
        events = tuple(_event(lines, zone) for lines in _blocks(text))
    except ScheduleError:
        raise
    except (ValueError, TypeError, OverflowError, KeyError) as error:
        raise ScheduleError(f"The schedule can't be read ({error}): write it as iCalendar events.") from error
    if not events:
        raise ScheduleError("The schedule has no event: give DTSTART, DTEND and RRULE.")
    return events


def utc(wall: datetime, zone: ZoneInfo) -> float:
    """UTC seconds of a time on the wall clock."""
    return wall.replace(tzinfo=zone).timestamp()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(f"There is no time zone {name!r}: write it as Asia/Shanghai.") from error


def _blocks(text: str) -> Iterator[dict[str, list[_Line]]]:
    """The lines of each event, by property; text without BEGIN:VEVENT is one event."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text.strip()).splitlines()
    bare = not any(line.strip().upper() == "BEGIN:VEVENT" for line in unfolded)
    lines: dict[str, list[_Line]] | None = {} if bare else None
    for number, raw in enumerate(unfolded, 1):
        matched = _LINE.fullmatch(raw.strip())
        if matched is None:
            raise ScheduleError(f"Line {number} of the schedule is no iCalendar line: write NAME:VALUE.")
        name, parameters, value = matched.groups()
        if raw.strip().upper() == "BEGIN:VEVENT":
            lines = {}
        elif raw.strip().upper() == "END:VEVENT":
            yield lines or {}
            lines = None
        elif lines is not None:
            pairs = {key.upper(): said.strip('"') for key, said in _PARAMETER.findall(parameters)}
            lines.setdefault(name.upper(), []).append(_Line(pairs, value))
    if bare and lines:
        yield lines


def _event(lines: dict[str, list[_Line]], zone: ZoneInfo) -> Event:
    if "DTSTART" not in lines:
        raise ScheduleError("An event has no DTSTART: say when it begins.")
    given = lines["DTSTART"][0]
    here = _zone_of(given, zone)
    start = _moment(given.value, here, here)
    days, seconds = _lasts(lines, given, start, here)
    if days * DAY_S + seconds <= 0.0:
        raise ScheduleError("An event ends when it begins, or before: correct DTEND or DURATION.")
    starts, closed = rruleset(), set[date]()
    for rule in lines.get("RRULE", []):
        starts.rrule(rrulestr(_checked_rule(rule.value, here), dtstart=start))
    if "RRULE" not in lines:
        starts.rdate(start)
    for line in lines.get("RDATE", []):
        for value in line.value.split(","):
            added = _moment(value, _zone_of(line, here), here)
            starts.rdate(datetime.combine(added, start.time()) if _is_date(value) else added)
    for line in lines.get("EXDATE", []):
        for value in line.value.split(","):
            left_out = _moment(value, _zone_of(line, here), here)
            if _is_date(value):
                closed.add(left_out.date())
            else:
                starts.exdate(left_out)
    return Event(starts, days, seconds, here, frozenset(closed))


def _lasts(lines: dict[str, list[_Line]], given: _Line, start: datetime, zone: ZoneInfo) -> tuple[int, float]:
    """Nominal days and exact seconds."""
    whole_day = _is_date(given.value)
    if "DTEND" in lines:
        end = _moment(lines["DTEND"][0].value, _zone_of(lines["DTEND"][0], zone), zone)
        return ((end - start).days, 0.0) if whole_day else (0, utc(end, zone) - utc(start, zone))
    if "DURATION" in lines:
        matched = _DURATION.fullmatch(lines["DURATION"][0].value.strip().upper())
        if matched is None:
            raise ScheduleError("The DURATION can't be read: write PT8H or P1D.")
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in matched.groups())
        return weeks * 7 + days, hours * 3600.0 + minutes * 60.0 + seconds
    return (1, 0.0) if whole_day else (0, 0.0)


def _checked_rule(rule: str, zone: ZoneInfo) -> str:
    """The rule with a limit in UTC put on the wall clock."""
    parts = dict(part.upper().split("=", 1) for part in rule.strip().split(";") if part)
    if parts.get("FREQ") not in _SLOW:
        raise ScheduleError(f"A schedule recurs {', '.join(_SLOW).lower()}: correct FREQ of the RRULE.")
    if "UNTIL" in parts:
        until = _moment(parts["UNTIL"], zone, zone)
        until = datetime.combine(until, time.max) if _is_date(parts["UNTIL"]) else until
        parts["UNTIL"] = until.strftime("%Y%m%dT%H%M%S")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _zone_of(line: _Line, zone: ZoneInfo) -> ZoneInfo:
    return _zone(line.parameters["TZID"]) if "TZID" in line.parameters else zone


def _is_date(value: str) -> bool:
    return "T" not in value.upper()


def _moment(value: str, zone: ZoneInfo, wall: ZoneInfo) -> datetime:
    """A date or a time of an iCalendar line on the wall clock of `wall`."""
    value = value.strip().upper()
    if _is_date(value):
        return datetime.strptime(value, "%Y%m%d")  # noqa: DTZ007  a date has no zone
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(wall).replace(tzinfo=None)
    given = datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007  the zone follows
    return given if zone is wall else given.replace(tzinfo=zone).astimezone(wall).replace(tzinfo=None)

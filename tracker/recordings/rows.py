"""One row of a recording -> a point, or a sentence that says at which row what is wrong."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import isfinite
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_LON: Final = 180.0
MAX_LAT: Final = 90.0
EPOCH_SECONDS: Final = re.compile(r"-?\d+(\.\d+)?")


class RecordingError(ValueError):
    """A recording that can't be read; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Point:
    """A stored point before it is known to be a fix; `at` is None where the file gives no time."""

    device: str
    at: float | None
    lon: float
    lat: float
    claims: Mapping[str, Any]


Row = TypeVar("Row")


def each(counted: str, rows: Iterable[tuple[int, Row]], point_of: Callable[[Row], Point]) -> Iterator[Point]:
    """A point of each numbered row; `counted` ("line") names the row at which something is wrong."""
    for number, row in rows:
        try:
            yield _in_range(point_of(row))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{counted} {number}: {_explained(error)}") from error


def _in_range(point: Point) -> Point:
    if not (abs(point.lon) <= MAX_LON and abs(point.lat) <= MAX_LAT):
        raise RecordingError("a position is out of range (lon, lat in degrees)")
    return point


def _explained(error: Exception) -> str:
    if isinstance(error, AttributeError | TypeError):
        return "a value is missing or of another type than the format says"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def device_name(text: str) -> str:
    """A device id from any text: what an id may not hold becomes `-`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")[:64] or "recording"


def number(name: str, value: Any) -> float:
    """A value that must be there as a number; `name` is what the file calls it."""
    try:
        return float(value)
    except ValueError:
        raise RecordingError(f"{name} is {value!r}, which is no number") from None


def finite(name: str, value: Any) -> float | None:
    """A value that may be missing, empty or without meaning."""
    if value is None or value == "":
        return None
    given = number(name, value)
    return given if isfinite(given) else None


def positive(name: str, value: Any) -> float | None:
    """A measured quantity that is never negative; -1 is how phones write "unknown"."""
    given = finite(name, value)
    return given if given is not None and given >= 0 else None


def time_of(text: str, local: tzinfo | None) -> float | None:
    """Seconds since 1970 from such seconds or from ISO 8601; raises when a local time has no zone to be in."""
    if not text:
        return None
    if EPOCH_SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        form = "write 2023-11-14T22:13:25Z, or seconds since 1970"
        raise RecordingError(f"{text!r} is no time; {form}") from None
    return seconds(moment, local)


def seconds(moment: datetime, local: tzinfo | None = UTC) -> float:
    """Seconds since 1970 UTC; a moment that names no zone is in `local`."""
    if moment.tzinfo is None and local is None:
        raise RecordingError("its times name no zone; say which one they are in, for example --zone Asia/Shanghai")
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=local)).timestamp()


def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RecordingError(f"{name!r} is no IANA time zone; one is Asia/Shanghai") from error

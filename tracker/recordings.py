"""Recorded tracks, as files hold them -> fixes. Positions are read as WGS-84; times become seconds since 1970 UTC.

| file | what is read |
|---|---|
| `.gpx` | every track point in stored order, one track a file; routes and waypoints are plans, not recordings |
| `.csv` | columns that `CsvColumns` names, one track for each device; local time must be told its zone |
| `.jsonl` | phone logs: `ts`, `lon`, `lat`, `acc`, `alt`, `speed` (m/s, -1 unknown), `bearing`, `mock`, `saved_at` |
| `.json` | an array of `{"point": "POINT(lon lat)", "time": "... +0200", "id": ...}` |

A point without a time is no fix: it is left out and counted, unless the caller gives the spacing in seconds (then it
comes that long after the point before it, or before the first that has one). A file with nothing usable is refused.
The order is the stored one, even where it goes back in time. GPX dilution (hdop) is a factor without a unit, so it says
nothing about metres.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from math import isfinite
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import gpxpy
from gpxpy.gpx import GPXException

from tracker.fix import Fix

KMH_PER_MPS: Final = 3.6
MAX_LON: Final = 180.0
MAX_LAT: Final = 90.0
_WKT_POINT: Final = re.compile(r"POINT\s*\(\s*(\S+)\s+(\S+)\s*\)", re.IGNORECASE)


class RecordingError(ValueError):
    """A recording that can't be read; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Track:
    """The fixes of one device in stored order; `untimed` points were left out because they have no time."""

    device: str
    fixes: tuple[Fix, ...]
    untimed: int = 0


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """Which columns of a CSV hold what; speed is km/h as vehicle recorders write it. None: not there."""

    lon: str = "lon"
    lat: str = "lat"
    time: str = "time"
    device: str | None = "id"
    accuracy_m: str | None = None
    speed_kmh: str | None = "speed"
    heading_deg: str | None = None


@dataclass(frozen=True, slots=True)
class _Point:
    """A stored point before it is known to be a fix; `at` is None where the file gives no time."""

    device: str
    at: float | None
    lon: float
    lat: float
    claims: Mapping[str, Any]


def read(
    path: Path,
    *,
    device: str | None = None,
    zone: str | None = None,
    spacing_s: float | None = None,
    columns: CsvColumns | None = None,
) -> list[Track]:
    """The tracks of one file, by its suffix. `device` names the phone of a file with one track (default: the stem).

    `zone` (IANA name) is for CSV with local times, `spacing_s` for points without any. Raises RecordingError.
    """
    name = device_name(path.stem)
    readers = {
        ".gpx": lambda: _gpx_points(path, name),
        ".csv": lambda: _csv_points(path, name, columns or CsvColumns(), zone),
        ".jsonl": lambda: _jsonl_points(path, name),
        ".json": lambda: _wkt_points(path, name),
    }
    if path.suffix.lower() not in readers:
        raise RecordingError(f"{path.name}: a recording is one of {', '.join(readers)}")
    try:
        points = _spaced(list(readers[path.suffix.lower()]()), spacing_s)
        return _named(_tracks(points), device)
    except (AttributeError, KeyError, TypeError, ValueError, GPXException) as error:
        raise _explained(path, error) from error


def device_name(text: str) -> str:
    """A device id from any text: what an id may not hold becomes `-`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-")[:64] or "recording"


def _explained(path: Path, error: Exception) -> RecordingError:
    if isinstance(error, AttributeError | TypeError):
        return RecordingError(f"{path.name}: a value is missing or of another type than the format says")
    return RecordingError(
        f"{path.name}: {error} is missing" if isinstance(error, KeyError) else f"{path.name}: {error}"
    )


def _spaced(points: list[_Point], spacing_s: float | None) -> list[_Point]:
    """Times for points without one: so long after the point before, or before the first point that has one."""
    if spacing_s is None:
        return points
    lead = next((i for i, point in enumerate(points) if point.at is not None), 0)
    at = (points[lead].at or 0.0) - (lead + 1) * spacing_s if points else 0.0
    spaced = []
    for point in points:
        at = at + spacing_s if point.at is None else point.at
        spaced.append(replace(point, at=at))
    return spaced


def _tracks(points: list[_Point]) -> list[Track]:
    fixes: dict[str, list[Fix]] = {}
    untimed: Counter[str] = Counter()
    for point in points:
        if point.at is None:
            untimed[point.device] += 1
        else:
            fixes.setdefault(point.device, []).append(_fix(point, round(point.at, 6)))
    if not fixes:
        raise RecordingError(_why_empty(len(points)))
    return [Track(name, tuple(found), untimed[name]) for name, found in fixes.items()]


def _why_empty(points: int) -> str:
    if points == 0:
        return "no track point in it (routes and waypoints are no recording)"
    return f"none of its {points} points has a time; give the seconds between two points (spacing)"


def _named(tracks: list[Track], device: str | None) -> list[Track]:
    if device is None:
        return tracks
    if len(tracks) > 1:
        raise RecordingError(f"it holds {len(tracks)} devices; one name can't stand for all of them")
    track = tracks[0]
    return [replace(track, device=device, fixes=tuple(replace(fix, device=device) for fix in track.fixes))]


def _fix(point: _Point, at: float) -> Fix:
    if not (abs(point.lon) <= MAX_LON and abs(point.lat) <= MAX_LAT):
        raise RecordingError("a position is out of range (lon, lat in degrees)")
    return Fix(point.device, at, point.lon, point.lat, received_at=at, **point.claims)


def _gpx_points(path: Path, device: str) -> Iterator[_Point]:
    recorded = gpxpy.parse(path.read_bytes())
    for point in (p for track in recorded.tracks for segment in track.segments for p in segment.points):
        claims = {
            "altitude_m": _finite(point.elevation),
            "speed_mps": _positive(point.speed),
            "heading_deg": _positive(point.course),
        }
        at = None if point.time is None else _seconds(point.time, UTC)
        yield _Point(device, at, point.longitude, point.latitude, claims)


def _csv_points(path: Path, device: str, columns: CsvColumns, zone: str | None) -> Iterator[_Point]:
    local = None if zone is None else _zone(zone)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            speed_kmh = _positive(_cell(row, columns.speed_kmh))
            claims = {
                "accuracy_m": _positive(_cell(row, columns.accuracy_m)) or None,
                "speed_mps": None if speed_kmh is None else speed_kmh / KMH_PER_MPS,
                "heading_deg": _positive(_cell(row, columns.heading_deg)),
            }
            own = row.get(columns.device) if columns.device else None
            name = f"{device}-{device_name(own)}" if own else device
            at = _time_of(row[columns.time], local)
            yield _Point(name[:64], at, float(row[columns.lon]), float(row[columns.lat]), claims)


def _jsonl_points(path: Path, device: str) -> Iterator[_Point]:
    for line in _lines(path):
        row = json.loads(line)
        claims = {
            "accuracy_m": _positive(row.get("acc")) or None,
            "altitude_m": _finite(row.get("alt")),
            "speed_mps": _positive(row.get("speed")),
            "heading_deg": _positive(row.get("bearing")),
            "built_at": _finite(row.get("saved_at")),
            "mock": row["mock"] if type(row.get("mock")) is bool else None,
        }
        yield _Point(device, float(row["ts"]), float(row["lon"]), float(row["lat"]), claims)


def _wkt_points(path: Path, device: str) -> Iterator[_Point]:
    for row in json.loads(path.read_bytes()):
        point = _WKT_POINT.fullmatch(row["point"])
        if point is None:
            raise RecordingError("a point is written POINT(lon lat)")
        yield _Point(device, _time_of(row["time"], None), float(point[1]), float(point[2]), {})


def _lines(path: Path) -> Iterable[str]:
    return (line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip())


def _cell(row: Mapping[str, str], column: str | None) -> str | None:
    return row.get(column) if column else None


def _finite(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = float(value)
    return number if isfinite(number) else None


def _positive(value: Any) -> float | None:
    """A measured quantity that is never negative; -1 is how phones write "unknown"."""
    number = _finite(value)
    return number if number is not None and number >= 0 else None


def _time_of(text: str, local: tzinfo | None) -> float | None:
    """Seconds since 1970 from such seconds or from ISO 8601; raises when a local time has no zone to be in."""
    if not text:
        return None
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    return _seconds(datetime.fromisoformat(text), local)


def _seconds(moment: datetime, local: tzinfo | None) -> float:
    if moment.tzinfo is None and local is None:
        raise RecordingError("its times name no zone; say which one they are in, for example Asia/Shanghai")
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=local)).timestamp()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RecordingError(f"{name!r} is no IANA time zone; one is Asia/Shanghai") from error

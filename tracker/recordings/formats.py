"""The points of one file, in stored order, for each format that is read."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from io import StringIO
from pathlib import Path
from typing import Any, Final

import gpxpy
from gpxpy.gpx import GPXException

from tracker.recordings.rows import (
    Point,
    RecordingError,
    device_name,
    each,
    finite,
    number,
    positive,
    seconds,
    time_of,
    zone_named,
)

KMH_PER_MPS: Final = 3.6
_WKT_POINT: Final = re.compile(r"POINT\s*\(\s*(\S+)\s+(\S+)\s*\)", re.IGNORECASE)


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


def gpx_points(path: Path, device: str) -> Iterator[Point]:
    """Every point of every track of a GPX file; times without a zone are UTC, as the format says."""
    try:
        recorded = gpxpy.parse(path.read_bytes())
    except (GPXException, ValueError) as error:
        raise RecordingError(f"it is no GPX file ({error}); export it again from where it was recorded") from error

    def point_of(stored: Any) -> Point:
        claims = {
            "altitude_m": finite("ele", stored.elevation),
            "speed_mps": positive("speed", stored.speed),
            "heading_deg": positive("course", stored.course),
        }
        at = None if stored.time is None else seconds(stored.time, UTC)
        return Point(device, at, stored.longitude, stored.latitude, claims)

    points = (point for track in recorded.tracks for segment in track.segments for point in segment.points)
    return each("track point", enumerate(points, 1), point_of)


def csv_points(path: Path, device: str, columns: CsvColumns, zone: str | None) -> Iterator[Point]:
    """The rows of a CSV; local times are in `zone` (IANA name)."""
    local = None if zone is None else zone_named(zone)
    reader = csv.DictReader(StringIO(_text(path), newline=""))
    _check_columns(reader.fieldnames, columns)

    def point_of(row: Mapping[str, str]) -> Point:
        speed_kmh = _measured(row, columns.speed_kmh)
        claims = {
            "accuracy_m": _measured(row, columns.accuracy_m) or None,
            "speed_mps": None if speed_kmh is None else speed_kmh / KMH_PER_MPS,
            "heading_deg": _measured(row, columns.heading_deg),
        }
        own = row.get(columns.device) if columns.device else None
        name = f"{device}-{device_name(own)}" if own else device
        at = time_of(row[columns.time], local)
        return Point(name[:64], at, number("lon", row[columns.lon]), number("lat", row[columns.lat]), claims)

    return each("line", ((reader.line_num, row) for row in reader), point_of)


def _check_columns(found: Any, columns: CsvColumns) -> None:
    wanted = (columns.lon, columns.lat, columns.time)
    if not found:
        raise RecordingError(f"it is empty; its first line names the columns {', '.join(wanted)}")
    missing = [repr(name) for name in wanted if name not in found]
    if missing:
        raise RecordingError(
            f"line 1: the column {' and '.join(missing)} is missing; it has {', '.join(found)}. "
            f"Name the columns {', '.join(wanted)}"
        )


def jsonl_points(path: Path, device: str) -> Iterator[Point]:
    """The lines of a phone's own log."""

    def point_of(line: str) -> Point:
        row = _json(line)
        claims = {
            "accuracy_m": positive("acc", row.get("acc")) or None,
            "altitude_m": finite("alt", row.get("alt")),
            "speed_mps": positive("speed", row.get("speed")),
            "heading_deg": positive("bearing", row.get("bearing")),
            "built_at": finite("saved_at", row.get("saved_at")),
            "mock": row["mock"] if type(row.get("mock")) is bool else None,
        }
        return Point(device, number("ts", row["ts"]), number("lon", row["lon"]), number("lat", row["lat"]), claims)

    lines = ((count, line) for count, line in enumerate(_text(path).split("\n"), 1) if line.strip())
    return each("line", lines, point_of)


def wkt_points(path: Path, device: str) -> Iterator[Point]:
    """The objects of one JSON array, positions as WKT."""
    stored = _json(_text(path))
    if not isinstance(stored, list):
        raise RecordingError('it is no JSON array of {"point": "POINT(lon lat)", "time": "..."}')

    def point_of(row: Mapping[str, str]) -> Point:
        point = _WKT_POINT.fullmatch(row["point"])
        if point is None:
            raise RecordingError("a point is written POINT(lon lat)")
        return Point(device, time_of(row["time"], None), number("lon", point[1]), number("lat", point[2]), {})

    return each("object", enumerate(stored, 1), point_of)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise RecordingError(f"no JSON from {at} on ({error.msg})") from error


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordingError(f"line {line}: byte 0x{data[error.start]:02x} is no UTF-8; save it as UTF-8") from error


def _measured(row: Mapping[str, str], column: str | None) -> float | None:
    return positive(column, row.get(column)) if column else None

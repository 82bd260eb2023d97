"""The points of a file -> tracks of fixes."""

import csv
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.fix import Fix
from tracker.recordings.formats import CsvColumns, csv_points, gpx_points, jsonl_points, wkt_points
from tracker.recordings.rows import Point, RecordingError, device_name


@dataclass(frozen=True, slots=True)
class Track:
    """The fixes of one device in stored order; `untimed` points were left out because they have no time."""

    device: str
    fixes: tuple[Fix, ...]
    untimed: int = 0


def read(
    path: Path,
    *,
    device: str | None = None,
    zone: str | None = None,
    spacing_s: float | None = None,
    columns: CsvColumns | None = None,
) -> list[Track]:
    """The tracks of one file, by its suffix. `device` names the phone of a file with one track (default: the stem).

    `zone` (IANA name) is for CSV with local times, `spacing_s` (above 0) for points without any. Raises
    RecordingError, whose sentence begins with the file's name.
    """
    name = device_name(path.stem)
    readers = {
        ".gpx": lambda: gpx_points(path, name),
        ".csv": lambda: csv_points(path, name, columns or CsvColumns(), zone),
        ".jsonl": lambda: jsonl_points(path, name),
        ".json": lambda: wkt_points(path, name),
    }
    if path.suffix.lower() not in readers:
        raise RecordingError(f"{path.name}: a recording is one of {', '.join(readers)}")
    try:
        points = _spaced(list(readers[path.suffix.lower()]()), spacing_s)
        return _named(_tracks(points), device)
    except (RecordingError, csv.Error) as error:
        raise RecordingError(f"{path.name}: {error}") from error


def _spaced(points: list[Point], spacing_s: float | None) -> list[Point]:
    """Times for points without one: so long after the point before, or before the first point that has one."""
    if spacing_s is None:
        return points
    if not spacing_s > 0:
        raise RecordingError("the seconds between two points (--spacing-s) are above 0")
    lead = next((i for i, point in enumerate(points) if point.at is not None), 0)
    at = (points[lead].at or 0.0) - (lead + 1) * spacing_s if points else 0.0
    spaced = []
    for point in points:
        at = at + spacing_s if point.at is None else point.at
        spaced.append(replace(point, at=at))
    return spaced


def _tracks(points: list[Point]) -> list[Track]:
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
    return f"none of its {points} points has a time; give the seconds between two points with --spacing-s"


def _named(tracks: list[Track], device: str | None) -> list[Track]:
    if device is None:
        return tracks
    if len(tracks) > 1:
        raise RecordingError(f"it holds {len(tracks)} devices; one name can't stand for all of them")
    track = tracks[0]
    return [replace(track, device=device, fixes=tuple(fix._replace(device=device) for fix in track.fixes))]


def _fix(point: Point, at: float) -> Fix:
    return Fix(point.device, at, point.lon, point.lat, received_at=at, **point.claims)

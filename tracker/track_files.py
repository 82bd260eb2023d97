"""A past track as a file: GPX 1.1 (by gpxpy), GeoJSON (RFC 7946) and CSV. WGS-84, longitude first, times in UTC.

Gaps split the line, so that no program draws one where nobody was seen. GPX has no place for accuracy: the others do.
"""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args

import gpxpy.gpx
import orjson

from geofences.cells import harmless
from tracker.fix import Fix
from tracker.replay import PastTrack, is_late, pieces

Format = Literal["gpx", "geojson", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
FIELDS = (
    "fix_at",
    "received_at",
    "lon",
    "lat",
    "accuracy_m",
    "speed_mps",
    "heading_deg",
    "battery_pct",
    "device",
    "late",
)


class TrackFile(NamedTuple):
    """What is handed out."""

    content: bytes
    media_type: str


def track_file(track: PastTrack, form: Format) -> TrackFile:
    """The track in one of the formats."""
    write, media_type = _WRITERS[form]
    return TrackFile(write(track), media_type)


def gpx(track: PastTrack) -> bytes:
    """One track, a segment for each row of fixes without a gap."""
    book = gpxpy.gpx.GPX()
    book.creator = "KeepClear"
    line = gpxpy.gpx.GPXTrack(name=f"{track.shift.visitor} {_utc(track.shift.opened_at)}")
    for piece in pieces(track.fixes):
        points = [gpxpy.gpx.GPXTrackPoint(fix.lat, fix.lon, time=_moment(fix.fix_at)) for fix in piece]
        line.segments.append(gpxpy.gpx.GPXTrackSegment(points))
    book.tracks.append(line)
    return book.to_xml().encode()


def geojson(track: PastTrack) -> bytes:
    """A point for each fix with all that is known of it, and a line for each row of fixes without a gap."""
    points = [_feature("Point", [fix.lon, fix.lat], _members(fix)) for fix in track.fixes]
    lines = [
        _feature("LineString", [[fix.lon, fix.lat] for fix in piece], {"from": _utc(piece[0].fix_at)})
        for piece in pieces(track.fixes)
        if len(piece) > 1
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": points + lines})


def table(track: PastTrack) -> bytes:
    """A row for each fix, with a heading; UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS)
    writer.writeheader()
    for fix in track.fixes:
        cells = _members(fix) | {"lon": fix.lon, "lat": fix.lat}
        writer.writerow({name: harmless(cell) for name, cell in cells.items()})
    return text.getvalue().encode("utf-8-sig")


_WRITERS: dict[Format, tuple[Callable[[PastTrack], bytes], str]] = {
    "gpx": (gpx, "application/gpx+xml"),
    "geojson": (geojson, "application/geo+json"),
    "csv": (table, "text/csv; charset=utf-8"),
}


def _feature(kind: str, coordinates: Iterable[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _members(fix: Fix) -> dict[str, Any]:
    return {
        "fix_at": _utc(fix.fix_at),
        "received_at": _utc(fix.received_at),
        "accuracy_m": fix.accuracy_m,
        "speed_mps": fix.speed_mps,
        "heading_deg": fix.heading_deg,
        "battery_pct": fix.battery_pct,
        "device": fix.device,
        "late": is_late(fix),
    }


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _utc(at: float) -> str:
    return _moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Past tracks as files: GPX 1.1 (by gpxpy), KML 2.2, CSV, GeoJSON and MF-JSON. WGS-84, longitude first, times in UTC.

Gaps split the lines, so that no program draws one where nobody was seen. GPX and KML have no place for accuracy: the
others do.
"""

import csv
import io
from collections.abc import Callable
from typing import Literal, NamedTuple, get_args
from xml.etree import ElementTree as ET

import gpxpy.gpx

from geofences.cells import harmless
from tracker.past.replay import Past, PastTrack, pieces
from tracker.past.track_json import geojson, members, mf_json, moment, utc

Format = Literal["gpx", "geojson", "csv", "kml", "mfjson"]
FORMATS: tuple[Format, ...] = get_args(Format)
FIELDS = (
    "visitor",
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
KML = "http://www.opengis.net/kml/2.2"
GX = "http://www.google.com/kml/ext/2.2"
ET.register_namespace("", KML)
ET.register_namespace("gx", GX)


class TrackFile(NamedTuple):
    """What is handed out."""

    content: bytes
    media_type: str


def track_file(past: Past, form: Format) -> TrackFile:
    """The tracks in one of the formats."""
    write, media_type = _WRITERS[form]
    return TrackFile(write(past), media_type)


def gpx(past: Past) -> bytes:
    """A track for each visitor, a segment for each row of fixes without a gap."""
    book = gpxpy.gpx.GPX()
    book.creator = "KeepClear"
    for track in past.tracks:
        line = gpxpy.gpx.GPXTrack(name=f"{track.visitor} {utc(past.window.from_at)}")
        for piece in pieces(track.fixes):
            points = [gpxpy.gpx.GPXTrackPoint(fix.lat, fix.lon, time=moment(fix.fix_at)) for fix in piece]
            line.segments.append(gpxpy.gpx.GPXTrackSegment(points))
        book.tracks.append(line)
    return book.to_xml().encode()


def kml(past: Past) -> bytes:
    """A placemark for each visitor with a `gx:Track` for each row of fixes without a gap, never interpolated."""
    root = ET.Element(f"{{{KML}}}kml")
    document = ET.SubElement(root, f"{{{KML}}}Document")
    for track in past.tracks:
        _placemark(document, track)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _placemark(document: ET.Element, track: PastTrack) -> None:
    mark = ET.SubElement(document, f"{{{KML}}}Placemark")
    ET.SubElement(mark, f"{{{KML}}}name").text = track.visitor
    lines = ET.SubElement(mark, f"{{{GX}}}MultiTrack")
    ET.SubElement(lines, f"{{{GX}}}interpolate").text = "0"
    for piece in pieces(track.fixes):
        line = ET.SubElement(lines, f"{{{GX}}}Track")
        for fix in piece:
            ET.SubElement(line, f"{{{KML}}}when").text = utc(fix.fix_at)
        for fix in piece:
            ET.SubElement(line, f"{{{GX}}}coord").text = f"{fix.lon} {fix.lat} 0"


def table(past: Past) -> bytes:
    """A row for each fix, with a heading; UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS)
    writer.writeheader()
    for track in past.tracks:
        for fix in track.fixes:
            cells = members(fix) | {"visitor": track.visitor, "lon": fix.lon, "lat": fix.lat}
            writer.writerow({name: harmless(cell) for name, cell in cells.items()})
    return text.getvalue().encode("utf-8-sig")


_WRITERS: dict[Format, tuple[Callable[[Past], bytes], str]] = {
    "gpx": (gpx, "application/gpx+xml"),
    "geojson": (geojson, "application/geo+json"),
    "csv": (table, "text/csv; charset=utf-8"),
    "kml": (kml, "application/vnd.google-earth.kml+xml"),
    "mfjson": (mf_json, "application/json"),
}

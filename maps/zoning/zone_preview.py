"""What a zone that is being drawn would be, worked out as an edit would, and drawn in true metres."""

from typing import Any

import shapely

from geofences.allowed import place_of
from geofences.plane import LocalPlane
from geofences.policy import edited, imported
from geofences.report import Report
from geofences.zone import Zone
from maps.zones import zone_parts
from maps.zoning.zone_answers import note_findings, note_texts, read_geometry
from maps.zoning.zone_models import Change, Sketch
from tracker.errors import NotFoundError
from tracker.zones.book import ZoneBook, ZoneQuery

AHEAD_S = 7 * 86_400.0
MOST_SPANS = 50
DRAWN = "drawn"
"""The id of a zone that has none yet."""


def preview_of(book: ZoneBook, sketch: Sketch, site: tuple[float, float], at: float) -> dict[str, Any]:
    """`Preview` of a sketch at a moment (UTC seconds since 1970); `site`: its standoff and ring in metres.

    Raises:
        NotFoundError: the zone to change doesn't stand.
        ValueError: the zone would be none.
    """
    report = read(sketch, site)
    zone = _changed(book, sketch, report) if sketch.zone_id else _new(book, sketch, report)
    hours = zone.schedule
    return {
        "geometry": shapely.geometry.mapping(zone.footprint),
        "parts": {part: shapely.geometry.mapping(shape) for part, shape in zone_parts(zone).items() if shape},
        "standoff_m": zone.standoff_m,
        "warning_m": zone.warning_m,
        "schedule": None if hours is None else {"text": hours.text, "time_zone": hours.time_zone},
        "opens": None if hours is None else hours.open_spans(at, at + AHEAD_S)[:MOST_SPANS],
        "notes": note_texts(report),
        "findings": note_findings(report),
    }


def read(change: Change, site: tuple[float, float]) -> Report:
    """The shape that is given, as a report with one zone; without one an empty report."""
    if change.geometry is None:
        return Report()
    return read_geometry(change.geometry, change.datum, {"id": DRAWN}, site, "")


def _changed(book: ZoneBook, sketch: Sketch, report: Report) -> Zone:
    standing = book.page(ZoneQuery(zone_id=sketch.zone_id), "", 1)
    if not standing:
        raise NotFoundError(f"There is no zone {sketch.zone_id}.", "The list of zones has those in force.")
    drawn = (report.zones[0].footprint, report.datum) if report.zones else (None, None)
    footprint = drawn[0] or standing[0].footprint
    change = sketch.model_copy(update=_reached(sketch, footprint))
    policy = book.policies().get(change.category or standing[0].category)
    return edited(standing[0], change.edit(*drawn), policy)


def _new(book: ZoneBook, sketch: Sketch, report: Report) -> Zone:
    if not report.zones:
        raise ValueError("The sketch has no geometry: draw a point, a line or an outline.")
    blank = report.zones[0]
    change = sketch.model_copy(update=_reached(sketch, blank.footprint))
    zone = edited(blank, change.edit(None, None), None)
    return imported(zone, None, book.policies().get(zone.category))


def _reached(sketch: Sketch, footprint: Any) -> dict[str, float]:
    """The standoff that lets the edge pass through the place that it shall reach."""
    if sketch.reaches is None:
        return {}
    plane = LocalPlane(*place_of(*sketch.reaches, sketch.datum))
    return {"standoff_m": float(round(plane.flat(footprint).distance(shapely.Point(0.0, 0.0))))}

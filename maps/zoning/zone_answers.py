"""What the zones API answers and refuses, apart from its routes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import orjson
import shapely
from fastapi import Response
from fastapi.responses import JSONResponse

from geofences.allowed import Way
from geofences.datum import DatumError
from geofences.ical import ScheduleError
from geofences.imports.updates import differences
from geofences.report import Problem as Row
from geofences.report import Report
from geofences.sources.geojson import read_geojson
from geofences.sources.reading import Defaults
from geofences.zone import Zone, ZoneError
from maps.problems import Problem
from maps.zoning.zone_models import (
    NewZone,
    Signed,
    members,
)
from tracker.errors import ConflictError, NotFoundError
from tracker.zones.book import BusyError, StaleZoneError, ZoneBook
from tracker.zones.record import Signature, ZoneRecord

GEOJSON = "application/geo+json"
RESERVED = ("import", "export")


class GeoJsonResponse(JSONResponse):
    """GeoJSON, already encoded; the description calls whatever is no JSONResponse a string."""

    media_type = GEOJSON

    def render(self, content: bytes) -> bytes:
        """As it is."""
        return content


def feature(zone: Zone, report: Report | None = None) -> dict[str, Any]:
    """A version of a zone as GeoJSON, with what was repaired when it was read."""
    geometry = shapely.geometry.mapping(zone.footprint)
    made = {"type": "Feature", "id": zone.id, "properties": members(zone), "geometry": geometry}
    if report is None or not report.notes:
        return made
    return made | {"notes": note_texts(report), "findings": note_findings(report)}


def version(record: ZoneRecord, before: Zone | None) -> dict[str, Any]:
    """A version with its signature and what it changed."""
    return {
        "zone": orjson.loads(orjson.dumps(feature(record.zone))),
        "by": record.signature.by,
        "why": record.signature.why,
        "approver": record.signature.approver,
        "recorded_at": record.recorded_at,
        "changed": None if before is None else list(differences(record.zone, before)),
        "ended_by": record.ended_by,
        "ended_why": record.ended_why,
    }


def way(found: Way | None) -> dict[str, float] | None:
    """A way as JSON."""
    if found is None:
        return None
    return {"bearing_deg": found.bearing_deg, "metres": found.metres, "lon": found.lon, "lat": found.lat}


def known_records(book: ZoneBook, zone_id: str) -> list[ZoneRecord]:
    """All versions of a zone, or 404."""
    check_plain(zone_id)
    records = book.records(zone_id)
    if not records:
        raise Problem(HTTPStatus.NOT_FOUND, "no_zone", f"There never was a zone {zone_id}.")
    return records


def new_members(body: NewZone) -> dict[str, Any]:
    """What was given of a new zone, as the properties of a row."""
    given = {name: getattr(body, name) for name in ("id", "name", "category", "standoff_m", "warning_m")}
    return {name: value for name, value in given.items() if value not in (None, "")}


def hours_of(body: NewZone, zone: Zone) -> dict[str, Any]:
    """The schedule of a new zone, which is then its own."""
    schedule = body.schedule.schedule() if body.schedule else None
    return {"schedule": schedule, "overrides": (*zone.overrides, "schedule")}


def read_geometry(
    geometry: dict[str, Any], datum: str, properties: dict[str, Any], metres: tuple[float, float], source: str
) -> Report:
    """The one zone of a geometry, repaired where an import would; 422 as a problem with field and mend."""
    row = {"type": "Feature", "properties": properties, "geometry": geometry}
    report = read_geojson(row, Defaults(datum, *metres, "other", source))
    if report.problems or len(report.zones) != 1:
        errors = [replace(each, row=None, file="").as_json() for each in report.problems]
        reason = " ".join(f"{each.field}: {each.finding.reason} {each.finding.mend}" for each in report.problems)
        detail = reason or "Give one point, line or outline, or several of one kind."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "zone_refused", detail, more={"errors": errors or None})
    return report


def written(zone: Zone, report: Report, status: HTTPStatus) -> Response:
    """The version that now stands, with its ETag."""
    return GeoJsonResponse(orjson.dumps(feature(zone, report)), status, {"ETag": etag(zone)})


def note_texts(report: Report) -> list[str]:
    """What was repaired, a sentence each."""
    return [f"{note.finding.reason} {note.finding.mend}".strip() for note in report.notes]


def note_findings(report: Report) -> list[dict[str, Any]]:
    """The same with their codes."""
    return [note.finding.as_json() for note in report.notes]


def signature(user: str, body: Signed) -> Signature:
    """Who and why."""
    return Signature(user, body.reason, body.approver)


def etag(zone: Zone) -> str:
    """What names the version that stands."""
    return f'"{zone.version}"'


def expected(if_match: str | None) -> int | None:
    """The version of `If-Match` (None for *), 428 without one, 412 for what was never an ETag of ours."""
    if if_match is None:
        raise Problem(
            HTTPStatus.PRECONDITION_REQUIRED, "no_if_match", "Send If-Match with the ETag that you have seen."
        )
    said = if_match.strip()
    if said == "*":
        return None
    number = said.strip('"')
    if said != f'"{number}"' or not (number.isascii() and number.isdecimal() and len(number) < 10):  # noqa: PLR2004
        raise StaleZoneError
    return int(number)


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """`west,south,east,north` in degrees, or 422."""
    if text is None:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        west, south, east, north = 0.0, 1.0, 0.0, 0.0
    if not (-180.0 <= west <= 180.0 and -180.0 <= east <= 180.0 and -90.0 <= south <= north <= 90.0):  # noqa: PLR2004
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_bbox", "Give bbox=west,south,east,north in degrees.")
    return west, south, east, north


def check_plain(*texts: str) -> None:
    """Refuse what no database keeps."""
    if any("\0" in text for text in texts):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_text", "A parameter holds a zero byte.")


def check_id(zone_id: str) -> None:
    """Refuse an id under which the zone could not be asked for."""
    if zone_id in RESERVED or zone_id.endswith(("/versions", "/retire")):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "reserved_id", f"{zone_id} is a path of this API: take another.")


@contextmanager
def refusing(zone_id: str = "") -> Iterator[None]:
    """The house's errors as problems."""
    if zone_id:
        check_plain(zone_id)
    try:
        yield
    except NotFoundError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "no_zone", error.what) from error
    except ConflictError as error:
        raise Problem(HTTPStatus.CONFLICT, "zone_exists", f"{error.what} {error.do}") from error
    except StaleZoneError as error:
        detail = "Somebody else changed the zone since: read it again, then edit."
        raise Problem(HTTPStatus.PRECONDITION_FAILED, "zone_changed", detail) from error
    except BusyError as error:
        again = {"Retry-After": "5"}
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Zones are being written: try again.", again) from error
    except (ValueError, RecursionError) as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "zone_refused", str(error), more=_of_field(error)) from error


def _of_field(error: Exception) -> dict[str, Any]:
    """The field that the error is about, for a form; nothing where it is about none."""
    if isinstance(error, ZoneError):
        return {"errors": [Row(None, error.field, error.finding).as_json()]}
    if isinstance(error, DatumError):
        return {"errors": [Row(None, "datum", error.finding).as_json()]}
    if isinstance(error, ScheduleError):
        return {"errors": [{"file": "", "row": None, "field": "schedule", "reason": str(error), "mend": ""}]}
    return {}

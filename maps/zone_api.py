"""`/api/v1/zones` and `/api/v1/places/allowed`: the record of zones for integrators, every refusal as a problem."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import orjson
import shapely
from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime

from geofences.allowed import Way, allowed, place_of
from geofences.export import export_zones
from geofences.geojson import read_geojson
from geofences.properties import shown
from geofences.reading import Defaults
from geofences.report import Report
from geofences.updates import differences
from geofences.zone import Zone
from maps.permission import ZoneEditor, ZoneReader, session
from maps.problems import PROBLEM_JSON, Problem, ProblemDetails
from maps.zone_models import (
    Answer,
    ImportReport,
    NewZone,
    Signed,
    Versions,
    ZoneDocument,
    ZonePage,
    ZonePatch,
    members,
)
from maps.zone_uploads import BODY, EVERYTHING, Upload, take, upload
from tracker.errors import ConflictError, NotFoundError
from tracker.zone_book import BusyError, StaleZoneError, ZoneBook, ZoneQuery, ZoneSnapshot
from tracker.zone_record import Signature, ZoneRecord

GEOJSON = "application/geo+json"
IMPORT_PATH = "/api/v1/zones/import"
MOST_IN_A_PAGE = 1000
RESERVED = ("import", "export")
EXPORTS = {"geojson": GEOJSON, "gpkg": "application/geopackage+sqlite3", "csv": "text/csv"}
PROBLEM: dict[str, Any] = {"model": ProblemDetails, "content": {PROBLEM_JSON: {}}}
Problems = dict[int | str, dict[str, Any]]


class GeoJsonResponse(Response):
    """GeoJSON, already encoded."""

    media_type = GEOJSON


def problems(*codes: int) -> Problems:
    """What a route may refuse with."""
    return dict.fromkeys((401, 403, 422, *codes), PROBLEM)


At = Annotated[AwareDatetime | None, Query(description="The versions valid then: ISO 8601, or seconds since 1970 UTC.")]
Datum = Annotated[str, Query(description="wgs84, gcj02 or bd09.")]
IfMatch = Annotated[str | None, Header(description="The ETag of the version that you have seen.")]


def router(book: ZoneBook, standoff_m: float, warning_m: float) -> APIRouter:  # noqa: C901, PLR0915  a list of small routes
    """The routes; the metres are the site's, for zones that give none."""
    routes = APIRouter(prefix="/api/v1", tags=["zones"], dependencies=[Depends(session)])
    snapshot = ZoneSnapshot(book)

    @routes.get(
        "/zones", response_class=GeoJsonResponse, responses={200: {"model": ZonePage}, **problems()},
        summary="Zones, page by page",
    )  # fmt: skip
    def list_zones(
        _user: ZoneReader,
        category: Annotated[list[str] | None, Query(description="The group: court, police, ...")] = None,
        name: Annotated[str, Query(description="Part of the name.", max_length=200)] = "",
        bbox: Annotated[str | None, Query(description="west,south,east,north; west > east crosses 180.")] = None,
        at: At = None,
        after: Annotated[str, Query(description="`next` of the page before.")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_IN_A_PAGE)] = 100,
    ) -> Response:
        """Those not retired, or those valid `at` a moment, in the order of their ids."""
        check_plain(name, after, *(category or ()))
        query = ZoneQuery(tuple(category or ()), name, box_of(bbox), at.timestamp() if at else None)
        found = book.page(query, after, limit + 1)
        following = found[limit - 1].id if len(found) > limit else None
        page = {"type": "FeatureCollection", "features": [feature(zone) for zone in found[:limit]], "next": following}
        return GeoJsonResponse(orjson.dumps(page))

    @routes.get(
        "/zones/export", response_class=Response, summary="All zones not retired as a file",
        responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in EXPORTS.values()}}, **problems()},
    )  # fmt: skip
    def export(
        _user: ZoneReader, kind: Annotated[Literal["geojson", "gpkg", "csv"], Query(alias="format")] = "geojson"
    ) -> Response:
        """A file that can be imported again, in WGS-84."""
        with TemporaryDirectory(prefix="keepclear-export-") as room:
            path = Path(room) / f"zones.{kind}"
            export_zones(book.page(ZoneQuery(), "", EVERYTHING), path)
            headers = {"Content-Disposition": f'attachment; filename="{path.name}"'}
            return Response(path.read_bytes(), media_type=EXPORTS[kind], headers=headers)

    @routes.post(
        "/zones/import", responses=problems(409, 413, 503), openapi_extra=BODY, summary="Import files of zones",
    )  # fmt: skip
    def import_zones(
        user: ZoneEditor, sent: Annotated[Upload, Depends(upload)], dry_run: Annotated[bool, Query()] = False
    ) -> ImportReport:
        """Good rows are taken even if others are refused; `dry_run` writes nothing and says what would be done."""
        with refusing():
            report = take(sent, book, user, (standoff_m, warning_m), dry_run=dry_run)
        return ImportReport.model_validate(report)

    @routes.post(
        "/zones", status_code=HTTPStatus.CREATED, response_class=GeoJsonResponse, summary="Create a zone",
        responses={201: {"model": ZoneDocument}, **problems(409, 413, 503)},
    )  # fmt: skip
    def create(user: ZoneEditor, body: NewZone) -> Response:
        """It counts from a second later. The geometry is repaired where that is safe, with a note."""
        with refusing():
            report = read_geometry(body.geometry, body.datum, new_members(body), (standoff_m, warning_m), "api")
            zone = report.zones[0]
            if body.schedule:
                zone = replace(zone, **hours_of(body, zone))
            check_id(zone.id)
            made = book.create(zone, signature(user, body))
        return written(made, report, HTTPStatus.CREATED)

    @routes.get("/zones/{zone_id:path}/versions", responses=problems(404), summary="Every version of a zone")
    def versions(_user: ZoneReader, zone_id: str) -> Versions:
        """From when to when, what it said, who wrote it and why, and what changed."""
        records = known_records(book, zone_id)
        before = [None, *(record.zone for record in records)]
        found = [version(record, was) for record, was in zip(records, before, strict=False)]
        return Versions.model_validate({"id": zone_id, "versions": found})

    @routes.post(
        "/zones/{zone_id:path}/retire", response_class=GeoJsonResponse, summary="Retire a zone",
        responses={200: {"model": ZoneDocument}, **problems(404, 412, 413, 428, 503)},
    )  # fmt: skip
    def retire(user: ZoneEditor, zone_id: str, body: Signed, if_match: IfMatch = None) -> Response:
        """It ends a second from now; fixes from before are still judged by it."""
        with refusing(zone_id):
            ended = book.retire(zone_id, signature(user, body), expected(if_match))
        return GeoJsonResponse(orjson.dumps(feature(ended)))

    @routes.get(
        "/zones/{zone_id:path}", response_class=GeoJsonResponse, summary="One zone",
        responses={200: {"model": ZoneDocument}, **problems(404)},
    )  # fmt: skip
    def one(_user: ZoneReader, zone_id: str, at: At = None) -> Response:
        """As it stands (with the ETag that an edit must name), or as it was `at` a moment."""
        check_plain(zone_id)
        found = book.page(ZoneQuery(zone_id=zone_id, at=at.timestamp() if at else None), "", 1)
        if not found:
            raise Problem(HTTPStatus.NOT_FOUND, "no_zone", f"There is no zone {zone_id}, or none at that moment.")
        headers = {"ETag": etag(found[0])} if at is None else {}
        return GeoJsonResponse(orjson.dumps(feature(found[0])), headers=headers)

    @routes.patch(
        "/zones/{zone_id:path}", response_class=GeoJsonResponse, summary="Edit a zone",
        responses={200: {"model": ZoneDocument}, **problems(404, 412, 413, 428, 503)},
    )  # fmt: skip
    def edit(user: ZoneEditor, zone_id: str, body: ZonePatch, if_match: IfMatch = None) -> Response:
        """Write the next version if the one in `If-Match` still stands; it counts from a second later."""
        with refusing(zone_id):
            wanted = expected(if_match)
            report = None
            if body.geometry is not None:
                report = read_geometry(body.geometry, body.datum, {"id": "x"}, (standoff_m, warning_m), "")
            footprint = report.zones[0].footprint if report else None
            zone = book.edit(zone_id, body.edit(footprint), signature(user, body), wanted)
        return written(zone, report or Report(), HTTPStatus.OK)

    @routes.get("/places/allowed", responses=problems(), tags=["places"], summary="Is this place allowed?")
    def is_allowed(
        _user: ZoneReader,
        lon: float,
        lat: float,
        datum: Datum = "wgs84",
    ) -> Answer:
        """Whether one may stop there now, which zones it touches, and the way to the nearest place that is allowed."""
        with refusing():
            place = place_of(lon, lat, datum)
        now = time.time()
        found = allowed(snapshot.history().at(now), *place, now)
        touches = [shown(touch.zone) | {"signed_m": touch.signed_m, "out": way(touch.out)} for touch in found.touches]
        answer = {"lon": place[0], "lat": place[1], "at": now, "allowed": found.allowed, "out": way(found.out)}
        return Answer.model_validate(answer | {"touches": touches})

    return routes


def feature(zone: Zone, notes: list[str] | None = None) -> dict[str, Any]:
    """A version of a zone as GeoJSON."""
    geometry = shapely.geometry.mapping(zone.footprint)
    made = {"type": "Feature", "id": zone.id, "properties": members(zone), "geometry": geometry}
    return made | ({"notes": notes} if notes else {})


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
        errors = [
            {"file": "", "row": None, "field": each.field, "reason": each.reason, "mend": each.mend}
            for each in report.problems
        ]
        reason = " ".join(f"{each.field}: {each.reason} {each.mend}" for each in report.problems)
        detail = reason or "Give one point, line or outline, or several of one kind."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "zone_refused", detail, more={"errors": errors or None})
    return report


def written(zone: Zone, report: Report, status: HTTPStatus) -> Response:
    """The version that now stands, with its ETag."""
    notes = [f"{note.reason} {note.mend}".strip() for note in report.notes]
    return GeoJsonResponse(orjson.dumps(feature(zone, notes)), status, {"ETag": etag(zone)})


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
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "zone_refused", str(error)) from error

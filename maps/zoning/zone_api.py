"""`/api/v1/zones` and `/api/v1/places/allowed`: the record of zones for integrators, every refusal as a problem."""

import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime

from geofences.allowed import allowed, place_of
from geofences.export import export_zones
from geofences.properties import shown
from geofences.report import Report
from maps.entrance.permission import ZoneEditor, ZoneReader, session
from maps.problems import Problem
from maps.refusals import problems
from maps.zoning.zone_answers import (
    GEOJSON,
    GeoJsonResponse,
    box_of,
    check_id,
    check_plain,
    etag,
    expected,
    feature,
    hours_of,
    known_records,
    new_members,
    read_geometry,
    refusing,
    signature,
    version,
    way,
    written,
)
from maps.zoning.zone_models import (
    Answer,
    ImportReport,
    NewZone,
    Preview,
    Signed,
    Sketch,
    Versions,
    ZoneDocument,
    ZonePage,
    ZonePatch,
)
from maps.zoning.zone_preview import preview_of
from maps.zoning.zone_uploads import BODY, Upload, take, upload
from tracker.zones.book import EVERYTHING, State, ZoneBook, ZoneQuery, ZoneSnapshot

IMPORT_PATH = "/api/v1/zones/import"
MOST_IN_A_PAGE = 1000
EXPORTS = {"geojson": GEOJSON, "gpkg": "application/geopackage+sqlite3", "csv": "text/csv"}

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
        q: Annotated[str, Query(description="Part of the name or of the id.", max_length=400)] = "",
        state: Annotated[
            State, Query(description="standing: not retired; scheduled: of these, those with hours.")
        ] = "standing",
        bbox: Annotated[str | None, Query(description="west,south,east,north; west > east crosses 180.")] = None,
        at: At = None,
        after: Annotated[str, Query(description="`next` of the page before.")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_IN_A_PAGE)] = 100,
    ) -> Response:
        """Those not retired, those retired, or those valid `at` a moment, in the order of their ids."""
        check_plain(name, q, after, *(category or ()))
        if at and state == "retired":
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_state", "What was valid at a moment was not retired.")
        moment = at.timestamp() if at else None
        query = ZoneQuery(tuple(category or ()), name, box_of(bbox), moment, words=q, state=state)
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
        user: ZoneEditor,
        sent: Annotated[Upload, Depends(upload)],
        dry_run: Annotated[bool, Query()] = False,
        shapes: Annotated[bool, Query()] = False,
    ) -> ImportReport:
        """Good rows are taken even if others are refused; `dry_run` writes nothing and says what would be done."""
        with refusing():
            report = take(sent, book, user, (standoff_m, warning_m), dry_run=dry_run, shapes=shapes)
        return ImportReport.model_validate(report)

    @routes.post("/zones/preview", responses=problems(404, 413), summary="What a zone that is being drawn would be")
    def preview(_user: ZoneReader, body: Sketch) -> Preview:
        """Edge and ring in true metres, and the hours; writes nothing."""
        with refusing():
            return Preview.model_validate(preview_of(book, body, (standoff_m, warning_m), time.time()))

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
            drawn = (report.zones[0].footprint, report.datum) if report else (None, None)
            zone = book.edit(zone_id, body.edit(*drawn), signature(user, body), wanted)
        return written(zone, report or Report(), HTTPStatus.OK)

    @routes.get("/places/allowed", responses=problems(), tags=["places"], summary="Is this place allowed?")
    def is_allowed(
        _user: ZoneReader,
        lon: float,
        lat: float,
        datum: Datum = "wgs84",
        at: Annotated[AwareDatetime | None, Query(description="When; now if it is not given.")] = None,
    ) -> Answer:
        """Whether one may stop there, which zones it touches, and the way to the nearest place that is allowed.

        By the versions valid at that moment, those whose schedule is open then.
        """
        with refusing():
            place = place_of(lon, lat, datum)
        now = time.time()
        moment = at.timestamp() if at else now
        found = allowed(snapshot.about(*place, moment, now), *place, moment)
        touches = [shown(touch.zone) | {"signed_m": touch.signed_m, "out": way(touch.out)} for touch in found.touches]
        answer = {"lon": place[0], "lat": place[1], "at": moment, "allowed": found.allowed, "out": way(found.out)}
        return Answer.model_validate(answer | {"touches": touches})

    return routes

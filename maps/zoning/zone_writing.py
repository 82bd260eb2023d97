"""Writing the record of zones: import, create, edit, retire; each makes versions, none alters one."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response

from geofences.report import Report
from maps.entrance.permission import ZoneEditor
from maps.refusals import problems
from maps.zoning.zone_answers import (
    GeoJsonResponse,
    check_id,
    expected,
    feature,
    hours_of,
    new_members,
    read_geometry,
    refusing,
    signature,
    written,
)
from maps.zoning.zone_models import (
    ImportReport,
    NewZone,
    Signed,
    ZoneDocument,
    ZonePatch,
)
from maps.zoning.zone_uploads import BODY, Upload, take, upload
from tracker.zones.book import ZoneBook

IMPORT_PATH = "/api/v1/zones/import"

IfMatch = Annotated[str | None, Header(description="The ETag of the version that you have seen.")]


def router(book: ZoneBook, standoff_m: float, warning_m: float) -> APIRouter:
    """The routes; the metres are the site's, for zones that give none."""
    routes = APIRouter()

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

    @routes.post(
        "/zones/{zone_id:path}/retire", response_class=GeoJsonResponse, summary="Retire a zone",
        responses={200: {"model": ZoneDocument}, **problems(404, 412, 413, 428, 503)},
    )  # fmt: skip
    def retire(user: ZoneEditor, zone_id: str, body: Signed, if_match: IfMatch = None) -> Response:
        """It ends a second from now; fixes from before are still judged by it."""
        with refusing(zone_id):
            ended = book.retire(zone_id, signature(user, body), expected(if_match))
        return GeoJsonResponse(orjson.dumps(feature(ended)))

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

    return routes

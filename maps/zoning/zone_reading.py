"""Reading the record of zones: pages, one zone, its versions, a file of all, a sketch measured, a place asked about."""

import time
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from geofences.allowed import allowed, place_of
from geofences.export import export_zones
from geofences.properties import shown
from maps.entrance.permission import ZoneReader
from maps.problems import Problem
from maps.refusals import problems
from maps.zoning.zone_answers import (
    GEOJSON,
    GeoJsonResponse,
    box_of,
    check_plain,
    etag,
    feature,
    known_records,
    refusing,
    version,
    way,
)
from maps.zoning.zone_models import (
    Answer,
    Preview,
    Sketch,
    Versions,
    ZoneDocument,
    ZonePage,
)
from maps.zoning.zone_preview import preview_of
from tracker.zones.book import EVERYTHING, State, ZoneBook, ZoneQuery, ZoneSnapshot

MOST_IN_A_PAGE = 1000
EXPORTS = {"geojson": GEOJSON, "gpkg": "application/geopackage+sqlite3", "csv": "text/csv"}

At = Annotated[AwareDatetime | None, Query(description="The versions valid then: ISO 8601, or seconds since 1970 UTC.")]
Datum = Annotated[str, Query(description="wgs84, gcj02 or bd09.")]


def router(book: ZoneBook, standoff_m: float, warning_m: float) -> APIRouter:
    """The routes; the metres are the site's, for a sketch that gives none."""
    routes = APIRouter()
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

    @routes.post("/zones/preview", responses=problems(404, 413), summary="What a zone that is being drawn would be")
    def preview(_user: ZoneReader, body: Sketch) -> Preview:
        """Edge and ring in true metres, and the hours; writes nothing."""
        with refusing():
            return Preview.model_validate(preview_of(book, body, (standoff_m, warning_m), time.time()))

    @routes.get("/zones/{zone_id:path}/versions", responses=problems(404), summary="Every version of a zone")
    def versions(_user: ZoneReader, zone_id: str) -> Versions:
        """From when to when, what it said, who wrote it and why, and what changed."""
        records = known_records(book, zone_id)
        before = [None, *(record.zone for record in records)]
        found = [version(record, was) for record, was in zip(records, before, strict=False)]
        return Versions.model_validate({"id": zone_id, "versions": found})

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

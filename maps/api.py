"""`/api/v1` of the live map: zones for everybody who is logged in, visitors for those who watch their teams."""

import time
from collections.abc import AsyncIterator, Collection
from http import HTTPStatus
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from maps.entrance.login import Gate
from maps.entrance.permission import AlertHandler, Caller, permit
from maps.events import event_responses
from maps.parts import PartsOf
from maps.problems import PROBLEM_JSON, Problem, ProblemDetails
from maps.zones import AreaCollection, ZoneCache, ZoneCollection
from tracker.live import LiveAlert
from tracker.people.roles import Action, Principal

GEOJSON = "application/geo+json"
PMTILES = "application/vnd.pmtiles"
SEND_TIMEOUT_S = 20.0
GRACE_S = 1.0
RECHECK_S = 30.0

PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": ProblemDetails, "content": {PROBLEM_JSON: {}}} for code in (401, 403, 404)
}
router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
READ_ZONES = [permit(Action.READ_ZONES)]


@router.get("/openapi.json", include_in_schema=False, dependencies=[permit(Action.OWN_ACCOUNT)])
def openapi(request: Request) -> dict[str, Any]:
    """The description of this interface."""
    schema: dict[str, Any] = request.app.openapi()
    return schema


@router.get("/zones.geojson", dependencies=READ_ZONES, responses={200: {"model": ZoneCollection}})
def zones(parts: PartsOf, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Footprint, standoff edge and warning ring of every zone in force."""
    return _unless_known(parts.zones, if_none_match)


@router.get("/zone-areas.geojson", dependencies=READ_ZONES, responses={200: {"model": AreaCollection}})
def zone_areas(parts: PartsOf, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """The forbidden and the warned area of all zones together, dissolved: what a map fills."""
    return _unless_known(parts.areas, if_none_match)


def _unless_known(cache: ZoneCache, if_none_match: str | None) -> Response:
    as_of, body = cache.get()
    headers = {"ETag": f'W/"zones-{as_of}"', "Cache-Control": "private, no-cache"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type=GEOJSON)


@router.get("/basemap.geojson", dependencies=READ_ZONES, response_class=FileResponse)
def basemap(parts: PartsOf) -> FileResponse:
    """Roads, rail, water, green and buildings; `properties.layer` tells which."""
    return _basemap_file(parts, {"geojson"}, GEOJSON)


@router.get("/basemap.pmtiles", dependencies=READ_ZONES, response_class=FileResponse)
def basemap_tiles(parts: PartsOf) -> FileResponse:
    """The tiles of the basemap in one file, read by Range."""
    return _basemap_file(parts, {"vector", "raster-file"}, PMTILES)


def _basemap_file(parts: PartsOf, kinds: Collection[str], media_type: str) -> FileResponse:
    basemap = parts.basemap
    if basemap.kind not in kinds or not basemap.path.is_file():
        raise Problem(HTTPStatus.NOT_FOUND, "no_basemap", "No such basemap is configured.")
    headers = {"Cache-Control": "private, max-age=3600"}
    if media_type == PMTILES:
        headers["Content-Encoding"] = "identity"  # else a part of the file would be compressed on its way
        # Kept for an hour, a tile could not be read in most runs of the browser test; why is not known.
        headers["Cache-Control"] = "no-store"
    return FileResponse(basemap.path, media_type=media_type, headers=headers)


class Calls(BaseModel):
    """Calls for help, the oldest first; `at` in seconds since 1970 UTC."""

    at: float
    calls: list[LiveAlert]


@router.get("/calls", summary="Calls for help that nobody has answered")
def calls(parts: PartsOf, handler: AlertHandler) -> Calls:
    """Of one's teams: for pages that don't follow the live feed."""
    return Calls(at=time.time(), calls=list(parts.hub.calls(handler.scope)))


@router.get(
    "/live",
    dependencies=[permit(Action.SEE_VISITORS)],
    response_class=EventSourceResponse,
    responses=event_responses(),
)
async def live(
    request: Request,
    parts: PartsOf,
    watcher: Caller,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[str | None, Query(description="Last-Event-ID of a page that opens anew")] = None,
) -> EventSourceResponse:
    """The live feed of one's teams: a snapshot or what was missed, then at most one diff a second."""
    ended = anyio.Event()
    stream = parts.hub.stream(watcher.scope, last_event_id or after, ended)
    events = while_allowed(parts.gate, request, watcher, stream)
    # The grace lets the stream end itself when the server stops, so that no answer is cut in the middle.
    return EventSourceResponse(
        events, ping=0, send_timeout=SEND_TIMEOUT_S, shutdown_event=ended, shutdown_grace_period=GRACE_S
    )


async def while_allowed(
    gate: Gate,
    request: Request,
    watcher: Principal,
    events: AsyncIterator[ServerSentEvent],
    *,
    recheck_s: float = RECHECK_S,
) -> AsyncIterator[ServerSentEvent]:
    """The events until the session ends or its rights change: a stream may outlive what opened it."""
    checked_at = time.monotonic()
    async for event in events:
        if time.monotonic() - checked_at >= recheck_s:
            if await run_in_threadpool(gate.principal, request) != watcher:
                return
            checked_at = time.monotonic()
        yield event

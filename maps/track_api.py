"""`/api/v1/shifts`: past tracks, for a replay and as files. Each look is logged with its purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from maps.permission import TrackReader, session
from maps.problems import Problem
from maps.triage_api import problems
from maps.zones import zone_versions_collection
from tracker.errors import NotFoundError
from tracker.replay import PastIncursion, PastShift, PastTrack, TrackBook, is_late, to_edges_m
from tracker.track_files import Format, track_file

MOST_FIXES = 20_000
"""A replay of more is thinned, and says so; the files hold every fix."""
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


class Look(BaseModel):
    """Why somebody looks at where a visitor was; kept, and shown to the visitor."""

    model_config = ConfigDict(extra="forbid")
    purpose: Purpose


class Export(Look):
    """A look that leaves with a file."""

    format: Format


class PastFix(BaseModel):
    """A fix; `edge_m`: signed metres to the nearest edge then, negative inside; `late`: nobody saw it live."""

    device: str
    fix_at: float
    lon: float
    lat: float
    accuracy_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    late: bool
    edge_m: float | None


class Replay(BaseModel):
    """A shift as it was; `zones` are the versions valid meanwhile, with `valid_from` and `valid_to`."""

    shift: PastShift
    fixes: list[PastFix]
    all_fixes: int = Field(description="How many there are; more than `fixes` has if it is thinned.")
    zones: dict[str, Any]
    incursions: list[PastIncursion]


@contextmanager
def refusing() -> Iterator[None]:
    """Let refusals leave as problems."""
    try:
        yield
    except NotFoundError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "no_shift", str(error)) from error


def router(book: TrackBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/shifts", tags=["tracks"], dependencies=[Depends(session)])

    @routes.get("", responses=problems(), summary="Shifts of the visitor who carries a device")
    def shifts(user: TrackReader, device: Annotated[str, Query(max_length=200)]) -> list[PastShift]:
        """The newest first; no places."""
        return list(book.shifts(user.scope, device))

    @routes.post("/{shift_id}/replay", responses=problems(404), summary="Look at a past track")
    def replay(user: TrackReader, shift_id: int, body: Look) -> Replay:
        """The fixes, the zones as they were and the incursions; the look is logged first."""
        with refusing():
            return _replay(book.look(user, shift_id, body.purpose))

    @routes.post(
        "/{shift_id}/export", response_class=Response, responses=problems(404), summary="Take a past track as a file"
    )
    def export(user: TrackReader, shift_id: int, body: Export) -> Response:
        """GPX, GeoJSON or CSV; logged as an export."""
        with refusing():
            track = book.look(user, shift_id, f"{body.purpose} (export: {body.format})")
        file = track_file(track, body.format)
        disposition = f'attachment; filename="keepclear-shift-{shift_id}.{body.format}"'
        return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": disposition})

    return routes


def _replay(track: PastTrack) -> Replay:
    edges = to_edges_m(track)
    step = -(-len(track.fixes) // MOST_FIXES) or 1
    fixes = [
        PastFix(
            device=fix.device, fix_at=fix.fix_at, lon=fix.lon, lat=fix.lat, accuracy_m=fix.accuracy_m,
            speed_mps=fix.speed_mps, heading_deg=fix.heading_deg, late=is_late(fix), edge_m=edge_m,
        )
        for fix, edge_m in zip(track.fixes[::step], edges[::step], strict=True)
    ]  # fmt: skip
    return Replay(
        shift=track.shift,
        fixes=fixes,
        all_fixes=len(track.fixes),
        zones=zone_versions_collection(track.zones),
        incursions=list(track.incursions),
    )

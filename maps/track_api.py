"""`/api/v1/tracks`: where visitors were. Each look is logged with its purpose, and shown to the visitor."""

from http import HTTPStatus
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from maps.entrance.permission import TrackReader, session
from maps.refusals import problems, refusals
from maps.zones import zone_versions_collection
from tracker.errors import ConflictError, NotFoundError
from tracker.past.replay import (
    LONGEST_S,
    MOST_VISITORS,
    Past,
    PastIncursion,
    PastShift,
    PastTrack,
    PastVisitor,
    TooManyFixesError,
    TrackBook,
    Window,
    is_late,
    to_edges_m,
)

MOST_DRAWN = 20_000
"""A replay of more fixes is thinned, and says so; the files hold every fix."""
LAST_MOMENT = 4_102_444_800.0
"""The year 2100."""
MOST_ID = 2**31 - 1
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
Id = Annotated[int, Field(ge=1, le=MOST_ID)]
Moment = Annotated[float, Field(ge=0.0, le=LAST_MOMENT, description="Seconds since 1970 UTC.")]
refusing = refusals(
    {
        NotFoundError: (HTTPStatus.NOT_FOUND, "not_found"),
        ConflictError: (HTTPStatus.CONFLICT, "export_state"),
        TooManyFixesError: (HTTPStatus.UNPROCESSABLE_ENTITY, "too_many_fixes"),
    }
)


class Look(BaseModel):
    """Whose past, from when to when, and why somebody looks; kept, and shown to the visitors."""

    model_config = ConfigDict(extra="forbid")
    visitors: list[Id] = Field(min_length=1, max_length=MOST_VISITORS)
    from_at: Moment
    to_at: Moment
    purpose: Purpose

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.from_at < self.to_at <= self.from_at + LONGEST_S:
            raise ValueError("to_at must be later than from_at, by at most 31 days")
        return self

    def window(self) -> Window:
        """Each visitor once."""
        return Window(tuple(dict.fromkeys(self.visitors)), self.from_at, self.to_at)


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


class ReplayedTrack(BaseModel):
    """One visitor's past."""

    visitor_id: int
    visitor: str
    fixes: list[PastFix]
    all_fixes: int = Field(description="How many there are; more than `fixes` has if it is thinned.")
    incursions: list[PastIncursion]


class Replay(BaseModel):
    """The window as it was; `zones` are the versions valid meanwhile, with `valid_from` and `valid_to`."""

    tracks: list[ReplayedTrack]
    zones: dict[str, Any]


def router(book: TrackBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/tracks", tags=["tracks"], dependencies=[Depends(session)])

    @routes.get("/visitors", responses=problems(), summary="Whose past may be looked at")
    def visitors(user: TrackReader) -> list[PastVisitor]:
        """Everybody of one's teams, on shift or not, by name; no places."""
        return list(book.visitors(user.scope))

    @routes.get("/shifts", responses=problems(), summary="When a visitor was on shift")
    def shifts(user: TrackReader, visitor: Annotated[int, Query(ge=1, le=MOST_ID)]) -> list[PastShift]:
        """The newest first; no places."""
        return list(book.shifts(user.scope, visitor))

    @routes.post("/replay", responses=problems(404), summary="Look at the past of one or many visitors")
    def replay(user: TrackReader, body: Look) -> Replay:
        """The fixes, the zones as they were and the incursions; the look is logged with what is read."""
        with refusing():
            return _replay(book.look(user, body.window(), body.purpose))

    return routes


def _replay(past: Past) -> Replay:
    step = -(-past.fixes // MOST_DRAWN) or 1
    return Replay(
        tracks=[_track(track, past, step) for track in past.tracks], zones=zone_versions_collection(past.zones)
    )


def _track(track: PastTrack, past: Past, step: int) -> ReplayedTrack:
    drawn = track.fixes[::step]
    fixes = [
        PastFix(
            device=fix.device, fix_at=fix.fix_at, lon=fix.lon, lat=fix.lat, accuracy_m=fix.accuracy_m,
            speed_mps=fix.speed_mps, heading_deg=fix.heading_deg, late=is_late(fix), edge_m=edge_m,
        )
        for fix, edge_m in zip(drawn, to_edges_m(drawn, past.zones), strict=True)
    ]  # fmt: skip
    return ReplayedTrack(
        visitor_id=track.visitor_id, visitor=track.visitor, fixes=fixes, all_fixes=len(track.fixes),
        incursions=list(track.incursions),
    )  # fmt: skip

"""`/api/v1/exports`: past tracks as files. From 25 fixes on another person must approve; each step is written down."""

import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from maps.entrance.permission import Permit, TrackReader, session
from maps.refusals import problems
from maps.track_api import Look, refusing
from tracker.past.track_exports import Export, ExportBook, State
from tracker.past.track_files import Format, track_file
from tracker.people.roles import Action, Principal

Approver = Annotated[Principal, Depends(Permit(Action.APPROVE_EXPORTS))]
Limit = Annotated[int, Query(ge=1, le=1000)]
ExportId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class NewExport(Look):
    """A past that shall leave as a file."""

    format: Format


class Decision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid")
    approve: bool


class ExportState(BaseModel):
    """An export as people see it; no places. `two_people`: it needs a second one, who then is `decided_by`."""

    id: int
    by: str
    asked_at: float
    visitors: list[str]
    from_at: float
    to_at: float
    format: Format
    purpose: str
    fixes: int
    two_people: bool
    state: State
    decided_at: float | None
    decided_by: str | None
    taken: int


def router(book: ExportBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/exports", tags=["tracks"], dependencies=[Depends(session)])

    @routes.post("", status_code=HTTPStatus.CREATED, responses=problems(404), summary="Ask for past tracks as a file")
    def ask(user: TrackReader, body: NewExport) -> ExportState:
        """`ready` below 25 fixes, with what the account took alone in 30 days; else it waits for a second person."""
        with refusing():
            return _shown(book.ask(user, body.window(), body.purpose, body.format))

    @routes.get("", responses=problems(), summary="The exports that I asked for")
    def own(user: TrackReader, limit: Limit = 100) -> list[ExportState]:
        """The newest first."""
        return _all(book.of(user, limit))

    @routes.post("/{export_id}/file", response_class=Response, responses=problems(404, 409), summary="Take an export")
    def take(user: TrackReader, export_id: ExportId) -> Response:
        """GPX, GeoJSON, CSV, KML or MF-JSON, with what was known when it was asked for; logged as an export."""
        with refusing():
            export, past = book.take(user, export_id)
        file = track_file(past, export.form)
        disposition = f'attachment; filename="keepclear-tracks-{export_id}.{export.form}"'
        return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": disposition})

    @routes.get("/of-others", responses=problems(), summary="Exports of others that need a second person")
    def of_others(user: Approver, limit: Limit = 100) -> list[ExportState]:
        """Of one's teams, the newest first; decided ones, too."""
        return _all(book.to_decide(user, limit))

    @routes.post("/{export_id}/decision", responses=problems(404, 409), summary="Approve or decline an export")
    def decide(user: Approver, export_id: ExportId, body: Decision) -> ExportState:
        """Once; nobody decides about their own."""
        with refusing():
            return _shown(book.decide(user, export_id, approve=body.approve))

    return routes


def _all(exports: Sequence[Export]) -> list[ExportState]:
    return [_shown(each) for each in exports]


def _shown(export: Export) -> ExportState:
    window = export.window
    return ExportState(
        id=export.id, by=export.by, asked_at=export.asked_at, visitors=list(export.visitors), from_at=window.from_at,
        to_at=window.to_at, format=export.form, purpose=export.purpose, fixes=export.fixes,
        two_people=export.two_people, state=export.state(time.time()), decided_at=export.decided_at,
        decided_by=export.decided_by, taken=export.taken,
    )  # fmt: skip

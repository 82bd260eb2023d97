"""`/api/v1/excuses`: leave to be in a zone, before the fact or after it; each says who gave it, and none is deleted."""

import time
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from maps.entrance.permission import Excuser, session
from maps.problems import Problem
from maps.refusals import problems, refusals
from tracker.errors import ConflictError, NotFoundError
from tracker.excuse import Cause, Excuse
from tracker.excuse_book import ExcuseBook

MOST_NOTE = 500
Device = Annotated[str, Field(min_length=1, max_length=200, description="A device that the visitor carries.")]
refusing = refusals(
    {NotFoundError: (HTTPStatus.NOT_FOUND, "not_there"), ConflictError: (HTTPStatus.CONFLICT, "does_not_fit")}
)


class NewExcuse(BaseModel):
    """Whom it excuses, where and when; without a zone everywhere, without an end until it is withdrawn."""

    model_config = ConfigDict(extra="forbid")
    device: Device
    zone: str | None = Field(None, max_length=200)
    from_at: AwareDatetime | None = Field(None, description="ISO 8601, or seconds since 1970 UTC; now if not given.")
    to_at: AwareDatetime | None = None
    cause: Cause
    note: str = Field("", max_length=MOST_NOTE, description="A file number or a reason, kept with it.")

    def excuse(self, now: float) -> Excuse:
        """As the domain has it."""
        from_at = now if self.from_at is None else self.from_at.timestamp()
        return Excuse(self.zone, from_at, None if self.to_at is None else self.to_at.timestamp())


class ExcuseAnswer(BaseModel):
    """An excuse; times in seconds since 1970 UTC, `zone` null: every zone."""

    id: int
    zone: str | None
    zone_name: str | None
    from_at: float
    to_at: float | None
    cause: Cause
    note: str
    approved_by: str
    recorded_at: float
    withdrawn_at: float | None
    withdrawn_by: str | None


class Made(BaseModel):
    """The number of a new excuse."""

    id: int


def router(book: ExcuseBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/excuses", tags=["excuses"], dependencies=[Depends(session)])

    @routes.get("", responses=problems(404), summary="Excuses of the visitor who carries a device")
    def excuses(user: Excuser, device: Annotated[str, Query(max_length=200)]) -> list[ExcuseAnswer]:
        """The newest first, withdrawn ones too; calls for help are alerts."""
        with refusing():
            return [ExcuseAnswer(**asdict(each)) for each in book.of(user.scope, device)]

    @routes.post("", status_code=HTTPStatus.CREATED, responses=problems(404, 409), summary="Excuse a visitor")
    def excuse(user: Excuser, body: NewExcuse) -> Made:
        """Before the fact nobody is alarmed; after it, what it covers is marked and needs no answer."""
        if body.cause is Cause.SOS:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "sos", "A call for help is the visitor's own.")
        with refusing():
            given, note = body.excuse(time.time()), body.note.strip()
            return Made(id=book.add(user.scope, body.device, given, body.cause, by=user.username, note=note))

    @routes.post(
        "/{excuse_id}/withdraw", status_code=HTTPStatus.NO_CONTENT, responses=problems(404),
        summary="Take an excuse back",
    )  # fmt: skip
    def withdraw(user: Excuser, excuse_id: Annotated[int, Field(ge=1, lt=2**63)]) -> None:
        """It stays on record; what it covered is an alert again."""
        with refusing():
            book.withdraw(user.scope, excuse_id, by=user.username)

    return routes

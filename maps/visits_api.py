"""`/api/v1/visits`: what is planned for a visitor, by case reference alone; none is deleted."""

import time
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from maps.entrance.permission import VisitPlanner, session
from maps.refusals import problems, refusals
from tracker.errors import NotFoundError
from tracker.visit import LONGEST_CASE, CaseRefusedError, SpanRefusedError
from tracker.visit_book import VisitBook

Device = Annotated[str, Field(min_length=1, max_length=200, description="A device that the visitor carries.")]
refusing = refusals(
    {
        NotFoundError: (HTTPStatus.NOT_FOUND, "not_there"),
        CaseRefusedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "no_case_reference"),
        SpanRefusedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "no_span"),
    }
)


class NewVisit(BaseModel):
    """Whose it is, on which case, and when. Nothing of whom the case concerns."""

    model_config = ConfigDict(extra="forbid")
    device: Device
    case: str = Field(max_length=4 * LONGEST_CASE, description=f"A file's number: at most {LONGEST_CASE} characters.")
    from_at: AwareDatetime | None = Field(None, description="ISO 8601, or seconds since 1970 UTC; now if not given.")
    to_at: AwareDatetime


class VisitAnswer(BaseModel):
    """A planned visit; times in seconds since 1970 UTC."""

    id: int
    case: str
    from_at: float
    to_at: float
    planned_by: str = Field(description="Empty where nobody wrote it down.")


class Planned(BaseModel):
    """The number of a new visit."""

    id: int


def router(book: VisitBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/visits", tags=["visits"], dependencies=[Depends(session)])

    @routes.get("", responses=problems(404), summary="Visits of the visitor who carries a device")
    def visits(
        user: VisitPlanner, device: Annotated[str, Query(max_length=200)], since: AwareDatetime | None = None
    ) -> list[VisitAnswer]:
        """Those that end after `since` (now if not given), the first first; cancelled ones are left out."""
        since_at = time.time() if since is None else since.timestamp()
        with refusing():
            return [VisitAnswer(**asdict(each)) for each in book.of(user.scope, device, since_at)]

    @routes.post("", status_code=HTTPStatus.CREATED, responses=problems(404), summary="Plan a visit")
    def plan(user: VisitPlanner, body: NewVisit) -> Planned:
        """The live map shows its case reference while it lasts; it allows nothing, and detection takes no notice."""
        from_at = time.time() if body.from_at is None else body.from_at.timestamp()
        with refusing():
            number = book.add(user.scope, body.device, body.case, from_at, body.to_at.timestamp(), by=user.username)
        return Planned(id=number)

    @routes.post(
        "/{visit_id}/cancel", status_code=HTTPStatus.NO_CONTENT, responses=problems(404), summary="Take a visit back"
    )
    def cancel(user: VisitPlanner, visit_id: Annotated[int, Field(ge=1, lt=2**31)]) -> None:
        """It stays on record."""
        with refusing():
            book.cancel(user.scope, visit_id, by=user.username)

    return routes

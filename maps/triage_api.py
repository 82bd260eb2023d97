"""`/api/v1/alerts`: what people do about alerts, safe for two supervisors at once; every refusal is a problem."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from maps.entrance.permission import AlertHandler, session
from maps.problems import Problem
from maps.refusals import problems
from tracker.answers.triage import Act, Deed, Reason, Triage, TriageError
from tracker.answers.triage_book import StaleTriageError, TriageBook
from tracker.errors import NotFoundError

MOST_TEXT = 2000
MOST_AT_ONCE = 200

Text = Annotated[str, Field(max_length=MOST_TEXT, description="A comment, kept for ever.")]


class NewDeed(BaseModel):
    """What to do; `version` is that of the state which was seen (0: nobody had done anything)."""

    model_config = ConfigDict(extra="forbid")
    act: Act
    version: int = Field(ge=0)
    text: Text = ""
    to: str | None = Field(None, max_length=200, description="`assign`: whom to.")
    until: AwareDatetime | None = Field(
        None, description="`snooze`: ISO 8601, or seconds since 1970 UTC; within a day."
    )
    reason: Reason | None = Field(None, description="`close`: why.")

    def deed(self, by: str, at: float) -> Deed:
        """As the state machine takes it."""
        until = None if self.until is None else self.until.timestamp()
        return Deed(self.act, by, at, self.text.strip(), self.to, until, self.reason)


class Seen(BaseModel):
    """An alert and the version of it that was seen."""

    id: str
    version: int = Field(ge=0)


class Closing(BaseModel):
    """Alerts of the same cause, closed for the same reason."""

    model_config = ConfigDict(extra="forbid")
    alerts: list[Seen] = Field(min_length=1, max_length=MOST_AT_ONCE)
    reason: Reason
    text: Text = ""


class Refused(BaseModel):
    """An alert that was not closed, and why."""

    id: str
    code: str
    detail: str


class Closed(BaseModel):
    """What became of several alerts."""

    closed: list[str]
    refused: list[Refused]


class History(BaseModel):
    """The state of an alert and every deed about it, the oldest first. Times in seconds since 1970 UTC."""

    triage: Triage
    deeds: list[Deed]


@contextmanager
def refusing() -> Iterator[None]:
    """Let refusals leave as problems."""
    try:
        yield
    except NotFoundError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "no_alert", str(error)) from error
    except StaleTriageError as error:
        what = "Somebody else did something about it meanwhile. Look at its state, then decide again."
        raise Problem(HTTPStatus.CONFLICT, "alert_changed", what, more={"triage": asdict(error.now)}) from error
    except TriageError as error:
        raise Problem(HTTPStatus.CONFLICT, "does_not_fit", str(error)) from error


def router(book: TriageBook) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1", tags=["alerts"], dependencies=[Depends(session)])

    @routes.get("/alert-handlers", responses=problems(), summary="To whom alerts may be assigned")
    def handlers(user: AlertHandler) -> list[str]:
        """The user names of those who may answer alerts of one's teams."""
        return list(book.people(user.scope))

    @routes.post("/alerts/close", responses=problems(), summary="Close several alerts of the same cause")
    def close_several(user: AlertHandler, body: Closing) -> Closed:
        """Each by itself: one that changed since it was seen stays open, the others are closed."""
        deed = Deed(Act.CLOSE, user.username, time.time(), body.text.strip(), reason=body.reason)
        answer = Closed(closed=[], refused=[])
        for seen in body.alerts:
            try:
                with refusing():
                    book.do(user.scope, seen.id, deed, seen.version)
                answer.closed.append(seen.id)
            except Problem as problem:
                answer.refused.append(Refused(id=seen.id, code=problem.code, detail=problem.detail))
        return answer

    @routes.get("/alerts/{alert_id}", responses=problems(404), summary="What people did about an alert")
    def history(user: AlertHandler, alert_id: str) -> History:
        """One that nobody touched is new, at version 0."""
        with refusing():
            triage, deeds = book.history(user.scope, alert_id)
        return History(triage=triage, deeds=list(deeds))

    @routes.post("/alerts/{alert_id}/deeds", responses=problems(404, 409), summary="Do something about an alert")
    def do(user: AlertHandler, alert_id: str, body: NewDeed) -> Triage:
        """The state afterwards. Refused if it doesn't fit, or if another version stands than the one seen."""
        with refusing():
            return book.do(user.scope, alert_id, body.deed(user.username, time.time()), body.version)

    return routes

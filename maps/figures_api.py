"""`/api/v1/alert-figures`: how alerts are going; which were shown to somebody; deliveries to try again."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from http import HTTPStatus
from typing import Annotated, Any
from zoneinfo import available_timezones

import structlog
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from maps.entrance.permission import AlertHandler, session
from maps.problems import Problem
from maps.refusals import problems
from maps.triage_api import MOST_AT_ONCE
from tracker.answers.alert_figures import (
    AGE_LIMITS_S,
    AlertFigures,
    By,
    Channel,
    Delay,
    Delays,
    Figures,
    Open,
    Reason,
    Silent,
    Span,
)
from tracker.people.roles import Principal, Scope

log = structlog.get_logger(__name__)


class GroupAnswer(BaseModel):
    """`share`: upheld among those that say so or not so; null if none does."""

    key: str
    name: str
    told: int
    upheld: int
    refuted: int
    undecided: int
    retracted: int
    share: float | None
    delays: Delays


class TeamAnswer(BaseModel):
    """A team whose people the caller sees."""

    id: int
    name: str


class FiguresAnswer(BaseModel):
    """Of the last `days`; delays in seconds, moments in seconds since 1970 UTC. `open` has a class more than limits."""

    days: int
    by: By
    time_zone: str
    team: int | None
    teams: list[TeamAnswer]
    age_limits_s: list[float]
    open: list[Open]
    subjects: list[GroupAnswer]
    kinds: list[GroupAnswer]
    zones: list[GroupAnswer]
    platforms: list[GroupAnswer]
    periods: list[GroupAnswer]
    on_shift: int
    silent_visitors: int
    silent: list[Silent]
    ingest_lag: Delay
    refusals: list[Reason]
    quarantine: list[Reason]
    channels: list[Channel]


class Shown(BaseModel):
    """Alerts that a page has shown."""

    ids: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Again(BaseModel):
    """Whom to tell again."""

    model_config = ConfigDict(extra="forbid")
    recipient: str = Field(min_length=1, max_length=100)


class Retried(BaseModel):
    """How many dead deliveries will be tried again."""

    retried: int


GROUPINGS = ("subjects", "kinds", "zones", "platforms", "periods")
Days = Annotated[int, Query(ge=1, le=366)]
Zone = Annotated[str, Query(max_length=64, description="IANA name; days and weeks begin by its clock.")]
TeamId = Annotated[int | None, Query(description="Only this team's people; one of `teams`.")]


def router(alerts: AlertFigures) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1", tags=["alerts"], dependencies=[Depends(session)])

    @routes.get("/alert-figures", responses=problems(404), summary="How alerts are going")
    def figures(
        user: AlertHandler, days: Days = 7, by: By = "day", time_zone: Zone = "Asia/Shanghai", team: TeamId = None
    ) -> FiguresAnswer:
        """Open alerts, delays, precision, silent visitors, the lag of fixes, what was refused and not delivered."""
        span = Span(days, by, known_zone(time_zone))
        found = alerts.figures(narrowed(alerts, user, team), span)
        return answer(found, span, team, alerts.teams(user.scope))

    @routes.get("/teams", responses=problems(), summary="The teams whose people I see")
    def teams(user: AlertHandler) -> list[TeamAnswer]:
        """By name."""
        return [TeamAnswer(id=number, name=name) for number, name in alerts.teams(user.scope)]

    @routes.post(
        "/alert-figures/shown", status_code=HTTPStatus.NO_CONTENT, responses=problems(),
        summary="Note that alerts were shown",
    )  # fmt: skip
    def shown(user: AlertHandler, body: Shown) -> None:
        """The first time counts."""
        alerts.shown(user.scope, body.ids, user.username)

    @routes.post("/deliveries/retry", responses=problems(), summary="Try dead deliveries again")
    def retry(user: AlertHandler, body: Again) -> Retried:
        """Those to one recipient about the people of one's teams."""
        count = alerts.retry(user.scope, body.recipient)
        log.info("deliveries_retried", recipient=body.recipient, count=count, by=user.username)
        return Retried(retried=count)

    return routes


def narrowed(alerts: AlertFigures, user: Principal, team: int | None) -> Scope:
    """The caller's scope, or one team of it.

    Raises:
        Problem: 404, the caller sees no such team.
    """
    if team is None:
        return user.scope
    if team not in {number for number, _ in alerts.teams(user.scope)}:
        raise Problem(HTTPStatus.NOT_FOUND, "no_team", "You see no team of this number.")
    return Scope(frozenset({team}))


def known_zone(name: str) -> str:
    """A time zone's name as given.

    Raises:
        Problem: 422, there is no such time zone.
    """
    if name not in available_timezones():
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "time_zone", "There is no such time zone.")
    return name


def answer(found: Figures, span: Span, team: int | None, teams: Sequence[tuple[int, str]]) -> FiguresAnswer:
    """The figures with what was asked for, and the shares that follow from them."""
    members: dict[str, Any] = {each.name: getattr(found, each.name) for each in fields(found)}
    shares = {name: [asdict(each) | {"share": each.share} for each in getattr(found, name)] for name in GROUPINGS}
    seen = [{"id": number, "name": name} for number, name in teams]
    asked = asdict(span) | {"team": team, "teams": seen, "age_limits_s": AGE_LIMITS_S}
    return FiguresAnswer.model_validate(members | shares | asked)

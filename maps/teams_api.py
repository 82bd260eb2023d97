"""`/api/v1/people/teams | visitors | devices` for administrators, `deeds` for privacy officers."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from maps.people_api import NO_CONTENT, Administrator, Name, problems, refusing
from maps.permission import Permit, session
from maps.problems import Problem
from tracker.administration import Administration, Deed, DeviceRow, Team, VisitorRow
from tracker.errors import KeepClearError
from tracker.roles import Action, Principal

Auditor = Annotated[Principal, Depends(Permit(Action.AUDIT))]
Limit = Annotated[int, Query(ge=1, le=1000)]


class Named(BaseModel):
    """A team's name."""

    model_config = ConfigDict(extra="forbid")
    name: Name


class Membership(BaseModel):
    """The team of a visitor; null: none."""

    model_config = ConfigDict(extra="forbid")
    team: int | None


def router(people: Administration, shut_out: Callable[[str], None]) -> APIRouter:
    """The routes; each change is recorded with who made it. `shut_out` takes a phone off the broker."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"], dependencies=[Depends(session)])
    add_team_routes(routes, people)
    add_visitor_routes(routes, people)
    add_device_routes(routes, people, shut_out)

    @routes.get("/deeds", responses=problems(), summary="Who changed which right")
    def deeds(_by: Auditor, limit: Limit = 200) -> list[Deed]:
        """The newest first; nothing changes or removes one."""
        return list(people.deeds(limit))

    return routes


def add_team_routes(routes: APIRouter, people: Administration) -> None:
    """Teams."""

    @routes.get("/teams", responses=problems(), summary="Teams with the number of their visitors")
    def teams(_by: Administrator) -> list[Team]:
        """By name."""
        return list(people.teams())

    @routes.post("/teams", status_code=HTTPStatus.CREATED, responses=problems(409), summary="Add a team")
    def add_team(by: Administrator, body: Named) -> Team:
        """Nobody is in it yet."""
        with refusing():
            return Team(people.add_team(by.username, body.name), body.name.strip())

    @routes.put("/teams/{team_id}", status_code=NO_CONTENT, responses=problems(404, 409), summary="Rename a team")
    def rename_team(by: Administrator, team_id: int, body: Named) -> None:
        """Its people stay."""
        with refusing():
            people.rename_team(by.username, team_id, body.name)


def add_visitor_routes(routes: APIRouter, people: Administration) -> None:
    """Who is in the teams."""

    @routes.get("/visitors", responses=problems(), summary="Field visitors and their teams")
    def visitors(_by: Administrator) -> list[VisitorRow]:
        """Names only, no places."""
        return list(people.visitors())

    @routes.put(
        "/visitors/{visitor_id}/team", status_code=NO_CONTENT, responses=problems(404), summary="Move a visitor"
    )
    def move(by: Administrator, visitor_id: int, body: Membership) -> None:
        """Their past goes along: the new team sees it, the old one doesn't."""
        with refusing():
            people.put_in_team(by.username, visitor_id, body.team)


def add_device_routes(routes: APIRouter, people: Administration, shut_out: Callable[[str], None]) -> None:
    """Phones: enrolling one needs its secret at hand, so that stays with `keepclear devices add`."""

    @routes.get("/devices", responses=problems(), summary="Phones, and whose they are")
    def devices(_by: Administrator) -> list[DeviceRow]:
        """By name; no places."""
        return list(people.devices())

    @routes.delete(
        "/devices/{name}", status_code=NO_CONTENT, responses=problems(404, 503), summary="Shut a phone out, for good"
    )
    def revoke(by: Administrator, name: str) -> None:
        """The service refuses it from now on, even while the broker can't be told; then ask again."""
        with refusing():
            people.revoke_device(by.username, name)
        try:
            shut_out(name)
        except KeepClearError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "broker_away", str(error)) from error

"""`/api/v1/people/teams` for administrators, `deeds` for privacy officers."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from maps.entrance.permission import Permit, session
from maps.people.people_api import NO_CONTENT, Administrator, Name, refusing
from maps.refusals import problems
from tracker.people.administration import Administration, Deed, Team
from tracker.people.roles import Action, Principal

Auditor = Annotated[Principal, Depends(Permit(Action.AUDIT))]
Limit = Annotated[int, Query(ge=1, le=1000)]


class Named(BaseModel):
    """A name."""

    model_config = ConfigDict(extra="forbid")
    name: Name


def router(people: Administration) -> APIRouter:
    """The routes; each change is recorded with who made it."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"], dependencies=[Depends(session)])
    add_team_routes(routes, people)

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

"""Who looked at past tracks: `/api/v1/me/looks` for the visitor, `/api/v1/people/looks` for privacy officers."""

from typing import Annotated

from fastapi import APIRouter, Depends

from maps.entrance.permission import Permit, session
from maps.people.teams_api import Auditor, Limit
from maps.refusals import problems
from tracker.people.looks import Look, LookLog
from tracker.people.roles import Action, Principal

Visited = Annotated[Principal, Depends(Permit(Action.READ_OWN_LOOKS))]


def router(log: LookLog) -> APIRouter:
    """The routes; neither says where anybody was."""
    routes = APIRouter(prefix="/api/v1", tags=["people"], dependencies=[Depends(session)])

    @routes.get("/me/looks", responses=problems(), summary="Who looked at where I was, and what for")
    def own_looks(visitor: Visited, limit: Limit = 200) -> list[Look]:
        """The newest first; none while nobody has said which visitor the account is."""
        return [] if visitor.visitor_id is None else list(log.newest(limit, visitor.visitor_id))

    @routes.get("/people/looks", responses=problems(), summary="Who looked at whom, and what for")
    def looks(_by: Auditor, limit: Limit = 200) -> list[Look]:
        """The newest first; nothing changes or removes one."""
        return list(log.newest(limit))

    return routes

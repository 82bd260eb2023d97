"""The one place where rights are enforced: every route declares its action, and the table of roles decides."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.security import APIKeyCookie
from starlette.requests import HTTPConnection

from maps.problems import Problem
from tracker.people.roles import WITHOUT_ACCOUNT, Action, Principal

OPEN_MOUNTS = frozenset({"/assets"})
"""Static files of the pages, without data."""
SESSION_COOKIE = "kc_session"
session = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="The session that POST /login opens.")


class UndeclaredRouteError(Exception):
    """A route doesn't say which action it is, or says several."""


class Permit:
    """A dependency that lets a caller through if the table grants them the action; else 401 or 403 as a problem."""

    def __init__(self, action: Action) -> None:
        self.action = action

    def __call__(self, connection: HTTPConnection) -> Principal | None:
        """Ask the session's account; None where none is needed. Routes find it by `Caller`, too."""
        if self.action in WITHOUT_ACCOUNT:
            return None
        principal: Principal | None = connection.app.state.parts.gate.principal(connection)
        if principal is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "not_logged_in", "Log in first.")
        if not principal.may(self.action):
            raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", "Your account has no role that may do this.")
        connection.state.principal = principal
        return principal


def permit(action: Action) -> params.Depends:
    """Declare the action of a route, or of all routes of a router."""
    dependency: params.Depends = Depends(Permit(action))
    return dependency


def caller(request: Request) -> Principal:
    """Whom `Permit` let through."""
    principal: Principal = request.state.principal
    return principal


def name_with(action: Action) -> Callable[[Principal], str]:
    """Declare the action, and hand the route its caller's user name."""

    def name(principal: Annotated[Principal, Depends(Permit(action))]) -> str:
        return principal.username

    return name


Caller = Annotated[Principal, Depends(caller)]
ZoneReader = Annotated[str, Depends(name_with(Action.READ_ZONES))]
ZoneEditor = Annotated[str, Depends(name_with(Action.EDIT_ZONES))]
TrackReader = Annotated[Principal, Depends(Permit(Action.READ_TRACKS))]
AlertHandler = Annotated[Principal, Depends(Permit(Action.ANSWER_ALERTS))]
Excuser = Annotated[Principal, Depends(Permit(Action.EXCUSE))]
VisitPlanner = Annotated[Principal, Depends(Permit(Action.PLAN_VISITS))]


def declared(app: FastAPI) -> Iterator[tuple[frozenset[str], str, Action]]:
    """(methods, path, action) of every route; no methods: a WebSocket.

    Raises:
        UndeclaredRouteError: a route declares no action, or more than one.
    """
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path in OPEN_MOUNTS:
            continue
        dependant: Dependant | None = getattr(route, "dependant", None)
        actions = {permit.action for permit in _permits(dependant)} if dependant else set()
        if len(actions) != 1:
            said = ", ".join(sorted(actions)) or "none"
            raise UndeclaredRouteError(
                f"{path} must declare one action with maps.entrance.permission.permit; it has {said}."
            )
        yield frozenset(route.methods or ()), path, actions.pop()


def _permits(dependant: Dependant) -> Iterator[Permit]:
    for each in dependant.dependencies:
        called: Any = each.call
        if isinstance(called, Permit):
            yield called
        yield from _permits(each)

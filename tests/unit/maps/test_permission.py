"""Every route of the web service declares one action, and the table decides."""

import pytest
from fastapi import APIRouter, FastAPI

from maps.entrance.permission import UndeclaredRouteError, declared, permit
from tracker.people.roles import EVERYBODY, GRANTS, Action, Role, Scope


def app_with(*dependencies):
    router = APIRouter()
    router.add_api_route("/thing", lambda: None, dependencies=list(dependencies))
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    return app


def test_a_route_says_which_action_it_is():
    assert list(declared(app_with(permit(Action.READ_ZONES)))) == [(frozenset({"GET"}), "/thing", Action.READ_ZONES)]


@pytest.mark.parametrize("actions", [(), (Action.ENTER, Action.READ_ZONES)])
def test_a_route_with_no_action_or_two_is_refused(actions):
    with pytest.raises(UndeclaredRouteError, match="/thing"):
        list(declared(app_with(*map(permit, actions))))


def test_a_router_declares_for_all_its_routes():
    router, app = APIRouter(), FastAPI(openapi_url=None)
    router.add_api_route("/a", lambda: None)
    app.include_router(router, dependencies=[permit(Action.ENTER)])
    assert [action for _, _, action in declared(app)] == [Action.ENTER]


def test_the_table_has_a_row_for_every_action():
    assert set(GRANTS) == set(Action)


def test_administrators_see_no_places():
    granted = {action for action, roles in GRANTS.items() if Role.ADMINISTRATOR in roles}
    assert granted.isdisjoint({Action.SEE_VISITORS, Action.READ_TRACKS})


@pytest.mark.parametrize(
    ("scope", "team", "seen"),
    [
        (Scope(frozenset({1})), 1, True),
        (Scope(frozenset({1})), 2, False),
        (Scope(frozenset({1})), None, False),
        (Scope(), None, False),
        (EVERYBODY, None, True),
        (EVERYBODY, 7, True),
    ],
)
def test_a_scope_shows_its_own_teams_only(scope, team, seen):
    assert scope.sees(team) is seen

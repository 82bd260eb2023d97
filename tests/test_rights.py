"""Nobody reaches what the table of roles doesn't grant: every route, every role, and without a log-in."""

import re
from dataclasses import replace
from http import HTTPStatus

import pytest
from fake_live import PASSWORD, FakeAccounts
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from maps.entrance.login import Gate, SessionRules
from maps.entrance.permission import declared
from tests.rights_table import DOCUMENT, SHORT, table, whole_application, written
from tracker.people.roles import EVERYBODY, GRANTS, WITHOUT_ACCOUNT, Action, Role

REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Every route over accounts in memory; of streams only the first word."""
    made = whole_application(tmp_path_factory.mktemp("var"))
    accounts = FakeAccounts(**{role.value: PASSWORD for role in Role})
    accounts.rights = {number: (frozenset({role}), EVERYBODY) for number, role in enumerate(Role, 1)}
    made.state.parts = replace(made.state.parts, gate=Gate(accounts, accounts, SessionRules()))
    made.state.parts.hub._stop.set()
    made.state.accounts = accounts
    return made


def asked(client: TestClient, methods, path: str) -> dict[str, int]:
    """The status of each method of a path, with something in the place of its parameters."""
    there = re.sub(r"\{[^}]+\}", "1", path)
    return {method: client.request(method, there, json={}).status_code for method in methods}


def routes(app):
    return [(methods, path, action) for methods, path, action in declared(app) if action not in WITHOUT_ACCOUNT]


def test_the_table_in_the_documents_is_what_the_code_says(app):
    what = "run `python -m tests.rights_table`"
    assert written(DOCUMENT.read_text()) == table(app), what


def test_the_table_has_a_column_for_every_role():
    assert list(SHORT) == list(Role)


def test_strangers_reach_nothing(app):
    client = TestClient(app, raise_server_exceptions=False)
    reached = {
        path: status
        for methods, path, _ in routes(app)
        for status in asked(client, methods, path).values()
        if status != HTTPStatus.UNAUTHORIZED
    }
    assert reached == {}


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_what_the_table_grants_and_nothing_else(app, role):
    client = TestClient(app, raise_server_exceptions=False)
    differing = []
    for methods, path, action in routes(app):
        client.post("/login", data={"username": role.value, "password": PASSWORD})
        for method, status in asked(client, methods, path).items():
            if (status in REFUSED) == (role in GRANTS[action]):
                differing.append((method, path, status))
    assert differing == []


def test_a_log_in_opens_no_door_of_phones(app):
    client = TestClient(app, raise_server_exceptions=False)
    client.post("/login", data={"username": "administrator", "password": PASSWORD})
    doors = [(methods, path) for methods, path, action in declared(app) if action is Action.SEND_FIXES and methods]
    assert len(doors) > 1
    assert {path: set(asked(client, methods, path).values()) for methods, path in doors} == {
        path: {HTTPStatus.UNAUTHORIZED} for _, path in doors
    }


def test_the_pipe_to_the_broker_is_the_only_web_socket_and_takes_nothing_but_mqtt(app):
    """Whoever uses it shows their credentials to the broker: see tests/integration/test_broker_acl.py."""
    sockets = [(path, action) for methods, path, action in declared(app) if not methods]
    assert sockets == [("/mqtt", Action.SEND_FIXES)]
    client = TestClient(app)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/mqtt"):
        pass


def test_a_session_that_has_expired_reaches_nothing(app):
    client = TestClient(app, raise_server_exceptions=False)
    client.post("/login", data={"username": "supervisor", "password": PASSWORD})
    app.state.accounts.now += 3601.0
    for methods, path, _ in routes(app):
        assert set(asked(client, methods, path).values()) == {HTTPStatus.UNAUTHORIZED}, path

"""No other site makes a browser change anything here: every route of the whole service that isn't a mere look."""

import re
from dataclasses import replace
from http import HTTPStatus

import pytest
from fake_live import PASSWORD, FakeAccounts
from fastapi.testclient import TestClient

from maps.entrance.login import Gate, SessionRules
from maps.entrance.permission import declared
from maps.headers import SAFE_METHODS
from tests.rights_table import whole_application
from tracker.people.roles import EVERYBODY, Role

FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver:8080"},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Somebody with every role, logged in."""
    app = whole_application(tmp_path_factory.mktemp("var"))
    accounts = FakeAccounts(anna=PASSWORD)
    accounts.rights = {1: (frozenset(Role), EVERYBODY)}
    app.state.parts = replace(app.state.parts, gate=Gate(accounts, accounts, SessionRules()))
    made = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    assert made.post("/login", data={"username": "anna", "password": PASSWORD}).status_code == HTTPStatus.SEE_OTHER
    return made


def changing(app):
    """(method, address) of every route that may change something, with a number for its parameters."""
    return [
        (method, re.sub(r"\{[^}]+\}", "1", path))
        for methods, path, _ in declared(app)
        for method in sorted(methods - SAFE_METHODS)
    ]


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: " ".join(headers.values()))
def test_no_route_changes_anything_for_another_site(client, headers):
    answers = {
        (method, path): client.request(method, path, json={}, headers=headers) for method, path in changing(client.app)
    }
    assert len(answers) > 20
    differing = {
        route: answer.status_code
        for route, answer in answers.items()
        if (answer.status_code, "cross_site" in answer.text) != (HTTPStatus.FORBIDDEN, True)
    }
    assert differing == {}
    assert client.get("/api/v1/me").status_code == HTTPStatus.OK


def test_our_own_pages_reach_every_route(client):
    """So the refusals above are for the site they came from and nothing else."""
    routes = [route for route in changing(client.app) if route[1] != "/logout"]
    answers = [
        client.request(method, path, json={}, headers={"sec-fetch-site": "same-origin"}) for method, path in routes
    ]
    assert not [answer.url for answer in answers if "cross_site" in answer.text]

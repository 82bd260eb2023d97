"""Whatever a client sends, the answer is a refusal and never a failure: all routes, by their own schema."""

import re
from http import HTTPStatus

import pytest
from fastapi.testclient import TestClient
from test_sessions import HASHED, PASSWORD

from maps.entrance.permission import declared
from tracker.app import rights_of, web
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.settings import load

NUL, HUGE = "a\0b", 10**30
STRANGE_IN_A_PATH = ["a%00b", "9" * 30, "-1", "%F0%9F%92%A9", "..%2F..%2Fetc%2Fpasswd", "%FF", "'%22;--"]
STREAMS = {"/api/v1/live"}
PHONES = {"/api/v1/phone/fixes", "/api/v1/phone/looks", "/owntracks"}
"""They have credentials of their own, and put in quarantine what they can't read."""


@pytest.fixture
def app(database_url, tmp_path):
    settings = load(
        {
            "KEEPCLEAR_VAR_DIR": str(tmp_path),
            "KEEPCLEAR_DATABASE_URL": database_url,
            "KEEPCLEAR_MQTT_URL": "mqtt://a:b@127.0.0.1:1",
        }
    )
    rights_of(settings).let_in("test", "anna", HASHED, Rights(frozenset(Role), all_teams=True))
    made = web(settings)
    yield made
    made.state.close()


@pytest.fixture
def client(app):
    made = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    made.post("/login", data={"username": "anna", "password": PASSWORD})
    return made


def failures(client, asked):
    """Those of (method, address, body) that are answered by a failure of ours."""
    answers = {(method, at, str(body)[:80]): client.request(method, at, json=body) for method, at, body in asked}
    assert not [each for each in answers if answers[each].status_code == HTTPStatus.UNAUTHORIZED]
    return {
        each: answer.text for each, answer in answers.items() if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    }


@pytest.mark.parametrize("strange", STRANGE_IN_A_PATH)
def test_no_path_makes_the_service_fail(app, client, strange):
    asked = [
        (method, re.sub(r"\{[^}]+\}", lambda _: strange, path), {})
        for methods, path, _ in declared(app)
        for method in methods
        if "{" in path
    ]
    assert failures(client, asked) == {}


def filled(schema, book, text, number):
    """A value of a JSON schema, with a strange text and a strange number wherever one may stand."""
    schema = book[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    kinds = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    if kinds and kinds[0] is not schema:
        return filled(kinds[0], book, text, number)
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    kind = schema.get("type")
    if kind == "object":
        return {name: filled(each, book, text, number) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [filled(schema.get("items", {}), book, text, number)]
    return {"integer": number, "number": number, "boolean": True}.get(kind, text)


def operations(app):
    """(method, address, schema of the body, query parameters) as the interface describes itself."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            query = [each for each in operation.get("parameters", []) if each["in"] == "query"]
            if path not in STREAMS | PHONES and (body or query):
                yield method.upper(), re.sub(r"\{[^}]+\}", "1", path), body, query


@pytest.mark.parametrize(
    ("text", "number"),
    [(NUL, 1), ("a\ud7ffb", HUGE), ("x" * 50, -HUGE), ("\u202e", 2**31), (" ", 2**63), ("a" * 5000, 0)],
)
def test_no_body_and_no_query_makes_the_service_fail(app, client, text, number):
    book = app.openapi()["components"]["schemas"]
    asked = []
    for method, at, body, query in operations(app):
        given = {each["name"]: filled(each["schema"], book, text, number) for each in query}
        asked.append(
            (method, str(client.build_request(method, at, params=given).url), body and filled(body, book, text, number))
        )
    assert len(asked) > 20
    assert failures(client, asked) == {}


@pytest.mark.parametrize("path", ["/login", "/login/code", "/password/x"])
@pytest.mark.parametrize("text", [NUL, "x" * 5000, "\udcff".encode("utf-8", "surrogatepass")])
def test_no_form_makes_the_service_fail(client, path, text):
    fields = dict.fromkeys(["username", "password", "repeated", "code", "next"], text)
    assert client.post(path, data=fields).status_code < HTTPStatus.INTERNAL_SERVER_ERROR

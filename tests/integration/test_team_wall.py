"""The wall between teams on real PostGIS: who watches the north never learns of the south, by any route."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

import anyio
import pytest
from fake_live import CHEAP_HASHER
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_strange_input import filled
from test_triage_api import ACKNOWLEDGE, ENTRY, NOON, do

from maps.entrance.permission import declared
from maps.live import LiveHub
from tracker.alert import Alert, AlertKind, Audience
from tracker.app import web
from tracker.excuse import Call
from tracker.people.administration import Rights
from tracker.people.roles import EVERYBODY, Role, Scope
from tracker.people.roles import Action as Act
from tracker.settings import load
from tracker.settle import Action, Change, Stored
from tracker.store.connection import connect, engine
from tracker.store.excuses import raise_sos
from tracker.store.incursions import write_incursions
from tracker.store.outbox import add_alerts
from tracker.store.people import People
from tracker.store.reader import reading
from tracker.store.rights import PostgresRights

PASSWORD = "a sentence is easily remembered"
TEAMS = {"north": ("Li Bai", "phone-north", str(UUID(int=1))), "south": ("Du Fu", "phone-south", str(UUID(int=2)))}
OPEN_TO_ALL = {"team", "revision", "zone_version", "zone_policy", "listening"}
"""What the reader role sees whole: it names no visitor."""
OF_NO_TEAM = {Act.ENTER, Act.SEND_FIXES, Act.OWN_ACCOUNT, Act.READ_ZONES, Act.EDIT_ZONES}
"""What a route may do for `of-north` beside the people of their team."""
MANY_ROUTES = 12
WATCHING = frozenset({Role.SUPERVISOR, Role.REVIEWER_1, Role.ZONE_EDITOR})
HASHED = CHEAP_HASHER.hash(PASSWORD)


class House:
    """Two teams with a visitor each, who entered a zone and calls for help, and a supervisor each."""

    def __init__(self, url: str, tmp_path) -> None:
        self.connection = connect(url, "test", fenced=False).__enter__()
        self.database = engine(url)
        self.rights = PostgresRights(self.database)
        self.calls, self.visitors, self.teams = {}, {}, {}
        self.browsers: dict[str, TestClient] = {}
        for team, (visitor, device, alert_id) in TEAMS.items():
            self.fill(team, visitor, device, alert_id)
        self.app = self.application(url, tmp_path)

    def fill(self, team: str, visitor: str, device: str, alert_id: str) -> None:
        people, rights = People(self.connection), self.rights
        self.teams[team] = rights.add_team("test", team)
        self.visitors[team] = visitor_id = people.add_visitor(visitor, consented=True)
        rights.put_in_team("test", visitor_id, self.teams[team])
        number = people.add_device(device, visitor_id, platform="android", shard=0, secret="s")
        key = (number, people.open_shift(visitor_id, NOON - 60))
        stored = Stored(alert_id, 1, retracted=False, incursion=ENTRY)
        write_incursions(self.connection, [(key, Change(Action.NEW, None, stored, (), None))])
        alert = Alert(device, AlertKind.ENTRY, Audience.SUPERVISOR, NOON + 30, alert_id, 1, ENTRY)
        add_alerts(self.connection, [alert], {device: number})
        self.connection.execute(
            "INSERT INTO delivery (dedup_key, recipient, why, dead_at, last_error) "
            "SELECT dedup_key, %s, 'told', now(), 'HTTP 500' FROM alert WHERE device_id = %s",
            (f"hub of {device}", number),
        )  # fmt: skip
        self.connection.execute(
            "INSERT INTO track (device_id, shift_id, version, fix_at, lon, lat, received_at, state, fold) "
            "VALUES (%s, %s, 1, now(), 118.79, 32.04, now(), 'inside', '{}')", key,
        )  # fmt: skip
        self.connection.execute("INSERT INTO contact (device_id, why) VALUES (%s, 'airplane')", (number,))
        self.connection.execute(
            "INSERT INTO silence (device_id, shift_id, since, judged_from, red_at, listed_at) "
            "VALUES (%s, %s, now(), now(), now(), now())", key,
        )  # fmt: skip
        assert raise_sos(self.connection, number, NOON) is Call.NEW
        (self.calls[team],) = [f"sos-{row[0]}" for row in self.connection.execute("SELECT max(id) FROM excuse")]
        rights.let_in("test", f"of-{team}", HASHED, Rights(WATCHING, teams=frozenset({self.teams[team]})))

    def application(self, url: str, tmp_path) -> FastAPI:
        """The whole web service, so that no new route escapes."""
        services = {"KEEPCLEAR_DATABASE_URL": url, "KEEPCLEAR_MQTT_URL": "mqtt://a:b@127.0.0.1:1"}
        return web(load(services | {"KEEPCLEAR_VAR_DIR": str(tmp_path)}))

    def enter(self, username: str) -> TestClient:
        """Somebody's browser; each logs in once."""
        if username in self.browsers:
            return self.browsers[username]
        client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)
        assert (
            client.post("/login", data={"username": username, "password": PASSWORD}).status_code == HTTPStatus.SEE_OTHER
        )
        self.browsers[username] = client
        return client

    def marks(self, team: str) -> list[str]:
        """What gives somebody of a team away."""
        return [*TEAMS[team], self.calls[team], f"of-{team}"]

    def rows(self, query: str, *given: object):
        return self.connection.execute(query, given).fetchall()

    def close(self) -> None:
        self.app.state.close()
        self.connection.close()
        self.database.dispose()


@pytest.fixture
def house(database_url, tmp_path):
    made = House(database_url, tmp_path)
    yield made
    made.close()


def read(house: House) -> LiveHub:
    """The live picture as it is now."""
    hub: LiveHub = house.app.state.parts.hub
    hub.take(hub.read())
    return hub


def told(house: House, scope: Scope) -> str:
    """Everything that the live feed first says to a scope."""
    hub = read(house)

    async def listen() -> str:
        stream = hub.stream(scope)
        events = [await anext(stream), await anext(stream)]
        await stream.aclose()
        return " ".join(str(event.data) for event in events)

    return anyio.run(listen)


def placed(path: str, house: House, team: str) -> str:
    """A path with somebody of a team in it."""
    mark = TEAMS[team][2] if "alert" in path else TEAMS[team][1] if "name" in path else str(house.visitors[team])
    return re.sub(r"\{[^}]+\}", mark, path)


def about(house: House, team: str, schema: dict[str, Any], text: str) -> Any:
    """A body of the schema that is about a team: its alert, its visitor, a time in which something happened."""
    book = house.app.openapi()["components"]["schemas"]
    body = filled(schema, book, text, house.visitors[team])
    sound = {"from_at": NOON - 60, "to_at": NOON + 60, "version": 0, "purpose": "case 7"}
    return body | {name: value for name, value in sound.items() if name in body}


def test_no_page_names_anybody_of_another_team(house):
    do(house.enter("of-south"), TEAMS["south"][2], **ACKNOWLEDGE)
    read(house)
    client = house.enter("of-north")
    paths = [path for methods, path, _ in declared(house.app) if "GET" in methods and path != "/api/v1/live"]
    said = {path: client.get(placed(path, house, "north")).text for path in paths}
    assert {path for path, text in said.items() if any(mark in text for mark in house.marks("south"))} == set()
    assert house.calls["north"] in said["/api/v1/calls"]
    assert '"stage":"new"' in said["/api/v1/alerts/{alert_id}"]


def test_no_request_learns_or_changes_anything_of_another_team(house):
    client, before = house.enter("of-north"), everything(house)
    asked, leaks = set(), []
    for method, path, body_schema, query in team_routes(house.app):
        for text in (TEAMS["south"][2], TEAMS["south"][1], house.calls["south"], "hub of phone-south"):
            body = about(house, "south", body_schema, text) if body_schema else None
            given = dict.fromkeys(query, house.visitors["south"])
            at = placed(path, house, "south")
            answer = client.request(method, at, params=given, json=body)
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
            # An answer may repeat what was asked.
            leaks += [(path, mark) for mark in house.marks("south") if mark in answer.text and mark not in text + at]
            asked.add((method, path))
    assert len(asked) > MANY_ROUTES
    assert leaks == []
    assert everything(house) == before


def team_routes(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any] | None, list[str]]]:
    """(method, path, schema of the body, names in the query) of every route that is about a team's people."""
    watched = {path for _, path, action in declared(app) if action not in OF_NO_TEAM} - {"/api/v1/live"}
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items() if path in watched else ():
            content = operation.get("requestBody", {}).get("content", {})
            query = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
            yield method, path, content.get("application/json", {}).get("schema"), query


def everything(house: House) -> dict[str, Any]:
    """All rows of the tables that name people."""
    tables = {*readable(house), "track_export"} - {"zone_version", "zone_policy", "revision"}
    return {each: house.rows(f"SELECT to_jsonb(t)::text FROM {each} t ORDER BY 1") for each in sorted(tables)}  # noqa: S608


def test_the_live_feed_shows_a_team_its_own_people(house):
    text = told(house, Scope(frozenset({house.teams["north"]})))
    assert all(mark in text for mark in TEAMS["north"])
    assert not any(mark in text for mark in house.marks("south"))


def test_the_live_feed_shows_everybody_to_who_may_see_everybody(house):
    text = told(house, EVERYBODY)
    assert all(mark in text for team in TEAMS for mark in TEAMS[team])


@pytest.mark.parametrize("of", ["incursion", "call", "silence"])
def test_an_alert_of_another_team_is_no_alert(house, of):
    south = {"incursion": TEAMS["south"][2], "call": house.calls["south"], "silence": "silence-2"}[of]
    client = house.enter("of-north")
    asked, done = client.get(f"/api/v1/alerts/{south}"), do(client, south, **ACKNOWLEDGE)
    closing = {"alerts": [{"id": south, "version": 0}], "reason": "lawful"}
    closed = client.post("/api/v1/alerts/close", json=closing).json()
    assert (asked.status_code, done.status_code) == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert (closed["closed"], closed["refused"][0]["code"]) == ([], "no_alert")
    assert house.rows("SELECT count(*) FROM triage") == [(0,)]


def test_nobody_of_another_team_is_excused_nor_an_excuse_of_theirs_seen_or_withdrawn(house):
    excused = {"device": "phone-south", "zone": None, "cause": "witness"}
    south, north = house.enter("of-south"), house.enter("of-north")
    number = south.post("/api/v1/excuses", json=excused).json()["id"]
    asked = [
        north.post("/api/v1/excuses", json=excused),
        north.get("/api/v1/excuses", params={"device": "phone-south"}),
        north.post(f"/api/v1/excuses/{number}/withdraw"),
    ]
    assert [each.status_code for each in asked] == [HTTPStatus.NOT_FOUND] * 3
    assert house.rows("SELECT count(*) FROM excuse WHERE cause = 'witness' AND withdrawn_at IS NULL") == [(1,)]


def test_that_an_alert_of_another_team_was_shown_is_not_taken(house):
    ids = [TEAMS[team][2] for team in TEAMS] + list(house.calls.values())
    house.enter("of-north").post("/api/v1/alert-figures/shown", json={"ids": ids})
    shown = {row[0] for row in house.rows("SELECT alert_id FROM alert_shown")}
    assert shown == {TEAMS["north"][2], house.calls["north"]}


def test_figures_count_the_own_team_only(house):
    found = house.enter("of-north").get("/api/v1/alert-figures").json()
    assert {each["kind"]: sum(each["waiting"]) for each in found["open"]} == {"entry": 1, "sos": 1, "silence": 1}
    assert found["on_shift"] == 1
    assert [each["recipient"] for each in found["channels"]] == ["hub of phone-north"]
    assert [each["name"] for each in found["teams"]] == ["north"]


def test_what_was_refused_of_another_team_is_not_counted(house):
    house.connection.execute(
        "INSERT INTO refusal (device, day, reason, count, last_at) "
        "SELECT name, now(), 'no_consent', id, now() FROM device; "
        "INSERT INTO quarantine (received_at, device, reason, detail, size_bytes) "
        "SELECT now(), name, 'not_json', '', 3 FROM device UNION ALL SELECT now(), NULL, 'not_json', '', 3"
    )
    counted = {}
    for team in TEAMS:
        found = house.enter(f"of-{team}").get("/api/v1/alert-figures").json()
        counted[team] = [(each["reason"], each["count"]) for each in found["refusals"] + found["quarantine"]]
    assert counted == {
        "north": [("no_consent", 1), ("not_json", 1)],
        "south": [("no_consent", 2), ("not_json", 1)],
    }


def test_figures_of_one_team_are_for_those_who_see_it(house):
    house.rights.let_in("test", "boss", HASHED, Rights(frozenset({Role.SUPERVISOR}), all_teams=True))
    ask = {name: house.enter(name).get for name in ("boss", "of-north")}
    south = {"team": house.teams["south"]}
    found = ask["boss"]("/api/v1/alert-figures", params=south).json()
    assert [each["recipient"] for each in found["channels"]] == ["hub of phone-south"]
    assert [each["name"] for each in found["teams"]] == ["north", "south"]
    assert ask["of-north"]("/api/v1/alert-figures", params=south).status_code == HTTPStatus.NOT_FOUND


def test_dead_deliveries_about_another_team_stay_dead(house):
    body = {"recipient": "hub of phone-south"}
    assert house.enter("of-north").post("/api/v1/deliveries/retry", json=body).json() == {"retried": 0}
    assert house.enter("of-south").post("/api/v1/deliveries/retry", json=body).json() == {"retried": 1}
    dead = house.rows("SELECT recipient FROM delivery WHERE dead_at IS NOT NULL")
    assert dead == [("hub of phone-north",)]


def test_alerts_are_assigned_within_the_team(house):
    client = house.enter("of-north")
    house.rights.let_in("test", "boss", HASHED, Rights(frozenset({Role.SUPERVISOR}), all_teams=True))
    house.rights.let_in("test", "clerk", HASHED, Rights(frozenset({Role.ZONE_EDITOR}), all_teams=True))
    assert client.get("/api/v1/alert-handlers").json() == ["boss", "of-north"]
    refused = do(client, TEAMS["north"][2], act="assign", version=0, to="of-south")
    assert refused.status_code == HTTPStatus.NOT_FOUND
    assert do(client, TEAMS["north"][2], act="assign", version=0, to="boss").status_code == HTTPStatus.OK


def test_who_moves_to_another_team_takes_their_past_along(house):
    north = house.enter("of-north")
    house.rights.put_in_team("test", house.visitors["south"], house.teams["north"])
    assert do(north, TEAMS["south"][2], **ACKNOWLEDGE).status_code == HTTPStatus.OK
    assert TEAMS["south"][1] not in told(house, Scope(frozenset({house.teams["south"]})))


def test_other_teams_hold_from_the_next_request_on(house):
    client, account = house.enter("of-north"), house.rights.account_id("of-north")
    house.rights.set_rights("test", account, Rights(WATCHING, teams=frozenset({house.teams["south"]})))
    assert client.get(f"/api/v1/alerts/{TEAMS['north'][2]}").status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"/api/v1/alerts/{TEAMS['south'][2]}").status_code == HTTPStatus.OK


def readable(house: House) -> dict[str, bool]:
    """Tables of which the reader role sees anything, and whether each is walled."""
    query = """
    SELECT c.relname, c.relrowsecurity FROM pg_class c WHERE relkind IN ('r', 'p')
    AND relnamespace = 'public'::regnamespace AND has_any_column_privilege('keepclear_reader', c.oid, 'SELECT')"""
    return {name: walled for name, walled in house.rows(query) if name != "spatial_ref_sys"}


def test_every_table_that_pages_read_is_walled_or_names_nobody(house):
    assert {name for name, walled in readable(house).items() if not walled} == OPEN_TO_ALL


def test_the_database_itself_hides_other_teams(house):
    do(house.enter("of-south"), TEAMS["south"][2], **ACKNOWLEDGE)
    house.enter("of-south").post("/api/v1/alert-figures/shown", json={"ids": [TEAMS["south"][2]]})
    north = Scope(frozenset({house.teams["north"]}))
    seen = {}
    for table in sorted(readable(house).keys() - OPEN_TO_ALL - {"device", "quarantine"}):
        with reading(house.database, north) as connection:
            found = connection.exec_driver_sql(f"SELECT to_jsonb(t) FROM {table} t").scalars()  # noqa: S608
            seen[table] = json.dumps(list(found), ensure_ascii=False)
    assert seen["visitor"].count('"name"') == seen["alert"].count('"dedup_key"') == 1
    assert {table for table, text in seen.items() if any(mark in text for mark in house.marks("south"))} == set()


def test_without_a_scope_the_database_shows_nobody(house):
    with house.database.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE keepclear_reader")
        assert connection.exec_driver_sql("SELECT name FROM visitor").all() == []

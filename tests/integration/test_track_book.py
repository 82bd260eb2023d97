"""Past tracks over HTTP on real PostGIS: what a look shows, that it is written down, and the wall between teams."""

from dataclasses import replace
from http import HTTPStatus

import pytest
from test_team_wall import TEAMS, House
from test_triage_api import NOON

from maps import track_api
from tests.builders import a_fix, a_zone
from tracker.ports import FixRecord
from tracker.store.fixes import Fixes
from tracker.store.track_book import PostgresTrackBook
from tracker.store.zones import put_zones

WHY = {"purpose": "complaint 2026-17"}


class Tracks(House):
    """Each team's visitor sent three fixes 250, 190 and 250 m from the court, and a zone that was edited since."""

    def fill(self, team, visitor, device, alert_id):
        super().fill(team, visitor, device, alert_id)
        self.walk(device, (NOON, 50), (NOON + 10, -10), (NOON + 400, 50))

    def walk(self, device, *fixes):
        """Store fixes, each at a time and so many metres from the court's edge."""
        number, shift = self.connection.execute(
            "SELECT d.id, s.id FROM device d JOIN shift s USING (visitor_id) WHERE d.name = %s", (device,)
        ).fetchone()
        made = [replace(a_fix(to_edge_m, device=device), fix_at=at, received_at=at + 1) for at, to_edge_m in fixes]
        table = Fixes(self.connection)
        with self.connection.transaction():
            table.add([FixRecord(number, shift, 0, fix, behind=False) for fix in made])

    def application(self, tmp_path):
        app = super().application(tmp_path)
        app.include_router(track_api.router(PostgresTrackBook(self.database)))
        return app


@pytest.fixture
def house(database_url, tmp_path):
    made = Tracks(database_url, tmp_path)
    yield made
    made.close()


def shift_of(house, team):
    return house.rows("SELECT id FROM shift WHERE visitor_id = %s", house.visitors[team])[0][0]


def look(house, team, what="replay", **body):
    return house.enter("of-north").post(f"/api/v1/shifts/{shift_of(house, team)}/{what}", json=WHY | body)


def test_the_shifts_of_a_device_are_listed(house):
    found = house.enter("of-north").get("/api/v1/shifts", params={"device": "phone-north"}).json()

    assert [(each["id"], each["visitor"], each["opened_at"]) for each in found] == [
        (shift_of(house, "north"), "Li Bai", NOON - 60)
    ]


def test_a_replay_has_the_fixes_and_the_incursions_of_the_shift(house):
    found = look(house, "north").json()

    assert [each["fix_at"] - NOON for each in found["fixes"]] == [0, 10, 400]
    assert found["all_fixes"] == 3
    assert [each["kind"] for each in found["incursions"]] == ["entry"]


def test_a_replay_shows_the_zones_as_they_were(house):
    for standoff_m in (200.0, 300.0):
        put_zones(house.connection, [a_zone(standoff_m=standoff_m)], "test")
    (first, second) = [
        each for (each,) in house.rows("SELECT extract(epoch FROM valid_from)::float8 FROM zone_version ORDER BY 1")
    ]
    house.walk("phone-north", (first, -10), (second, -10))

    found = look(house, "north").json()

    edges = [each["properties"] for each in found["zones"]["features"] if each["properties"]["part"] == "edge"]
    assert [(each["version"], each["standoff_m"]) for each in edges] == [(1, 200.0), (2, 300.0)]
    to_edges_m = [each["edge_m"] for each in found["fixes"]]
    assert to_edges_m[:3] == [None, None, None]
    assert to_edges_m[3:] == pytest.approx([-10, -110], abs=0.1)


def test_every_look_and_every_export_is_written_down_with_its_purpose(house):
    look(house, "north")
    look(house, "north", "export", format="gpx")

    rows = house.rows("SELECT username, visitor_id, purpose FROM look ORDER BY id")
    assert rows == [
        ("of-north", house.visitors["north"], "complaint 2026-17"),
        ("of-north", house.visitors["north"], "complaint 2026-17 (export: gpx)"),
    ]


def test_nobody_looks_without_a_purpose(house):
    assert look(house, "north", purpose="  ").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert house.rows("SELECT count(*) FROM look") == [(0,)]


@pytest.mark.parametrize("form", ["gpx", "geojson", "csv"])
def test_an_export_is_a_file_of_its_kind(house, form):
    answer = look(house, "north", "export", format=form)

    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert b"118." in answer.content


@pytest.mark.parametrize("body", [{"what": "replay"}, {"what": "export", "format": "csv"}], ids=["replay", "export"])
def test_another_teams_track_is_not_there_and_no_look_is_written(house, body):
    answer = look(house, "south", **body)

    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.NOT_FOUND, "no_shift")
    assert house.rows("SELECT count(*) FROM look") == [(0,)]
    found = house.enter("of-north").get("/api/v1/shifts", params={"device": TEAMS["south"][1]})
    assert found.json() == []

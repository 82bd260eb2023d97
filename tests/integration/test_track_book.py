"""Past tracks over HTTP on real PostGIS: what a look shows, that it is written down, and the wall between teams."""

from http import HTTPStatus

import pytest
from test_team_wall import HASHED, TEAMS, House
from test_triage_api import NOON

from tests.builders import a_fix, a_zone
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.ports import FixRecord
from tracker.store.fixes import Fixes
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
        made = [a_fix(to_edge_m, device=device)._replace(fix_at=at, received_at=at + 1) for at, to_edge_m in fixes]
        table = Fixes(self.connection)
        with self.connection.transaction():
            table.add([FixRecord(number, shift, 0, fix, behind=False) for fix in made])

    def let_in(self, name, role, *teams):
        """Somebody with a role, for the whole house or some teams."""
        of = frozenset(self.teams[each] for each in teams)
        self.rights.let_in("test", name, HASHED, Rights(frozenset({role}), all_teams=not teams, teams=of))


@pytest.fixture
def house(database_url, tmp_path):
    made = Tracks(database_url, tmp_path)
    yield made
    made.close()


def window(house, *teams):
    return WHY | {"visitors": [house.visitors[each] for each in teams], "from_at": NOON - 60, "to_at": NOON + 3600}


def look(house, *teams, by="of-north", **body):
    return house.enter(by).post("/api/v1/tracks/replay", json=window(house, *teams) | body)


def ask(house, *teams, by="of-north", form="csv"):
    return house.enter(by).post("/api/v1/exports", json=window(house, *teams) | {"format": form})


def many(house, team="north"):
    """So many fixes that two people must agree."""
    house.walk(TEAMS[team][1], *((NOON + 500 + n, 50 + n) for n in range(25)))


def decide(house, by, export_id, approve=True):
    return house.enter(by).post(f"/api/v1/exports/{export_id}/decision", json={"approve": approve})


def take(house, by, export_id):
    return house.enter(by).post(f"/api/v1/exports/{export_id}/file")


def test_visitors_are_listed_with_their_phones_and_shifts(house):
    client = house.enter("of-north")

    assert client.get("/api/v1/tracks/visitors").json() == [
        {"id": house.visitors["north"], "name": "Li Bai", "devices": ["phone-north"]}
    ]
    (shift,) = client.get("/api/v1/tracks/shifts", params={"visitor": house.visitors["north"]}).json()
    assert (shift["opened_at"], shift["closed_at"]) == (NOON - 60, None)


def test_a_replay_has_the_fixes_and_the_incursions_of_the_window(house):
    (track,) = look(house, "north").json()["tracks"]

    assert [each["fix_at"] - NOON for each in track["fixes"]] == [0, 10, 400]
    assert (track["visitor"], track["all_fixes"]) == ("Li Bai", 3)
    assert [each["kind"] for each in track["incursions"]] == ["entry"]


def test_a_replay_holds_nothing_from_outside_the_window(house):
    (track,) = look(house, "north", from_at=NOON + 5, to_at=NOON + 399).json()["tracks"]

    assert [each["fix_at"] - NOON for each in track["fixes"]] == [10]


def test_several_visitors_are_replayed_together(house):
    house.let_in("of-both", Role.SUPERVISOR, "north", "south")

    found = look(house, "south", "north", by="of-both").json()

    assert [each["visitor"] for each in found["tracks"]] == ["Du Fu", "Li Bai"]
    assert [len(each["fixes"]) for each in found["tracks"]] == [3, 3]
    assert house.rows("SELECT visitor_id FROM look ORDER BY id") == [
        (house.visitors["south"],), (house.visitors["north"],),
    ]  # fmt: skip


def test_a_replay_shows_the_zones_as_they_were(house):
    for standoff_m in (200.0, 300.0):
        put_zones(house.connection, [a_zone(standoff_m=standoff_m)], "test")
    (first, second) = [
        each for (each,) in house.rows("SELECT extract(epoch FROM valid_from)::float8 FROM zone_version ORDER BY 1")
    ]
    house.walk("phone-north", (first, -10), (second, -10))

    found = look(house, "north", to_at=second + 60).json()

    edges = [each["properties"] for each in found["zones"]["features"] if each["properties"]["part"] == "edge"]
    assert [(each["version"], each["standoff_m"]) for each in edges] == [(1, 200.0), (2, 300.0)]
    to_edges_m = [each["edge_m"] for each in found["tracks"][0]["fixes"]]
    assert to_edges_m[:3] == [None, None, None]
    assert to_edges_m[3:] == pytest.approx([-10, -110], abs=0.1)


def test_every_look_and_every_export_is_written_down_with_its_purpose(house):
    look(house, "north")
    take(house, "of-north", ask(house, "north", form="gpx").json()["id"])

    rows = house.rows("SELECT username, visitor_id, purpose FROM look ORDER BY id")
    assert rows == [
        ("of-north", house.visitors["north"], "complaint 2026-17"),
        ("of-north", house.visitors["north"], "complaint 2026-17 (export: gpx)"),
    ]


@pytest.mark.parametrize("body", [{"purpose": "  "}, {"to_at": NOON - 61}, {"visitors": []}, {"to_at": NOON + 1e8}])
def test_nobody_looks_without_a_purpose_a_time_and_a_visitor(house, body):
    assert look(house, "north", **body).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert house.rows("SELECT count(*) FROM look") == [(0,)]


@pytest.mark.parametrize("form", ["gpx", "geojson", "csv", "kml", "mfjson"])
def test_an_export_is_a_file_of_its_kind(house, form):
    asked = ask(house, "north", form=form).json()
    answer = take(house, "of-north", asked["id"])

    assert (asked["state"], asked["fixes"]) == ("ready", 3)
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert b"118." in answer.content


def test_25_fixes_leave_only_when_a_second_person_has_agreed(house):
    house.let_in("lead", Role.TEAM_LEAD, "north")
    many(house)
    asked = ask(house, "north").json()
    assert (asked["state"], asked["fixes"]) == ("waiting", 28)
    assert take(house, "of-north", asked["id"]).status_code == HTTPStatus.CONFLICT

    assert decide(house, "lead", asked["id"]).json()["state"] == "approved"

    assert take(house, "of-north", asked["id"]).status_code == HTTPStatus.OK
    assert house.rows("SELECT purpose FROM look") == [("complaint 2026-17 (export: csv; lead)",)]
    assert house.rows("SELECT decided_by, taken FROM track_export") == [("lead", 1)]


def test_what_was_approved_is_what_leaves(house):
    house.let_in("officer", Role.PRIVACY_OFFICER)
    many(house)
    asked = ask(house, "north").json()
    decide(house, "officer", asked["id"])
    house.rows("UPDATE track_export SET asked_at = to_timestamp(%s) RETURNING 1", NOON + 450)

    lines = take(house, "of-north", asked["id"]).text.splitlines()

    assert len(lines) == 1 + 3


def test_what_was_declined_does_not_leave_and_nothing_is_decided_twice(house):
    house.let_in("officer", Role.PRIVACY_OFFICER)
    many(house)
    asked = ask(house, "north").json()

    assert decide(house, "officer", asked["id"], approve=False).json()["state"] == "declined"

    assert decide(house, "officer", asked["id"]).status_code == HTTPStatus.CONFLICT
    assert take(house, "of-north", asked["id"]).status_code == HTTPStatus.CONFLICT
    assert house.rows("SELECT count(*) FROM look") == [(0,)]


def test_nobody_approves_their_own(house):
    house.let_in("lead", Role.TEAM_LEAD, "north")
    many(house)
    asked = ask(house, "north", by="lead").json()

    assert decide(house, "lead", asked["id"]).status_code == HTTPStatus.NOT_FOUND
    assert house.enter("lead").get("/api/v1/exports/of-others").json() == []


def test_many_small_exports_are_one_big_one(house):
    states = [ask(house, "north").json()["state"] for _ in range(9)]

    assert states == ["ready"] * 8 + ["waiting"]


def test_an_approval_lapses(house):
    house.let_in("officer", Role.PRIVACY_OFFICER)
    many(house)
    asked = ask(house, "north").json()
    decide(house, "officer", asked["id"])
    house.rows("UPDATE track_export SET asked_at = asked_at - interval '8 days' RETURNING 1")

    assert take(house, "of-north", asked["id"]).status_code == HTTPStatus.CONFLICT
    assert house.enter("of-north").get("/api/v1/exports").json()[0]["state"] == "lapsed"


def test_exports_of_another_team_can_be_neither_seen_decided_nor_taken(house):
    house.let_in("south-lead", Role.TEAM_LEAD, "south")
    many(house)
    asked = ask(house, "north").json()

    assert house.enter("south-lead").get("/api/v1/exports/of-others").json() == []
    assert decide(house, "south-lead", asked["id"]).status_code == HTTPStatus.NOT_FOUND
    assert take(house, "of-south", asked["id"]).status_code == HTTPStatus.NOT_FOUND


def test_who_no_longer_sees_a_visitor_takes_nothing(house):
    asked = ask(house, "north").json()
    house.rights.put_in_team("test", house.visitors["north"], house.teams["south"])

    assert take(house, "of-north", asked["id"]).status_code == HTTPStatus.NOT_FOUND
    assert house.rows("SELECT count(*) FROM look") == [(0,)]


@pytest.mark.parametrize("what", [look, ask])
def test_another_teams_track_is_not_there_and_no_look_is_written(house, what):
    answer = what(house, "north", "south")

    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.NOT_FOUND, "not_found")
    assert house.rows("SELECT (SELECT count(*) FROM look) + (SELECT count(*) FROM track_export)") == [(0,)]
    found = house.enter("of-north").get("/api/v1/tracks/shifts", params={"visitor": house.visitors["south"]})
    assert found.json() == []

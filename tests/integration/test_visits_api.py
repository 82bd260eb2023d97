"""Visits planned over HTTP, on real PostGIS, behind the wall between teams."""

import time
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from test_team_wall import HASHED, TEAMS, House
from test_triage_api import problem

from tracker.live import LiveDevice
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.store.live import PostgresLiveView

VISITS = "/api/v1/visits"
CASE = "(2026)外访第101号"
HOUR_S = 3600.0
NORTH, SOUTH = (TEAMS[team][1] for team in ("north", "south"))


@pytest.fixture
def house(database_url, tmp_path):
    made = House(database_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def anna(house):
    """Watches the north."""
    return house.enter("of-north")


def moment(in_s):
    return datetime.fromtimestamp(time.time() + in_s, UTC).isoformat()


def plan(client, **changes):
    body = {"device": NORTH, "case": CASE, "from_at": moment(-60), "to_at": moment(HOUR_S)} | changes
    return client.post(VISITS, json=body)


def listed(client, device=NORTH, **more):
    return client.get(VISITS, params={"device": device, **more}).json()


def live(house) -> LiveDevice:
    return next(each for each in PostgresLiveView(house.database).devices(0.0) if each.device == NORTH)


def test_a_visit_is_on_the_live_map_until_it_is_taken_back(house, anna):
    answer = plan(anna)
    number = answer.json()["id"]
    assert (answer.status_code, live(house).visit) == (HTTPStatus.CREATED, CASE)

    assert anna.post(f"{VISITS}/{number}/cancel").status_code == HTTPStatus.NO_CONTENT

    assert (live(house).visit, listed(anna)) == (None, [])


def test_it_stays_on_record_with_who_planned_it_and_who_took_it_back(house, anna):
    number = plan(anna).json()["id"]
    assert [(each["id"], each["planned_by"]) for each in listed(anna)] == [(number, "of-north")]

    anna.post(f"{VISITS}/{number}/cancel")

    asked = "SELECT case_ref, planned_by, cancelled_by, cancelled_at IS NOT NULL FROM visit"
    assert house.rows(asked) == [(CASE, "of-north", "of-north", True)]


def test_those_since_a_moment_are_listed_the_first_first(anna):
    for case, begins_h, ends_h in (("A-3", 5, 6), ("A-2", -1, 1), ("A-1", -4, -2)):
        plan(anna, case=case, from_at=moment(begins_h * HOUR_S), to_at=moment(ends_h * HOUR_S))
    assert [each["case"] for each in listed(anna)] == ["A-2", "A-3"]
    assert [each["case"] for each in listed(anna, since=moment(-3 * HOUR_S))] == ["A-1", "A-2", "A-3"]


def test_a_visit_begins_now_if_nothing_else_is_said(anna):
    plan(anna, from_at=None)
    assert abs(listed(anna)[0]["from_at"] - time.time()) < 60


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"case": "王小明"}, (422, "no_case_reference")),
        ({"case": "9" * 61}, (422, "no_case_reference")),
        ({"to_at": moment(-HOUR_S)}, (422, "no_span")),
        ({"to_at": moment(32 * 24 * HOUR_S)}, (422, "no_span")),
        ({"device": "phone-9"}, (404, "not_there")),
        ({"device": SOUTH}, (404, "not_there")),
        ({"debtor": "王小明"}, (422, "invalid")),
        ({"to_at": "2026-01-01T09:00"}, (422, "invalid")),
    ],
)
def test_what_can_not_be_planned_is_refused_with_a_reason(house, anna, changes, refusal):
    assert problem(plan(anna, **changes)) == refusal
    assert house.rows("SELECT 1 FROM visit") == []


def test_what_is_planned_for_another_team_is_neither_seen_nor_taken_back(house, anna):
    ben = house.enter("of-south")
    number = plan(ben, device=SOUTH).json()["id"]

    assert problem(anna.get(VISITS, params={"device": SOUTH})) == (404, "not_there")
    assert problem(anna.post(f"{VISITS}/{number}/cancel")) == (404, "not_there")

    assert [each["id"] for each in listed(ben, SOUTH)] == [number]


def test_a_visit_is_taken_back_once(anna):
    number = plan(anna).json()["id"]
    anna.post(f"{VISITS}/{number}/cancel")
    assert problem(anna.post(f"{VISITS}/{number}/cancel")) == (404, "not_there")


def test_who_moves_to_another_team_takes_what_is_planned_along(house, anna):
    plan(anna)
    house.rights.put_in_team("test", house.visitors["north"], house.teams["south"])
    assert len(listed(house.enter("of-south"))) == 1


def test_a_reviewer_plans_nothing(house):
    house.rights.let_in("test", "rita", HASHED, Rights(frozenset({Role.REVIEWER_1}), all_teams=True))
    assert problem(plan(house.enter("rita"))) == (403, "not_allowed")

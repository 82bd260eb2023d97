"""Excuses over HTTP, on real PostGIS: before the fact and after it, and what the live page then shows."""

import time
from datetime import UTC, datetime

import pytest
from test_triage_api import ACKNOWLEDGE, IDS, NOON, Site, do, problem

from maps import excuses_api
from tests.builders import a_zone
from tracker.store.connection import rows
from tracker.store.excuse_book import PostgresExcuseBook
from tracker.store.zones import put_zones

EXCUSES = "/api/v1/excuses"


@pytest.fixture
def site(database_url, tmp_path):
    made = Site(database_url, tmp_path, lambda database: excuses_api.router(PostgresExcuseBook(database)))
    put_zones(made.connection, [a_zone()], "test")
    yield made
    made.close()


def moment(at):
    return datetime.fromtimestamp(at, UTC).isoformat()


def excuse(client, **changes):
    return client.post(EXCUSES, json={"device": "phone-1", "zone": "court", "cause": "witness"} | changes)


def test_afterwards_it_marks_what_it_covers_until_it_is_withdrawn(site):
    number = excuse(site.anna, from_at=moment(NOON), to_at=moment(NOON + 60), note="(2026) 4711").json()["id"]
    assert site.live(IDS[0]).excused == "witness"
    assert site.ben.post(f"{EXCUSES}/{number}/withdraw").status_code == 204
    assert site.live(IDS[0]).excused is None
    (kept,) = site.anna.get(EXCUSES, params={"device": "phone-1"}).json()
    assert (kept["approved_by"], kept["withdrawn_by"], kept["note"]) == ("anna", "ben", "(2026) 4711")
    assert (kept["zone_name"], kept["from_at"], kept["to_at"]) == ("court", NOON, NOON + 60)
    assert problem(site.anna.post(f"{EXCUSES}/{number}/withdraw")) == (404, "not_there")


def test_beforehand_it_holds_from_now_on(site):
    excuse(site.anna, zone=None, to_at=moment(time.time() + 3600))
    found = rows(site.connection, "SELECT zone_id, from_at > now() - interval '1 minute', approved_by FROM excuse")
    assert found == [(None, True, "anna")]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"cause": "sos"}, (422, "sos")),
        ({"device": "phone-9"}, (404, "not_there")),
        ({"zone": "moon"}, (404, "not_there")),
        ({"from_at": moment(NOON + 60), "to_at": moment(NOON)}, (409, "does_not_fit")),
        ({"cause": "holiday"}, (422, "invalid")),
        ({"from_at": "2026-01-01T09:00"}, (422, "invalid")),
    ],
)
def test_what_can_not_be_excused_is_refused_with_a_reason(site, changes, refusal):
    assert problem(excuse(site.anna, **changes)) == refusal
    assert rows(site.connection, "SELECT 1 FROM excuse") == []


def test_a_call_for_help_is_no_excuse_that_somebody_withdraws(site):
    site.connection.execute(
        "INSERT INTO excuse (visitor_id, from_at, cause, approved_by) VALUES (%s, now(), 'sos', 'phone-1')",
        (site.visitor,),
    )
    assert site.anna.get(EXCUSES, params={"device": "phone-1"}).json() == []
    assert problem(site.anna.post(f"{EXCUSES}/1/withdraw")) == (404, "not_there")


def test_an_alert_that_is_excused_can_still_be_answered(site):
    excuse(site.anna, from_at=moment(NOON), to_at=moment(NOON + 60))
    assert do(site.anna, IDS[0], **ACKNOWLEDGE).status_code == 200

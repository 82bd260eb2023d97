"""Alerts as work over HTTP, on real PostGIS: two supervisors at once, and what the live page then shows."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from fake_live import PASSWORD, FakeAccounts
from fastapi.testclient import TestClient

from maps import triage_api
from maps.app import create_maps_app
from tracker.excuse import Call, Cause, Excuse
from tracker.incursion import Incursion, Kind
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.settle import Action, Change, Stored
from tracker.store.connection import connect, engine
from tracker.store.excuses import Excuses, raise_sos
from tracker.store.incursions import write_incursions
from tracker.store.live import PostgresLiveView
from tracker.store.people import People
from tracker.store.rights import PostgresRights
from tracker.store.triage import PostgresTriage

NOON = float(int(time.time()) - 3600)
ENTRY = Incursion("court", 1, Kind.ENTRY, NOON, NOON, NOON + 60, 0.99, -50.0, 5.0, fixes=9, confirmed_at=NOON + 30)
IDS = [str(UUID(int=number)) for number in range(1, 4)]
ACKNOWLEDGE = {"act": "acknowledge", "version": 0}


class Site:
    """A database with one visitor who was in the court's zone three times, and the API over it."""

    def __init__(self, url: str, tmp_path, *more) -> None:
        self.connection = connect(url, "test", fenced=False).__enter__()
        self.database = engine(url)
        people = People(self.connection)
        self.visitor = people.add_visitor("Li", consented=True)
        self.device = people.add_device("phone-1", self.visitor, platform="android", shard=0, secret="s")
        self.key = (self.device, people.open_shift(self.visitor, NOON - 60))
        for number, id_ in enumerate(IDS):
            self.store(id_, ENTRY._replace(began_at=NOON + number))
        for name in ("anna", "ben"):
            PostgresRights(self.database).let_in(
                "test", name, "x", Rights(frozenset({Role.SUPERVISOR}), all_teams=True)
            )
        accounts = FakeAccounts(anna=PASSWORD, ben=PASSWORD)
        app = create_maps_app(accounts, accounts, PostgresLiveView(self.database), basemap=tmp_path)
        for make in (lambda database: triage_api.router(PostgresTriage(database)), *more):
            app.include_router(make(self.database))
        self.anna, self.ben = (self._logged_in(app, name) for name in ("anna", "ben"))

    def store(self, id_: str, incursion: Incursion, action: Action = Action.NEW, revision: int = 1) -> None:
        stored = Stored(id_, revision, retracted=False, incursion=incursion)
        write_incursions(self.connection, [(self.key, Change(action, None, stored, (), None))])

    def live(self, alert_id: str):
        found = PostgresLiveView(self.database).alerts(0.0, 200)
        return next(each for each in found if each.id == alert_id)

    def _logged_in(self, app, name: str) -> TestClient:
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        client.post("/login", data={"username": name, "password": PASSWORD})
        return client

    def close(self) -> None:
        self.connection.close()
        self.database.dispose()


@pytest.fixture
def site(database_url, tmp_path):
    made = Site(database_url, tmp_path)
    yield made
    made.close()


def do(client, alert_id, **body):
    return client.post(f"/api/v1/alerts/{alert_id}/deeds", json=body)


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_from_new_to_closed_with_every_deed_on_record(site):
    assert site.live(IDS[0]).triage is None
    do(site.anna, IDS[0], **ACKNOWLEDGE)
    do(site.anna, IDS[0], act="assign", version=1, to="ben")
    do(site.ben, IDS[0], act="comment", version=2, text="calling")
    closed = do(site.ben, IDS[0], act="close", version=3, reason="spoken_to", text="left at once")
    assert (closed.status_code, closed.json()["stage"], closed.json()["version"]) == (200, "closed", 4)
    found = site.anna.get(f"/api/v1/alerts/{IDS[0]}").json()
    told = [(deed["act"], deed["by"], deed["text"]) for deed in found["deeds"]]
    assert told == [
        ("acknowledge", "anna", ""), ("assign", "anna", ""), ("comment", "ben", "calling"),
        ("close", "ben", "left at once"),
    ]  # fmt: skip
    shown = site.live(IDS[0]).triage
    assert (shown.acknowledged_by, shown.assignee, shown.closed_by, shown.reason) == ("anna", "ben", "ben", "spoken_to")


def test_who_saw_an_older_state_is_told_the_one_that_stands(site):
    do(site.anna, IDS[0], **ACKNOWLEDGE)
    late = do(site.ben, IDS[0], **ACKNOWLEDGE)
    assert problem(late) == (409, "alert_changed")
    assert late.json()["triage"]["acknowledged_by"] == "anna"


def test_of_two_at_the_same_moment_one_wins(site):
    with ThreadPoolExecutor(8) as pool:
        clients = [site.anna, site.ben] * 4
        answers = list(pool.map(lambda client: do(client, IDS[0], **ACKNOWLEDGE).status_code, clients))
    assert sorted(answers) == [200] + [409] * 7
    assert len(site.anna.get(f"/api/v1/alerts/{IDS[0]}").json()["deeds"]) == 1


def test_a_deed_that_does_not_fit_says_what_to_do(site):
    refused = do(site.anna, IDS[0], act="snooze", version=0, until=time.time() + 600)
    assert problem(refused) == (409, "does_not_fit")
    assert "Acknowledge it first" in refused.json()["detail"]
    assert site.live(IDS[0]).triage is None


@pytest.mark.parametrize("alert_id", ["sos-1", "sos-x", "nothing", str(UUID(int=99)), "sos-" + "9" * 30])
def test_an_alert_that_is_not_there(site, alert_id):
    assert problem(site.anna.get(f"/api/v1/alerts/{alert_id}")) == (404, "no_alert")
    assert problem(do(site.anna, alert_id, **ACKNOWLEDGE)) == (404, "no_alert")


def test_it_is_assigned_to_people_who_may_log_in(site):
    assert site.anna.get("/api/v1/alert-handlers").json() == ["anna", "ben"]
    assert problem(do(site.anna, IDS[0], act="assign", version=0, to="nobody")) == (404, "no_alert")


def test_several_of_the_same_cause_are_closed_but_for_one_that_changed(site):
    do(site.ben, IDS[1], **ACKNOWLEDGE)
    alerts = [{"id": id_, "version": 0} for id_ in IDS]
    body = {"alerts": alerts, "reason": "false_alarm", "text": "the zone is drawn wrongly"}
    answer = site.anna.post("/api/v1/alerts/close", json=body).json()
    assert answer["closed"] == [IDS[0], IDS[2]]
    assert [(each["id"], each["code"]) for each in answer["refused"]] == [(IDS[1], "alert_changed")]


def test_closing_a_call_for_help_ends_it(site):
    assert raise_sos(site.connection, site.device, NOON) is Call.NEW
    (call,) = [each for each in PostgresLiveView(site.database).alerts(0.0, 200) if each.kind == "sos"]
    assert (call.visitor, call.device, call.exit_at) == ("Li", "phone-1", None)
    assert do(site.anna, call.id, act="close", version=0, reason="helped").status_code == 200
    assert site.live(call.id).exit_at is not None
    assert raise_sos(site.connection, site.device, time.time() + 60) is Call.NEW


def test_one_that_waits_is_shown_however_many_came_after_it(site):
    newest = PostgresLiveView(site.database).alerts(0.0, 1)
    assert {each.id for each in newest} == set(IDS)
    for id_ in IDS:
        do(site.anna, id_, act="close", version=0, reason="lawful")
    assert len(PostgresLiveView(site.database).alerts(0.0, 1)) == 1


def test_an_incursion_that_grows_keeps_its_row_and_its_answer(site):
    do(site.anna, IDS[0], **ACKNOWLEDGE)
    site.store(IDS[0], ENTRY._replace(exit_at=NOON + 300), Action.GROWN)
    row = site.live(IDS[0])
    assert (row.kind, row.triage.stage) == ("exit", "acknowledged")


def news_of(site, alert_id):
    return [each.what for each in site.live(alert_id).news]


def test_a_snooze_ends_when_the_incursion_grows(site):
    do(site.anna, IDS[0], **ACKNOWLEDGE)
    do(site.anna, IDS[0], act="snooze", version=1, until=time.time() + 600)
    assert news_of(site, IDS[0]) == []
    site.store(IDS[0], ENTRY._replace(closest_m=-120.0), Action.GROWN)
    assert news_of(site, IDS[0]) == ["deeper"]
    do(site.anna, IDS[0], act="snooze", version=2, until=time.time() + 600)
    assert news_of(site, IDS[0]) == []


def test_a_snooze_ends_when_the_visitor_enters_another_zone_and_the_next_reading_says_so(site):
    do(site.anna, IDS[0], **ACKNOWLEDGE)
    do(site.anna, IDS[0], act="snooze", version=1, until=time.time() + 600)
    site.connection.execute("UPDATE incursion SET changed_at = now() - interval '1 hour'")
    site.connection.execute("UPDATE triage SET changed_at = now() - interval '1 hour'")
    site.store(str(UUID(int=9)), ENTRY._replace(zone="police", began_at=NOON + 90))
    changed = PostgresLiveView(site.database).alerts(time.time() - 60, 200)
    found = {each.id: [news.what for news in each.news] for each in changed}
    assert found == {IDS[0]: ["other_zone"], str(UUID(int=9)): []}


def test_what_changes_after_closing_is_marked_with_both_values_until_somebody_looks(site):
    do(site.anna, IDS[0], act="close", version=0, reason="lawful")
    site.store(IDS[0], ENTRY._replace(closest_m=-120.0), Action.GROWN)
    (news,) = site.live(IDS[0]).news
    assert (news.what, news.before, news.after) == ("deeper", -50.0, -120.0)
    kept = do(site.ben, IDS[0], act="acknowledge", version=1)
    assert (kept.status_code, kept.json()["stage"], news_of(site, IDS[0])) == (200, "closed", [])


def test_an_excuse_after_closing_is_marked_and_the_alert_can_be_opened_again(site):
    do(site.anna, IDS[0], act="close", version=0, reason="violation")
    excuse = Excuse(None, NOON - 60, NOON + 3600)
    Excuses(site.connection).add(site.visitor, excuse, Cause.WITNESS, approved_by="ben")
    assert news_of(site, IDS[0]) == ["excused"]
    opened = do(site.ben, IDS[0], act="reopen", version=1, text="summoned")
    assert (opened.json()["stage"], news_of(site, IDS[0])) == ("acknowledged", [])


def test_a_deed_keeps_what_was_known(site):
    do(site.anna, IDS[0], act="close", version=0, reason="lawful")
    (deed,) = site.anna.get(f"/api/v1/alerts/{IDS[0]}").json()["deeds"]
    assert (deed["found"]["closest_m"], deed["found"]["zones"]) == (-50.0, ["court"])


def test_nobody_answers_without_a_log_in(site):
    site.anna.post("/logout")
    assert problem(do(site.anna, IDS[0], **ACKNOWLEDGE)) == (401, "not_logged_in")
    assert problem(site.anna.get(f"/api/v1/alerts/{IDS[0]}")) == (401, "not_logged_in")


SILENCE = """
INSERT INTO silence (shift_id, device_id, since, judged_from, why, reached, listed_at, red_at, ended_at, over)
VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s), 'airplane', '[["court", "Court", 340.5]]', now(),
        to_timestamp(%s), to_timestamp(%s), %s) RETURNING id"""


def silence(site, red_at=NOON + 900, ended_at=None, over=None):
    """A silence of the visitor since noon, red after a quarter of an hour; returns the id of its alert."""
    given = (site.key[1], site.device, NOON, NOON, red_at, ended_at, over)
    return f"silence-{site.connection.execute(SILENCE, given).fetchone()[0]}"


def test_a_red_silence_is_answered_like_any_alert_for_reasons_of_its_own(site):
    alert_id = silence(site)
    shown = site.live(alert_id)
    assert (shown.kind, shown.first_possible_at, shown.confirmed_at) == ("silence", NOON, NOON + 900)
    assert (shown.silence.why, shown.silence.reached[0].away_m) == ("airplane", 340.5)
    assert do(site.anna, alert_id, **ACKNOWLEDGE).status_code == 200
    assert problem(do(site.anna, alert_id, act="close", version=1, reason="violation")) == (409, "does_not_fit")
    assert do(site.anna, alert_id, act="close", version=1, reason="technical").json()["reason"] == "technical"
    assert site.live(alert_id).triage.stage == "closed"


def test_an_amber_silence_is_seen_and_is_no_alert(site):
    alert_id = silence(site, red_at=None)
    assert problem(do(site.anna, alert_id, **ACKNOWLEDGE)) == (404, "no_alert")
    assert site.live(alert_id).confirmed_at is None


def test_a_silence_that_is_over_stays_for_a_day_if_somebody_was_told(site):
    for red_at, shown in ((None, False), (NOON + 900, True)):
        over = silence(site, red_at, ended_at=NOON + 1000, over="heard")
        found = PostgresLiveView(site.database).alerts(0.0, 200)
        assert any(each.id == over for each in found) is shown
        site.connection.execute("DELETE FROM silence")


def test_an_entry_is_not_lost_among_many_who_only_come_near(site):
    before = time.time() - 10
    approach = ENTRY._replace(kind=Kind.APPROACH, confirmed_at=None)
    for number in range(10, 13):
        site.store(str(UUID(int=number)), approach._replace(began_at=NOON + number))
    found = PostgresLiveView(site.database).alerts(before, 2)
    assert set(IDS) <= {each.id for each in found}

"""Accounts, roles and teams over HTTP on a real database."""

from http import HTTPStatus

import pytest
from fake_phones import FakePhones
from test_sessions import HASHED, NEXT_PASSWORD, PASSWORD, House, is_in, log_in, second_factor, set_by

from maps.people import looks_api, people_api, teams_api, visitors_api
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.store.looks import PostgresLookLog
from tracker.store.people import DeviceSecrets, People
from tracker.store.rights import PostgresRights
from tracker.store.sessions import PostgresSessions

PEOPLE = "/api/v1/people"
SUPERVISOR = {"roles": ["supervisor"]}


class Office(House):
    """The house with an administrator and a privacy officer at their desks."""

    def __init__(self, url: str, tmp_path) -> None:
        super().__init__(url, tmp_path)
        self.phones = FakePhones(self.rights)
        self.app.include_router(people_api.router(PostgresRights(self.database), PostgresSessions(self.database)))
        self.app.include_router(teams_api.router(PostgresRights(self.database)))
        self.app.include_router(visitors_api.router(PostgresRights(self.database), self.phones))
        self.app.include_router(looks_api.router(PostgresLookLog(self.database)))
        self.admin = self.desk("root", Role.ADMINISTRATOR)
        self.officer = self.desk("officer", Role.PRIVACY_OFFICER)

    def desk(self, name: str, role: Role):
        self.rights.let_in("test", name, HASHED, Rights(frozenset({role})))
        client = self.browser("10.0.0.9")
        log_in(client, username=name)
        return client

    def visitor(self, name: str) -> int:
        return People(self.connection).add_visitor(name, consented=True)

    def is_visitor(self, username: str, visitor: int | None):
        path = f"{PEOPLE}/accounts/{self.row(username)['id']}/visitor"
        return self.admin.put(path, json={"visitor": visitor})

    def looked(self, visitor: int, purpose: str) -> None:
        self.connection.execute(
            "INSERT INTO look (account_id, username, visitor_id, from_at, to_at, purpose) "
            "VALUES (%s, 'anna', %s, to_timestamp(100), to_timestamp(200), %s)",
            (self.anna, visitor, purpose),
        )

    def row(self, username: str):
        return next(row for row in self.admin.get(f"{PEOPLE}/accounts").json() if row["username"] == username)

    def deeds(self) -> list[tuple[str, str, str]]:
        return [(deed["by"], deed["what"], deed["subject"]) for deed in self.officer.get(f"{PEOPLE}/deeds").json()]


@pytest.fixture
def office(database_url, tmp_path):
    made = Office(database_url, tmp_path)
    yield made
    made.close()


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_somebody_new_sets_their_password_by_the_link_and_is_in(office):
    team = office.admin.post(f"{PEOPLE}/teams", json={"name": " north "}).json()
    made = office.admin.post(f"{PEOPLE}/accounts", json={"username": "mei", "teams": [team["id"]], **SUPERVISOR})
    assert made.status_code == HTTPStatus.CREATED
    mei = office.browser("10.0.0.3")
    assert set_by(mei, made.json()["path"]) == HTTPStatus.SEE_OTHER
    log_in(mei, NEXT_PASSWORD, "mei")
    assert mei.get("/api/v1/me").json()["teams"] == [team["id"]]
    row = office.row("mei")
    assert (row["roles"], row["teams"], row["has_password"], team["name"]) == (
        ["supervisor"],
        [team["id"]],
        True,
        "north",
    )


def test_what_an_administrator_gets_to_see_holds_no_secret(office):
    second_factor(office)
    text = office.admin.get(f"{PEOPLE}/accounts").text
    assert "argon2" not in text
    assert "totp_secret" not in text
    assert office.row("anna")["totp"] is True


def test_rights_hold_from_the_next_request_on(office):
    anna = office.entered()
    path = f"{PEOPLE}/accounts/{office.anna}/rights"
    assert office.admin.put(path, json={"roles": ["zone_editor"]}).status_code == HTTPStatus.NO_CONTENT
    assert anna.get("/api/v1/me").json()["roles"] == ["zone_editor"]


@pytest.mark.parametrize(("role", "page"), [("zone_editor", "/zones"), ("reviewer_1", "/replay")])
def test_who_may_not_see_visitors_comes_to_the_page_of_their_work(office, role, page):
    office.admin.put(f"{PEOPLE}/accounts/{office.anna}/rights", json={"roles": [role]})
    assert office.entered().get("/").headers["location"] == page


def test_whoever_is_kept_out_is_out_at_once_and_comes_back(office):
    anna, path = office.entered(), f"{PEOPLE}/accounts/{office.anna}/active"
    office.admin.delete(path)
    assert (is_in(anna), log_in(office.browser()).status_code) == (False, HTTPStatus.UNAUTHORIZED)
    office.admin.put(path)
    assert is_in(office.entered())


def test_sessions_are_ended_from_outside(office):
    anna = office.entered()
    assert office.admin.delete(f"{PEOPLE}/accounts/{office.anna}/sessions").status_code == HTTPStatus.NO_CONTENT
    assert not is_in(anna)


def test_a_lost_authenticator_is_forgotten(office):
    second_factor(office)
    office.admin.delete(f"{PEOPLE}/accounts/{office.anna}/totp")
    assert is_in(office.entered())


@pytest.mark.parametrize(
    ("method", "what"), [("PUT", "rights"), ("PUT", "visitor"), ("DELETE", "active"), ("DELETE", "totp")]
)
def test_nobody_changes_their_own_rights(office, method, what):
    path = f"{PEOPLE}/accounts/{office.row('root')['id']}/{what}"
    body = {"visitor": None} if what == "visitor" else SUPERVISOR
    assert problem(office.admin.request(method, path, json=body)) == (HTTPStatus.CONFLICT, "own_account")
    assert office.row("root")["roles"] == ["administrator"]


def test_visitors_are_moved_between_teams(office):
    visitor = office.visitor("Li")
    team = office.admin.post(f"{PEOPLE}/teams", json={"name": "north"}).json()["id"]
    path = f"{PEOPLE}/visitors/{visitor}/team"
    assert office.admin.put(path, json={"team": team}).status_code == HTTPStatus.NO_CONTENT
    assert office.admin.get(f"{PEOPLE}/visitors").json() == [
        {"id": visitor, "name": "Li", "team": team, "consented": True, "phones": 0}
    ]
    assert office.admin.get(f"{PEOPLE}/teams").json() == [{"id": team, "name": "north", "visitors": 1}]
    assert office.admin.put(path, json={"team": None}).status_code == HTTPStatus.NO_CONTENT


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "accounts", {"username": "anna", **SUPERVISOR}, (409, "conflict")),
        ("POST", "accounts", {"username": "a\nb", **SUPERVISOR}, (422, "name")),
        ("POST", "accounts", {"username": "new", "roles": ["owner"]}, (422, "invalid")),
        ("POST", "accounts", {"username": "new", "teams": [99], **SUPERVISOR}, (404, "not_there")),
        ("PUT", "accounts/999/rights", SUPERVISOR, (404, "not_there")),
        ("DELETE", "accounts/999/active", {}, (404, "not_there")),
        ("POST", "accounts/999/link", {}, (404, "not_there")),
        ("DELETE", "accounts/999/sessions", {}, (404, "not_there")),
        ("DELETE", "accounts/99999999999/sessions", {}, (404, "not_there")),
        ("DELETE", "devices/phone-9", {}, (404, "not_there")),
        ("POST", "devices", {"visitor": 999}, (404, "not_there")),
        ("POST", "devices", {"visitor": 999, "platform": "symbian"}, (422, "invalid")),
        ("POST", "visitors", {"name": "a\u202eb"}, (422, "name")),
        ("PUT", "visitors/999", {"name": "Li"}, (404, "not_there")),
        ("PUT", "visitors/999/consent", {}, (404, "not_there")),
        ("DELETE", "visitors/999/consent", {}, (404, "not_there")),
        ("PUT", "teams/999", {"name": "south"}, (404, "not_there")),
        ("POST", "teams", {"name": "\u202e"}, (422, "name")),
        ("PUT", "visitors/999/team", {"team": None}, (404, "not_there")),
        ("PUT", "accounts/999/visitor", {"visitor": None}, (404, "not_there")),
        ("PUT", "accounts/1/visitor", {"visitor": 999}, (404, "not_there")),
        ("PUT", "accounts/1/rights", {"visitor_id": 1, **SUPERVISOR}, (422, "invalid")),
    ],
)
def test_what_cannot_be_done_says_so_and_changes_nothing(office, method, path, body, said):
    before = office.deeds()
    assert problem(office.admin.request(method, f"{PEOPLE}/{path}", json=body)) == said
    assert office.deeds() == before


def test_each_change_is_on_record_with_who_made_it(office):
    office.admin.post(f"{PEOPLE}/teams", json={"name": "north"})
    office.admin.put(f"{PEOPLE}/accounts/{office.anna}/rights", json={"roles": ["zone_editor"]})
    office.admin.delete(f"{PEOPLE}/accounts/{office.anna}/sessions")
    assert office.deeds()[:3] == [
        ("root", "sessions_ended", "anna"), ("root", "rights_changed", "anna"), ("root", "team_added", "north"),
    ]  # fmt: skip


def test_what_somebody_changes_of_their_own_is_on_record_too(office):
    anna = office.entered()
    anna.put("/api/v1/me/password", json={"old": PASSWORD, "new": NEXT_PASSWORD})
    second_factor(office)
    anna.post("/api/v1/me/totp/off", json={"password": NEXT_PASSWORD})
    assert office.deeds()[:3] == [
        ("anna", "totp_off", "anna"), ("anna", "totp_on", "anna"), ("anna", "password_changed", "anna"),
    ]  # fmt: skip


def test_administrators_do_not_see_places_nor_their_own_record(office):
    paths = ["/api/v1/live", f"{PEOPLE}/deeds"]
    assert {office.admin.get(path).status_code for path in paths} == {HTTPStatus.FORBIDDEN}


def test_a_change_of_rights_leaves_who_somebody_is(office):
    visitor = office.visitor("Li")
    assert office.is_visitor("anna", visitor).status_code == HTTPStatus.NO_CONTENT
    office.admin.put(f"{PEOPLE}/accounts/{office.anna}/rights", json={"roles": ["visitor"]})
    office.rights.set_rights("test", office.anna, Rights(frozenset({Role.VISITOR, Role.ZONE_EDITOR})))
    assert office.row("anna")["visitor_id"] == visitor
    assert office.entered().get("/api/v1/me").json()["visitor_id"] == visitor


def test_a_visitor_is_one_account_at_most(office):
    visitor = office.visitor("Li")
    office.rights.add_account("test", "ben", Rights(frozenset({Role.VISITOR})))
    office.is_visitor("anna", visitor)
    assert problem(office.is_visitor("ben", visitor)) == (HTTPStatus.CONFLICT, "conflict")
    assert (office.row("anna")["visitor_id"], office.row("ben")["visitor_id"]) == (visitor, None)


def test_a_visitor_reads_who_looked_at_their_tracks_and_at_nobody_elses(office):
    li, du = office.visitor("Li"), office.visitor("Du")
    office.rights.let_in("test", "li", HASHED, Rights(frozenset({Role.VISITOR})))
    office.is_visitor("li", li)
    office.looked(du, "complaint 1")
    office.looked(li, "complaint 2")
    office.looked(li, "complaint 3")
    client = office.browser()
    log_in(client, username="li")
    rows = client.get("/api/v1/me/looks").json()
    assert [(row["by"], row["visitor"], row["purpose"]) for row in rows] == [
        ("anna", "Li", "complaint 3"), ("anna", "Li", "complaint 2"),
    ]  # fmt: skip
    assert (rows[0]["from_at"], rows[0]["to_at"]) == (100.0, 200.0)
    assert client.get(f"{PEOPLE}/looks").status_code == HTTPStatus.FORBIDDEN


def test_an_account_that_is_no_visitor_reads_no_looks(office):
    office.looked(office.visitor("Li"), "complaint 1")
    office.rights.set_rights("test", office.anna, Rights(frozenset({Role.VISITOR})))
    assert office.entered().get("/api/v1/me/looks").json() == []


def test_a_privacy_officer_reads_every_look(office):
    office.looked(office.visitor("Li"), "complaint 1")
    office.looked(office.visitor("Du"), "complaint 2")
    assert [row["visitor"] for row in office.officer.get(f"{PEOPLE}/looks").json()] == ["Du", "Li"]
    assert office.admin.get(f"{PEOPLE}/looks").status_code == HTTPStatus.FORBIDDEN


def test_phones_are_listed_with_whose_they_are_and_no_secret(office):
    visitor, people = office.visitor("Li"), People(office.connection)
    for name in ("phone-1", "phone-2"):
        people.add_device(name, visitor, platform="ios", shard=3, secret="s")
    people.revoke_device("phone-2")
    rows = office.admin.get(f"{PEOPLE}/devices").json()
    assert [(row["name"], row["visitor_id"], row["platform"], row["heard_at"]) for row in rows] == [
        ("phone-1", visitor, "ios", None), ("phone-2", visitor, "ios", None),
    ]  # fmt: skip
    assert [row["revoked_at"] is None for row in rows] == [True, False]
    assert set(rows[0]) == {"name", "visitor_id", "platform", "enrolled_at", "heard_at", "revoked_at"}


def test_a_visitor_is_enrolled_and_given_a_phone_whose_secret_is_shown_once(office):
    visitor = office.admin.post(f"{PEOPLE}/visitors", json={"name": " Li ", "consented": True}).json()
    made = office.admin.post(f"{PEOPLE}/devices", json={"visitor": visitor["id"], "name": "phone-1"})
    assert (made.status_code, made.json()["secret"]) == (HTTPStatus.CREATED, "s3cret")
    assert made.json()["qr"].startswith("data:image/svg+xml;")
    assert DeviceSecrets(office.database).device_secret_matches("phone-1", "s3cret")
    row = {"id": visitor["id"], "name": "Li", "team": None, "consented": True, "phones": 1}
    assert office.admin.get(f"{PEOPLE}/visitors").json() == [row]
    assert office.deeds()[:2] == [("root", "device_enrolled", "phone-1"), ("root", "visitor_added", "1 Li")]


def test_a_phone_that_the_broker_cannot_be_told_of_is_not_enrolled(office):
    visitor = office.visitor("Li")
    office.phones.broker_is_away = True
    answer = office.admin.post(f"{PEOPLE}/devices", json={"visitor": visitor})
    assert problem(answer) == (HTTPStatus.SERVICE_UNAVAILABLE, "broker_away")
    assert office.admin.get(f"{PEOPLE}/devices").json() == []


def test_a_name_of_a_phone_is_taken_once(office):
    wanted = {"visitor": office.visitor("Li"), "name": "phone-1"}
    office.admin.post(f"{PEOPLE}/devices", json=wanted)
    assert problem(office.admin.post(f"{PEOPLE}/devices", json=wanted)) == (HTTPStatus.CONFLICT, "conflict")


def test_consent_and_its_withdrawal_are_recorded(office):
    visitor = office.admin.post(f"{PEOPLE}/visitors", json={"name": "Li"}).json()["id"]
    path = f"{PEOPLE}/visitors/{visitor}"
    said = []
    for method in ("PUT", "DELETE"):
        assert office.admin.request(method, f"{path}/consent").status_code == HTTPStatus.NO_CONTENT
        said += [row["consented"] for row in office.admin.get(f"{PEOPLE}/visitors").json()]
    assert said == [True, False]
    assert [what for _, what, _ in office.deeds()[:2]] == ["consent_withdrawn", "consent_recorded"]


def test_the_name_of_a_visitor_is_corrected(office):
    visitor = office.visitor("王偉")
    office.admin.put(f"{PEOPLE}/visitors/{visitor}", json={"name": "王伟"})
    assert [row["name"] for row in office.admin.get(f"{PEOPLE}/visitors").json()] == ["王伟"]


def test_a_lost_phone_is_shut_out_at_the_broker_and_in_the_service(office):
    People(office.connection).add_device("phone-1", office.visitor("Li"), platform="ios", shard=3, secret="s")
    assert office.admin.delete(f"{PEOPLE}/devices/phone-1").status_code == HTTPStatus.NO_CONTENT
    assert office.phones.off_the_broker == ["phone-1"]
    assert not DeviceSecrets(office.database).device_secret_matches("phone-1", "s")
    assert office.deeds()[0] == ("root", "device_revoked", "phone-1")


def test_a_phone_is_refused_even_while_the_broker_cannot_be_told(office):
    People(office.connection).add_device("phone-1", office.visitor("Li"), platform="ios", shard=3, secret="s")
    office.phones.broker_is_away = True
    path = f"{PEOPLE}/devices/phone-1"
    assert problem(office.admin.delete(path)) == (HTTPStatus.SERVICE_UNAVAILABLE, "broker_away")
    assert not DeviceSecrets(office.database).device_secret_matches("phone-1", "s")
    office.phones.broker_is_away = False
    assert office.admin.delete(path).status_code == HTTPStatus.NO_CONTENT
    assert office.phones.off_the_broker == ["phone-1"]
    assert [what for _, what, _ in office.deeds()].count("device_revoked") == 1


def test_a_team_gets_another_name(office):
    team = office.admin.post(f"{PEOPLE}/teams", json={"name": "north"}).json()["id"]
    office.admin.post(f"{PEOPLE}/teams", json={"name": "south"})
    path = f"{PEOPLE}/teams/{team}"
    assert problem(office.admin.put(path, json={"name": "south"})) == (HTTPStatus.CONFLICT, "conflict")
    assert office.admin.put(path, json={"name": "east"}).status_code == HTTPStatus.NO_CONTENT
    assert [row["name"] for row in office.admin.get(f"{PEOPLE}/teams").json()] == ["east", "south"]

"""Log-ins on a real database: sessions that end, second factors, one-time links, and what guessing costs."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pyotp
import pytest
from fake_live import CHEAP_HASHER, FakeLiveView
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection

from maps.app import create_maps_app
from maps.entrance.tries import TRIES_PER_ADDRESS, TRIES_PER_HOST, TRIES_PER_NAME, limits
from tracker.errors import ConflictError
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.store.accounts import PostgresAccounts
from tracker.store.connection import connect, engine
from tracker.store.rights import PostgresRights
from tracker.store.sessions import PostgresSessions

PASSWORD = "a sentence is easily remembered"
NEXT_PASSWORD = "another sentence to be remembered"
HASHED = CHEAP_HASHER.hash(PASSWORD)
COOKIE = "kc_session"
ME = "/api/v1/me"


class House:
    """A database with one supervisor, and the pages over it."""

    def __init__(self, url: str, tmp_path) -> None:
        self.database = engine(url)
        self.connection = connect(url, "test", fenced=False).__enter__()
        self.rights = PostgresRights(self.database)
        self.rights.let_in("test", "anna", HASHED, Rights(frozenset({Role.SUPERVISOR}), all_teams=True))
        self.anna = self.rights.account_id("anna")
        accounts, sessions = PostgresAccounts(self.database), PostgresSessions(self.database)
        self.app = create_maps_app(accounts, sessions, FakeLiveView(), basemap=tmp_path)

    def browser(self, address: str = "10.0.0.1") -> TestClient:
        return TestClient(self.app, follow_redirects=False, client=(address, 50_000))

    def entered(self, address: str = "10.0.0.1") -> TestClient:
        client = self.browser(address)
        assert log_in(client).status_code == HTTPStatus.SEE_OTHER
        return client

    def change(self, statement: str) -> None:
        self.connection.execute(statement)

    def close(self) -> None:
        self.connection.close()
        self.database.dispose()


@pytest.fixture
def house(database_url, tmp_path):
    made = House(database_url, tmp_path)
    yield made
    made.close()


def log_in(client, password=PASSWORD, username="anna"):
    return client.post("/login", data={"username": username, "password": password})


def is_in(client) -> bool:
    return client.get(ME).status_code == HTTPStatus.OK


def second_factor(house) -> pyotp.TOTP:
    """An authenticator that nobody has used yet."""
    secret = pyotp.random_base32()
    PostgresAccounts(house.database).set_totp(house.anna, secret)
    return pyotp.TOTP(secret)


def linked(house, lasts_s=3600.0) -> str:
    token = f"token-{lasts_s}"
    house.rights.make_link("test", house.anna, hashlib.sha256(token.encode()).digest(), lasts_s)
    return f"/password/{token}"


def tried(house, address, username) -> float:
    """A wrong guess, without the time that a password takes to check; the seconds to wait before it."""
    scope = {"type": "http", "headers": [], "client": (address, 50_000)}
    return house.app.state.parts.gate.accounts.begin_try(limits(HTTPConnection(scope), username))


def set_by(client, path, password=NEXT_PASSWORD):
    return client.post(path, data={"password": password, "repeated": password}).status_code


@pytest.mark.parametrize(
    "change",
    ["UPDATE web_session SET seen_at = now() - interval '61 minutes'", "UPDATE web_session SET ends_at = now()"],
)
def test_a_session_ends_by_disuse_and_by_age(house, change):
    client = house.entered()
    house.change(change)
    assert not is_in(client)


def test_use_keeps_a_session_alive_but_not_beyond_its_age(house):
    client = house.entered()
    house.change("UPDATE web_session SET seen_at = now() - interval '59 minutes', ends_at = now() + interval '1 hour'")
    assert is_in(client)
    query = "SELECT now() - seen_at < interval '1 minute', ends_at > now() + interval '1 hour' FROM web_session"
    assert house.connection.execute(query).fetchall() == [(True, False)]


def test_the_database_never_holds_what_the_browser_holds(house):
    token = house.entered().cookies[COOKIE]
    (stored,) = house.connection.execute("SELECT token_sha256 FROM web_session").fetchone()
    assert stored == hashlib.sha256(token.encode()).digest()


def test_each_log_in_gets_a_token_of_its_own_and_ends_the_one_before(house):
    client = house.entered()
    first = client.cookies[COOKIE]
    log_in(client)
    assert client.cookies[COOKIE] != first
    client.cookies.set(COOKIE, first)
    assert not is_in(client)


def test_a_token_that_somebody_else_chose_is_never_adopted(house):
    client = house.browser()
    client.cookies.set(COOKIE, "chosen")
    answer = log_in(client)
    assert "chosen" not in answer.headers["set-cookie"]
    client.cookies.clear()
    client.cookies.set(COOKIE, "chosen")
    assert not is_in(client)


@pytest.mark.parametrize("what", ["log_out", "deactivate", "remove", "password"])
def test_it_ends_at_once(house, what):
    client = house.entered()
    ending = {
        "log_out": lambda: client.post("/logout"),
        "deactivate": lambda: house.rights.set_active("test", house.anna, active=False),
        "remove": lambda: PostgresAccounts(house.database).remove("anna"),
        "password": lambda: house.rights.let_in("test", "anna", HASHED, Rights(frozenset())),
    }
    token = client.cookies[COOKIE]
    ending[what]()
    client.cookies.set(COOKIE, token)
    assert not is_in(client)


def test_changing_the_password_ends_the_other_sessions_and_renews_this_one(house):
    here, there = house.entered(), house.entered()
    before = here.cookies[COOKIE]
    body = {"old": PASSWORD, "new": NEXT_PASSWORD}
    assert here.put(f"{ME}/password", json=body).status_code == HTTPStatus.NO_CONTENT
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.cookies[COOKIE] != before
    assert log_in(house.browser()).status_code == HTTPStatus.UNAUTHORIZED


def test_a_borrowed_session_cannot_change_the_password(house):
    client = house.entered()
    answer = client.put(f"{ME}/password", json={"old": "guessed it?", "new": NEXT_PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.FORBIDDEN, "wrong_password")


def test_one_sees_ones_sessions_and_ends_one_or_all_others(house):
    here, there, elsewhere = (house.entered(f"10.0.0.{number}") for number in (1, 2, 3))
    rows = here.get(f"{ME}/sessions").json()
    assert sorted((row["address"], row["current"]) for row in rows) == [
        ("10.0.0.1", True), ("10.0.0.2", False), ("10.0.0.3", False),
    ]  # fmt: skip
    (second,) = [row["id"] for row in rows if row["address"] == "10.0.0.2"]
    here.delete(f"{ME}/sessions/{second}")
    assert (is_in(there), is_in(elsewhere)) == (False, True)
    here.delete(f"{ME}/sessions")
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_nobody_ends_a_session_of_somebody_else(house):
    house.rights.let_in("test", "ben", HASHED, Rights(frozenset({Role.SUPERVISOR})))
    anna, ben = house.entered(), house.browser()
    log_in(ben, username="ben")
    (row,) = anna.get(f"{ME}/sessions").json()
    assert ben.delete(f"{ME}/sessions/{row['id']}").status_code == HTTPStatus.NOT_FOUND
    assert is_in(anna)


def test_an_authenticator_is_asked_for_once_a_code_of_it_was_shown(house):
    client = house.entered()
    offer = client.post(f"{ME}/totp").json()
    secret = offer["secret"]
    assert offer["qr"].startswith("data:image/svg+xml;")
    body = {"secret": secret, "code": "000000", "password": PASSWORD}
    assert client.put(f"{ME}/totp", json=body).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert is_in(house.entered())
    right = body | {"code": pyotp.TOTP(secret).now()}
    assert client.put(f"{ME}/totp", json=right | {"password": "guess"}).status_code == HTTPStatus.FORBIDDEN
    assert client.put(f"{ME}/totp", json=right).status_code == HTTPStatus.NO_CONTENT
    assert client.get(ME).json()["totp"]
    assert log_in(house.browser()).status_code == HTTPStatus.OK
    assert client.post(f"{ME}/totp/off", json={"password": PASSWORD}).status_code == HTTPStatus.NO_CONTENT
    assert is_in(house.entered())


def test_with_a_second_factor_the_password_alone_opens_nothing(house):
    second_factor(house)
    client = house.browser()
    asked = log_in(client)
    assert (asked.status_code, 'name="code"' in asked.text) == (HTTPStatus.OK, True)
    assert not is_in(client)


def test_a_right_code_opens_a_session_under_another_token(house):
    totp, client = second_factor(house), house.browser()
    log_in(client)
    waiting = client.cookies[COOKIE]
    assert client.post("/login/code", data={"code": totp.now()}).status_code == HTTPStatus.SEE_OTHER
    assert is_in(client)
    assert client.cookies[COOKIE] != waiting


def test_a_code_is_taken_once(house):
    totp, first, second = second_factor(house), house.browser(), house.browser()
    code = totp.now()
    for client in (first, second):
        log_in(client)
        client.post("/login/code", data={"code": code})
    assert (is_in(first), is_in(second)) == (True, False)


def test_a_code_from_before_one_that_was_used_is_refused(house):
    totp, first, second = second_factor(house), house.browser(), house.browser()
    log_in(first)
    first.post("/login/code", data={"code": totp.at(time.time() + 30)})
    log_in(second)
    second.post("/login/code", data={"code": totp.now()})
    assert (is_in(first), is_in(second)) == (True, False)


@pytest.mark.parametrize("code", ["000000", "", "١٢٣٤٥٦", "1" * 20])
def test_a_wrong_code_opens_nothing(house, code):
    totp, client = second_factor(house), house.browser()
    assert code not in {totp.at(time.time() + shift) for shift in (-30, 0, 30)}
    log_in(client)
    assert client.post("/login/code", data={"code": code}).status_code in {
        HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY,
    }  # fmt: skip
    assert not is_in(client)


def test_the_password_is_forgotten_if_no_code_comes_in_time(house):
    totp, client = second_factor(house), house.browser()
    log_in(client)
    house.change("UPDATE web_session SET ends_at = now() WHERE stage = 'code'")
    answer = client.post("/login/code", data={"code": totp.now()})
    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/login")
    assert not is_in(client)


def test_guessing_codes_is_slowed_down_too(house):
    totp, client = second_factor(house), house.browser()
    log_in(client)
    said = [client.post("/login/code", data={"code": "000000"}).status_code for _ in range(TRIES_PER_ADDRESS + 1)]
    assert said[-1] == HTTPStatus.TOO_MANY_REQUESTS
    assert client.post("/login/code", data={"code": totp.now()}).status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_who_lost_the_authenticator_gets_in_again_by_an_administrator(house):
    second_factor(house)
    house.rights.drop_totp("test", house.anna)
    assert is_in(house.entered())


def test_a_link_sets_the_password_once_and_ends_the_sessions(house):
    there, client, path = house.entered(), house.browser(), linked(house)
    assert "anna" in client.get(path).text
    assert set_by(client, path) == HTTPStatus.SEE_OTHER
    assert not is_in(there)
    assert log_in(client, NEXT_PASSWORD).status_code == HTTPStatus.SEE_OTHER
    assert (client.get(path).status_code, set_by(client, path, PASSWORD)) == (HTTPStatus.NOT_FOUND,) * 2
    assert log_in(house.browser(), PASSWORD).status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("what", ["old", "newer", "deactivated", "never"])
def test_a_link_that_opens_nothing(house, what):
    path = linked(house)
    if what == "old":
        house.change("UPDATE password_link SET expires_at = now()")
    if what == "newer":
        linked(house, 7200.0)
    if what == "deactivated":
        house.rights.set_active("test", house.anna, active=False)
    if what == "never":
        path = "/password/never-made"
    assert set_by(house.browser(), path) == HTTPStatus.NOT_FOUND
    (kept,) = house.connection.execute("SELECT password_hash FROM account").fetchone()
    assert kept == HASHED


def test_a_dead_link_costs_no_hash(house):
    house.app.state.parts.gate.passwords = None
    assert set_by(house.browser(), "/password/never-made") == HTTPStatus.NOT_FOUND


def test_a_short_password_does_not_use_the_link_up(house):
    client, path = house.browser(), linked(house)
    assert set_by(client, path, "short") == HTTPStatus.UNPROCESSABLE_ENTITY
    assert set_by(client, path) == HTTPStatus.SEE_OTHER


def test_the_link_is_told_to_no_other_site(house):
    assert house.browser().get(linked(house)).headers["referrer-policy"] == "no-referrer"


def test_who_guesses_is_locked_out_and_others_are_not(house):
    guesser, owner = house.browser("10.0.0.66"), house.browser("10.0.0.1")
    for _ in range(TRIES_PER_ADDRESS):
        log_in(guesser, "wrong")
    assert log_in(guesser).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert log_in(owner).status_code == HTTPStatus.SEE_OTHER


def test_guessing_one_account_from_many_addresses_locks_the_account(house):
    for number in range(TRIES_PER_NAME):
        tried(house, f"10.0.{number}.1", "anna")
    assert log_in(house.browser("10.0.0.99")).status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_guessing_many_accounts_from_one_address_locks_the_address(house):
    guesser = house.browser("10.0.0.66")
    for number in range(TRIES_PER_HOST):
        tried(house, "10.0.0.66", f"name-{number}")
    assert log_in(guesser).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert log_in(house.browser("10.0.0.1")).status_code == HTTPStatus.SEE_OTHER


def test_another_process_of_the_service_knows_of_the_guesses(house, tmp_path):
    guesser = house.browser("10.0.0.66")
    for _ in range(TRIES_PER_ADDRESS):
        log_in(guesser, "wrong")
    other = engine(house.database.url.render_as_string(hide_password=False))
    app = create_maps_app(PostgresAccounts(other), PostgresSessions(other), FakeLiveView(), basemap=tmp_path)
    there = TestClient(app, follow_redirects=False, client=("10.0.0.66", 50_000))
    assert log_in(there).status_code == HTTPStatus.TOO_MANY_REQUESTS
    other.dispose()


def test_a_lock_ends_and_the_right_password_forgets_the_guesses(house):
    guesser = house.browser("10.0.0.66")
    for _ in range(TRIES_PER_ADDRESS):
        log_in(guesser, "wrong")
    house.change("UPDATE log_in_try SET locked_until = now()")
    assert log_in(guesser).status_code == HTTPStatus.SEE_OTHER
    for _ in range(TRIES_PER_ADDRESS - 1):
        log_in(guesser, "wrong")
    assert log_in(guesser).status_code == HTTPStatus.SEE_OTHER


def test_guessing_in_parallel_gains_nothing(house):
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: tried(house, "10.0.0.66", "anna"), range(64)))
    assert waits.count(0.0) == TRIES_PER_ADDRESS


def test_logging_in_oneself_does_not_buy_guesses_at_others(house):
    for number in range(TRIES_PER_HOST - 1):
        tried(house, "10.0.0.1", f"name-{number}")
    house.entered("10.0.0.1")
    assert tried(house, "10.0.0.1", "ben") == 0.0
    assert log_in(house.browser("10.0.0.1")).status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_what_was_tried_cannot_be_read_and_is_forgotten_after_an_hour(house):
    tried(house, "10.0.0.1", "my password by mistake")
    keys = house.connection.execute("SELECT key FROM log_in_try").fetchall()
    assert {len(key) for (key,) in keys} == {32}
    house.change("UPDATE log_in_try SET last_at = now() - interval '61 minutes'")
    tried(house, "10.0.0.2", "anna")
    kept = house.connection.execute("SELECT key FROM log_in_try").fetchall()
    assert (len(kept), set(kept) & set(keys)) == (3, set())


@pytest.mark.parametrize("path", ["/logout", f"{ME}/totp", "/password/x", "/login/code"])
def test_another_site_changes_nothing(house, path):
    client = house.entered()
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        answer = client.post(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.FORBIDDEN, "cross_site")
    assert is_in(client)


def test_somebody_always_administers(house):
    house.rights.set_rights("test", house.anna, Rights(frozenset({Role.ADMINISTRATOR})))
    for undo in (
        lambda: house.rights.set_rights("test", house.anna, Rights(frozenset({Role.SUPERVISOR}))),
        lambda: house.rights.set_active("test", house.anna, active=False),
    ):
        with pytest.raises(ConflictError):
            undo()
    (row,) = house.rights.accounts()
    assert (row.active, row.roles) == (True, ("administrator",))

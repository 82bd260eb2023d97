"""Log-ins by a real OpenID provider of this process, over a real database."""

import time
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fake_live import FakeLiveView
from openid_provider import CLIENT, SECRET, SHARED_KEY, Lies, OpenIdProvider, a_key
from structlog.testing import capture_logs
from test_sessions import HASHED, House, is_in, log_in, second_factor

from maps.app import create_maps_app
from maps.entrance.login import SessionRules
from maps.entrance.oidc import FAILS_FOR_S, Client, Departure, Provider, ProviderError
from maps.people import people_api
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.store.accounts import PostgresAccounts
from tracker.store.rights import PostgresRights
from tracker.store.sessions import PostgresSessions

BACK = "/login/oidc/back"


@pytest.fixture(scope="module")
def running():
    with OpenIdProvider() as made:
        yield made


@pytest.fixture
def provider(running):
    """As new for each test."""
    running.lies, running.advertised, running.is_away = Lies(), {}, False
    running.user = {"sub": "u-1", "preferred_username": "anna"}
    return running


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Company(House):
    """The house whose pages know a provider."""

    def __init__(self, url: str, tmp_path, provider: OpenIdProvider) -> None:
        super().__init__(url, tmp_path)
        self.provider, self.room = provider, tmp_path
        self.stores = PostgresAccounts(self.database), PostgresSessions(self.database)
        self.known_as()

    def known_as(self, **changes) -> None:
        client = Client(self.provider.issuer, CLIENT, SECRET, f"http://testserver{BACK}")
        provider = Provider(replace(client, **changes))
        self.app = create_maps_app(*self.stores, FakeLiveView(), basemap=self.room, provider=provider)
        self.app.include_router(people_api.router(PostgresRights(self.database), self.stores[1]))

    def away(self, client, address="/login/oidc") -> str:
        """To the provider, which sends the browser back: the address it comes back to."""
        sent_to = client.get(address).headers["location"]
        answer = requests.get(sent_to, allow_redirects=False, timeout=10.0)
        return answer.headers["location"].removeprefix("http://testserver")

    def round_trip(self, client, address="/login/oidc"):
        return client.get(self.away(client, address))

    def bound(self):
        query = "SELECT oidc_issuer, oidc_subject FROM account WHERE username = 'anna'"
        return self.connection.execute(query).fetchone()


@pytest.fixture
def company(database_url, tmp_path, provider):
    made = Company(database_url, tmp_path, provider)
    yield made
    made.close()


def test_who_the_provider_knows_is_in_and_where_they_wanted(company):
    client = company.browser()
    answer = company.round_trip(client, "/login/oidc?next=/account%23x")
    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/account#x")
    assert is_in(client)
    assert company.bound() == (company.provider.issuer, "u-1")


def test_the_form_offers_it_only_where_there_is_a_provider(company, database_url, tmp_path):
    assert 'data-state="on"' in company.browser().get("/login").text
    company.app.state.parts.pages._oidc = False
    assert 'data-state="off"' in company.browser().get("/login").text


def test_the_next_address_leads_to_no_other_host(company):
    assert company.round_trip(company.browser(), "/login/oidc?next=//evil.example").headers["location"] == "/"


def test_the_account_is_the_subjects_from_the_first_time_on(company):
    company.round_trip(company.browser())
    company.provider.user = {"sub": "u-2", "preferred_username": "anna"}
    stranger = company.browser()
    assert company.round_trip(stranger).status_code == HTTPStatus.UNAUTHORIZED
    assert not is_in(stranger)
    company.provider.user = {"sub": "u-1", "preferred_username": "renamed"}
    assert company.round_trip(company.browser()).status_code == HTTPStatus.SEE_OTHER


def test_an_administrator_lets_the_user_name_go_to_somebody_else(company):
    company.rights.let_in("test", "root", HASHED, Rights(frozenset({Role.ADMINISTRATOR})))
    admin, anna = company.browser("10.0.0.9"), company.browser()
    log_in(admin, username="root")
    company.round_trip(anna)
    path = f"/api/v1/people/accounts/{company.anna}/identity"
    assert admin.delete(path).status_code == HTTPStatus.NO_CONTENT
    assert (is_in(anna), company.bound()) == (False, (None, None))
    said = [deed.what for deed in company.rights.deeds(3)]
    assert said[:2] == ["identity_forgotten", "identity_bound"]


def test_nobody_gets_an_account_by_being_known_to_the_provider(company):
    company.provider.user = {"sub": "u-3", "preferred_username": "nobody<b>"}
    client = company.browser()
    with capture_logs() as logged:
        answer = company.round_trip(client)
    assert [(line["event"], line["why"]) for line in logged] == [("log_in_refused", "no_account")]
    assert (answer.status_code, "nobody&lt;b&gt;" in answer.text) == (HTTPStatus.UNAUTHORIZED, True)
    assert company.connection.execute("SELECT count(*) FROM account").fetchone() == (1,)


def test_whoever_is_kept_out_stays_out(company):
    company.round_trip(company.browser())
    company.rights.set_active("test", company.anna, active=False)
    assert company.round_trip(company.browser()).status_code == HTTPStatus.UNAUTHORIZED


def test_the_accounts_own_second_factor_is_asked_for(company):
    totp, client = second_factor(company), company.browser()
    answer = company.round_trip(client)
    assert (answer.status_code, 'name="code"' in answer.text, is_in(client)) == (HTTPStatus.OK, True, False)
    client.post("/login/code", data={"code": totp.now()})
    assert is_in(client)


def test_a_code_works_in_the_browser_that_left_and_nowhere_else(company):
    here, victim = company.browser(), company.browser()
    back = company.away(here)
    company.away(victim)
    assert victim.get(back).status_code == HTTPStatus.BAD_GATEWAY
    assert company.browser().get(back).status_code == HTTPStatus.BAD_GATEWAY
    assert not is_in(victim)


def test_coming_back_works_once(company):
    client = company.browser()
    back = company.away(client)
    kept = client.cookies["kc_oidc"]
    client.get(back)
    assert "kc_oidc" not in client.cookies
    client.cookies.set("kc_oidc", kept)
    client.post("/logout")
    assert client.get(back).status_code == HTTPStatus.BAD_GATEWAY
    assert not is_in(client)


def test_with_https_the_cookie_of_the_way_there_can_be_set_by_nobody_else(company):
    company.app.state.parts.gate.rules = SessionRules(https=True)
    cookie = company.browser().get("/login/oidc").headers["set-cookie"]
    assert cookie.startswith("__Host-kc_oidc=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied", "?state=&code="])
def test_an_answer_that_nobody_asked_for_opens_nothing(company, query):
    client = company.browser()
    client.cookies.set("kc_oidc", "bm9uZSBvZiBvdXJz")
    assert client.get(BACK + query).status_code == HTTPStatus.BAD_GATEWAY
    assert not is_in(client)


def test_a_stolen_code_is_worthless_without_the_verifier(company):
    thief, owner = company.browser(), company.browser()
    stolen = parse_qs(urlsplit(company.away(owner)).query)["code"][0]
    own = parse_qs(urlsplit(company.away(thief)).query)
    assert thief.get(BACK, params={"state": own["state"][0], "code": stolen}).status_code == HTTPStatus.BAD_GATEWAY
    assert not is_in(thief)


LIES = {
    "another nonce": Lies({"nonce": "replayed"}),
    "no nonce": Lies({"nonce": None}),
    "another issuer": Lies({"iss": "https://evil.example"}),
    "for another service": Lies({"aud": "another"}),
    "for several, by another": Lies({"aud": [CLIENT, "another"], "azp": "another"}),
    "expired": Lies({"exp": int(time.time()) - 600}),
    "no expiry": Lies({"exp": None}),
    "no subject": Lies({"sub": None}),
    "another access token": Lies({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    "a key of somebody else": Lies(key=a_key("first")),
    "not signed": Lies(key=None, header={"alg": "none"}),
    "signed with the shared secret": Lies(key=SHARED_KEY, header={"alg": "HS256"}),
    "no user name": Lies({"preferred_username": None}),
    "a user name that is none": Lies({"preferred_username": ["anna"]}),
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
def test_a_token_that_proves_nothing_opens_nothing(company, lies):
    company.provider.lies = lies
    client = company.browser()
    with capture_logs() as logged:
        assert company.round_trip(client).status_code == HTTPStatus.BAD_GATEWAY
    assert not is_in(client)
    assert [line["event"] for line in logged] == ["oidc_failed"]
    assert company.bound() == (None, None)


def test_an_answer_of_another_provider_is_refused(company):
    client = company.browser()
    back = company.away(client)
    assert client.get(back.replace("%2Frealm", "%2Fother")).status_code == HTTPStatus.BAD_GATEWAY


def test_a_provider_that_calls_itself_something_else_is_refused(company):
    company.provider.advertised = {"issuer": "https://evil.example"}
    assert company.browser().get("/login/oidc").status_code == HTTPStatus.BAD_GATEWAY


def test_a_provider_that_is_away_is_said_and_passwords_still_work(company):
    company.known_as(issuer="http://127.0.0.1:1")
    client = company.browser()
    answer = client.get("/login/oidc")
    assert (answer.status_code, 'name="password"' in answer.text) == (HTTPStatus.BAD_GATEWAY, True)
    assert is_in(company.entered())


def test_a_provider_that_was_away_is_asked_again_after_a_pause(provider):
    clock, departure = Clock(), Departure.to("/")
    made = Provider(Client(provider.issuer, CLIENT, SECRET, "http://testserver/back"), clock=clock)
    provider.is_away = True
    with pytest.raises(ProviderError):
        made.address(departure)
    provider.is_away = False
    with pytest.raises(ProviderError):
        made.address(departure)
    clock.now += FAILS_FOR_S
    assert made.address(departure).startswith(f"{provider.issuer}/authorize?")


def test_a_new_key_of_the_provider_is_fetched(company):
    company.round_trip(company.browser())
    company.provider.key = a_key("second")
    assert company.round_trip(company.browser()).status_code == HTTPStatus.SEE_OTHER


def test_a_wrong_secret_of_the_client_opens_nothing(company):
    company.known_as(secret="wrong")
    assert company.round_trip(company.browser()).status_code == HTTPStatus.BAD_GATEWAY


@pytest.mark.parametrize(
    ("verified", "status"),
    [(True, HTTPStatus.SEE_OTHER), (False, HTTPStatus.BAD_GATEWAY), (None, HTTPStatus.BAD_GATEWAY)],
)
def test_an_address_of_mail_counts_only_if_the_provider_verified_it(company, verified, status):
    company.known_as(username_claim="email")
    company.provider.user = {"sub": "u-1", "email": "anna", "email_verified": verified}
    assert company.round_trip(company.browser()).status_code == status


def test_without_a_provider_the_routes_are_not_there(company):
    company.app = create_maps_app(*company.stores, FakeLiveView(), basemap=company.room)
    for path in ("/login/oidc", BACK):
        assert company.browser().get(path).status_code == HTTPStatus.NOT_FOUND

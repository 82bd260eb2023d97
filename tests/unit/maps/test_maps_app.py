import pytest
from fake_live import PASSWORD, FakeAccounts, FakeLiveView, a_court
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from maps import api, routes
from maps.app import create_maps_app
from maps.entrance.login import SessionRules
from maps.people import account_api
from tracker.people.throttle import FIRST_LOCK_S

PAGES = {
    "index.html": '<html lang="{{lang}}" data-theme="{{theme}}">live</html>',
    "login.html": "{{heading}}|{{error}}|{{name}}|{{next}}",
    "assets/app-1a2b.js": "1",
}
OPEN = {"/login", "/healthz", "/", "/account", "/figures", "/zones", "/replay", "/password/{token}"}


@pytest.fixture
def accounts():
    return FakeAccounts(anna=PASSWORD)


@pytest.fixture
def view():
    return FakeLiveView()


@pytest.fixture
def app(tmp_path, accounts, view):
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    for name, text in PAGES.items():
        (tmp_path / "dist" / name).write_text(text)
    (tmp_path / "basemap.geojson").write_text("{}")
    return create_maps_app(accounts, accounts, view, basemap=tmp_path / "basemap.geojson", dist=tmp_path / "dist")


@pytest.fixture
def client(app):
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def anna(client):
    assert log_in(client).status_code == 303
    return client


def log_in(client, username="anna", password=PASSWORD, **fields):
    return client.post("/login", data={"username": username, "password": password, **fields})


def test_the_right_password_opens_the_live_page(client):
    answer = log_in(client)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "live" in client.get("/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = log_in(client).headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_with_https_the_cookie_is_secure(tmp_path, accounts, view):
    app = create_maps_app(accounts, accounts, view, basemap=tmp_path, rules=SessionRules(https=True), dist=tmp_path)

    cookie = log_in(TestClient(app, follow_redirects=False)).headers["set-cookie"]

    assert cookie.startswith("__Host-kc_session=")
    assert "secure" in cookie.lower()


@pytest.mark.parametrize(("username", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("nobody", "")])
def test_anything_else_is_refused_with_the_form_again(client, username, password):
    answer = log_in(client, username, password)

    assert answer.status_code in {401, 422}
    assert "kc_session" not in client.cookies


def test_what_was_typed_is_escaped(client):
    assert "<script>" not in log_in(client, "<script>").text


def test_a_refused_log_in_is_logged_with_the_account_and_the_address(client):
    with capture_logs() as logged:
        log_in(client, "nobody\nlog_in_accepted" + "x" * 100)

    [line] = logged
    assert (line["event"], line["why"], line["address"]) == ("log_in_refused", "wrong", "testclient")
    assert line["account"].startswith("'nobody\\nlog_in_accepted")
    assert len(line["account"]) < 80


def test_a_locked_log_in_is_logged_too_and_a_password_never(client):
    with capture_logs() as logged:
        for _ in range(6):
            log_in(client, password="not my password")

    assert [line["why"] for line in logged] == ["wrong"] * 5 + ["locked"]
    assert "not my password" not in str(logged)


def test_after_repeated_failures_even_the_right_password_waits(client):
    for _ in range(5):
        log_in(client, password="wrong")

    answer = log_in(client)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= FIRST_LOCK_S


def test_logging_out_ends_the_session(anna):
    anna.post("/logout")

    assert anna.get("/api/v1/me").status_code == 401


def test_a_forged_session_is_none(client):
    client.cookies.set("kc_session", "eyJ1c2VyIjoiYW5uYSJ9.forged.signature")

    assert client.get("/api/v1/me").status_code == 401


def test_who_was_let_in_a_moment_ago_keeps_watching_while_the_store_is_away(anna, accounts):
    assert anna.get("/api/v1/zones.geojson").status_code == 200
    accounts.broken = True

    assert anna.get("/api/v1/zones.geojson").status_code == 200


def test_the_live_page_sends_strangers_to_the_log_in(client):
    answer = client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(
    ("address", "way_in"),
    [
        ("/?basemap=none&x=1", "/login?next=/%3Fbasemap%3Dnone%26x%3D1"),
        ("/account", "/login?next=/account"),
        ("/figures?from=7", "/login?next=/figures%3Ffrom%3D7"),
        ("/?x=" + "y" * 3000, "/login"),
    ],
)
def test_the_address_is_kept_over_the_log_in(client, address, way_in):
    sent_to = client.get(address).headers["location"]
    form = client.get(sent_to).text.rpartition("|")[2].replace("&amp;", "&")

    assert sent_to == way_in
    assert log_in(client, next=form).headers["location"] == (address if len(address) < 1000 else "/")


def test_the_address_is_kept_over_a_wrong_password_and_never_leads_away(client):
    assert log_in(client, password="wrong", next="/figures").text.endswith("|/figures")
    assert log_in(client, next="//evil.example").headers["location"] == "/"


def test_every_route_but_the_log_in_refuses_strangers(client):
    routers = (routes.router, api.router, account_api.router)
    paths = {route.path for router in routers for route in router.routes if "GET" in route.methods}

    answers = {path: client.get(path) for path in paths - OPEN}

    assert "/api/v1/live" in answers
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}


def test_a_problem_has_a_code_a_status_and_a_sentence(client):
    assert client.get("/api/v1/me").json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Log in first.",
        "code": "not_logged_in",
    }


def test_a_path_that_is_not_there_is_a_problem_too(client):
    answer = client.get("/nothing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 303),
    ],
)
def test_only_our_own_pages_change_anything(client, headers, status):
    answer = client.post("/login", data={"username": "anna", "password": PASSWORD}, headers=headers)

    assert answer.status_code == status


def test_pages_trust_this_origin_only(anna):
    policy = anna.get("/").headers["content-security-policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_what_names_people_is_kept_by_no_cache(anna):
    assert anna.get("/api/v1/me").headers["cache-control"] == "no-store"


def test_assets_are_open_and_kept_for_ever(client):
    answer = client.get("/assets/app-1a2b.js")

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_the_process_says_that_it_lives(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_zones_are_sent_again_only_when_they_changed(anna, view):
    view.put_zones(a_court())
    first = anna.get("/api/v1/zones.geojson")
    again = anna.get("/api/v1/zones.geojson", headers={"if-none-match": first.headers["etag"]})
    view.put_zones()

    assert len(first.json()["features"]) == 3
    assert again.status_code == 304
    assert anna.get("/api/v1/zones.geojson").json()["features"] == []


def test_a_missing_basemap_is_a_problem(anna, tmp_path):
    (tmp_path / "basemap.geojson").unlink()

    assert anna.get("/api/v1/basemap.geojson").json()["code"] == "no_basemap"


@pytest.mark.parametrize(
    ("accepted", "heading"), [("zh-CN,zh;q=0.9", "登录"), ("en-GB,en", "Log in"), ("fr", "登录"), ("", "登录")]
)
def test_the_form_speaks_the_browsers_language(client, accepted, heading):
    assert client.get("/login", headers={"accept-language": accepted}).text.startswith(heading)


def test_a_chosen_language_is_remembered(client):
    client.get("/login?lang=en")

    assert client.get("/login", headers={"accept-language": "zh"}).text.startswith("Log in")


def test_the_theme_is_set_before_the_first_paint(anna):
    anna.cookies.set("kc_theme", "dark")

    assert 'data-theme="dark"' in anna.get("/").text


def test_a_front_end_that_is_not_built_says_so(anna, tmp_path):
    (tmp_path / "dist" / "index.html").unlink()

    answer = anna.get("/")

    assert answer.status_code == 503
    assert "npm" in answer.text


def test_the_interface_describes_its_feed(anna):
    paths = anna.get("/api/v1/openapi.json").json()["paths"]

    assert {"/api/v1/me", "/api/v1/live", "/api/v1/zones.geojson", "/healthz"} <= set(paths)
    assert "text/event-stream" in paths["/api/v1/live"]["get"]["responses"]["200"]["content"]

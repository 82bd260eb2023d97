"""Who may replay but not watch has a page for it, and nothing of the present is asked for there."""

import re
import time

import pytest
from fake_live import PASSWORD, a_device
from fake_site import USER
from fake_tracks import BEGAN, COURT, a_track
from pages import PATIENCE_MS, PHONE, LoginPage, accessibility_problems
from playwright.sync_api import expect

from tracker.past.replay import PastShift
from tracker.people.roles import EVERYBODY, Role

REFUSED_TO_REVIEWERS = (
    "/api/v1/live",
    "/api/v1/teams",
    "/api/v1/alert",
    "/api/v1/calls",
    "/api/v1/excuses",
    "/api/v1/visits",
)


@pytest.fixture
def reviewer(site, open_page):
    """Logs a first reviewer in, while somebody is on shift, and lists what the page asks for."""

    def log_in(roles=(Role.REVIEWER_1,), **options):
        site.accounts.rights[1] = (frozenset(roles), EVERYBODY)
        site.tracks.tracks = {7: a_track(), 9: a_track(9, "李伟", north=0.004)}
        site.tracks.shifts_of = {7: [PastShift(7, BEGAN, BEGAN + 1500)]}
        site.tracks.zones = (COURT,)
        site.view.put_zones(COURT)
        site.view.put(a_device(fix_at=time.time(), received_at=time.time()), changed_at=time.time())
        page = open_page(**options)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url.removeprefix(site.url)))
        LoginPage(page, site.url).open().log_in(USER, PASSWORD)
        return page

    return log_in


def choose(page):
    """王芳 and her only shift, once the page knows whom one may look at."""
    expect(page.locator("#replay-people option")).to_have_count(2, timeout=PATIENCE_MS)
    page.get_by_label("添加外访人员").fill("王芳")
    expect(page.get_by_label("从", exact=True)).to_have_value("2025-11-24T09:00", timeout=PATIENCE_MS)
    return page


def watch(page):
    choose(page)
    page.get_by_label("查看目的").fill("复核告警")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_role("slider")).to_be_visible(timeout=PATIENCE_MS)
    return page


def test_a_reviewer_lands_on_the_replay(site, reviewer):
    page = reviewer()

    expect(page.get_by_role("heading", name="轨迹回放").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.url.split("#")[0] == f"{site.url}/replay"


def test_a_look_needs_a_purpose_and_is_written_down(site, reviewer):
    page = choose(reviewer())
    expect(page.get_by_role("button", name="查看", exact=True)).to_be_disabled()

    page.get_by_label("查看目的").fill("复核告警")
    page.get_by_role("button", name="查看", exact=True).click()

    expect(page.locator(".replay")).to_contain_text("共 65 个定位点", timeout=PATIENCE_MS)
    assert site.tracks.looks == [(USER, (7,), "复核告警")]


def test_the_track_is_on_the_map_and_its_chart_below(reviewer):
    page = watch(reviewer())

    expect(page.locator(".replay-chart polyline")).to_have_count(2)
    page.get_by_role("slider").fill(str(BEGAN + 300))
    expect(page.locator(".replay-now")).to_contain_text("进入边界 200米", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="返回实时地图")).to_have_count(0)


def test_an_export_is_asked_for_with_the_purpose_of_the_look(site, reviewer):
    page = watch(reviewer())

    page.get_by_role("button", name="导出").click()

    expect(page.locator(".replay-files")).to_contain_text("须由另一人批准", timeout=PATIENCE_MS)
    assert [each.purpose for each in site.tracks.exports.values()] == ["复核告警"]


def test_nothing_of_the_present_is_asked_for_and_nothing_is_refused(reviewer, console):
    page = watch(reviewer())
    page.wait_for_load_state("networkidle")

    assert [path for path in page.asked if path.startswith(REFUSED_TO_REVIEWERS)] == []
    assert "/api/v1/tracks/visitors" in page.asked
    assert console == []


def test_another_shift_is_one_click_away(reviewer):
    page = watch(reviewer())

    page.get_by_role("button", name="另选时段").click()

    expect(page.locator(".replay-people .chip")).to_have_text(["王芳"], timeout=PATIENCE_MS)


@pytest.mark.parametrize("at", ["/account", "/zones"])
def test_other_pages_lead_there(site, reviewer, at):
    page = reviewer()
    expect(page.get_by_label("添加外访人员")).to_be_visible(timeout=PATIENCE_MS)

    page.goto(f"{site.url}{at}")
    page.get_by_role("link", name="轨迹回放").click()

    expect(page.get_by_label("添加外访人员")).to_be_visible(timeout=PATIENCE_MS)


def test_a_supervisor_who_reviews_keeps_the_live_map(site, reviewer):
    page = reviewer((Role.SUPERVISOR, Role.REVIEWER_1))

    expect(page.get_by_role("option").filter(has_text="王芳")).to_be_visible(timeout=PATIENCE_MS)
    page.locator(".menu summary").click()
    expect(page.get_by_role("button", name="查看过往轨迹")).to_be_visible()


def test_a_session_that_has_ended_leads_to_the_log_in_and_back(site, reviewer):
    page = choose(reviewer())
    site.accounts.end_all(1)

    page.get_by_label("查看目的").fill("复核告警")
    page.get_by_role("button", name="查看", exact=True).click()

    expect(page.locator("[name=next]")).to_have_value(re.compile("^/replay"), timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    "options", [{}, {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"}], ids=["desk", "phone"]
)
def test_axe_finds_nothing_serious_in_the_form_and_the_player(reviewer, options):
    page = choose(reviewer(**options))
    assert accessibility_problems(page) == []

    watch(page)

    assert accessibility_problems(page) == []

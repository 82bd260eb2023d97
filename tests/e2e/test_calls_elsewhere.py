"""A call for help on the pages that don't follow the live feed."""

import time

import pytest
from fake_live import a_device, an_alert
from fake_site import USER
from pages import DESK, PATIENCE_MS, PHONE, LivePage, accessibility_problems, enter
from playwright.sync_api import expect

from tests.eventually import eventually


def a_call(**changes):
    now = time.time()
    usual = {"kind": "sos", "device": "phone-2", "visitor": "赵敏", "zone": "", "zone_name": "", "closest_m": 0.0}
    return an_alert(
        "sos-1", **(usual | {"first_possible_at": now - 60, "confirmed_at": now, "changed_at": now} | changes)
    )


@pytest.fixture
def elsewhere(site, open_page):
    """Log in at a page other than the live map."""

    def look(path="/figures", **options):
        page = open_page(**options)
        enter(page, site, path)
        page.wait_for_url(f"**{path}*")
        return page

    return look


@pytest.mark.parametrize("path", ["/figures", "/replay", "/account", "/zones"])
def test_a_call_stands_above_every_page_and_in_its_title(site, elsewhere, path):
    page = elsewhere(path)
    site.view.put(a_call(), changed_at=time.time())
    expect(page.get_by_role("region", name="紧急求助")).to_contain_text("SOS · 赵敏", timeout=PATIENCE_MS)
    eventually(lambda: page.title().startswith("SOS "))


def test_one_click_answers_it_there(site, elsewhere):
    site.view.put(a_call(), changed_at=time.time())
    page = elsewhere()
    bar = page.locator(".call-bar")
    bar.get_by_role("button", name="确认").click(timeout=PATIENCE_MS)
    expect(bar).to_have_count(0)
    assert site.triage.history(None, "sos-1")[0].acknowledged_by == USER


def test_its_name_leads_to_the_visitor_on_the_live_map(site, elsewhere):
    now = time.time()
    site.view.put(a_device("phone-2", visitor="赵敏", fix_at=now, received_at=now, sos_at=now - 60), changed_at=now)
    site.view.put(a_call(), changed_at=now)
    page = elsewhere()
    page.get_by_role("link", name="SOS · 赵敏").click(timeout=PATIENCE_MS)
    expect(LivePage(page).card).to_contain_text("SOS 求助", timeout=PATIENCE_MS)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/figures", "/zones"])
def test_it_is_accessible_there(site, elsewhere, path, size):
    page = elsewhere(path, viewport=size)
    site.view.put(a_call(), changed_at=time.time())
    expect(page.locator(".call-bar")).to_be_visible(timeout=PATIENCE_MS)
    assert accessibility_problems(page) == []

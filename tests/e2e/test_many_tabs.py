"""Many tabs of one browser: they share one connection, and none of them is left behind."""

import time

import pytest
from fake_live import a_device, an_alert
from pages import PATIENCE_MS, LivePage, enter
from playwright.sync_api import expect

MORE_THAN_A_BROWSER_CONNECTS = 8


DEAF = """
const heard = Object.getOwnPropertyDescriptor(BroadcastChannel.prototype, "onmessage");
const set = function (hear) { heard.set.call(this, (event) => window.deaf || hear(event)); };
Object.defineProperty(BroadcastChannel.prototype, "onmessage", { set });
"""
NO_LOCKS = 'delete Navigator.prototype.locks; Object.defineProperty(window, "BroadcastChannel", { value: undefined });'


@pytest.fixture
def tabs(site, open_page):
    """The first tab logs in; each further one is opened in front of it."""

    def open_tabs(count: int, script: str = "") -> list[LivePage]:
        page = open_page()
        page.context.add_init_script(script)
        first = enter(page, site)
        first.expect_link("live")
        return [first, *(further(first, site) for _ in range(count - 1))]

    return open_tabs


def further(first: LivePage, site) -> LivePage:
    page = first.page.context.new_page()
    page.goto(site.url)
    live = LivePage(page)
    live.expect_link("live")
    return live


def now_device(name: str, visitor: str):
    now = time.time()
    return a_device(name, visitor=visitor, fix_at=now, received_at=now)


def test_an_alert_is_answered_in_the_last_of_many_tabs(site, tabs):
    site.view.put(an_alert("one", confirmed_at=time.time(), changed_at=time.time()))
    *others, last = tabs(MORE_THAN_A_BROWSER_CONNECTS)
    last.alert("one").get_by_role("button", name="确认", exact=True).click()
    for live in others:
        expect(live.alert("one")).to_contain_text("supervisor 已确认", timeout=PATIENCE_MS)


def test_when_the_tab_that_holds_the_feed_is_closed_another_goes_on(site, tabs):
    first, last = tabs(2)
    last.page.close()
    site.view.put(now_device("phone-1", "王芳"), changed_at=time.time())
    first.expect_visitor("王芳", "正常")


def test_a_cut_feed_is_said_in_every_tab(site, tabs):
    both = tabs(2)
    site.stop()
    for live in both:
        live.expect_link("disconnected")
    site.start()
    for live in both:
        live.expect_link("live")


def test_who_logs_out_in_one_tab_is_out_in_all(tabs):
    first, last = tabs(2)
    last.page.evaluate("fetch('/logout', {method: 'POST'})")
    for live in (first, last):
        live.page.wait_for_url("**/login**", timeout=2 * PATIENCE_MS)


def test_a_tab_that_missed_events_asks_for_them(site, tabs):
    first, last = tabs(2, DEAF)
    first.page.evaluate("window.deaf = true")
    site.view.put(now_device("phone-1", "王芳"), changed_at=time.time())
    last.expect_visitor("王芳", "正常")
    first.page.evaluate("window.deaf = false")
    site.view.put(now_device("phone-2", "李伟"), changed_at=time.time())
    for name in ("王芳", "李伟"):
        first.expect_visitor(name, "正常")


def test_without_locks_each_tab_has_a_feed_of_its_own(site, tabs):
    both = tabs(2, NO_LOCKS)
    site.view.put(now_device("phone-1", "王芳"), changed_at=time.time())
    for live in both:
        live.expect_visitor("王芳", "正常")

"""The dashboard of alerts in the browser."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fake_triage import SOME
from pages import DESK, PATIENCE_MS, PHONE, accessibility_problems, enter
from playwright.sync_api import Page, expect

from tests.eventually import eventually
from tracker.answers.alert_figures import Figures, Span, filled
from tracker.people.roles import Scope


@pytest.fixture
def board(site, open_page):
    """Log in on a fresh page, at the dashboard."""

    def look(**options) -> Page:
        page = open_page(**options)
        enter(page, site, "/figures")
        expect(page.locator(".tile").first).to_be_visible(timeout=PATIENCE_MS)
        return page

    return look


def row(page: Page, panel: str, name: str):
    return page.get_by_role("region", name=panel, exact=True).first.get_by_role("row", name=name).first


def test_what_needs_a_person_stands_at_the_top(board):
    tiles = board().locator(".tile")
    expect(tiles).to_have_text(
        ["紧急求助1", "待处理11", "处理中2", "无数据 / 当班1 / 12", "定位延迟（95%）41秒", "未送达4"]
    )


def test_open_alerts_by_kind_and_age(board):
    page = board()
    expect(row(page, "未结告警", "已进入").get_by_role("cell")).to_have_text(["2", "1", "0 (1)", "0", "0"])


def test_delays_of_entries_and_of_calls_for_help(board):
    page = board()
    expect(row(page, "处理用时", "越界 → 判定")).to_contain_text("14秒")
    expect(row(page, "处理用时", "呼救 → 确认")).to_contain_text("21秒")


@pytest.mark.parametrize(
    ("grouping", "name", "share"),
    [("类型", "已进入", "67%"), ("禁入区", "南京市中级人民法院", "86%"), ("手机系统", "iOS", "100%")],
)
def test_share_upheld_by_kind_zone_and_phone(board, grouping, name, share):
    page = board()
    page.get_by_role("radio", name=grouping, exact=True).check()
    expect(row(page, "属实比例", name)).to_contain_text(share)


def test_the_trend_reads_as_a_table(board):
    page = board()
    page.get_by_text("以表格显示").click()
    expect(page.get_by_role("row", name="2026-11-21")).to_contain_text("57%")


def test_what_is_asked_for_goes_to_the_server_and_stays_in_the_address(site, board):
    page = board()
    page.get_by_role("radio", name="最近 30 天").check()
    page.get_by_role("radio", name="按周").check()
    page.get_by_label("小组").select_option("城南组")
    eventually(lambda: (Scope(frozenset({2})), Span(30, "week", "Asia/Shanghai")) in site.figures.asked)
    page.reload()
    expect(page.get_by_label("小组")).to_have_value("2", timeout=PATIENCE_MS)
    expect(page.get_by_role("radio", name="按周")).to_be_checked()


def test_dead_deliveries_are_tried_again_by_hand(board):
    page = board()
    page.get_by_role("button", name="重新发送给 case system").click()
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(
        "将重新发送 4 条给 case system。", timeout=PATIENCE_MS
    )
    expect(page.get_by_role("row", name="case system").get_by_role("cell").nth(1)).to_have_text("4")
    expect(page.get_by_role("button", name="重新发送给 case system")).to_have_count(0)


def test_a_silent_visitor_leads_to_the_map(board):
    page = board()
    page.get_by_role("link", name="王芳").click()
    expect(page).to_have_url(re.compile("/#.*visitor=phone-2"), timeout=PATIENCE_MS)


def test_the_live_page_leads_to_it(site, open_page):
    page = open_page()
    enter(page, site)
    page.get_by_role("link", name="告警看板").first.click()
    expect(page).to_have_title("告警看板 · KeepClear")


def test_nothing_at_all_is_said_in_words(site, board, console):
    site.figures.given = Figures(periods=filled((), [each.key for each in SOME.periods]))
    page = board()
    for words in (
        "没有未结的告警。",
        "这段时间没有告警。",
        "无人当班。",
        "没有通过渠道发出的告警。",
        "没有被拒绝或隔离的数据。",
    ):
        expect(page.get_by_text(words).first).to_be_visible()
    assert accessibility_problems(page) == []
    assert console == []


def test_when_the_server_is_away_the_page_says_that_it_is_old(site, board):
    page = board()
    site.stop()
    page.get_by_role("radio", name="最近 90 天").check()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("显示的是上次的结果", timeout=PATIENCE_MS)
    expect(page.locator(".tile").first).to_be_visible()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(site, board, size, scheme, locale, tmp_path: Path, console):
    site.figures.given = replace(SOME, silent_visitors=2)
    page = board(viewport=size, color_scheme=scheme, locale=locale)
    page.screenshot(path=tmp_path / "board.png", full_page=True)
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert console == []

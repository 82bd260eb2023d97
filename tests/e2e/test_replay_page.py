"""A past track on the map: asked with a purpose, played, with gaps and the zones as they were, taken as a file."""

import csv
import io
import re
import time
from dataclasses import replace

import pytest
from fake_live import PASSWORD, a_device
from fake_site import USER
from fake_tracks import BEGAN, COURT, a_track
from pages import PATIENCE_MS, PHONE, LoginPage, accessibility_problems, enter
from playwright.sync_api import expect

from tracker.past.replay import PastShift
from tracker.people.roles import EVERYBODY, Role


@pytest.fixture
def opened(site, open_page):
    """The replay form of a visitor who is on shift; a second one isn't."""

    def look(**options):
        site.tracks.tracks = {7: a_track(), 9: a_track(9, "李伟", north=0.004)}
        site.tracks.devices = {7: ("phone-1",)}
        site.tracks.shifts_of = {each: [PastShift(each, BEGAN, BEGAN + 1500)] for each in (7, 9)}
        site.tracks.zones = (
            replace(COURT, valid_to=BEGAN + 1210),
            replace(COURT, version=2, standoff_m=800.0, valid_from=BEGAN + 1210),
        )
        site.view.put(a_device(fix_at=time.time(), received_at=time.time()), changed_at=time.time())
        live = enter(open_page(**options), site)
        live.visitor("王芳").click()
        live.card.get_by_role("button", name="轨迹回放").click()
        expect(live.page.get_by_label("从", exact=True)).to_have_value("2025-11-24T09:00")
        return live.page

    return look


def watch(page):
    """Name a purpose and look."""
    page.get_by_label("查看目的").fill("复核告警")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_role("slider")).to_be_visible(timeout=PATIENCE_MS)
    return page


@pytest.fixture
def played(opened):
    return lambda **options: watch(opened(**options))


def scrub(page, at_s):
    page.get_by_role("slider").fill(str(BEGAN + at_s))


def test_nobody_looks_without_a_purpose_and_the_purpose_is_written_down(site, opened):
    page = opened()
    look = page.get_by_role("button", name="查看", exact=True)
    expect(look).to_be_disabled()

    page.get_by_label("查看目的").fill("复核告警")
    look.click()

    expect(page.locator(".replay")).to_contain_text("共 65 个定位点，其中补传 1 个；进入记录 1 条", timeout=PATIENCE_MS)
    assert site.tracks.looks == [(USER, (7,), "复核告警")]


def test_the_moment_says_where_the_visitor_was_from_the_edge(played):
    page = played()

    scrub(page, 0)
    expect(page.locator(".replay-now")).to_contain_text(re.compile("09:00:00.*距边界 3[67]"))
    scrub(page, 300)
    expect(page.locator(".replay-now")).to_contain_text("进入边界 200米")


def test_in_a_gap_nothing_is_guessed(played):
    page = played()

    scrub(page, 900)

    expect(page.locator(".replay-now")).to_contain_text("定位中断，位置未知")


def test_the_zones_are_those_of_the_moment(played):
    page = played()

    scrub(page, 1205)
    expect(page.locator(".replay-now")).to_contain_text("距边界")
    scrub(page, 1220)
    expect(page.locator(".replay-now")).to_contain_text("进入边界")


def test_the_chart_has_metres_and_the_edge_is_nought(played):
    page = played()
    expect(page.locator(".replay-scale span")).to_have_text(["400米", "200米", "0米", "-200米"])


def test_it_plays_and_pauses_and_a_late_fix_is_said(played):
    page = played()
    page.get_by_label("播放速度").select_option("300")
    page.get_by_role("button", name="播放").click()

    expect(page.locator(".replay-now")).to_contain_text("补传的定位点", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="播放")).to_be_visible()


def test_several_visitors_are_played_together(site, opened):
    page = opened()
    page.get_by_label("添加外访人员").fill("李伟")
    expect(page.locator(".replay-people .chip")).to_have_text(["王芳", "李伟"])
    watch(page)

    scrub(page, 300)
    rows = page.locator(".replay-everybody button")
    expect(rows.nth(0)).to_contain_text("王芳 进入边界 200米")
    expect(rows.nth(1)).to_contain_text(re.compile("李伟 距边界 24"))
    rows.nth(1).click()

    expect(page.locator(".replay-now")).to_contain_text("距边界 24")
    assert site.tracks.looks == [(USER, (7, 9), "复核告警")]


def test_who_is_not_on_shift_is_found_from_the_menu_and_a_time_is_chosen(opened):
    page = opened()
    page.get_by_role("button", name="返回实时地图").click()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="查看过往轨迹").click()
    page.get_by_label("添加外访人员").fill("李伟")
    page.get_by_label("从", exact=True).fill("2025-11-24T09:00")
    page.get_by_label("到", exact=True).fill("2025-11-24T09:01")

    watch(page)

    expect(page.locator(".replay h2")).to_contain_text("李伟")
    expect(page.locator(".replay")).to_contain_text("共 7 个定位点")


def test_a_small_export_is_a_file_and_is_written_down(site, opened):
    page = opened()
    page.get_by_label("到", exact=True).fill("2025-11-24T09:03")
    watch(page)
    page.get_by_label("导出为").select_option("csv")

    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()

    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) == 19
    assert site.tracks.looks[-1] == (USER, (7,), "复核告警 (export: csv)")


def test_a_big_export_waits_for_a_second_person_who_approves_on_the_account_page(site, played, open_page):
    page = played()
    page.get_by_role("button", name="导出").click()
    expect(page.locator(".replay-files")).to_contain_text("共 65 个定位点，须由另一人批准", timeout=PATIENCE_MS)
    site.accounts.rights[2] = (frozenset({Role.TEAM_LEAD}), EVERYBODY)

    lead = open_page()
    LoginPage(lead, site.url).open().log_in("lead", PASSWORD)
    lead.locator(".menu summary.is-waiting").click(timeout=PATIENCE_MS)
    lead.get_by_role("link", name="待您审批的导出：1").click()
    expect(lead.locator("li").filter(has_text="65 个定位点")).to_contain_text("王芳")
    assert accessibility_problems(lead) == []
    lead.get_by_role("button", name="批准", exact=True).click()
    expect(lead.locator(".tag").last).to_have_text("lead 已批准")

    page.get_by_role("link", name="在账户页查看进度").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="取出 GPX 文件").click()
    assert download.value.path().read_text().count("<trkpt") == 65
    expect(page.locator("#exports ~ .rows")).to_contain_text("已取出 1 次")


def test_leaving_brings_the_present_back(played):
    page = played()

    page.get_by_role("button", name="返回实时地图").click()

    expect(page.locator(".replay")).to_have_count(0)
    expect(page.locator(".card")).to_contain_text("王芳")


def test_choosing_a_visitor_in_the_list_brings_the_present_back(played):
    page = played()

    page.get_by_role("listbox").get_by_role("option").first.click()

    expect(page.locator(".replay")).to_have_count(0)
    expect(page.locator(".card")).to_contain_text("王芳")


PHONE_AT_NIGHT = {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"}


@pytest.mark.parametrize("options", [{}, PHONE_AT_NIGHT], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_in_a_replay(opened, options):
    page = opened(**options)
    page.get_by_label("添加外访人员").fill("李伟")
    assert accessibility_problems(page) == []

    watch(page)

    assert accessibility_problems(page) == []


def test_a_replay_complains_of_nothing_in_the_console(played, console):
    page = played()

    scrub(page, 300)
    page.wait_for_timeout(500)

    assert console == []

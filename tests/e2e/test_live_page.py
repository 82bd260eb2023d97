import re
import time
from dataclasses import replace

import pytest
from fake_live import PASSWORD, a_court, a_device, a_silence, an_alert
from fake_site import USER
from pages import DESK, PATIENCE_MS, PHONE, LoginPage, accessibility_problems, colour_beside, enter
from playwright.sync_api import expect
from shapely.geometry import Point

from maps.entrance.tries import digest_of


def now_device(device="phone-1", **changes):
    now = time.time()
    return a_device(device, **({"fix_at": now, "received_at": now} | changes))


def now_alert(alert_id="incursion-1", **changes):
    now = time.time()
    return an_alert(alert_id, **({"first_possible_at": now - 20, "confirmed_at": now, "changed_at": now} | changes))


def put(site, *rows):
    site.view.put(*rows, changed_at=time.time())


@pytest.fixture
def watch(site, open_page):
    """Log in and look at the live page."""

    def look(**options):
        live = enter(open_page(**options), site)
        live.expect_link("live")
        return live

    return look


def test_a_wrong_password_shows_why_and_keeps_the_name(site, open_page):
    login = LoginPage(open_page(), site.url).open()
    login.log_in(USER, "wrong")

    expect(login.error).to_have_text("用户名或密码不正确。")
    expect(login.page.locator("[name=username]")).to_have_value(USER)


def test_the_log_in_works_without_javascript(site, open_page):
    page = open_page(java_script_enabled=False)
    LoginPage(page, site.url).open().log_in(USER, PASSWORD)

    expect(page).to_have_url(f"{site.url}/")


def test_a_visitor_appears_while_the_page_is_open(site, watch):
    live = watch()
    expect(live.page.get_by_text("目前无人当班")).to_be_visible()

    put(site, now_device())

    live.expect_visitor("王芳", "正常")


def test_a_visitor_is_drawn_where_it_is_and_moves(site, watch):
    put(site, now_device())
    live = watch()
    live.centre("王芳")
    middle = {axis: size / 2 for axis, size in zip("xy", live.map_size().values(), strict=True)}
    # The card that was open while centring covers the left, so the middle of the rest is further right.
    beside_card = {"x": middle["x"] + 356 / 2, "y": middle["y"]}
    live.expect_on_map("王芳", beside_card)

    put(site, now_device(lon=118.80))
    expect(live.card).to_contain_text("118.80000", timeout=PATIENCE_MS)
    live.page.keyboard.press("Escape")
    live.expect_nobody_on_map(beside_card)

    live.centre("王芳")
    live.expect_on_map("王芳", beside_card)


def test_who_comes_too_close_is_marked_and_listed_first(site, watch):
    site.view.put_zones(a_court())
    put(site, now_device("phone-1", visitor="安然"), now_device("phone-2", visitor="王芳"))
    live = watch()
    expect(live.visitors.first).to_contain_text("安然")

    put(site, now_device("phone-2", visitor="王芳", state="inside", zone="court", signed_m=-35.0))

    live.expect_visitor("王芳", "在禁入区内")
    expect(live.visitors.first).to_contain_text("深入 35米")


@pytest.mark.parametrize("part", [".row-state", ".state-icon"])
def test_a_row_whose_state_changes_takes_the_colour_of_the_new_state(site, watch, part):
    states = ("clear", "approach", "inside", "uncertain", "clear")
    put(site, now_device())
    live = watch()
    row = live.visitor("王芳").locator(part)
    expect(row).to_be_visible()
    wanted = {state: colour_beside(row, f"{part[1:]} is-{state}") for state in states}
    assert len(set(wanted.values())) == 4

    for state in states:
        put(site, now_device(state=state, zone="court", signed_m=-5.0))
        expect(row).to_have_class(re.compile(rf"is-{state}"), timeout=PATIENCE_MS)
        expect(row).to_have_css("color", wanted[state])


def test_who_leaves_is_shown_outside_until_the_exit_is_confirmed(site, watch):
    site.view.put_zones(a_court())
    put(site, now_device(state="inside", zone="court", signed_m=-5.0))
    live = watch()
    live.expect_visitor("王芳", "在禁入区内")

    put(site, now_device(state="inside", zone="court", signed_m=22.0))

    live.expect_visitor("王芳", "正在离开 · 区外 22米 · 南京市中级人民法院")
    live.visitor("王芳").click()
    expect(live.card).to_contain_text("边界外 22米，离开尚未确认")


def test_a_long_zone_name_is_read_whole_at_the_desk_in_english(site, watch):
    site.view.put_zones(a_court(name="Intermediate People's Court of Nanjing, Jiangsu"))
    put(site, now_device(state="inside", zone="court", signed_m=-35.0))
    live = watch(locale="en-GB")

    text = live.visitor("王芳").locator(".row-text")
    expect(text).to_have_text(
        "Inside a zone · 35 m deep · Intermediate People's Court of Nanjing, Jiangsu", timeout=PATIENCE_MS
    )
    assert text.evaluate("row => row.scrollWidth <= row.clientWidth && row.scrollHeight <= row.clientHeight + 1")


@pytest.mark.parametrize("visitors", [["phone-1"], []], ids=["a visitor", "nobody"])
def test_the_map_opens_on_the_visitors_and_not_on_zones_far_away(site, watch, visitors):
    charlotte = Point(-80.84, 35.22)
    site.view.put_zones(
        a_court(), a_court(id="b", footprint=Point(118.80, 32.04)), a_court(id="c", footprint=charlotte)
    )
    put(site, *map(now_device, visitors))
    live = watch()

    expect(live.scale).to_have_text(re.compile(r"^[1-9]00\sm$"), timeout=PATIENCE_MS)
    expect(live.page.locator(".map canvas")).to_be_visible()


def test_one_incursion_is_one_row_that_grows(site, watch):
    put(site, now_device(state="inside", zone="court", signed_m=-35.0))
    live = watch()
    alert = now_alert()

    site.view.put(alert)
    expect(live.alert("incursion-1")).to_contain_text("已进入", timeout=PATIENCE_MS)
    site.view.put(replace(alert, kind="dwell", revision=2, changed_at=time.time()))
    expect(live.alert("incursion-1")).to_contain_text("停留", timeout=PATIENCE_MS)
    site.view.put(replace(alert, kind="exit", revision=3, exit_at=time.time(), changed_at=time.time()))
    expect(live.alert("incursion-1")).to_contain_text("已离开", timeout=PATIENCE_MS)

    expect(live.alerts).to_have_count(1)


def test_a_retracted_alert_stays_and_says_why(site, watch):
    site.view.put(now_alert())
    live = watch()

    site.view.put(now_alert(revision=2, retracted=True, why="late_fix"))

    expect(live.alert("incursion-1")).to_contain_text("已撤回", timeout=PATIENCE_MS)
    expect(live.alert("incursion-1")).to_contain_text("补传的定位点改变了判断")


def test_an_approach_is_shown_to_supervisors_only_when_they_ask(site, watch):
    site.view.put(now_alert(kind="approach", confirmed_at=None, closest_m=40.0))
    live = watch()
    expect(live.alerts).to_have_count(0)

    live.page.get_by_role("checkbox").check()

    expect(live.alerts).to_have_count(1)


def test_a_new_alert_is_announced(site, watch):
    live = watch()

    site.view.put(now_alert())

    expect(live.announced).to_contain_text("王芳 进入 南京市中级人民法院", timeout=PATIENCE_MS)


def test_a_closed_shift_takes_the_visitor_off_the_page(site, watch):
    put(site, now_device())
    live = watch()
    live.expect_visitor("王芳", "正常")

    put(site, now_device(on_shift=False))

    expect(live.visitors).to_have_count(0, timeout=PATIENCE_MS)


def test_a_cut_feed_is_said_and_caught_up_without_a_reload(site, watch):
    put(site, now_device())
    live = watch()
    live.page.evaluate("window.sameDocument = true")

    site.stop()
    live.expect_link("disconnected")
    expect(live.banner).to_contain_text("已断开")
    put(site, now_device("phone-2", visitor="李伟"))
    site.start()

    live.expect_link("live")
    live.expect_visitor("李伟", "正常")
    expect(live.banner).to_have_count(0)
    assert live.page.evaluate("window.sameDocument")


def test_a_store_that_is_away_is_said_and_caught_up(site, watch):
    live = watch()

    site.view.broken = True
    live.expect_link("delayed")
    expect(live.banner).to_contain_text("暂时读不到新数据")
    put(site, now_device())
    site.view.broken = False

    live.expect_link("live")
    live.expect_visitor("王芳", "正常")


def test_new_zones_arrive_without_a_reload(site, watch):
    live = watch()
    live.open_tab("zones")
    expect(live.page.get_by_text("尚未设置禁入区")).to_be_visible()

    site.view.put_zones(a_court())

    expect(live.zones).to_contain_text("禁入距离 200米", timeout=PATIENCE_MS)


def test_silent_differs_from_stale(site, watch):
    now = time.time()
    put(site, now_device("a", visitor="安然", fix_at=now - 900, received_at=now - 900))
    put(site, now_device("b", visitor="白露", fix_at=now - 900, received_at=now))
    live = watch()

    live.expect_visitor("安然", "失联")
    live.expect_visitor("白露", "位置已旧")


def test_who_fell_silent_inside_is_among_the_silent_too(site, watch):
    before = time.time() - 900
    silent = now_device("a", visitor="安然", state="inside", zone="court", fix_at=before, received_at=before)
    put(site, silent, now_device("b", visitor="白露"))
    live = watch()

    live.expect_visitor("安然", "失联")
    live.page.get_by_role("button", name="失联 1").click()

    expect(live.visitors).to_have_count(1)


def test_a_visitor_is_found_by_name(site, watch):
    put(site, now_device("a", visitor="安然"), now_device("b", visitor="白露"))
    live = watch()

    live.page.get_by_role("searchbox").fill("白")

    expect(live.visitors).to_have_count(1)
    live.page.get_by_role("searchbox").fill("无此人")
    expect(live.page.get_by_text("没有符合“无此人”的人员")).to_be_visible()


def test_the_list_works_by_keyboard(site, watch):
    put(site, now_device("a", visitor="安然"), now_device("b", visitor="白露"))
    live = watch()
    expect(live.visitors).to_have_count(2)

    live.page.get_by_role("listbox").focus()
    live.page.keyboard.press("ArrowDown")
    live.page.keyboard.press("Enter")

    expect(live.card).to_contain_text("白露")


def test_thousands_of_visitors_render_as_few_rows(site, watch):
    put(site, *(now_device(f"phone-{number}", visitor=f"人员{number}") for number in range(5000)))
    live = watch()
    expect(live.visitors.first).to_be_visible(timeout=PATIENCE_MS)

    live.page.get_by_role("listbox").focus()
    live.page.keyboard.press("End")

    live.expect_visitor("人员4999", "正常")
    expect(live.visitor("人员4999")).to_have_attribute("aria-setsize", "5000")
    assert live.visitors.count() < 60


def test_the_language_is_switched_in_place_and_remembered(site, watch):
    put(site, now_device())
    live = watch()

    live.page.locator(".menu summary").click()
    live.page.get_by_label("English").check()
    live.expect_visitor("王芳", "Clear")
    live.page.reload()

    live.expect_visitor("王芳", "Clear")
    expect(live.page.locator("html")).to_have_attribute("lang", "en")


def test_what_an_address_looks_at_is_kept_over_the_log_in(site, open_page):
    page = open_page()
    page.goto(f"{site.url}/#visitor=phone-1&q=wang")
    expect(page.locator("[name=password]")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    LoginPage(page, site.url).log_in(USER, "wrong")
    LoginPage(page, site.url).log_in(USER, PASSWORD)
    page.wait_for_url("**/#**visitor=phone-1**")


def test_logging_out_leads_back_to_the_form(site, watch):
    live = watch()

    live.page.locator(".menu summary").click()
    live.page.get_by_role("button", name="退出登录").click()

    expect(live.page).to_have_url(f"{site.url}/login")


def test_the_card_says_on_which_visit_somebody_is_and_the_search_finds_it(site, watch):
    put(site, now_device(visit="(2026)外访第101号"), now_device("phone-2", visitor="李伟"))
    live = watch()
    live.expect_visitor("李伟", "正常")

    live.page.get_by_role("searchbox").fill("第101号")
    live.visitor("王芳").click()

    expect(live.visitors).to_have_count(1)
    expect(live.card).to_contain_text("(2026)外访第101号")
    expect(live.card).to_contain_text("当班自")


def test_on_a_phone_the_lists_are_a_sheet_and_the_card_returns_to_them(site, watch):
    put(site, now_device())
    live = watch(viewport=PHONE, has_touch=True)

    live.visitor("王芳").tap()
    expect(live.card).to_contain_text("phone-1")
    live.card.get_by_role("button", name="关闭").tap()

    live.expect_visitor("王芳", "正常")
    expect(live.page.get_by_role("listbox")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_serious(site, watch, open_page, size, scheme):
    site.view.put_zones(a_court())
    put(
        site,
        now_device(state="inside", zone="court", signed_m=-35.0),
        now_device("b", visitor="白露", state="approach", zone="court", signed_m=40.0),
        now_device("c", visitor="陈静", fix_at=1.0, received_at=1.0),
        a_silence(device="c", visitor="陈静", since=time.time() - 1200),
        a_silence(2, device="d", visitor="赵敏", red=False, since=time.time() - 400),
        now_alert(),
        now_alert(alert_id="second", revision=2, retracted=True, why="late_fix"),
    )
    live = watch(viewport=size, color_scheme=scheme)
    expect(live.visitors).to_have_count(3)
    assert accessibility_problems(live.page) == []

    live.page.locator(".menu summary").click()
    live.visitors.first.focus()
    assert accessibility_problems(live.page) == []

    live.open_tab("zones")
    expect(live.zones).to_have_count(1)
    assert accessibility_problems(live.page) == []

    login = LoginPage(open_page(viewport=size, color_scheme=scheme), site.url).open()
    assert accessibility_problems(login.page) == []


def test_axe_finds_nothing_serious_on_the_pages_of_the_log_in(site, open_page):
    site.accounts.links[digest_of("a-link")] = 1
    site.accounts.set_totp(2, "A" * 32)
    password = open_page()
    password.goto(f"{site.url}/password/a-link")
    code = LoginPage(open_page(), site.url).open()
    code.log_in("lead", PASSWORD)
    expect(code.page.locator("[name=code]")).to_be_visible()
    for page in (password, code.page):
        for size in (DESK, PHONE):
            for scheme in ("light", "dark"):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                assert accessibility_problems(page) == [], (page.url, size, scheme)


def test_the_page_keeps_its_own_security_policy(site, watch, console):
    site.view.put_zones(a_court())
    put(site, now_device(state="inside", zone="court", signed_m=-35.0), now_alert())
    live = watch()
    live.expect_visitor("王芳", "在禁入区内")
    live.centre("王芳")

    assert console == []


def test_nothing_is_asked_of_another_host(site, open_page):
    page = open_page()
    asked = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2] if "//" in request.url else ""))
    live = LoginPage(page, site.url).open().log_in(USER, PASSWORD)
    live.expect_link("live")
    expect(page.locator(".attribution")).to_have_text("© OpenStreetMap contributors")

    assert asked - {""} == {f"127.0.0.1:{site.port}"}


def test_who_calls_for_help_stands_first_whatever_else_happens(site, watch):
    live = watch()

    put(site, now_device("phone-1", visitor="王芳", state="inside", zone="court", signed_m=-50.0))
    put(site, now_device("phone-2", visitor="赵敏", sos_at=time.time()))

    first = live.page.locator(".visitor-row").first
    expect(first).to_contain_text("赵敏")
    expect(first.locator(".badge.is-sos")).to_contain_text("SOS 求助")


def test_an_excused_incursion_is_shown_as_such_and_alarms_nobody(site, watch):
    live = watch()

    put(site, now_alert(excused="witness"))

    row = live.page.locator(".alert-row")
    expect(row.locator(".badge")).to_have_text("已豁免")
    expect(row).to_contain_text("证人")
    expect(row).not_to_have_class(re.compile("is-ongoing"))

"""What the map draws and how a supervisor moves about it: clusters, hours of zones, following, addresses, keys."""

import re
import time

import pytest
from fake_live import a_court, a_device
from pages import PATIENCE_MS, PHONE, LivePage, accessibility_problems, enter
from playwright.sync_api import expect

from geofences.schedule import Schedule

CENTRE = "map=16.00/32.04500/118.79000"


def put(site, *devices, **changes):
    now = time.time()
    rows = [
        a_device(name, **({"visitor": visitor, "fix_at": now, "received_at": now} | changes))
        for name, visitor in devices
    ]
    site.view.put(*rows, changed_at=now)


@pytest.fixture
def watch(site, open_page):
    """Log in and look at the live page, at an address if one is given."""

    def look(address="", **options):
        live = enter(open_page(**options), site, f"/#{address}")
        live.expect_link("live")
        return live

    return look


def hours(from_now_s, lasts="PT1H"):
    begins = time.strftime("%Y%m%dT%H%M00", time.gmtime(time.time() + 8 * 3600 + from_now_s))
    return Schedule(f"DTSTART:{begins}\nDURATION:{lasts}")


def middle(live: LivePage) -> dict[str, float]:
    return {axis: size / 2 for axis, size in zip("xy", live.map_size().values(), strict=True)}


def test_an_address_brings_back_the_camera_the_visitor_and_the_filters(site, watch):
    put(site, ("phone-1", "王芳"), ("phone-2", "李伟"))

    live = watch(f"{CENTRE}&visitor=phone-2&q=wei&state=clear")

    expect(live.card).to_contain_text("李伟", timeout=PATIENCE_MS)
    expect(live.page.get_by_role("searchbox")).to_have_value("wei")
    expect(live.visitors).to_have_count(1)
    expect(live.scale).to_have_text("100 m")


def test_what_is_looked_at_stands_in_the_address_and_survives_a_reload(site, watch):
    put(site, ("phone-1", "王芳"), ("phone-2", "李伟"))
    live = watch()

    live.visitor("李伟").click()
    live.page.get_by_role("searchbox").fill("李")
    expect(live.page).to_have_url(re.compile(r"#map=[\d./]+&visitor=phone-2&q="), timeout=PATIENCE_MS)
    live.page.reload()

    expect(live.card).to_contain_text("李伟", timeout=PATIENCE_MS)
    expect(live.visitors).to_have_count(1)


def test_a_filter_by_team_holds_in_the_list_on_the_map_and_in_the_address(site, watch):
    put(site, ("phone-1", "王芳"), team=1)
    put(site, ("phone-2", "李伟"), lon=118.80, team=2)
    live = watch(CENTRE)
    live.expect_on_map("王芳", middle(live))
    live.page.keyboard.press("Escape")

    live.page.get_by_label("小组", exact=True).select_option("城南组")

    expect(live.visitors).to_have_text([re.compile("李伟")])
    expect(live.page).to_have_url(re.compile("team=2"))
    live.expect_nobody_on_map(middle(live))
    live.page.get_by_label("小组", exact=True).select_option("全部小组")
    live.expect_on_map("王芳", middle(live))


def test_a_filter_hides_nobody_who_needs_help_from_the_map_and_says_so(site, watch):
    put(site, ("phone-1", "王芳"), team=1, state="inside", zone="court", signed_m=-9.0)
    put(site, ("phone-2", "李伟"), lon=118.80, team=2)
    live = watch(f"{CENTRE}&team=2")
    expect(live.visitors).to_have_text([re.compile("李伟")])

    live.expect_on_map("王芳", middle(live))
    live.page.get_by_role("button", name="筛选之外另有 1 人").click()

    expect(live.visitors).to_have_count(2)


def test_zones_of_one_category_are_listed_and_stand_in_the_address(site, watch):
    site.view.put_zones(a_court(), a_court(id="station", name="玄武分局", category="police"))
    live = watch()
    live.open_tab("zones")
    expect(live.zones).to_have_count(2)

    live.page.get_by_role("button", name="公安机关 1").click()

    expect(live.zones).to_have_text([re.compile("玄武分局")])
    expect(live.page).to_have_url(re.compile("category=police"))
    live.page.reload()
    live.open_tab("zones")
    expect(live.zones).to_have_text([re.compile("玄武分局")])


def test_a_category_hides_no_zone_that_somebody_is_inside_and_filters_are_seen_from_other_tabs(site, watch):
    site.view.put_zones(a_court(), a_court(id="station", name="玄武分局", category="police"))
    put(site, ("phone-1", "王芳"), team=1, state="inside", zone="court", signed_m=-9.0)
    put(site, ("phone-2", "李伟"), team=2)
    live = watch("team=2&category=police")
    expect(live.page.locator("#tab-zones .count")).to_have_text("1/2")
    live.open_tab("zones")
    expect(live.page.locator("#tab-visitors .count")).to_have_text("1/2")
    live.page.get_by_role("button", name="其他类别另有 1 个禁入区内有人").click()
    expect(live.zones).to_have_count(2)
    expect(live.page.locator("#tab-zones .count")).to_have_text("2")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_names_stand_in_the_order_of_their_pinyin_in_both_languages(site, watch, locale):
    put(
        site,
        ("phone-1", "张敏"),
        ("phone-2", "王芳 10"),
        ("phone-3", "王芳 9"),
        ("phone-4", "李伟"),
        ("phone-5", "陈静"),
    )
    live = watch(locale=locale)
    order = ["陈静", "李伟", "王芳 9", "王芳 10", "张敏"]
    expect(live.visitors).to_have_text([re.compile(name) for name in order])


def test_on_a_phone_the_words_of_an_address_are_seen_and_can_be_cleared(site, watch):
    put(site, ("phone-1", "王芳"), ("phone-2", "李伟"))
    live = watch("q=wangfang", viewport=PHONE)
    expect(live.visitors).to_have_count(1)
    live.page.get_by_role("button", name="清除搜索").click()
    expect(live.visitors).to_have_count(2)
    expect(live.page.get_by_role("searchbox")).to_have_count(0)


def test_a_far_fix_that_is_not_believed_yet_says_so_beside_perhaps_inside(site, watch):
    put(site, ("phone-1", "王芳"), state="uncertain", zone="court", signed_m=2493.0, accuracy_m=460.0)
    put(site, ("phone-2", "李伟"), state="uncertain", zone="court", signed_m=20.0, accuracy_m=46.0)
    live = watch()
    live.expect_visitor("王芳", "可能在区内 · 最新定位距 2,493米，待证实")
    live.expect_visitor("李伟", "可能在区内 · 距 20米")


def test_an_address_that_makes_no_sense_shows_everybody(site, watch):
    put(site, ("phone-1", "王芳"))

    site.view.put_zones(a_court(), a_court(id="station", name="玄武分局", category="police"))

    live = watch("map=nonsense&state=asleep&visitor=nobody&team=99&category=church")

    live.expect_visitor("王芳", "正常")
    expect(live.page).to_have_url(re.compile(r"^[^=]*#map=[\d./]+(&visitor=nobody)?$"), timeout=PATIENCE_MS)
    live.open_tab("zones")
    expect(live.zones).to_have_count(2)
    expect(live.card).to_have_count(0)


def test_a_name_is_found_by_its_pinyin_and_by_its_initials(site, watch):
    put(site, ("phone-1", "王芳"), ("phone-2", "李伟"))
    live = watch()

    for words in ("wangf", "wf"):
        live.page.get_by_role("searchbox").fill(words)
        expect(live.visitors).to_have_count(1)
        live.expect_visitor("王芳", "正常")


def test_the_camera_follows_a_visitor_until_the_map_is_moved(site, watch):
    put(site, ("phone-1", "王芳"))
    live = watch(f"{CENTRE}&visitor=phone-1")
    follow = live.card.get_by_role("button", name="跟随")
    follow.click()
    expect(live.card.get_by_role("button", name="停止跟随")).to_have_attribute("aria-pressed", "true")

    put(site, ("phone-1", "王芳"), lon=118.84)
    expect(live.page).to_have_url(re.compile(r"/118\.8[34]"), timeout=PATIENCE_MS)

    box = live.page.locator(".map").bounding_box()
    live.page.mouse.move(box["x"] + 600, box["y"] + 600)
    live.page.mouse.down()
    live.page.mouse.move(box["x"] + 500, box["y"] + 500, steps=5)
    live.page.mouse.up()
    expect(live.card.get_by_role("button", name="跟随", exact=True)).to_have_attribute("aria-pressed", "false")


def test_who_is_no_longer_selected_is_no_longer_followed(site, watch):
    put(site, ("phone-1", "王芳"))
    live = watch(f"{CENTRE}&visitor=phone-1&follow=1")
    expect(live.card.get_by_role("button", name="停止跟随")).to_be_visible(timeout=PATIENCE_MS)
    expect(live.page).to_have_url(re.compile("follow=1"))

    live.page.locator(".map canvas").click(position={"x": 500, "y": 700})

    expect(live.card).to_have_count(0)
    expect(live.page).not_to_have_url(re.compile("follow=1"))


def test_a_cluster_opens_when_it_is_clicked_and_who_is_inside_is_never_in_one(site, watch):
    for number in range(3):
        put(site, (f"phone-{number}", f"人员{number}"), lon=118.79 + number * 2e-4)
    live = watch("map=11.00/32.04500/118.79020")
    live.expect_visitor("人员0", "正常")
    zoomed = re.compile(r"#map=1[2-9]")

    for _ in range(100):
        live.page.locator(".map canvas").click(position=middle(live))
        live.page.wait_for_timeout(100)
        if zoomed.search(live.page.url):
            break
    expect(live.page).to_have_url(zoomed)

    put(site, ("phone-99", "王芳"), lon=118.7902, state="inside", zone="court", signed_m=-5.0)
    live.expect_visitor("王芳", "在禁入区内")
    live.page.goto(f"{site.url}/#map=11.00/32.04500/118.79020")
    live.expect_on_map("王芳", middle(live))


@pytest.mark.parametrize(
    ("from_now_s", "text"),
    [(-600, "生效中，至"), (900, "即将生效"), (7200, "现在不生效"), (-7200, "现在不生效")],
    ids=["now", "soon", "later", "over"],
)
def test_a_zone_with_hours_says_whether_it_counts(site, watch, from_now_s, text):
    site.view.put_zones(a_court(schedule=hours(from_now_s)))
    live = watch()

    live.open_tab("zones")

    expect(live.zones).to_contain_text(text, timeout=PATIENCE_MS)


def test_the_keys_search_help_and_fit(site, watch):
    put(site, ("phone-1", "王芳"), ("phone-2", "李伟"))
    live = watch()
    live.expect_visitor("王芳", "正常")

    live.page.keyboard.press("?")
    dialog = live.page.get_by_role("dialog")
    expect(dialog).to_contain_text("搜索人员")
    assert accessibility_problems(live.page) == []
    live.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    live.page.keyboard.press("/")
    expect(live.page.get_by_role("searchbox")).to_be_focused()
    live.page.keyboard.type("lw?")
    expect(dialog).to_have_count(0)


def test_single_keys_can_be_turned_off(site, watch):
    live = watch()
    live.page.keyboard.press("?")
    live.page.get_by_label("启用快捷键").uncheck()
    live.page.keyboard.press("Escape")

    live.page.keyboard.press("?")
    live.page.keyboard.press("/")

    expect(live.page.get_by_role("dialog")).to_have_count(0)
    expect(live.page.get_by_role("searchbox")).not_to_be_focused()


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "has_touch": True}], ids=["desk", "phone"])
def test_the_legend_names_every_mark_and_axe_finds_nothing_serious(site, watch, options):
    put(site, ("phone-1", "王芳"))
    live = watch(**options)
    live.page.locator(".legend summary").click()

    expect(live.page.locator(".legend")).to_contain_text("禁入区：现在不生效")
    assert accessibility_problems(live.page) == []

"""Zones drawn, edited, imported and asked about in a real browser over a real database."""

import json

import pytest
from fake_live import a_court
from pages import PATIENCE_MS, PHONE, ROOT, LivePage, accessibility_problems
from playwright.sync_api import expect
from shapely.geometry import Polygon
from zones_page import CAMERA, HERE, ZonesPage, ZonesSite

from geofences.datum import convert
from geofences.policy import Edit
from maps.basemap import Basemap
from tracker.zones.book import ZoneQuery
from tracker.zones.record import Signature

BLOCK = Polygon([(118.789, 32.044), (118.791, 32.044), (118.791, 32.046), (118.789, 32.046)])
HERE_GCJ02 = convert(*HERE, "wgs84", "gcj02")


@pytest.fixture
def land(built, database_url):
    assert built
    with ZonesSite(database_url, a_court(id="block", name="街区法庭", footprint=BLOCK)) as made:
        yield made
    made.database.dispose()


@pytest.fixture
def zones(land, open_page):
    return ZonesPage(open_page(), land)


def standing(land, zone_id=None):
    return land.book.page(ZoneQuery(zone_id=zone_id), "", 100)


def test_a_drawn_outline_is_in_force_on_the_live_map(zones, land, console):
    zones.open()
    expect(zones.row("block")).to_be_visible()
    zones.button("新建禁入区").click()
    zones.tap((0.30, 0.45), (0.45, 0.45), (0.45, 0.60))
    zones.tool("完成")
    expect(zones.side).to_contain_text("3 个角点")
    zones.page.get_by_label("名称", exact=True).fill("新画的法院")
    zones.sign("城区通知")
    zones.button("创建").click()
    expect(zones.side).to_contain_text("已保存为版本 1", timeout=PATIENCE_MS)
    (made,) = [zone for zone in standing(land) if zone.id != "block"]
    assert (made.name, made.footprint.geom_type, made.standoff_m) == ("新画的法院", "Polygon", 200.0)
    zones.page.goto(land.url)
    live = LivePage(zones.page)
    live.open_tab("zones")
    expect(live.zones.filter(has_text="新画的法院")).to_be_visible(timeout=PATIENCE_MS)
    assert console == []


def test_a_dragged_corner_is_a_new_version_that_can_be_compared(zones, land):
    zones.open("#zone=block&view=edit" + CAMERA)
    expect(zones.side).to_contain_text("4 个角点")
    zones.drag(zones.at(*BLOCK.exterior.coords[2]), (25, -25))
    zones.sign("围墙外移")
    zones.button("保存为新版本").click()
    expect(zones.side).to_contain_text("已保存为版本 2", timeout=PATIENCE_MS)
    (now,) = standing(land, "block")
    assert (now.version, len(now.footprint.exterior.coords)) == (2, 5)
    assert now.footprint.area > BLOCK.area
    rows = zones.page.locator("[data-version]")
    expect(rows).to_have_count(2)
    rows.last.get_by_role("button", name="对比").click()
    expect(zones.page.locator(".compared .is-changed")).to_contain_text(["围墙外移"])
    assert accessibility_problems(zones.page) == []


def test_a_corner_is_deleted_by_a_button_and_comes_back_by_undo(zones):
    zones.open("#zone=block&view=edit" + CAMERA)
    expect(zones.side).to_contain_text("4 个角点")
    zones.tap(zones.at(*BLOCK.exterior.coords[2]))
    zones.tool("删除角点")
    expect(zones.side).to_contain_text("3 个角点")
    zones.tool("撤销")
    expect(zones.side).to_contain_text("4 个角点")


def test_who_was_slower_sees_both_versions_and_decides(zones, land):
    zones.open("#zone=block&view=edit")
    zones.page.get_by_label("名称", exact=True).fill("我的名称")
    land.book.edit("block", Edit(standoff_m=350.0), Signature("chen", "门口"), None)
    zones.sign("更名")
    zones.button("保存为新版本").click()
    expect(zones.page.get_by_role("alert")).to_contain_text("chen", timeout=PATIENCE_MS)
    expect(zones.page.locator(".compared")).to_contain_text("≠ 350米")
    expect(zones.page.locator(".compared")).to_contain_text("≠ 我的名称")
    zones.button("把我的修改放到新版本上").click()
    zones.button("保存为新版本").click()
    expect(zones.side).to_contain_text("已保存为版本 3", timeout=PATIENCE_MS)
    (now,) = standing(land, "block")
    assert (now.name, now.standoff_m) == ("我的名称", 350.0)


def test_a_zone_is_made_by_keys_alone_with_weekly_hours(zones, land):
    zones.open("#view=new")
    page = zones.page
    page.get_by_label("坐标、WKT 或 GeoJSON").fill(f"{HERE_GCJ02[0]}, {HERE_GCJ02[1]}")
    page.get_by_label("坐标系").select_option("gcj02")
    zones.press("使用这些坐标")
    page.get_by_label("类别", exact=True).select_option("police")
    page.get_by_label("名称", exact=True).fill("派出所")
    page.get_by_label("按类别规定").first.press("Space")
    page.get_by_label("禁入距离").fill("30000")
    expect(page.get_by_role("alert")).to_contain_text("20000")
    page.get_by_label("禁入距离").fill("300")
    page.get_by_label("每周固定时段").press("Space")
    expect(zones.side).to_contain_text("周一至周五 09:00–17:00")
    expect(zones.side).to_contain_text("接下来")
    zones.sign("新设")
    zones.press("创建")
    expect(zones.side).to_contain_text("已保存为版本 1", timeout=PATIENCE_MS)
    (made,) = [zone for zone in standing(land) if zone.id != "block"]
    assert (made.standoff_m, made.source_datum) == (300.0, "gcj02")
    assert (made.footprint.x, made.footprint.y) == pytest.approx(HERE, abs=1e-7)
    zones.button("编辑").click()
    expect(page.get_by_label("每周固定时段")).to_be_checked()


def test_what_is_drawn_on_a_shifted_map_lies_where_the_ground_is(zones, land):
    land.stop()
    land.basemap = Basemap(f"{land.url}/none/{{z}}/{{x}}/{{y}}.png", "gcj02")
    land.start()
    zones.open(f"#view=new&map=16/{HERE_GCJ02[1]}/{HERE_GCJ02[0]}")
    zones.tool("点")
    zones.tap((0.5, 0.5))
    expect(zones.side).to_contain_text("GCJ-02")
    zones.sign("在高德底图上")
    zones.button("创建").click()
    expect(zones.side).to_contain_text("已保存为版本 1", timeout=PATIENCE_MS)
    (made,) = [zone for zone in standing(land) if zone.id != "block"]
    assert made.source_datum == "gcj02"
    assert (made.footprint.x, made.footprint.y) == pytest.approx(HERE, abs=3e-5)


def test_a_file_is_looked_at_before_it_is_imported(zones, land, tmp_path):
    court = next(
        each
        for each in json.loads((ROOT / "data/zones/nanjing_osm.geojson").read_text())["features"]
        if each["properties"].get("name")
    )
    name = court["properties"]["name"]
    away = convert(*BLOCK.centroid.coords[0], "wgs84", "gcj02")
    path = tmp_path / "points.csv"
    path.write_text(f"name,lon,lat\n街区法庭,{away[0]},{away[1]}\n{name},118.70,32.10\nX,east,32\n")
    zones.open("#view=import")
    zones.choose_file(path)
    zones.page.get_by_label("坐标系").select_option("wgs84")
    zones.button("试运行").click()
    doubt = zones.page.get_by_role("alert")
    expect(doubt).to_contain_text("更像是 gcj02", timeout=PATIENCE_MS)
    expect(zones.button("导入 2 处")).to_be_disabled()
    expect(zones.side).to_contain_text("points.csv · 4")
    expect(zones.side).to_contain_text("“east”不是数字")
    zones.button("重新选择").click()
    zones.choose_file(path)
    zones.page.get_by_label("坐标系").select_option("gcj02")
    zones.button("试运行").click()
    expect(zones.page.locator(".sums")).to_contain_text("1 新增", timeout=PATIENCE_MS)
    assert accessibility_problems(zones.page) == []
    assert [zone.id for zone in standing(land)] == ["block"]
    zones.sign("五月名单")
    zones.button("导入 1 处").click()
    expect(zones.side).to_contain_text("已导入", timeout=PATIENCE_MS)
    assert len(standing(land)) == 2


def test_a_place_on_a_phone_is_told_the_way_out(land, open_page):
    zones = ZonesPage(open_page(viewport=PHONE, has_touch=True), land).open("#view=place")
    zones.page.get_by_label("位置").fill(f"{HERE[0]} {HERE[1]}")
    zones.page.get_by_label("坐标系").select_option("wgs84")
    zones.button("查询").click()
    verdict = zones.page.locator(".verdict")
    expect(verdict).to_contain_text("不可停留", timeout=PATIENCE_MS)
    expect(verdict).to_contain_text("街区法庭")
    expect(verdict).to_contain_text("最近的可停留位置")
    assert accessibility_problems(zones.page) == []

"""One's own account and the administration of people, in a real browser over a real database."""

import pyotp
import pytest
from fake_phones import FakePhones
from fake_site import FakeSite
from pages import DESK, PHONE, LoginPage, accessibility_problems
from playwright.sync_api import Page, expect
from sqlalchemy import text

from maps import export_api
from maps.app import create_maps_app
from maps.entrance.login import Passwords
from maps.people import looks_api, people_api, teams_api, visitors_api
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.store.accounts import PostgresAccounts
from tracker.store.connection import connect, engine
from tracker.store.looks import PostgresLookLog
from tracker.store.people import People
from tracker.store.rights import PostgresRights
from tracker.store.sessions import PostgresSessions
from tracker.store.track_exports import PostgresExportBook

PASSWORD = "a sentence is easily remembered"
LOOK = text("""
INSERT INTO look (account_id, username, visitor_id, from_at, to_at, purpose)
SELECT 9, 'boss', id, now() - interval '9 hours', now(), :purpose FROM visitor""")
OFFICE = Rights(frozenset({Role.ADMINISTRATOR, Role.PRIVACY_OFFICER}))


class OfficeSite(FakeSite):
    """The pages over a real database with an administrator, a team and a visitor."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.database = engine(url)
        self.rights = PostgresRights(self.database)
        self.phones = FakePhones(self.rights)
        self.rights.let_in("test", "root", Passwords().hash(PASSWORD), OFFICE)
        self.rights.add_team("test", "城北组")
        with connect(url, "test", fenced=False) as connection:
            people = People(connection)
            visitor = people.add_visitor("王芳", consented=True)
            people.add_device("phone-wang", visitor, platform="android", shard=0, secret="s")

    def application(self):
        accounts, sessions = PostgresAccounts(self.database), PostgresSessions(self.database)
        app = create_maps_app(accounts, sessions, self.view, basemap=self.basemap)
        app.include_router(people_api.router(self.rights, sessions))
        app.include_router(teams_api.router(self.rights))
        app.include_router(visitors_api.router(self.rights, self.phones))
        app.include_router(looks_api.router(PostgresLookLog(self.database)))
        app.include_router(export_api.router(PostgresExportBook(self.database)))
        return app


@pytest.fixture
def office(built, database_url):
    assert built
    made = OfficeSite(database_url)
    with made:
        yield made
    made.database.dispose()


def enter(page: Page, office: OfficeSite, name: str = "root") -> Page:
    LoginPage(page, office.url).open().log_in(name, PASSWORD)
    page.wait_for_url("**/account")
    return page


def test_who_may_not_see_visitors_lands_on_the_account(office, open_page, console):
    page = enter(open_page(), office)
    expect(page.get_by_role("heading", name="我的账户")).to_be_visible()
    expect(page.get_by_role("link", name="实时地图")).to_have_count(0)
    assert console == []


def test_an_administrator_adds_somebody_who_then_gets_in(office, open_page):
    page = enter(open_page(), office)
    page.get_by_role("button", name="添加账户").click()
    page.get_by_label("用户名").fill("mei")
    page.get_by_role("checkbox", name="主管").check()
    page.get_by_role("checkbox", name="城北组").check()
    page.get_by_role("button", name="保存").click()
    link = page.get_by_role("textbox", name="生成密码链接").input_value()
    expect(page.locator(".rows > li", has_text="尚未设置密码")).to_contain_text("城北组")
    theirs = open_page()
    theirs.goto(link)
    for field in ("password", "repeated"):
        theirs.locator(f"[name={field}]").fill(PASSWORD)
    theirs.locator("button[type=submit]").click()
    theirs.wait_for_url("**/login")
    LoginPage(theirs, office.url).open().log_in("mei", PASSWORD)
    expect(theirs).to_have_title("实时地图 · KeepClear")


def test_a_visitor_is_moved_and_it_is_on_record(office, open_page):
    page = enter(open_page(), office)
    page.get_by_role("combobox", name="小组: 王芳").select_option("城北组")
    expect(page.locator(".teams")).to_contain_text("1 人")
    expect(page.locator(".rows > li", has_text="调整小组")).to_contain_text("root")


def test_the_phones_of_a_visitor_stand_beside_them(office, open_page):
    page = enter(open_page(), office)
    expect(page.locator(".rows > li", has_text="王芳")).to_contain_text("phone-wang · Android · 从未收到定位")


@pytest.mark.parametrize(("sought", "rows"), [("wf", 1), ("phone-wang", 1), ("李雷", 0)])
def test_visitors_are_found_by_name_pinyin_or_phone(office, open_page, sought, rows):
    page = enter(open_page(), office)
    page.get_by_role("searchbox").fill(sought)
    expect(page.get_by_role("button", name="修改姓名: 王芳")).to_have_count(rows)


def test_of_many_visitors_a_hundred_are_drawn_and_the_search_finds_the_rest(office, open_page):
    with office.database.begin() as connection:
        connection.execute(text("INSERT INTO visitor (name) SELECT 'Z' || n FROM generate_series(1, 150) n"))
    page = enter(open_page(), office)
    expect(page.get_by_text("显示前 100 人，共 151 人")).to_be_visible()
    page.get_by_role("searchbox").fill("z150")
    expect(page.get_by_role("button", name="修改姓名: Z150")).to_have_count(1)


def test_a_visitor_is_enrolled_with_their_consent_and_given_a_phone(office, open_page, console):
    page = enter(open_page(), office)
    page.get_by_label("外访人员姓名").fill("李雷")
    page.get_by_role("button", name="登记外访人员").click()
    row = page.locator(".rows > li", has_text="李雷").first
    expect(row).to_contain_text("未同意")
    page.get_by_role("button", name="记录同意: 李雷").click()
    expect(row).not_to_contain_text("未同意")
    page.get_by_role("button", name="添加手机: 李雷").click()
    row.get_by_label("手机系统").select_option("iOS")
    row.get_by_role("button", name="保存").click()
    expect(page.get_by_text("s3cret")).to_be_visible()
    assert page.get_by_role("img", name="OwnTracks").evaluate("image => image.naturalWidth") > 0
    expect(row).to_contain_text("phone-made-up · iOS")
    assert accessibility_problems(page) == []
    page.reload()
    expect(page.get_by_text("phone-made-up").first).to_be_visible()
    expect(page.get_by_text("s3cret")).to_have_count(0)
    assert console == []


def test_a_lost_phone_is_shut_out_after_a_second_click(office, open_page):
    page = enter(open_page(), office)
    row = page.locator(".rows > li", has_text="phone-wang")
    row.get_by_role("button", name="停用手机: phone-wang").click()
    assert office.phones.off_the_broker == []
    row.get_by_role("button", name="确认停用 phone-wang，不可恢复").click()
    expect(row).to_contain_text("停用")
    expect(page.locator(".rows > li", has_text="停用手机")).to_contain_text("root")
    assert office.phones.off_the_broker == ["phone-wang"]


def test_a_team_gets_another_name(office, open_page):
    page = enter(open_page(), office)
    page.get_by_role("button", name="重命名: 城北组").click()
    page.get_by_label("小组的新名称").fill("城东组")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".teams")).to_contain_text("城东组")
    expect(page.locator(".teams")).not_to_contain_text("城北组")


def test_a_visitor_sees_who_looked_at_their_tracks(office, open_page, console):
    office.rights.let_in("test", "wang", Passwords().hash(PASSWORD), Rights(frozenset({Role.VISITOR})))
    page = enter(open_page(), office)
    page.get_by_role("combobox", name="wang 是哪位外访人员").select_option("王芳 (1)")
    expect(page.locator(".rows > li", has_text="关联外访人员")).to_contain_text("wang")
    with office.database.begin() as connection:
        connection.execute(LOOK, {"purpose": "投诉 2026-17"})
        connection.execute(LOOK, {"purpose": "投诉 2026-17 (export: mfjson; ben)"})
    theirs = enter(open_page(), office, "wang")
    looks = theirs.get_by_role("region", name="谁查看过我的轨迹")
    expect(looks.get_by_text("boss · 投诉 2026-17", exact=True)).to_be_visible()
    expect(looks).to_contain_text("boss · 投诉 2026-17（导出 MF-JSON，由 ben 批准）")
    assert console == []


def test_a_second_factor_is_set_up_and_asked_for(office, open_page):
    page = enter(open_page(locale="en-GB"), office)
    page.get_by_role("button", name="Set up an authenticator").click()
    expect(page.get_by_role("img", name="QR code for an authenticator")).to_have_js_property("complete", value=True)
    assert page.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth") > 0
    secret = page.locator(".secret code").inner_text()
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.locator(".card", has_text="Second factor").get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("On: the log-in asks")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    LoginPage(page, office.url).open().log_in("root", PASSWORD)
    expect(page.locator("[name=code]")).to_be_visible()


def test_a_refusal_is_said(office, open_page):
    page = enter(open_page(), office)
    page.get_by_label("小组名称").fill("城北组")
    page.get_by_role("button", name="添加小组").click()
    expect(page.get_by_role("status").first).to_contain_text("名称已被使用")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(office, open_page, size, scheme):
    page = enter(open_page(viewport=size, color_scheme=scheme), office)
    page.get_by_role("button", name="添加账户").click()
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

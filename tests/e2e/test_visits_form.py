"""Visits on the visitor's card: planned, shown with the beginning of the visit, taken back, refused in words."""

import time

import pytest
from fake_live import a_device
from fake_site import USER
from pages import PATIENCE_MS, PHONE, accessibility_problems, enter
from playwright.sync_api import expect

from tracker.people.roles import EVERYBODY

CASE = "(2026)外访第101号"
HOUR_S = 3600.0


@pytest.fixture
def visits(site, open_page):
    """The visits on the card of somebody who is on shift."""

    def open_card(**options):
        site.view.put(a_device(fix_at=time.time(), received_at=time.time()), changed_at=time.time())
        live = enter(open_page(**options), site)
        live.visitor("王芳").click()
        part = live.card.locator(".excuses").filter(has_text="外访安排")
        part.locator("summary").click()
        return part

    return open_card


def plan(visits, case=CASE):
    visits.get_by_label("案件编号").fill(case)
    visits.get_by_role("button", name="安排外访").click()


def test_a_visit_of_now_is_planned_and_the_card_shows_its_case(site, visits):
    part = visits()
    plan(part)

    expect(part.locator("li")).to_contain_text(f"由 {USER} 安排", timeout=PATIENCE_MS)
    expect(part.page.locator(".card dl")).to_contain_text(CASE, timeout=PATIENCE_MS)
    (planned,) = site.visits.of(EVERYBODY, "phone-1", 0.0)
    assert planned.case == CASE
    assert planned.to_at - planned.from_at == 2 * HOUR_S


def test_a_visit_is_taken_back(site, visits):
    part = visits()
    plan(part)
    part.get_by_role("button", name=f"撤销 {CASE}").click(timeout=PATIENCE_MS)

    expect(part.locator("li")).to_have_count(0, timeout=PATIENCE_MS)
    expect(part.page.locator(".card dl")).not_to_contain_text(CASE, timeout=PATIENCE_MS)
    assert site.visits.of(EVERYBODY, "phone-1", 0.0) == []


def test_a_later_beginning_moves_the_end_along(visits):
    part = visits()
    part.get_by_label("开始").fill("2030-01-01T09:00")
    expect(part.get_by_label("结束")).to_have_value("2030-01-01T11:00")


def test_another_visit_at_the_same_time_is_said(site, visits):
    part = visits()
    plan(part)
    expect(part.locator("li")).to_have_count(1, timeout=PATIENCE_MS)
    part.get_by_label("案件编号").fill("(2026)外访第102号")
    expect(part.get_by_role("status")).to_contain_text(f"同一时间已有外访 {CASE}", timeout=PATIENCE_MS)
    part.get_by_label("开始").fill("2030-01-01T09:00")
    expect(part.get_by_role("status")).to_have_count(0)


@pytest.mark.parametrize(
    ("case", "ends", "refusal"),
    [("王小明", None, "这不是案件编号"), (CASE, "2020-01-01T09:00", "外访的结束须晚于开始")],
    ids=["a name", "an end before the beginning"],
)
def test_what_is_refused_is_said_in_the_readers_language_and_stays_in_the_form(site, visits, case, ends, refusal):
    part = visits()
    if ends:
        part.get_by_label("结束").fill(ends)
    plan(part, case)

    expect(part.get_by_role("alert")).to_contain_text(refusal, timeout=PATIENCE_MS)
    expect(part.get_by_label("案件编号")).to_have_value(case)
    assert site.visits.of(EVERYBODY, "phone-1", 0.0) == []


def test_what_somebody_else_has_taken_back_is_said(site, visits):
    now = time.time()
    number = site.visits.add(EVERYBODY, "phone-1", CASE, now + HOUR_S, now + 2 * HOUR_S, by="ben")
    part = visits()
    button = part.get_by_role("button", name=f"撤销 {CASE}")
    expect(button).to_be_visible(timeout=PATIENCE_MS)
    site.visits.cancel(EVERYBODY, number, by="ben")
    button.click()

    expect(part.get_by_role("alert")).to_contain_text("可能已被他人撤销", timeout=PATIENCE_MS)
    expect(part.locator("li")).to_have_count(0)


def test_those_of_today_that_are_over_come_last_and_stay(site, visits):
    now = time.time()
    site.visits.add(EVERYBODY, "phone-1", "A-1", now - 20.0, now - 10.0, by="ben")
    site.visits.add(EVERYBODY, "phone-1", "A-2", now + HOUR_S, now + 2 * HOUR_S, by="ben")
    part = visits(timezone_id="Asia/Shanghai" if time.gmtime(now - 20).tm_hour != 16 else "UTC")

    expect(part.locator("li .row-title")).to_have_text(["A-2", "A-1"], timeout=PATIENCE_MS)
    expect(part.get_by_role("button", name="撤销")).to_have_count(1)


@pytest.mark.parametrize(
    "options", [{}, {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"}], ids=["desk", "phone"]
)
def test_axe_finds_nothing_serious_in_the_form(visits, options):
    part = visits(**options)
    plan(part)
    expect(part.locator("li")).to_have_count(1, timeout=PATIENCE_MS)
    plan(part, "王小明")
    expect(part.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)

    assert accessibility_problems(part.page) == []

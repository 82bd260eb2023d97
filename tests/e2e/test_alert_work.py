"""Alerts answered in the browser: with the mouse, by keys, and by two supervisors at once."""

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_live import NOW, a_court, a_device, a_silence, an_alert
from fake_site import USER
from pages import DESK, PATIENCE_MS, PHONE, accessibility_problems, enter
from playwright.sync_api import Locator, expect

from maps.triage_api import MOST_AT_ONCE
from tests.eventually import eventually
from tracker.answers.finding import Difference, What
from tracker.answers.triage import Reason, Stage, Subject, Triage

COURT = "南京市中级人民法院"


def waiting(alert_id: str = "one", **changes: Any):
    now = time.time()
    return an_alert(alert_id, **({"first_possible_at": now - 20, "confirmed_at": now, "changed_at": now} | changes))


def a_call(**changes: Any):
    return waiting(
        "sos-1", **({"kind": "sos", "visitor": "赵敏", "zone": "", "zone_name": "", "closest_m": 0.0} | changes)
    )


@pytest.fixture
def watch(site, open_page):
    """Log in on a fresh page; the feed is live when it returns."""

    def look(**options):
        live = enter(open_page(**options), site)
        live.expect_link("live")
        return live

    return look


def group(live, name: str) -> Locator:
    return live.page.locator(f".alert-group.is-{name} .alert-row")


def press(row: Locator, name: str) -> None:
    row.get_by_role("button", name=name, exact=True).click()


def test_an_alert_is_acknowledged_with_one_click(site, watch):
    site.view.put(waiting())
    live = watch()
    expect(group(live, "answer")).to_have_count(1)
    press(live.alert("one"), "确认")
    expect(group(live, "hand")).to_contain_text(f"{USER} 已确认", timeout=PATIENCE_MS)
    expect(group(live, "answer")).to_have_count(0)


def test_it_is_assigned_put_off_commented_and_closed(site, watch):
    site.view.put(waiting())
    live = watch()
    row = live.alert("one")
    press(row, "处理")
    row.get_by_label("指派给").select_option("ben")
    expect(row).to_contain_text("由 ben 负责", timeout=PATIENCE_MS)
    press(row, "推迟 15 分钟")
    expect(group(live, "snoozed")).to_contain_text(re.compile(r"推迟到 \d\d:\d\d · 由 ben 负责"), timeout=PATIENCE_MS)
    expect(row.locator(".deeds")).to_contain_text(re.compile(r"推迟 → \d\d:\d\d"), timeout=PATIENCE_MS)
    row.get_by_label("备注").fill("电话无人接听")
    press(row, "添加备注")
    expect(row.locator(".deeds")).to_contain_text("电话无人接听", timeout=PATIENCE_MS)
    row.get_by_label("结案原因").select_option("spoken_to")
    press(row, "结案")
    expect(group(live, "inside")).to_contain_text(f"{USER} 已结案：已提醒本人", timeout=PATIENCE_MS)
    expect(row.get_by_label("备注")).to_have_count(0)
    expect(live.page.get_by_role("region", name="告警", exact=True)).to_be_focused()
    press(row, "处理")
    expect(row.locator(".deeds li")).to_have_count(4, timeout=PATIENCE_MS)


def test_other_needs_a_comment(site, watch):
    site.view.put(waiting())
    live = watch()
    row = live.alert("one")
    press(row, "处理")
    row.get_by_label("结案原因").select_option("other")
    expect(row.get_by_role("button", name="结案", exact=True)).to_be_disabled()
    row.get_by_label("备注").fill("演练")
    expect(row.get_by_role("button", name="结案", exact=True)).to_be_enabled()


def test_no_data_is_amber_with_the_visitor_then_an_alert_and_over_by_itself(site, watch):
    now = time.time()
    site.view.put_zones(a_court())
    site.view.put(a_device(fix_at=now - 400, received_at=now - 400), changed_at=now)
    site.view.put(a_silence(red=False, since=now - 400, changed_at=now))
    live = watch()
    live.expect_visitor("王芳", "没有数据 · 电量低")
    expect(live.alerts).to_have_count(0)
    live.visitor("王芳").click()
    expect(live.page.locator(".card-silence.is-amber")).to_contain_text(COURT)

    site.view.put(a_silence(since=now - 1000, changed_at=time.time()))
    row = live.alert("silence-1")
    expect(row).to_contain_text("可能原因：电量低", timeout=PATIENCE_MS)
    expect(group(live, "answer")).to_have_count(1)
    expect(row.get_by_role("button", name=COURT)).to_be_visible()

    site.view.put(a_silence(since=now - 1000, exit_at=time.time(), over="heard", filled=True, changed_at=time.time()))
    expect(group(live, "earlier")).to_contain_text("期间的定位已补传", timeout=PATIENCE_MS)
    expect(row.get_by_role("button", name=COURT)).to_have_count(0)


def test_a_stay_is_excused_afterwards_and_the_next_beforehand(site, watch):
    now = time.time()
    site.view.put_zones(a_court())
    site.view.put(a_device(fix_at=now, received_at=now), changed_at=now)
    site.view.put(waiting(exit_at=now - 5))
    live = watch()
    row = live.alert("one")
    press(row, "处理")
    row.get_by_label("豁免原因").select_option("witness")
    press(row, "豁免")
    expect(group(live, "earlier")).to_contain_text("已豁免：证人", timeout=PATIENCE_MS)

    live.visitor("王芳").click()
    card = live.page.locator(".card .excuses").first
    card.locator("summary").click()
    expect(card.get_by_text(f"由 {USER} 批准")).to_be_visible(timeout=PATIENCE_MS)
    card.get_by_label("禁入区").select_option("court")
    card.get_by_label("豁免原因").select_option("party")
    press(card, "豁免")
    expect(card.locator("li").first).to_contain_text("案件当事人", timeout=PATIENCE_MS)
    press(card.locator("li").first, "撤销")
    expect(card.get_by_text(f"由 {USER} 撤销")).to_be_visible(timeout=PATIENCE_MS)


HAD_BEEN_SEEN = Triage(Subject.INCURSION, 1, Stage.ACKNOWLEDGED, NOW, "ben")


def test_one_that_was_put_off_comes_back_when_it_grows_and_says_why(site, watch):
    put_off = replace(HAD_BEEN_SEEN, snoozed_until=time.time() + 600)
    site.view.put(waiting(triage=put_off))
    live = watch()
    expect(group(live, "snoozed")).to_have_count(1)
    site.view.put(waiting(triage=put_off, news=(Difference(What.DEEPER, -50.0, -120.0),)))
    expect(group(live, "hand")).to_contain_text("推迟后情况加重：进入更深(50米 → 120米)", timeout=PATIENCE_MS)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_one_that_changed_after_closing_is_marked_and_axe_finds_nothing_serious(site, watch, size, tmp_path: Path):
    closed = replace(HAD_BEEN_SEEN, stage=Stage.CLOSED, closed_at=NOW, closed_by="ben", reason=Reason.LAWFUL)
    news = (Difference(What.LONGER, 300.0, 900.0), Difference(What.EXCUSED))
    site.view.put(waiting(triage=closed, news=news))
    live = watch(viewport=size)
    if size == PHONE:
        live.open_tab("alerts")
        live.page.locator(".sheet-handle").click()
    expect(group(live, "changed")).to_contain_text("结案后有变化：时间更长", timeout=PATIENCE_MS)
    expect(group(live, "changed")).to_contain_text("已豁免")
    expect(group(live, "changed").get_by_role("button", name="已知悉，维持结案")).to_be_visible()
    live.page.screenshot(path=tmp_path / "changed.png")
    assert accessibility_problems(live.page) == []


def test_of_two_supervisors_the_second_sees_what_the_first_did(site, watch):
    site.view.put(waiting())
    live = watch()
    expect(group(live, "answer")).to_have_count(1)
    live.page.context.set_offline(True)
    press(live.alert("one"), "确认")
    expect(live.alert("one")).to_contain_text("无法连接服务器", timeout=PATIENCE_MS)
    expect(group(live, "answer")).to_have_count(1)
    live.page.context.set_offline(False)
    live.page.route("**/api/v1/live*", lambda route: route.abort())
    other = watch()
    press(other.alert("one"), "处理")
    other.alert("one").get_by_label("指派给").select_option("ben")
    expect(group(other, "hand")).to_have_count(1, timeout=PATIENCE_MS)
    # Its feed may have brought the news already, or bring it just now: then there is nothing left to press.
    live.alert("one").get_by_role("button", name="确认", exact=True).evaluate_all(
        "all => all.forEach(each => each.click())"
    )
    expect(live.alert("one")).to_contain_text("由 ben 负责", timeout=PATIENCE_MS)


def test_the_same_cause_is_closed_at_once_and_other_zones_stay(site, watch):
    over = time.time() - 5
    site.view.put(waiting("one", exit_at=over), waiting("two", exit_at=over))
    site.view.put(waiting("other", zone="police", zone_name="派出所"))
    live = watch()
    row = live.alert("one")
    press(row, "处理")
    row.get_by_label("同一禁入区另有 1 条待处理").check()
    row.get_by_label("结案原因").select_option("false_alarm")
    press(row, "结案")
    expect(group(live, "earlier")).to_have_count(2, timeout=PATIENCE_MS)
    expect(group(live, "answer")).to_have_count(1)
    expect(group(live, "answer")).to_contain_text("派出所")


def test_more_of_the_same_cause_are_closed_than_the_server_takes_at_once(site, watch):
    over = time.time() - 5
    site.view.put(*(waiting(f"early-{number}", exit_at=over) for number in range(MOST_AT_ONCE)))
    live = watch()
    expect(group(live, "answer")).to_have_count(MOST_AT_ONCE)
    site.view.put(waiting("late", exit_at=over))
    row = live.alert("late")
    press(row, "处理")
    row.get_by_label(f"同一禁入区另有 {MOST_AT_ONCE} 条待处理").check()
    row.get_by_label("结案原因").select_option("false_alarm")
    press(row, "结案")
    expect(group(live, "answer")).to_have_count(0, timeout=PATIENCE_MS)


def test_who_is_still_inside_is_no_history_once_the_alert_is_closed(site, watch):
    closed = replace(HAD_BEEN_SEEN, stage=Stage.CLOSED, closed_at=NOW, closed_by="ben", reason=Reason.LAWFUL)
    site.view.put(waiting("one", triage=closed), waiting("two", excused="witness"))
    live = watch()
    expect(group(live, "inside")).to_have_count(2)
    expect(live.page.get_by_role("heading", name="已处理，仍在区内 2")).to_be_visible()
    site.view.put(waiting("one", triage=closed, kind="exit", exit_at=time.time(), changed_at=time.time()))
    expect(group(live, "earlier")).to_have_attribute("data-alert", "one", timeout=PATIENCE_MS)
    expect(group(live, "inside")).to_have_attribute("data-alert", "two")


def test_what_is_being_written_outlives_that_somebody_else_takes_the_alert(site, watch):
    """The row goes to another group; its form, what stands in it and the focus come along."""
    for number in range(6):
        site.view.put(waiting(f"other-{number}", first_possible_at=time.time() - 60))
    site.view.put(waiting("one"))
    live = watch(viewport=DESK)
    row = live.alert("one")
    press(row, "处理")
    row.get_by_label("备注").fill("电话无人接听")
    row.get_by_label("结案原因").select_option("spoken_to")
    site.view.put(waiting("one", triage=HAD_BEEN_SEEN, changed_at=time.time()))
    expect(group(live, "hand")).to_have_count(1, timeout=PATIENCE_MS)
    expect(row.get_by_label("备注")).to_have_value("电话无人接听")
    expect(row.get_by_label("结案原因")).to_have_value("spoken_to")
    expect(row.get_by_label("备注")).to_be_in_viewport()
    expect(row.get_by_role("button", name="收起")).to_be_focused()


def test_a_call_for_help_stands_above_an_open_card_and_is_answered_with_one_click(site, watch):
    site.view.put(a_device(fix_at=time.time(), received_at=time.time()), changed_at=time.time())
    live = watch(viewport=PHONE)
    live.visitor("王芳").click()
    expect(live.card).to_be_visible()
    site.view.put(a_call(first_possible_at=time.time() - 60), changed_at=time.time())
    bar = live.page.locator(".call-bar")
    expect(bar).to_contain_text("SOS · 赵敏", timeout=PATIENCE_MS)
    expect(live.page).to_have_title("SOS (1) 实时地图 · KeepClear")
    press(bar, "确认")
    expect(bar).to_have_count(0, timeout=PATIENCE_MS)
    live.card.get_by_role("button", name="关闭").click()
    live.open_tab("alerts")
    expect(group(live, "sos")).to_contain_text(f"{USER} 已确认")


def test_of_several_calls_the_oldest_stands_above_and_a_click_shows_the_visitor(site, watch):
    now = time.time()
    site.view.put(a_device("phone-2", visitor="赵敏", fix_at=now, received_at=now, sos_at=now - 60), changed_at=now)
    site.view.put(a_call(device="phone-2", first_possible_at=now - 60))
    site.view.put(a_call(id="sos-2", visitor="李伟", first_possible_at=now - 30))
    live = watch()
    bar = live.page.locator(".call-bar")
    expect(bar).to_contain_text("另有 1 人求助")
    bar.get_by_role("link", name="SOS · 赵敏").click()
    expect(live.card).to_contain_text("SOS 求助")
    expect(live.card.locator("header")).not_to_contain_text("正常")


def test_a_call_for_help_is_on_top_even_of_newer_entries_and_cannot_wait(site, watch):
    now = time.time()
    site.view.put(waiting("newer", first_possible_at=now), a_call(first_possible_at=now - 900, confirmed_at=now - 900))
    live = watch()
    expect(live.alerts.first).to_contain_text("赵敏")
    expect(live.alerts.first).to_contain_text("紧急求助")
    press(live.alert("sos-1"), "确认")
    expect(live.alert("sos-1")).to_contain_text("已确认", timeout=PATIENCE_MS)
    expect(live.alerts.first).to_contain_text("赵敏")
    press(live.alert("sos-1"), "处理")
    expect(live.alert("sos-1")).not_to_contain_text("推迟")


def test_one_that_cleared_itself_waits_and_says_so(site, watch):
    site.view.put(waiting(kind="exit", exit_at=time.time()))
    live = watch()
    expect(group(live, "answer")).to_contain_text("已自行离开，尚无人处理")


def test_by_keys_alone(site, watch):
    site.view.put(waiting("one", confirmed_at=NOW), waiting("two", first_possible_at=time.time() - 60))
    live = watch()
    expect(group(live, "answer")).to_have_count(2)
    live.page.locator(".alerts-view .scroll").focus()
    for key in "jja":
        live.page.keyboard.press(key)
    expect(group(live, "hand")).to_have_attribute("data-alert", "two", timeout=PATIENCE_MS)
    live.alert("one").locator("button").first.focus()
    live.page.keyboard.press("e")
    live.alert("one").get_by_label("备注").fill("a j k e")
    expect(group(live, "answer")).to_have_count(1)


SPY = """
window.heard = []; window.notified = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) {
  window.heard.push(this.frequency.value);
  return start.apply(this, at);
};
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { window.notified.push(body); }
};
Object.defineProperty(document, "hidden", { get: () => window.away === true });
"""


@pytest.fixture
def listening(site, open_page):
    """A page that records what it sounds and notifies, with the alarm turned on by a click."""
    page = open_page()
    page.add_init_script(SPY)
    live = enter(page, site)
    live.expect_link("live")
    page.locator(".menu summary").click()
    page.get_by_label("声音与通知").check()
    page.keyboard.press("Escape")
    page.evaluate("window.heard.length = 0; window.away = true")
    return live


def test_new_entries_and_calls_sound_once_and_notify_nothing_else_does(site, listening):
    site.view.put(waiting("near", kind="approach", confirmed_at=None), waiting("gap", kind="gap", confirmed_at=None))
    site.view.put(waiting("one"))
    expect(listening.alert("one")).to_be_visible(timeout=PATIENCE_MS)
    site.view.put(waiting("one", kind="dwell", revision=2))
    expect(listening.alert("one")).to_contain_text("停留", timeout=PATIENCE_MS)
    site.view.put(a_call())
    expect(listening.alert("sos-1")).to_be_visible(timeout=PATIENCE_MS)
    assert listening.page.evaluate("window.heard") == [660, 880, 660, 880, 660]
    assert listening.page.evaluate("window.notified") == [f"王芳 进入 {COURT}", "SOS：赵敏 求助"]


FAST = """
window.rounds = new Set();
const [begin, end] = [setInterval, clearInterval];
window.setInterval = (work, ms) => { const id = begin(work, ms / 100); window.rounds.add(id); return id; };
window.clearInterval = (id) => { window.rounds.delete(id); end(id); };
"""


def test_a_call_sounds_again_and_again_until_it_is_answered(site, listening):
    listening.page.evaluate(FAST)
    site.view.put(a_call())
    expect(listening.alert("sos-1")).to_be_visible(timeout=PATIENCE_MS)
    eventually(lambda: listening.page.evaluate("window.heard.length") >= 12)
    assert listening.page.evaluate("window.rounds.size") == 1
    press(listening.alert("sos-1"), "确认")
    expect(group(listening, "sos")).to_contain_text("已确认", timeout=PATIENCE_MS)
    assert listening.page.evaluate("window.rounds.size") == 0


def test_one_that_was_put_off_sounds_again_when_it_grows_once(site, listening):
    put_off = replace(HAD_BEEN_SEEN, snoozed_until=time.time() + 600)
    site.view.put(waiting("one", triage=put_off))
    expect(group(listening, "snoozed")).to_have_count(1, timeout=PATIENCE_MS)
    for depth_m in (-120.0, -121.0):
        deeper = (Difference(What.DEEPER, -50.0, depth_m),)
        site.view.put(waiting("one", triage=put_off, news=deeper, revision=int(-depth_m)))
        expect(group(listening, "hand")).to_contain_text(f"{-depth_m:.0f}米", timeout=PATIENCE_MS)
    assert listening.page.evaluate("window.heard") == [660]
    assert len(listening.page.evaluate("window.notified")) == 1


def test_a_notification_counts_as_shown(site, listening):
    site.view.put(waiting("one"))
    eventually(lambda: site.figures.seen == ["one"])


def test_a_closed_one_that_changed_is_counted_and_answered_by_its_key(site, watch):
    closed = replace(HAD_BEEN_SEEN, stage=Stage.CLOSED, closed_at=NOW, closed_by="ben", reason=Reason.LAWFUL)
    site.view.put(waiting("one", triage=closed, news=(Difference(What.LONGER, 300.0, 900.0),)))
    live = watch()
    expect(live.page.locator("#alerts-title .count")).to_have_text("1", timeout=PATIENCE_MS)
    expect(live.page).to_have_title("(1) 实时地图 · KeepClear")
    live.alert("one").locator("button").first.focus()
    with live.page.expect_request("**/api/v1/alerts/one/deeds") as sent:
        live.page.keyboard.press("a")
    assert sent.value.post_data_json["act"] == "acknowledge"


def test_nothing_sounds_before_it_is_asked_for(site, open_page):
    page = open_page()
    page.add_init_script(SPY)
    live = enter(page, site)
    live.expect_link("live")
    site.view.put(waiting("one"))
    expect(live.alert("one")).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("[window.heard, window.notified]") == [[], []]


def test_a_page_notes_what_it_has_shown_once(site, watch):
    site.view.put(waiting("one"), waiting("near", kind="approach", confirmed_at=None))
    live = watch()
    expect(live.alert("one")).to_be_visible(timeout=PATIENCE_MS)
    eventually(lambda: site.figures.seen == ["one"])


def test_what_nobody_can_see_was_not_shown(site, watch):
    """On a phone the list of alerts is behind another tab."""
    site.view.put(waiting("one"))
    live = watch(viewport=PHONE)
    expect(live.page.locator("#tab-alerts .count")).to_have_text("1", timeout=PATIENCE_MS)
    assert site.figures.seen == []
    live.open_tab("alerts")
    eventually(lambda: site.figures.seen == ["one"])


def test_several_pages_note_what_each_has_shown(site, watch):
    site.view.put(waiting("one"))
    for _ in range(2):
        expect(watch().alert("one")).to_be_visible(timeout=PATIENCE_MS)
    eventually(lambda: site.figures.seen == ["one", "one"])


def test_on_a_phone_an_alert_can_be_acknowledged_without_scrolling(site, watch):
    site.view.put(waiting(), changed_at=time.time())
    site.view.put(waiting("near", kind="approach"), changed_at=time.time())
    live = watch(viewport=PHONE)
    live.open_tab("alerts")
    expect(live.alert("one").get_by_role("button", name="确认", exact=True)).to_be_in_viewport(ratio=1.0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_in_the_open_form(site, watch, size, scheme, tmp_path: Path):
    site.view.put_zones(a_court())
    site.view.put(waiting("one"), waiting("two"), a_call())
    live = watch(viewport=size, color_scheme=scheme)
    if size == PHONE:
        live.open_tab("alerts")
        live.page.locator(".sheet-handle").click()
    press(live.alert("one"), "确认")
    press(live.alert("one"), "处理")
    expect(live.alert("one").locator(".deeds li")).to_have_count(1, timeout=PATIENCE_MS)
    live.page.screenshot(path=tmp_path / "alerts.png")
    assert accessibility_problems(live.page) == []


def test_in_english(site, watch):
    site.view.put(waiting())
    live = watch(locale="en-GB")
    press(live.alert("one"), "Acknowledge")
    expect(group(live, "hand")).to_contain_text(f"Acknowledged by {USER}", timeout=PATIENCE_MS)

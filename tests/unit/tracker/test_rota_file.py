"""The file of recipients, and the sentences they read."""

from dataclasses import replace

import pytest

from tracker.alert import Alert, AlertKind, Audience, silences
from tracker.errors import SettingsError
from tracker.notify.notice import REASONS, SENTENCES, Notice, sentence
from tracker.notify.rota_file import read_rota
from tracker.silence import Reached, Silence
from tracker.word import Why

GOOD = """
escalate_after_min = 10

[[recipient]]
name = "anna"
url = "mailto://user:pass@example.org?to=anna@example.org"
quiet = ["exit"]
on_call = '''
DTSTART:20260105T080000
DTEND:20260105T180000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
'''

[[recipient]]
name = "ding"
url = "dingtalk://token"
level = 1

[[recipient]]
name = "hub"
webhook = "https://hub.example.org/keepclear"
secret = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tr"
"""


@pytest.fixture
def read(tmp_path):
    def from_text(text: str):
        path = tmp_path / "notify.toml"
        path.write_text(text, encoding="utf-8")
        return read_rota(path)

    return from_text


def test_a_good_file(read):
    rota = read(GOOD)
    assert [(each.name, each.level, each.quiet) for each in rota.recipients] == [
        ("anna", 0, {"exit"}), ("ding", 1, set()), ("hub", 0, set()),
    ]  # fmt: skip
    assert set(rota.channels) == {"anna", "ding", "hub"}
    assert rota.escalate_after_s == 600.0


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('name = "ding"', 'name = "anna"'),
        ('url = "dingtalk://token"', 'url = "nosuchservice://token"'),
        ('url = "dingtalk://token"', ""),
        ('secret = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tr"', ""),
        ("level = 1", "level = -1"),
        ('quiet = ["exit"]', 'quiet = ["exits"]'),
        ("BYDAY=MO", "BYDAY=XX"),
        ("escalate_after_min = 10", "escalate_after_min = 0"),
        ("escalate_after_min = 10", "escalate = 10"),
        ("[[recipient]]", "[[recipient"),
    ],
)
def test_a_file_with_a_mistake_says_what_to_do_and_no_secret(read, was, now):
    assert was in GOOD
    with pytest.raises(SettingsError) as refusal:
        read(GOOD.replace(was, now, 1))
    assert "pass@" not in str(refusal.value)
    assert "whsec_" not in refusal.value.what


@pytest.mark.parametrize("language", sorted(SENTENCES))
@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_a_sentence_that_names_the_visitor(language, kind):
    alert = Alert("phone-1", kind, Audience.SUPERVISOR, 1_767_672_000.0, None, 1, None)
    said = sentence(Notice(alert, "anna", "told", "王芳", "法院", 1, 0.0), language, "Asia/Shanghai")
    assert "王芳" in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", "没有数据：王芳 自 01-06 12:00:00 起没有定位(电量低)；其间可能到过：法院、z2、z3…"),
        (
            "en",
            (
                "No data: nothing from the phone of 王芳 since 01-06 12:00:00 (battery low); "
                "could have entered meanwhile: 法院, z2, z3…"
            ),
        ),
    ],
)
def test_a_silence_says_since_when_why_and_where_it_could_have_led(language, said):
    reached = (Reached("z1", "法院", 9.0), *(Reached(f"z{n}", "", 99.0) for n in (2, 3, 4)))
    silence = Silence(1, 1, "phone-1", 1_767_672_000.0, 1_767_672_000.0, Why.BATTERY, id=1, reached=reached)
    (alert,) = silences(None, replace(silence, red_at=1_767_672_900.0))
    assert sentence(Notice(alert, "anna", "told", "王芳", "", 1, 0.0), language, "Asia/Shanghai") == said


@pytest.mark.parametrize("language", sorted(REASONS))
def test_every_reason_of_a_silence_has_words(language):
    assert set(REASONS[language]) == set(Why)


def test_the_wall_clock_is_the_recipients_and_an_escalation_says_so():
    alert = Alert("phone-1", AlertKind.ENTRY, Audience.SUPERVISOR, 1_767_672_000.0, None, 1, None)
    notice = Notice(alert, "anna", "escalated", "王芳", "法院", 1, 0.0)
    assert sentence(notice, "zh-CN", "Asia/Shanghai") == "[升级，尚无人处理] 王芳 于 01-06 12:00:00 进入禁入区：法院"
    assert "04:00:00" in sentence(notice, "en", "UTC")

"""A notice to one recipient: what it is about, and the sentence that a person reads."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.alert import Alert

SENTENCES = {
    "zh-CN": {
        "entry": "{visitor} 于 {time} 进入禁入区：{zone}",
        "dwell": "{visitor} 在禁入区停留：{zone}({time})",
        "exit": "{visitor} 于 {time} 离开禁入区：{zone}",
        "overstay": "{visitor} 的豁免已于 {time} 结束，仍在禁入区：{zone}",
        "sos": "紧急求助：{visitor}，{time}",
        "revised": "更正：{visitor}，{zone}，此前的告警有变化",
        "retracted": "撤回：{visitor}，{zone}，此前的告警不成立",
        "other": "{visitor}，{zone}：{kind}，{time}",
        "escalated": "[升级，尚无人处理] ",
    },
    "en": {
        "entry": "{visitor} entered {zone} at {time}",
        "dwell": "{visitor} stays in {zone} ({time})",
        "exit": "{visitor} left {zone} at {time}",
        "overstay": "{visitor} is still in {zone}; the excuse ended at {time}",
        "sos": "SOS: {visitor} calls for help, {time}",
        "revised": "Correction: {visitor}, {zone}: what was told has changed",
        "retracted": "Retracted: {visitor}, {zone}: what was told was not so",
        "other": "{visitor}, {zone}: {kind}, {time}",
        "escalated": "[Escalated, nobody has answered] ",
    },
}


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert as one recipient hears it. `attempts` counts this one; `why` is `told` or `escalated`."""

    alert: Alert
    recipient: str
    why: str
    visitor: str
    zone: str
    attempts: int
    created_at: float


def sentence(notice: Notice, language: str, time_zone: str) -> str:
    """One line for a person, with the wall clock of a time zone."""
    words = SENTENCES[language]
    wall = datetime.fromtimestamp(notice.alert.at, ZoneInfo(time_zone)).strftime("%m-%d %H:%M:%S")
    form = words.get(notice.alert.kind, words["other"])
    said = form.format(visitor=notice.visitor, zone=notice.zone, time=wall, kind=notice.alert.kind)
    return (words["escalated"] if notice.why == "escalated" else "") + said

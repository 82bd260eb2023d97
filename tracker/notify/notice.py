"""A notice to one recipient: what it is about, and the sentence that a person reads."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.alert import Alert, AlertKind
from tracker.silence import Silence
from tracker.word import Why

SENTENCES = {
    "zh-CN": {
        "entry": "{visitor} 于 {time} 进入禁入区：{zone}",
        "dwell": "{visitor} 在禁入区停留：{zone}({time})",
        "exit": "{visitor} 于 {time} 离开禁入区：{zone}",
        "overstay": "{visitor} 的豁免已于 {time} 结束，仍在禁入区：{zone}",
        "sos": "紧急求助：{visitor}，{time}",
        "silence": "没有数据：{visitor} 自 {time} 起没有定位{why}{reached}",
        "heard": "{visitor} 的定位已于 {time} 恢复",
        "why": "({why})",
        "reached": "；其间可能到过：{zones}",
        "comma": "、",
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
        "silence": "No data: nothing from the phone of {visitor} since {time}{why}{reached}",
        "heard": "{visitor}: data again since {time}",
        "why": " ({why})",
        "reached": "; could have entered meanwhile: {zones}",
        "comma": ", ",
        "revised": "Correction: {visitor}, {zone}: what was told has changed",
        "retracted": "Retracted: {visitor}, {zone}: what was told was not so",
        "other": "{visitor}, {zone}: {kind}, {time}",
        "escalated": "[Escalated, nobody has answered] ",
    },
}

REASONS = {
    "zh-CN": {
        Why.PERMISSION: "应用没有定位权限",
        Why.LOCATION_OFF: "手机定位已关闭",
        Why.AIRPLANE: "飞行模式",
        Why.BATTERY: "电量低",
        Why.KILLED: "应用被系统或他人关闭",
        Why.SHUTDOWN: "手机关机",
        Why.POWER_SAVE: "省电模式可能暂停了应用",
        Why.OFFLINE: "手机没有网络",
        Why.CONNECTION_LOST: "连接中断",
    },
    "en": {
        Why.PERMISSION: "the app may not locate the phone",
        Why.LOCATION_OFF: "location is switched off",
        Why.AIRPLANE: "airplane mode",
        Why.BATTERY: "battery low",
        Why.KILLED: "the app was ended",
        Why.SHUTDOWN: "the phone was switched off",
        Why.POWER_SAVE: "power saving may have stopped the app",
        Why.OFFLINE: "the phone had no network",
        Why.CONNECTION_LOST: "connection lost",
    },
}
MOST_ZONES = 3


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
    words, alert = SENTENCES[language], notice.alert
    at = alert.silence.since if alert.silence and alert.kind is AlertKind.SILENCE else alert.at
    wall = datetime.fromtimestamp(at, ZoneInfo(time_zone)).strftime("%m-%d %H:%M:%S")
    form = words.get(alert.kind, words["other"])
    silent = _of_silence(alert.silence, language)
    said = form.format(visitor=notice.visitor, zone=notice.zone, time=wall, kind=alert.kind, **silent)
    return (words["escalated"] if notice.why == "escalated" else "") + said


def _of_silence(silence: Silence | None, language: str) -> dict[str, str]:
    """Why nothing comes, and where the visitor could have been meanwhile, as far as either is known."""
    words = SENTENCES[language]
    if silence is None:
        return {"why": "", "reached": ""}
    names = [each.name or each.zone for each in silence.reached[:MOST_ZONES]]
    zones = words["comma"].join(names) + ("…" if len(silence.reached) > MOST_ZONES else "")
    return {
        "why": words["why"].format(why=REASONS[language][silence.why]) if silence.why else "",
        "reached": words["reached"].format(zones=zones) if names else "",
    }

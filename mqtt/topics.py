"""Where messages travel.

| topic | who publishes | what |
|---|---|---|
| `kc/1/{s1}/{s2}/{device}` | phone | fixes; this is the phone's OwnTracks base topic |
| `.../event`, `.../waypoint`, `.../status` | phone | OwnTracks' side messages |
| `.../ack` | service | `{"upto": n}`, the application acknowledgement |
| `.../alert` | service | CloudEvents and OwnTracks transitions for the visitor |
| `.../cmd` | service | OwnTracks commands |
| `owntracks/{user}/{device}` with the same parts | phone | plain OwnTracks; `{user}` is the device id |
| `kc/events/supervisor` | service | CloudEvents for supervisors; consumers (`mqtt.access`) may read it |

`s1` (00..63) and `s2` (00..15) come from a stable hash of the device id, so that a worker can hold a shard.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

SHARDS = 64
SLOTS = 16
ROOT = "kc/1"
PLAIN_ROOT = "owntracks"
SUPERVISOR_TOPIC = "kc/events/supervisor"
PHONE_PARTS = ("event", "waypoint", "status")
SERVICE_PARTS = ("ack", "alert", "cmd")
FIX_PART = ""

LONGEST_ID = 64
_DEVICE_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST_ID}}}", re.ASCII)
_KNOWN_PARTS = frozenset((FIX_PART, *PHONE_PARTS, *SERVICE_PARTS))


class TopicFault(StrEnum):
    """Why a topic is refused; the codes go to the quarantine."""

    FOREIGN = "foreign_topic"
    DEVICE = "bad_device_id"
    SHARD = "wrong_shard"
    PART = "unknown_part"


@dataclass(frozen=True, slots=True)
class Address:
    """A device and the part of its tree; `part` is "" for the base topic, where fixes arrive."""

    device: str
    part: str
    plain: bool


@dataclass(frozen=True, slots=True)
class BadTopic:
    """A topic that is refused, and why."""

    reason: TopicFault


def is_device_id(text: str) -> bool:
    """1 to 64 letters, digits, `-`, `_` or `.`: nothing that MQTT, a path or an ACL reads otherwise."""
    return _DEVICE_ID.fullmatch(text) is not None


def shard_of(device: str) -> int:
    """The shard (s1, 0..63) whose worker takes this device's messages."""
    return hashlib.sha256(device.encode()).digest()[0] % SHARDS


def base_topic(device: str) -> str:
    """`kc/1/{s1}/{s2}/{device}`; raises ValueError for an id that breaks the rules."""
    if not is_device_id(device):
        raise ValueError("a device id is 1 to 64 letters, digits, '-', '_' or '.'")
    digest = hashlib.sha256(device.encode()).digest()
    return f"{ROOT}/{digest[0] % SHARDS:02}/{digest[1] % SLOTS:02}/{device}"


def ack_topic(device: str) -> str:
    """Where the service says up to which `seq` everything is durable."""
    return f"{base_topic(device)}/ack"


def alert_topic(device: str) -> str:
    """Where the visitor's phone hears of an approach or an entry."""
    return f"{base_topic(device)}/alert"


def event_topic(device: str) -> str:
    """Where an OwnTracks app reports its own region transitions."""
    return f"{base_topic(device)}/event"


def cmd_topic(device: str) -> str:
    """Where an OwnTracks app takes commands."""
    return f"{base_topic(device)}/cmd"


def plain_topic(device: str, handset: str = "phone") -> str:
    """`owntracks/{user}/{device}` of an unsharded phone: the MQTT user name is our device id."""
    if not (is_device_id(device) and is_device_id(handset)):
        raise ValueError("a device id is 1 to 64 letters, digits, '-', '_' or '.'")
    return f"{PLAIN_ROOT}/{device}/{handset}"


def subscription(shard: int) -> list[str]:
    """The filters of one shard's session: what phones publish, and nothing that the service publishes."""
    if not 0 <= shard < SHARDS:
        raise ValueError(f"a shard is 0 to {SHARDS - 1}, not {shard}")
    return _with_parts(f"{ROOT}/{shard:02}/+/+")


def plain_subscription() -> list[str]:
    """The filters of the one extra session for plain OwnTracks phones."""
    return _with_parts(f"{PLAIN_ROOT}/+/+")


def _with_parts(base: str) -> list[str]:
    return [base, *(f"{base}/{part}" for part in PHONE_PARTS)]


@lru_cache(maxsize=32_768)
def parse(topic: str) -> Address | BadTopic:
    """Read a topic; a device on a shard that is not its own is refused (`wrong_shard`)."""
    match topic.split("/"):
        case ["kc", "1", s1, s2, device, *rest]:
            return _address(device, rest, plain=False, claimed=f"{ROOT}/{s1}/{s2}/{device}")
        case ["owntracks", device, handset, *rest] if is_device_id(handset):
            return _address(device, rest, plain=True, claimed=None)
        case ["owntracks", _, _, *_]:
            return BadTopic(TopicFault.DEVICE)
        case _:
            return BadTopic(TopicFault.FOREIGN)


def _address(device: str, rest: list[str], *, plain: bool, claimed: str | None) -> Address | BadTopic:
    if not is_device_id(device):
        return BadTopic(TopicFault.DEVICE)
    if claimed is not None and claimed != base_topic(device):
        return BadTopic(TopicFault.SHARD)
    part = "/".join(rest)
    if part not in _KNOWN_PARTS or rest == [""]:
        return BadTopic(TopicFault.PART)
    return Address(device, part, plain)

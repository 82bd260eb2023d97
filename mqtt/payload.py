"""OwnTracks JSON -> fixes. Nothing a phone can send raises; every message has one of the fates below.

| message | fate |
|---|---|
| `location` with a position, a time and anything else | fix |
| array (one level, at most 1,000 items) | each item by itself: good ones pass, bad ones are reported |
| retained by the broker | ignored `retained`: an old position, never a new fix |
| empty payload | ignored `empty`: MQTT's way to clear a retained message |
| `status` | ignored by that name; what it says of permissions and `off` explains a silence |
| `lwt` | ignored by that name; the broker lost the phone, which explains a silence |
| `transition`, `waypoint`, `waypoints`, `card`, `cmd` | ignored by that name |
| `steps`, `beacon`, `configuration`, `dump`, `request` | ignored by that name |
| any other `_type` | ignored `unknown_type` |
| `location` with `t: "p"` | ignored `ping`: `tst` is when it pinged, the position is an older one; it ends a silence |
| `encrypted` | bad `encrypted`: the phone must switch payload encryption off (TLS protects the way) |
| over 64 kB | bad `too_large` |
| not UTF-8 | bad `utf8` |
| not JSON: junk round it, byte-order mark, NaN, Infinity, beyond a double, over 1,024 levels | bad `json` |
| not an object (or an array of objects) | bad `not_object` |
| array of more than 1,000 items | bad `too_many` |
| no `_type`, or one that is no string | bad `no_type` |
| `tst` missing, a string, a boolean | bad `time` |
| `tst` before 2015 or after 2100 (1970 clocks, milliseconds) | bad `clock`; admission judges the rest |
| `lat` or `lon` missing | bad `position_missing` |
| `lat` or `lon` out of range, a string, a boolean | bad `position` |
| exactly 0, 0 | bad `null_island`: what a phone without a position sends |
| a key twice | the last one counts (RFC 8259 leaves it open; this is what JavaScript does) |

Optional fields never cost a fix: one that cannot be true is left out and named in `notes`. `acc` missing, 0
or negative means unknown; `vel` is km/h on the wire and m/s inside; -1 (iOS: unknown) is None.
`seq` and `lo` of our own app are whole numbers, `lo` <= `seq`. Details never quote a position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from mqtt.location import Envelope, Fault, Message, decode, encode, fault_of, json_name
from mqtt.status import why_of
from tracker.fix import Fix
from tracker.word import Why

__all__ = ["BadPayload", "Fault", "Ignored", "Parsed", "encode", "parse"]

MAX_BYTES: Final = 64 * 1024
MAX_ITEMS: Final = 1_000
MAX_SEQ: Final = 2**53 - 1  # the largest whole number that JavaScript holds
PING: Final = "ping"
IGNORED_TYPES: Final = frozenset((
    "lwt", "transition", "waypoint", "waypoints", "status", "card", "cmd", "steps", "beacon", "configuration",
    "dump", "request",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is understood and is no fix. `seq` is still taken, so that the phone may forget it.

    `why`: what it says of a silence.
    """

    reason: str
    index: int = 0
    seq: int | None = None
    oldest_held: int | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class BadPayload:
    """What goes to the quarantine, without a position. `seq` is taken once the quarantine is durable.

    `fix_at` is its `tst` where that is a number, however wrong: it decides whether the payload may be kept.
    """

    reason: Fault
    detail: str
    index: int = 0
    seq: int | None = None
    oldest_held: int | None = None
    fix_at: float | None = None


class Parsed(NamedTuple):
    """The fate of one payload; `notes` name optional fields that were left out because they can't be true."""

    fixes: Sequence[Fix] = ()
    ignored: Sequence[Ignored] = ()
    bad: Sequence[BadPayload] = ()
    notes: Sequence[str] = ()


def parse(payload: bytes, device: str, received_at: float, retained: bool = False) -> Parsed:
    """Read one MQTT payload of `device`, received at `received_at` (seconds since 1970 UTC). Never raises."""
    if retained or not payload:
        return Parsed(ignored=(Ignored("retained" if retained else "empty"),))
    if len(payload) > MAX_BYTES:
        return _bad(Fault.TOO_LARGE, f"{len(payload)} bytes; at most {MAX_BYTES}")
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        return _bad(*_decoding_fault(payload, error))
    if type(message) is list:
        return _parse_items(message, Envelope(device, received_at, []))
    envelope = Envelope(device, received_at, [])
    outcome = _read(message, envelope, 0)
    if type(outcome) is Fix:
        return Parsed((outcome,), notes=envelope.notes)
    return _sorted_by_fate([outcome], envelope.notes)


def _parse_items(items: list[Any], envelope: Envelope) -> Parsed:
    if len(items) > MAX_ITEMS:
        return _bad(Fault.TOO_MANY, f"{len(items)} items; at most {MAX_ITEMS}")
    outcomes = [_read(item, envelope, index) for index, item in enumerate(items)]
    return _sorted_by_fate(outcomes, envelope.notes)


def _sorted_by_fate(outcomes: Sequence[Fix | Ignored | BadPayload], notes: Sequence[str]) -> Parsed:
    return Parsed(
        [outcome for outcome in outcomes if type(outcome) is Fix],
        [outcome for outcome in outcomes if type(outcome) is Ignored],
        [outcome for outcome in outcomes if type(outcome) is BadPayload],
        notes,
    )


def _bad(reason: Fault, detail: str) -> Parsed:
    return Parsed(bad=(BadPayload(reason, detail),))


def _decoding_fault(payload: bytes, error: orjson.JSONDecodeError) -> tuple[Fault, str]:
    try:
        payload.decode()
    except UnicodeDecodeError as undecodable:
        return Fault.UTF8, f"byte {undecodable.start}: {undecodable.reason}"
    return Fault.JSON, error.msg


def _read(message: Any, envelope: Envelope, index: int) -> Fix | Ignored | BadPayload:
    if type(message) is not dict:
        return BadPayload(Fault.NOT_OBJECT, f"a JSON {json_name(message)}", index)
    seq, oldest_held = _sequence(message, envelope.notes)
    kind = message.get("_type")
    if kind == "location" and message.get("t") != "p":
        fault = fault_of(message)
        if fault is None:
            return decode(message, envelope, seq, oldest_held)
    elif type(kind) is not str:
        fault = Fault.NO_TYPE, "no _type, or one that is no string"
    elif kind == "encrypted":
        fault = Fault.ENCRYPTED, "switch payload encryption off on the phone"
    else:
        reason = PING if kind == "location" else kind if kind in IGNORED_TYPES else "unknown_type"
        return Ignored(reason, index, seq, oldest_held, why_of(kind, message))
    return BadPayload(*fault, index, seq, oldest_held, _time(message))


def _time(message: Message) -> float | None:
    fix_at = message.get("tst")
    return float(fix_at) if type(fix_at) is int or type(fix_at) is float else None


def _sequence(message: Message, notes: list[str]) -> tuple[int | None, int | None]:
    """`seq` and `lo` of our own app; a `lo` above its own `seq` is nonsense, for the phone holds this fix."""
    if "seq" not in message and "lo" not in message:
        return None, None
    seq, oldest_held = message.get("seq"), message.get("lo")
    if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
        notes.append("seq")
        return None, None
    if oldest_held is None:
        return seq, None
    if type(oldest_held) is not int or not 0 <= oldest_held <= seq:
        notes.append("lo")
        return seq, None
    return seq, oldest_held

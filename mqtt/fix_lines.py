"""Files of fixes: one OwnTracks location a line plus `device` -> fixes; what can't be read is named, never fatal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from mqtt.location import Envelope, decode, fault_of, json_name
from tracker.fix import Fix

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Junk:
    """A line that is no fix (counted from 1), and why; the sentence quotes no position."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def read_fixes(lines: Iterable[bytes]) -> Iterator[Fix | Junk]:
    """Each line as a fix or as what is wrong with it, in the order of the file; blank lines and a mark are passed over.

    `_type` may be left out. A fix counts as received when its message was built, else when it was measured.
    """
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(_MARK if number == 1 else b"").strip()
        if text:
            yield _read(text, number)


def _read(text: bytes, number: int) -> Fix | Junk:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Junk(number, f"no JSON: {error.msg}")
    if type(message) is not dict:
        return Junk(number, f"a JSON {json_name(message)}, no object")
    return _fix(message) or Junk(number, _why(message))


def _fix(message: dict[str, Any]) -> Fix | None:
    device = message.get("device")
    if type(device) is not str or not device or not _is_location(message) or fault_of(message):
        return None
    sent_at = message.get("created_at")
    received_at = float(sent_at) if type(sent_at) is int or type(sent_at) is float else float(message["tst"])
    return decode(message, Envelope(device, received_at, []), None, None)


def _is_location(message: dict[str, Any]) -> bool:
    return message.get("_type", "location") == "location" and message.get("t") != "p"


def _why(message: dict[str, Any]) -> str:
    if not _is_location(message):
        return "no location (or a ping, whose time is not that of the position)"
    fault = fault_of(message)
    if fault:
        return f"{fault[0]}: {fault[1]}"
    return "no device: give each line the text `device`"

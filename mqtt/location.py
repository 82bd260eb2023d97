"""One OwnTracks `location` object <-> one `Fix`. On the wire: seconds, degrees, metres, km/h, percent."""

from enum import StrEnum
from typing import Any, Final, NamedTuple

from tracker.fix import Fix
from tracker.word import Why, announced, hinted

EARLIEST_FIX_AT: Final = 1_420_070_400.0  # 2015-01-01 UTC: before it a phone's clock was never set
LATEST_FIX_AT: Final = 4_102_444_800.0  # 2100-01-01 UTC
KMH_PER_MPS: Final = 3.6
MAX_LON: Final = 180.0
MAX_LAT: Final = 90.0
MAX_TRIGGER: Final = 8
ON_POWER: Final = (2, 3)
"""`bs`: charging, full."""
OFFLINE: Final = "o"
"""`conn`: the phone had no network."""

Message = dict[str, Any]


class Fault(StrEnum):
    """Why a payload is bad; the codes go to the quarantine."""

    TOO_LARGE = "too_large"
    UTF8 = "utf8"
    JSON = "json"
    NOT_OBJECT = "not_object"
    TOO_MANY = "too_many"
    NO_TYPE = "no_type"
    ENCRYPTED = "encrypted"
    TIME = "time"
    CLOCK = "clock"
    POSITION_MISSING = "position_missing"
    POSITION = "position"
    NULL_ISLAND = "null_island"


class Envelope(NamedTuple):
    """What is known about a message besides its text; `notes` collects optional fields that can't be true."""

    device: str
    received_at: float
    notes: list[str]


def fault_of(message: Message) -> tuple[Fault, str] | None:
    """Why this location can't be a fix, with a detail that holds no position; None when it can."""
    return _position_fault(message.get("lon"), message.get("lat")) or _time_fault(message.get("tst"))


def decode(message: Message, envelope: Envelope, seq: int | None, oldest_held: int | None) -> Fix:
    """The fix of a location without fault; an optional field that can't be true is left out and noted."""
    notes = envelope.notes
    speed_kmh = _within(message, "vel", (0.0, 5_000.0), notes)
    mock = message.get("mock")
    battery_pct = _within(message, "batt", (0.0, 100.0), notes)
    return Fix(
        envelope.device,
        _microseconds(message["tst"]),
        message["lon"] + 0.0,  # + 0.0 turns -0.0 into 0.0: one position, one key
        message["lat"] + 0.0,
        envelope.received_at,
        _within(message, "acc", (0.0, 1e7), notes) or None,
        _within(message, "alt", (-12_000.0, 100_000.0), notes),
        None if speed_kmh is None else speed_kmh / KMH_PER_MPS,
        _within(message, "cog", (0.0, 360.0), notes),
        battery_pct,
        _built_at(message, notes),
        _trigger(message, notes),
        mock if type(mock) is bool else None,
        seq,
        oldest_held,
        message.get("sos") is True,
        _within(message, "mono", (0.0, 1e9), notes),
        _satellites(message, notes),
        _why(message, battery_pct),
    )


def _microseconds(seconds: float) -> float:
    """Seconds, held to the microsecond."""
    return float(seconds) if type(seconds) is int else round(seconds, 6)


def _within(message: Message, key: str, span: tuple[float, float], notes: list[str]) -> float | None:
    value = message.get(key)
    if value is None:
        return None
    if (type(value) is int or type(value) is float) and span[0] <= value <= span[1]:
        return float(value)
    if value != -1:  # iOS writes -1 for "unknown"; that is an answer and no fault
        notes.append(key)
    return None


def _built_at(message: Message, notes: list[str]) -> float | None:
    built_at = _within(message, "created_at", (EARLIEST_FIX_AT, LATEST_FIX_AT), notes)
    return None if built_at is None else _microseconds(built_at)


def _trigger(message: Message, notes: list[str]) -> str | None:
    """OwnTracks' one letter for why the fix was made; text that a database could refuse (NUL) stays out."""
    trigger = message.get("t")
    if trigger is None:
        return None
    if type(trigger) is str and trigger.isascii() and trigger.isalnum() and len(trigger) <= MAX_TRIGGER:
        return trigger
    notes.append("t")
    return None


def _satellites(message: Message, notes: list[str]) -> int | None:
    count = _within(message, "sat", (0.0, 1_000.0), notes)
    return None if count is None else int(count)


def _why(message: Message, battery_pct: float | None) -> Why | None:
    """What the phone says, else what its battery and its network say."""
    hint = hinted(battery_pct, charging=message.get("bs") in ON_POWER, offline=message.get("conn") == OFFLINE)
    return announced(message.get("off")) or hint


def _position_fault(lon: Any, lat: Any) -> tuple[Fault, str] | None:
    if lon is None or lat is None:
        return Fault.POSITION_MISSING, "lat or lon is missing"
    if not (_is_number(lon) and _is_number(lat)):
        return Fault.POSITION, f"lon is a JSON {json_name(lon)}, lat a JSON {json_name(lat)}"
    if not (-MAX_LON <= lon <= MAX_LON and -MAX_LAT <= lat <= MAX_LAT):
        return Fault.POSITION, "lat or lon is out of range"
    if lon == 0 and lat == 0:
        return Fault.NULL_ISLAND, "exactly 0, 0: the phone had no position"
    return None


def _time_fault(fix_at: Any) -> tuple[Fault, str] | None:
    if not _is_number(fix_at):
        return Fault.TIME, f"tst is a JSON {json_name(fix_at)}"
    if EARLIEST_FIX_AT <= fix_at < LATEST_FIX_AT:
        return None
    if EARLIEST_FIX_AT <= fix_at / 1000 < LATEST_FIX_AT:
        return Fault.CLOCK, "tst looks like milliseconds; it is seconds"
    return Fault.CLOCK, "tst is before 2015" if fix_at < EARLIEST_FIX_AT else "tst is after 2100"


def _is_number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def json_name(value: Any) -> str:
    """What JSON calls the type of a value."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def encode(fix: Fix) -> Message:
    """The OwnTracks object of a fix; unknown fields are left out, times keep their fraction."""
    fields = {
        "_type": "location",
        "tst": _whole(fix.fix_at),
        "lon": fix.lon,
        "lat": fix.lat,
        "acc": fix.accuracy_m,
        "alt": fix.altitude_m,
        "vel": None if fix.speed_mps is None else fix.speed_mps * KMH_PER_MPS,
        "cog": fix.heading_deg,
        "batt": fix.battery_pct,
        "created_at": None if fix.built_at is None else _whole(fix.built_at),
        "t": fix.trigger,
        "mock": fix.mock,
        "seq": fix.seq,
        "lo": fix.oldest_held,
        "sos": fix.sos or None,
        "mono": fix.monotonic_s,
        "sat": fix.satellites,
        "off": fix.why,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _whole(seconds: float) -> float | int:
    return int(seconds) if seconds.is_integer() else seconds

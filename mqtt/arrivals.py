"""A message as the broker delivered it -> an arrival as the pipeline takes it."""

from mqtt import topics
from mqtt.payload import PING, BadPayload, Ignored, Parsed, parse
from mqtt.subscriber import Delivery
from tracker.admission import Refusal
from tracker.batch import Arrival, Defect
from tracker.word import Word

UNREADABLE_TOPIC = "(unreadable topic)"
STATUS_PART = "status"


def arrival(delivery: Delivery) -> Arrival:
    """Read topic and payload; whatever is wrong with either becomes a refusal or a defect, never an error."""
    address = topics.parse(delivery.topic)
    if isinstance(address, topics.BadTopic):
        return Arrival(UNREADABLE_TOPIC, delivery.received_at, refusal=Refusal.WRONG_TOPIC)
    if address.part == STATUS_PART:
        parsed = parse(delivery.payload, address.device, delivery.received_at, delivery.retained)
        return Arrival(address.device, delivery.received_at, word=word_of(parsed, delivery.received_at))
    if address.part:  # OwnTracks' other side messages hold nothing we store
        return Arrival(address.device, delivery.received_at)
    return read(address.device, delivery.payload, delivery.received_at, retained=delivery.retained)


def read(device: str, payload: bytes, received_at: float, *, retained: bool = False) -> Arrival:
    """An arrival from the bytes alone; HTTP uses the same door."""
    parsed = parse(payload, device, received_at, retained)
    no_fixes: list[Ignored | BadPayload] = [*parsed.ignored, *parsed.bad]
    return Arrival(
        device,
        received_at,
        parsed.fixes,
        [Defect(bad.reason, bad.detail, bad.fix_at) for bad in parsed.bad],
        [(part.seq, part.oldest_held) for part in no_fixes if part.seq is not None],
        payload,
        mixed=len(parsed.fixes) + len(no_fixes) > 1,
        word=word_of(parsed, received_at) if parsed.ignored else None,
    )


def word_of(parsed: Parsed, at: float) -> Word | None:
    """What the parts that are no fixes say: that the phone lives, and why nothing may follow."""
    alive = any(part.reason == PING for part in parsed.ignored)
    reasons = [part.why for part in parsed.ignored if part.why is not None]
    return Word(at, alive, reasons[-1] if reasons else None) if alive or reasons else None

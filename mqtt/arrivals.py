"""A message as the broker delivered it -> an arrival as the pipeline takes it."""

from mqtt import topics
from mqtt.payload import BadPayload, Ignored, parse
from mqtt.subscriber import Delivery
from tracker.admission import Refusal
from tracker.batch import Arrival, Defect

UNREADABLE_TOPIC = "(unreadable topic)"


def arrival(delivery: Delivery) -> Arrival:
    """Read topic and payload; whatever is wrong with either becomes a refusal or a defect, never an error."""
    address = topics.parse(delivery.topic)
    if isinstance(address, topics.BadTopic):
        return Arrival(UNREADABLE_TOPIC, delivery.received_at, refusal=Refusal.WRONG_TOPIC)
    if address.part:  # OwnTracks' side messages: events, waypoints and status hold nothing we store
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
    )

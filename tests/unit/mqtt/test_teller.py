"""What leaves the outbox, in which order."""

import time

from mqtt import topics
from mqtt.teller import Teller
from tracker.alert import Alert, AlertKind, Audience
from tracker.incursion import Incursion, Kind

NOW = time.time()
ENTRY = Incursion("court", 1, Kind.ENTRY, NOW, NOW, NOW, 0.99, -50.0, 5.0, fixes=9, confirmed_at=NOW)


class FakePublisher:
    """Keeps the topics in turn; the broker takes everything at once."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def publish(self, topic, payload, *, qos, published=lambda: None):
        self.topics.append(topic)
        published()


def test_every_visitor_is_warned_before_any_supervisor_is_told():
    publisher, phones = FakePublisher(), ("phone-1", "phone-2")
    alerts = [
        Alert(phone, AlertKind.ENTRY, audience, NOW, f"id of {phone}", 1, ENTRY)
        for phone in phones
        for audience in (Audience.SUPERVISOR, Audience.VISITOR)
    ]
    teller = Teller(publisher)
    teller.tell(alerts)
    told = list(dict.fromkeys(publisher.topics))
    assert told == [*map(topics.alert_topic, phones), topics.SUPERVISOR_TOPIC]
    assert len(teller.wait(4, 1.0)) == 4

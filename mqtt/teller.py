"""Publishes what the outbox holds: CloudEvents to phones and supervisors, OwnTracks transitions beside them."""

import time
from collections import deque
from collections.abc import Sequence
from threading import Condition

from mqtt import topics
from mqtt.events import cloud_event, transition
from mqtt.publisher import Publisher
from tracker.alert import Alert, Audience, is_stale

QOS = 1


class Teller:
    """Hands alerts to the broker and collects the keys of those it has taken."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._taken: deque[str] = deque()
        self._changed = Condition()

    def tell(self, alerts: Sequence[Alert]) -> None:
        """Publish each, to the visitors first: theirs is the warning that may still keep somebody out.

        An approach that is long past is not told, only noted as done.
        """
        for alert in sorted(alerts, key=lambda each: each.audience is not Audience.VISITOR):
            if is_stale(alert, time.time()):
                self._note(alert.dedup_key)
            else:
                self._publish(alert)

    def taken(self) -> list[str]:
        """Dedup keys that the broker has since the last call: they may leave the outbox."""
        return [self._taken.popleft() for _ in range(len(self._taken))]

    def wait(self, count: int, timeout_s: float) -> list[str]:
        """`taken`, once there are so many or the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._taken) >= count, timeout=timeout_s)
        return self.taken()

    def _publish(self, alert: Alert) -> None:
        topic = topics.alert_topic(alert.device) if alert.audience is Audience.VISITOR else topics.SUPERVISOR_TOPIC
        key = alert.dedup_key
        self._publisher.publish(topic, cloud_event(alert), qos=QOS, published=lambda: self._note(key))
        if message := transition(alert):
            self._publisher.publish(topic, message, qos=QOS)

    def _note(self, key: str) -> None:
        with self._changed:
            self._taken.append(key)
            self._changed.notify_all()

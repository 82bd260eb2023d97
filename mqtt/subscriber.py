"""Persistent sessions of the shards a worker holds. The paho callback only queues; the pipeline decides."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Any

import structlog
from paho.mqtt.client import Client

from mqtt.network import Endpoint, Link, Network, client_for
from mqtt.wire import Publish, ReceivingClient

log = structlog.get_logger()
QOS = 1
SUBACK_REFUSED = 0x80


@dataclass(slots=True, eq=False)
class Delivery:
    """One message as the broker handed it over, with what is needed to acknowledge it later."""

    session: "Session"
    epoch: int
    mid: int
    topic: str
    payload: bytes
    retained: bool
    received_at: float

    @property
    def live(self) -> bool:
        """Whether its connection still stands: only then may it be acknowledged, and will not come again."""
        return self.session.link.connected and self.session.link.epoch == self.epoch


class Inbox:
    """What has arrived and is not acknowledged; bounded by the sessions' inflight windows."""

    def __init__(self) -> None:
        self._queue: deque[Delivery] = deque()
        self._filled = Condition()
        self._enough = 1

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Called by the network thread; wakes the worker only when it waits for a first message or has enough."""
        with self._filled:
            before = len(self._queue)
            self._queue.extend(deliveries)
            if before == 0 or before < self._enough <= len(self._queue):
                self._filled.notify()

    def collect(self, max_messages: int, max_wait_s: float, idle_s: float) -> list[Delivery]:
        """The next micro-batch: waits `idle_s` for a first message, then `max_wait_s` for company."""
        with self._filled:
            self._enough = max_messages
            self._filled.wait_for(lambda: self._queue, timeout=idle_s)
            if not self._queue:
                return []
            self._filled.wait_for(lambda: len(self._queue) >= max_messages, timeout=max_wait_s)
            return [self._queue.popleft() for _ in range(min(max_messages, len(self._queue)))]

    def forget(self) -> None:
        """Drop what was never acknowledged: the broker will deliver it again."""
        with self._filled:
            self._queue.clear()

    def __len__(self) -> int:
        return len(self._queue)


class Session:
    """One persistent MQTT session (`clean_session=False`): what is not acknowledged stays at the broker."""

    def __init__(self, name: str, topics: Sequence[str], endpoint: Endpoint, inbox: Inbox) -> None:
        self.name = name
        self._topics = topics
        self._inbox = inbox
        self.ready = False
        self.client = client = client_for(endpoint, name, persistent=True, kind=ReceivingClient)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_messages = self._on_messages
        self.link = Link(client, endpoint)

    def _on_connect(self, client: Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.error("broker_refused_session", session=self.name, reason=str(reason))
            return
        self.link.epoch += 1
        self.link.connected = True
        self.link.attempts = 0
        client.subscribe([(topic, QOS) for topic in self._topics])

    def _on_subscribe(self, _client: Client, _userdata: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        self.ready = all(reason.value < SUBACK_REFUSED for reason in reasons)
        if not self.ready:
            log.error("broker_refused_subscription", session=self.name, topics=self._topics)

    def _on_disconnect(self, *_: Any) -> None:
        self.link.connected = self.ready = False

    def _on_messages(self, messages: Sequence[Publish]) -> None:
        now, epoch = time.time(), self.link.epoch
        self._inbox.put(
            [Delivery(self, epoch, mid, topic, payload, retain, now) for mid, topic, payload, retain in messages]
        )


class Subscriber:
    """The sessions of this worker, by shard."""

    def __init__(self, network: Network, endpoint: Endpoint) -> None:
        self.inbox = Inbox()
        self._network = network
        self._endpoint = endpoint
        self.sessions: dict[int, Session] = {}

    def open(self, shard: int, name: str, topics: Sequence[str]) -> None:
        """Take a shard's session over from wherever it was."""
        session = Session(name, topics, self._endpoint, self.inbox)
        self.sessions[shard] = session
        self._network.add(session.link)

    def close(self, shards: Iterable[int]) -> None:
        """Leave sessions to the next worker; they live on at the broker."""
        for shard in list(shards):
            if session := self.sessions.pop(shard, None):
                self._network.remove(session.link)

    def ready(self) -> bool:
        """Whether the broker has confirmed every subscription."""
        return all(session.ready for session in self.sessions.values())

    def listening(self) -> set[int]:
        """The shards whose sessions stand and are subscribed at this moment."""
        return {shard for shard, session in self.sessions.items() if session.ready}

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are durable; ids of a dead connection are left alone."""
        self._network.call(lambda: self._acknowledge(deliveries))

    def lost(self) -> bool:
        """Whether the network thread has died: nothing will ever arrive again."""
        return self._network.dead()

    def waiting(self) -> Counter[str]:
        """Messages received and not yet taken, for the metrics."""
        return Counter({"inbox": len(self.inbox)})

    def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        mids: dict[Session, list[int]] = {}
        for delivery in deliveries:
            if delivery.live:
                mids.setdefault(delivery.session, []).append(delivery.mid)
        for session, confirmed in mids.items():
            session.client.confirm(confirmed)
            self._network.write_later(session.link)

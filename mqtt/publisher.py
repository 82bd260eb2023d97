"""What the service tells the phones: acknowledgements, alerts, commands."""

from collections.abc import Callable
from typing import Any

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client

from mqtt.network import Endpoint, Link, Network, client_for

Published = Callable[[], None]


class Publisher:
    """One clean session for everything that leaves. Not durable by itself: the outbox is."""

    def __init__(self, network: Network, endpoint: Endpoint, name: str) -> None:
        self._network = network
        self._on_published: dict[int, Published] = {}
        client = client_for(endpoint, name, persistent=False, kind=Client)
        client.max_queued_messages_set(0)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        self.link = Link(client, endpoint)
        network.add(self.link)

    def publish(self, topic: str, payload: bytes, *, qos: int, published: Published | None = None) -> None:
        """Send soon; `published` runs in the network thread when the broker has it (QoS 1)."""
        self._network.call(lambda: self._publish(topic, payload, qos, published))

    def _publish(self, topic: str, payload: bytes, qos: int, published: Published | None) -> None:
        if not self.link.connected:
            return  # an alert stays in the outbox, an acknowledgement is asked for again
        info = self.link.client.publish(topic, payload, qos)
        if info.rc == MQTT_ERR_SUCCESS and published is not None:
            self._on_published[info.mid] = published

    def _on_connect(self, _client: Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            self.link.connected = True
            self.link.attempts = 0

    def _on_disconnect(self, *_: Any) -> None:
        self.link.connected = False
        self._on_published.clear()

    def _on_publish(self, _client: Client, _userdata: Any, mid: int, *_: Any) -> None:
        if published := self._on_published.pop(mid, None):
            published()

"""A phone as the service must expect it: a persistent session, QoS 1, the application acknowledgement.

`mqtt.phone_loop.PhoneLoop` drives one or ten thousand of them in one process.
"""

import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mqtt import topics
from mqtt.delivery import Body, Delivery, MemoryOutbox, Outbox, Patience, retry_delay_s
from mqtt.payload import encode
from tracker.fix import Fix

CONNECT_S = 2.0
"""paho blocks while it connects, and one loop drives all phones."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How a phone reaches the broker; without a client id the device id is used."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    keepalive_s: int = 60
    client_id: str | None = None


def _nobody(_part: str, _payload: bytes) -> None:
    """Hears nothing."""


class Phone:
    """One simulated phone. `report` may be called from any thread; all else belongs to its PhoneLoop.

    `on_message(part, payload)` hears what the service says on `alert` and `cmd`.
    """

    def __init__(
        self,
        device: str,
        connection: Connection,
        *,
        outbox: Outbox | None = None,
        plain: bool = False,
        patience: Patience | None = None,
        window: int = 100,
        on_message: Callable[[str, bytes], None] = _nobody,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.device = device
        self.outbox: Outbox = MemoryOutbox() if outbox is None else outbox
        self.delivery = Delivery(
            self.outbox, chance, patience or Patience(), window=window, ahead=10 * window, plain=plain
        )
        self.connected = False
        self.refusal: str | None = None
        self.unreachable: str | None = None
        self.client = _client(device, connection, window)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_publish = self._on_publish
        self.client.on_message = self._on_message
        self._connection = connection
        self._topic = topics.plain_topic(device) if plain else topics.base_topic(device)
        self._base = topics.base_topic(device)
        self._hear = on_message
        self._seq_of_mid: dict[int, int] = {}
        self._connect_at = 0.0
        self._connect_attempt = 0
        self._wake: Callable[[Phone], None] = lambda _phone: None

    @property
    def address(self) -> str:
        """Where it looks for the broker, as host:port."""
        return f"{self._connection.host}:{self._connection.port}"

    def report(self, fix: Fix) -> int:
        """Holds a fix until the service has it; gives its `seq`."""
        return self.hold(encode(fix))

    def hold(self, body: Body) -> int:
        """The same for an OwnTracks object; `seq` and `lo` are added when it is sent."""
        seq = self.outbox.append(body)
        self._wake(self)
        return seq

    def waiting(self) -> int:
        """How many messages the phone still holds."""
        return len(self.outbox)

    def on_wake(self, wake: Callable[["Phone"], None]) -> None:
        """Whom to tell that there is something to send."""
        self._wake = wake

    def flush(self) -> None:
        """Publishes what may be sent now."""
        if not self.connected:
            return
        for seq, payload in self.delivery.to_send(time.monotonic()):
            self._seq_of_mid[self.client.publish(self._topic, payload, qos=1).mid] = seq

    def tick(self, now: float) -> None:
        """Connects when it is time, keeps the connection alive, and sends again what stalls."""
        if self.client.socket() is not None:
            self.client.loop_misc()
            self.flush()
        elif now >= self._connect_at:
            self._connect(now)

    def _connect(self, now: float) -> None:
        self._connect_at = now + self._connect_delay_s()
        self._connect_attempt += 1
        try:
            self.client.connect(self._connection.host, self._connection.port, self._connection.keepalive_s)
        except OSError as error:
            self.unreachable = str(error)

    def _connect_delay_s(self) -> float:
        patience = self.delivery.patience
        return retry_delay_s(self._connect_attempt, self.delivery.chance(), patience.connect_s, patience.connect_cap_s)

    def _on_connect(
        self,
        client: Client,
        _userdata: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.refusal = str(reason)
            return
        self.connected, self._connect_attempt = True, 0
        self.refusal = self.unreachable = None
        client.subscribe([(f"{self._base}/{part}", 1) for part in topics.SERVICE_PARTS])
        self.delivery.reconnected(time.monotonic())
        self.flush()

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: Any,
        _flags: DisconnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.connected = False
        self._connect_at = time.monotonic() + self._connect_delay_s()

    def _on_publish(
        self, _client: Client, _userdata: Any, mid: int, _reason: ReasonCode, _properties: Properties | None
    ) -> None:
        seq = self._seq_of_mid.pop(mid, None)
        if seq is not None:
            self.delivery.confirmed(seq, time.monotonic())
            self._wake(self)

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        part = message.topic.rpartition("/")[2]
        if part != "ack":
            self._hear(part, bytes(message.payload))
            return
        upto = acknowledged_upto(bytes(message.payload))
        if upto is not None:
            self.delivery.acknowledged(upto, time.monotonic())
            self._wake(self)


def acknowledged_upto(payload: bytes) -> int | None:
    """`n` of `{"upto": n}`; None for anything else, which a phone ignores."""
    try:
        message = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    upto = message.get("upto") if isinstance(message, dict) else None
    return upto if type(upto) is int else None


def _client(device: str, connection: Connection, window: int) -> Client:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=connection.client_id or device,
        clean_session=False,
        protocol=MQTTv311,
    )
    client.max_inflight_messages_set(window)
    client.connect_timeout = CONNECT_S
    client.username_pw_set(connection.username, connection.password)
    if connection.tls is not None:
        client.tls_set_context(connection.tls)
    return client

"""A paho client for sessions that receive thousands of messages a second.

Paho reads a packet with four system calls and hands it on through locks and a topic tree: 60 us a message, and
each acknowledgement is a write of its own. So PUBLISH packets are taken out of the stream before paho sees them, many
at a read, and acknowledged many at a write. Connecting, subscribing and keeping alive stay with paho.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from struct import Struct
from typing import Any, NamedTuple

from paho.mqtt.client import MQTT_ERR_CONN_LOST, MQTT_ERR_NO_CONN, MQTT_ERR_SUCCESS, Client
from paho.mqtt.enums import MQTTErrorCode

READ_BYTES = 262_144
PUBLISH, TYPE_AND_UPPER_QOS, QOS_1, RETAIN = 0x30, 0xF4, 0x02, 0x01
PUBACK = Struct(">HH")
PUBACK_HEAD = 0x4002
MAX_LENGTH_BYTES = 4
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Publish(NamedTuple):
    """A PUBLISH packet of QoS 0 or 1; `mid` is 0 when it wants no acknowledgement."""

    mid: int
    topic: str
    payload: bytes
    retained: bool


class Wire:
    """A socket as paho wants it. `read` keeps PUBLISH packets for us and all others for paho's `recv`."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._partial = b""
        self._for_paho = bytearray()
        self._unsent = bytearray()
        self._fault: OSError | None = None
        self._ended = False

    @property
    def for_paho(self) -> bool:
        """Whether paho has something to read: packets, or the end of the connection."""
        return bool(self._for_paho or self._ended)

    @property
    def unsent(self) -> bool:
        """Whether bytes wait for room in the socket's buffer."""
        return bool(self._unsent)

    def read(self) -> Iterator[list[Publish]]:
        """One read of the socket: messages up to each packet that paho must take first, then the rest."""
        buffer = self._partial + self._received()
        found: list[Publish] = []
        begin = 0
        while (span := packet_span(buffer, begin)) is not None:
            body, end = span
            message = publish_of(buffer, begin, body, end)
            if message is not None:
                found.append(message)
            else:
                self._for_paho += buffer[begin:end]
                yield found
                found = []
            begin = end
        self._partial = buffer[begin:]
        yield found

    def _received(self) -> bytes:
        try:
            received: bytes = self._sock.recv(READ_BYTES)
        except NOT_NOW:
            return b""
        except OSError as error:
            self._fault, received = error, b""
        self._ended = not received
        return received

    def recv(self, size: int) -> bytes:
        """For paho: what `read` left to it."""
        if not self._for_paho:
            if self._fault is not None:
                raise self._fault
            if self._ended:
                return b""
            raise BlockingIOError
        taken = bytes(self._for_paho[:size])
        del self._for_paho[:size]
        return taken

    def send(self, data: bytes) -> int:
        """Takes everything; what the socket has no room for waits in `unsent`."""
        if self._unsent:
            self._unsent += data
            return len(data)
        sent = 0
        with contextlib.suppress(*NOT_NOW):
            sent = self._sock.send(data)
        self._unsent += data[sent:]
        return len(data)

    def flush(self) -> None:
        """Sends what waits, as far as there is room."""
        with contextlib.suppress(*NOT_NOW):
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]

    def pending(self) -> int:
        """Decrypted bytes that a selector can't see."""
        return self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0

    def fileno(self) -> int:
        """The socket's."""
        return int(self._sock.fileno())

    def setblocking(self, flag: bool) -> None:
        """The socket's; without Nagle's delay, for acknowledgements are small."""
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.setblocking(flag)

    def close(self) -> None:
        """The socket's."""
        self._sock.close()


def packet_span(buffer: bytes, begin: int) -> tuple[int, int] | None:
    """Where the body of the packet at `begin` begins and ends; None while it is incomplete (MQTT 3.1.1, 2.2.3)."""
    size = shift = 0
    for at in range(begin + 1, min(len(buffer), begin + 1 + MAX_LENGTH_BYTES)):
        size |= (buffer[at] & 0x7F) << shift
        shift += 7
        if buffer[at] < 0x80:  # noqa: PLR2004  the last byte of the length
            end = at + 1 + size
            return (at + 1, end) if end <= len(buffer) else None
    return None


def publish_of(buffer: bytes, begin: int, body: int, end: int) -> Publish | None:
    """The packet as a message; None if paho must take it."""
    first = buffer[begin]
    if first & TYPE_AND_UPPER_QOS != PUBLISH:
        return None
    topic = body + 2
    after = topic + int.from_bytes(buffer[body:topic], "big")
    if after + 2 > end and (first & QOS_1 or after > end):
        return None  # malformed: paho closes the connection
    mid = 0
    if first & QOS_1:
        mid = buffer[after] << 8 | buffer[after + 1]
        payload = buffer[after + 2 : end]
    else:
        payload = buffer[after:end]
    return Publish(mid, buffer[topic:after].decode(errors="replace"), payload, bool(first & RETAIN))


class ReceivingClient(Client):
    """Paho's client with `Wire` between it and its socket; `on_messages` has the place of `on_message`."""

    on_messages: Callable[[list[Publish]], None]
    _wire: Wire | None = None

    def _create_socket(self) -> Any:
        self._wire = Wire(super()._create_socket())
        return self._wire

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Take what has arrived, in order: messages ourselves, everything else by paho."""
        wire = self._wire
        if wire is None or self.socket() is None:
            return MQTT_ERR_NO_CONN
        for messages in wire.read():
            if messages:
                self.on_messages(messages)
            while wire.for_paho:
                result = super().loop_read(max_packets)
                if result != MQTT_ERR_SUCCESS or self.socket() is None:
                    return result
        return MQTT_ERR_SUCCESS

    def confirm(self, mids: Iterable[int]) -> None:
        """Acknowledge messages of this connection; those without a mid want none."""
        if self._wire is not None:
            with contextlib.suppress(OSError):  # a broken connection shows when it is read
                self._wire.send(b"".join([PUBACK.pack(PUBACK_HEAD, mid) for mid in mids if mid]))

    def want_write(self) -> bool:
        """Whether paho or the wire has something left to write."""
        return super().want_write() or (self._wire is not None and self._wire.unsent)

    def loop_write(self) -> MQTTErrorCode:
        """Write what waits; the oldest first."""
        if self._wire is None:
            return MQTT_ERR_NO_CONN
        try:
            self._wire.flush()
        except OSError:
            return MQTT_ERR_CONN_LOST
        return super().loop_write()

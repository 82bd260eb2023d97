"""Drives any number of paho clients by one selector loop in one thread."""

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import structlog
from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from tracker.isolation import reason

log = structlog.get_logger()
KEEPALIVE_S = 10
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
GATHER_S = 0.004
"""After a round, let more arrive: a wake-up for each message would cost half the worker's CPU."""
MISC_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the broker is and who we are there."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    @classmethod
    def parse(cls, url: str) -> "Endpoint":
        """Read `mqtt[s]://user:password@host:port`.

        Raises:
            ValueError: the scheme is not mqtt or mqtts, or the host is missing.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError("an MQTT URL reads mqtt://user:password@host:1883 (mqtts:// for TLS)")
        tls = parts.scheme == "mqtts"
        user, secret = parts.username, parts.password
        return cls(
            parts.hostname,
            parts.port or (8883 if tls else 1883),
            user and unquote(user),
            secret and unquote(secret),
            tls,
        )


AnyClient = TypeVar("AnyClient", bound=Client)


def client_for(endpoint: Endpoint, client_id: str, *, persistent: bool, kind: type[AnyClient]) -> AnyClient:
    """A paho client with the settings every client of the service shares."""
    client = kind(
        CallbackAPIVersion.VERSION2, client_id, clean_session=not persistent, protocol=MQTTv311, manual_ack=persistent
    )
    client.max_inflight_messages_set(1000)
    client.connect_timeout = 2.0
    if endpoint.username is not None:
        client.username_pw_set(endpoint.username, endpoint.password)
    if endpoint.tls:
        client.tls_set()
    return client


@dataclass(slots=True, eq=False)
class Link:
    """One client and its place in the loop. `epoch` counts connections: ids of a dead one are never acknowledged."""

    client: Client
    endpoint: Endpoint
    epoch: int = 0
    connected: bool = False
    attempts: int = 0
    retry_at: float = 0.0


class Network:
    """The loop. Its methods may be called from any thread; paho itself is touched by the loop's thread only.

    `gather_s`: how long it rests after a round, so that more arrives before the next wake-up.
    """

    def __init__(self, name: str, gather_s: float = GATHER_S) -> None:
        self._gather_s = gather_s
        self._selector = selectors.DefaultSelector()
        self._commands: deque[Callable[[], None]] = deque()
        self._links: list[Link] = []
        self._stopping = False
        self._nudged = False
        self._wake_reader, self._wake_writer = self._wake_pair()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the loop's thread."""
        self._thread.start()

    def stop(self) -> None:
        """Disconnect every client and end the thread."""
        self.call(self._stop)
        self._thread.join(timeout=10)

    def dead(self) -> bool:
        """Whether the loop ended by a fault; whoever depends on it must start again from scratch."""
        return self._thread.ident is not None and not self._thread.is_alive() and not self._stopping

    def call(self, command: Callable[[], None]) -> None:
        """Run something in the loop's thread, soon."""
        self._commands.append(command)
        if self._nudged:
            return  # the loop has yet to look, and will find this, too
        self._nudged = True
        with contextlib.suppress(BlockingIOError):
            self._wake_writer.send(b"!")

    def add(self, link: Link) -> None:
        """Connect a client and keep it connected."""
        self.call(lambda: self._add(link))

    def remove(self, link: Link) -> None:
        """Disconnect a client; its session stays at the broker if it is a persistent one."""
        self.call(lambda: self._remove(link))

    def write_later(self, link: Link) -> None:
        """In the loop's thread: write what is left as soon as the socket has room."""
        if link.client.socket() is not None and link.client.want_write():
            self._want_write(link.client.socket(), link, wanted=True)

    def _wake_pair(self) -> tuple[socket.socket, socket.socket]:
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        self._selector.register(reader, selectors.EVENT_READ, None)
        return reader, writer

    def _add(self, link: Link) -> None:
        client = link.client
        client.on_socket_open = lambda _c, _u, sock: self._register(sock, link)
        client.on_socket_close = lambda _c, _u, sock: self._unregister(sock)
        client.on_socket_register_write = lambda _c, _u, sock: self._want_write(sock, link, wanted=True)
        client.on_socket_unregister_write = lambda _c, _u, sock: self._want_write(sock, link, wanted=False)
        self._links.append(link)
        self._connect(link)

    def _remove(self, link: Link) -> None:
        if link in self._links:
            self._links.remove(link)
        link.client.disconnect()
        link.client.loop_write()

    def _connect(self, link: Link) -> bool:
        link.retry_at = time.monotonic() + RETRY_S[min(link.attempts, len(RETRY_S) - 1)]
        link.attempts += 1  # set back to none when the broker has accepted us
        try:
            link.client.connect(link.endpoint.host, link.endpoint.port, KEEPALIVE_S)
        except OSError as error:
            if link.attempts == len(RETRY_S):
                log.warning("broker_unreachable", host=link.endpoint.host, port=link.endpoint.port, why=str(error))
            return False
        return True

    def _register(self, sock: Any, link: Link) -> None:
        self._selector.register(sock, selectors.EVENT_READ, link)

    def _unregister(self, sock: Any) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(sock)

    def _want_write(self, sock: Any, link: Link, *, wanted: bool) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.modify(sock, events, link)

    def _run(self) -> None:
        try:
            self._loop()
        except Exception as error:  # noqa: BLE001  whoever asks `dead` starts again from scratch
            log.error("network_thread_died", why=reason(error))  # noqa: TRY400  a traceback may quote a position

    def _loop(self) -> None:
        misc_at = 0.0
        while not self._stopping:
            ready = self._selector.select(timeout=0.2)
            for key, events in ready:
                self._serve(key.data, events)
            self._run_commands()
            if (now := time.monotonic()) >= misc_at:
                misc_at = now + MISC_EVERY_S / 10
                self._misc(now)
            if ready and self._gather_s:
                time.sleep(self._gather_s)

    def _serve(self, link: Link | None, events: int) -> None:
        if link is None:
            with contextlib.suppress(BlockingIOError):
                self._wake_reader.recv(4096)
            self._nudged = False
            return
        if events & selectors.EVENT_READ:
            self._read(link)
        if events & selectors.EVENT_WRITE and link.client.socket() is not None:
            link.client.loop_write()
            self._want_write(link.client.socket(), link, wanted=link.client.want_write())

    def _read(self, link: Link) -> None:
        result = link.client.loop_read()
        pending = getattr(link.client.socket(), "pending", None)  # TLS keeps decrypted bytes the selector can't see
        while result == MQTT_ERR_SUCCESS and pending is not None and pending():
            result = link.client.loop_read()

    def _run_commands(self) -> None:
        while self._commands:
            self._commands.popleft()()

    def _misc(self, now: float) -> None:
        for link in list(self._links):
            if link.client.socket() is not None:
                link.client.loop_misc()
                self.write_later(link)
            elif now >= link.retry_at and not self._connect(link):
                return  # a broker that can't be reached costs one time-out a turn, not one a session

    def _stop(self) -> None:
        for link in list(self._links):
            self._remove(link)
        self._stopping = True

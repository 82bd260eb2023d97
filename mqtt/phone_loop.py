import selectors
import socket
import ssl
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread, get_ident
from types import TracebackType
from typing import Any, Final, Self

from mqtt.phone import Phone

TICK_S: Final = 1.0
MAX_TICKS_PER_STEP: Final = 200


class PhoneLoop:
    """Drives phones on one selector: call `step` from a loop of your own, or `start` and `stop` a thread.

    Each phone's timers run about once a second; at most 200 of them in one step, so that ten thousand phones
    that connect at once still hear the broker in between.
    """

    def __init__(self, phones: Sequence[Phone]) -> None:
        self.phones = list(phones)
        self._selector = selectors.DefaultSelector()
        self._rota = deque(self.phones)
        self._ticked_at = 0.0
        self._woken: deque[Phone] = deque()
        self._waker, self._wake_end = socket.socketpair()
        self._waker.setblocking(False)
        self._selector.register(self._wake_end, selectors.EVENT_READ, None)
        self._stopped = Event()
        self._thread: Thread | None = None
        self._owner = get_ident()
        for phone in self.phones:
            self._adopt(phone)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def step(self, timeout_s: float = TICK_S) -> None:
        """One turn: timers, messages to send, and whatever the sockets bring within `timeout_s`."""
        self._owner = get_ident()
        self._tick(time.monotonic())
        self._flush_woken()
        turn_s = min(timeout_s, TICK_S * MAX_TICKS_PER_STEP / max(MAX_TICKS_PER_STEP, len(self.phones)))
        for key, events in self._selector.select(max(0.0, turn_s)):
            if key.data is None:
                self._wake_end.recv(4096)
            else:
                self._serve(key.data, key.fileobj, events)
        self._flush_woken()

    def run(self) -> None:
        """Steps until `stop`."""
        while not self._stopped.is_set():
            self.step()

    def start(self) -> None:
        """Runs in a thread of its own, as paho's `loop_start` does for one client."""
        self._stopped.clear()
        self._thread = Thread(target=self.run, name="phones", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; the phones keep what they hold."""
        self._stopped.set()
        self._nudge()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        """Stops, says goodbye to the broker and closes every socket."""
        self.stop()
        for phone in self.phones:
            phone.client.disconnect()
            phone.client.loop_write()
        self._selector.close()
        self._waker.close()
        self._wake_end.close()

    def _adopt(self, phone: Phone) -> None:
        phone.client.on_socket_open = partial(self._opened, phone)
        phone.client.on_socket_close = self._closed
        phone.on_wake(self._wake)

    def _opened(self, phone: Phone, _client: Any, _userdata: Any, sock: Any) -> None:
        self._selector.register(sock, selectors.EVENT_READ, phone)

    def _closed(self, _client: Any, _userdata: Any, sock: Any) -> None:
        with suppress(KeyError, ValueError, RuntimeError):  # a socket that outlived the loop
            self._selector.unregister(sock)

    def _wake(self, phone: Phone) -> None:
        self._woken.append(phone)
        if get_ident() != self._owner:
            self._nudge()

    def _nudge(self) -> None:
        with suppress(BlockingIOError):  # so many wait already that one more says nothing new
            self._waker.send(b"\0")

    def _tick(self, now: float) -> None:
        share = int(len(self._rota) * (now - self._ticked_at) / TICK_S)
        if share == 0:
            return
        self._ticked_at = now
        for _ in range(min(share, MAX_TICKS_PER_STEP, len(self._rota))):
            self._rota[0].tick(now)
            self._want_write(self._rota[0])
            self._rota.rotate(-1)

    def _flush_woken(self) -> None:
        while self._woken:
            phone = self._woken.popleft()
            phone.flush()
            self._want_write(phone)

    def _serve(self, phone: Phone, sock: Any, events: int) -> None:
        if events & selectors.EVENT_READ:
            phone.client.loop_read()
            while phone.client.socket() is not None and isinstance(sock, ssl.SSLSocket) and sock.pending():
                phone.client.loop_read()
        if phone.client.want_write():
            phone.client.loop_write()
        self._want_write(phone)

    def _want_write(self, phone: Phone) -> None:
        """Waits for room in the socket's buffer only while something is left to write."""
        sock = phone.client.socket()
        if sock is None:
            return
        key = self._selector.get_key(sock)
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if phone.client.want_write() else 0)
        if key.events != wanted:
            self._selector.modify(sock, wanted, phone)

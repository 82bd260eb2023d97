"""One hub a process: a thread reads the store once a second, any number of pages follow by SSE."""

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cached_property
from secrets import token_hex
from typing import Any

import anyio
import orjson
import structlog
from sse_starlette import ServerSentEvent

from maps.feed import ALERTS_SHOWN, Diff, Picture, Reading, Ring, is_unanswered_call, merge
from tracker.live import LiveAlert, LiveView
from tracker.people.roles import EVERYBODY, Scope

INTERVAL_S = 1.0
OVERLAP_S = 10.0
"""Rows commit out of order and clocks differ: what changed this long before a reading is read once more."""
COMPLETE_EVERY_S = 60.0
"""Everything is read anew this often, so that no missed row stays missed."""
BEAT_S = 3.0
RING_SIZE = 120
"""Diffs held for pages that come back: two minutes of a busy site."""
RETRY_MS = 1000
EVENT_NUMBER = re.compile("[0-9]{1,18}")

log = structlog.get_logger(__name__)


class LiveHub:
    """The live picture and its readers.

    A reader is a number (the last diff it has), so a slow one costs nothing: it gets one merged diff, or a
    snapshot when it is further behind than the ring. While the store can't be read, readers hear beats with a
    growing delay.
    """

    def __init__(self, view: LiveView, *, clock: Callable[[], float] = time.time) -> None:
        self._view = view
        self._clock = clock
        self._picture = Picture()
        self._ring = Ring(RING_SIZE)
        self._epoch = token_hex(4)  # a restarted process must not take an old event id for its own
        self._read_completely_at = 0.0
        self._news = asyncio.Event()
        self._encoded: dict[tuple[int, int, Scope], Sequence[ServerSentEvent]] = {}
        self._stop = threading.Event()

    def start(self) -> None:
        """Read the store from now on; call it inside the event loop that serves the readers."""
        loop = asyncio.get_running_loop()
        # A daemon, because a query that hangs must not hold up the end of the process.
        threading.Thread(target=self._read_forever, args=(loop,), name="live-hub", daemon=True).start()

    def close(self) -> None:
        """End the reading and every stream; call it inside the event loop."""
        self._stop.set()
        self._wake()

    def read(self) -> Reading:
        """Read what may have changed since the last reading. Blocks; raises what the store raises."""
        at = self._clock()
        complete = at - self._read_completely_at >= COMPLETE_EVERY_S
        since = 0.0 if complete else self._picture.at - OVERLAP_S
        reading = Reading(
            at=at,
            devices=self._view.devices(since),
            alerts=self._view.alerts(since, ALERTS_SHOWN),
            zones=self._view.zone_generation(),
            complete=complete,
            hearing=self._view.hearing(),
        )
        if complete:
            self._read_completely_at = at
        return reading

    def take(self, reading: Reading) -> None:
        """Fold a reading into the picture and wake the readers if it changed anything."""
        diff = self._picture.fold(reading)
        if diff:
            self._ring.append(diff)
            self._encoded.clear()
            self._wake()

    async def stream(
        self, scope: Scope = EVERYBODY, last_event_id: str | None = None, ended: anyio.Event | None = None
    ) -> AsyncIterator[ServerSentEvent]:
        """What one page may see: a beat, a snapshot (or what it missed), then diffs, and beats in between.

        It ends when the hub is closed or `ended` is set.
        """
        seen = self._resume_at(scope, last_event_id)
        ended = ended or anyio.Event()
        yield self._beat()
        while not (self._stop.is_set() or ended.is_set()):
            news = self._news
            if self._picture.at:
                for event in self._events_after(seen, scope):
                    yield event
                seen = self._ring.newest
            if not await _came(news, ended):
                yield self._beat()

    def calls(self, scope: Scope) -> Sequence[LiveAlert]:
        """Calls for help of one's people that nobody has answered, the oldest first; as of the last reading."""
        seen = (row for row in self._picture.alerts.values() if scope.sees(row.team) and is_unanswered_call(row))
        return sorted(seen, key=lambda row: row.first_possible_at)

    def _resume_at(self, scope: Scope, last_event_id: str | None) -> int:
        known, _, number = (last_event_id or "").rpartition("-")
        return int(number) if known == self._stream_of(scope) and EVENT_NUMBER.fullmatch(number) else -1

    def _events_after(self, seen: int, scope: Scope) -> Sequence[ServerSentEvent]:
        if seen == self._ring.newest:
            return []
        key = (seen, self._ring.newest, scope)
        if key not in self._encoded:
            missed = self._ring.after(seen)
            self._encoded[key] = (
                [self._snapshot(scope)] if missed is None else list(self._diff(seen, merge(missed), scope))
            )
        return self._encoded[key]

    def _beat(self) -> ServerSentEvent:
        now = self._clock()
        delayed_s = max(0.0, now - self._picture.at) if self._picture.at else None
        return _event("beat", {"at": now, "delayed_s": delayed_s, "hearing": self._picture.hearing})

    def _snapshot(self, scope: Scope) -> ServerSentEvent:
        picture = self._picture.seen_by(scope)
        body = {
            "at": picture.at,
            "zones": picture.zones,
            "devices": list(picture.devices.values()),
            "alerts": list(picture.alerts.values()),
            "hearing": picture.hearing,
        }
        return _event("snapshot", body, self._id(scope, self._ring.newest))

    def _diff(self, seen: int, merged: Diff, scope: Scope) -> Sequence[ServerSentEvent]:
        diff = merged.seen_by(scope)
        if not diff:
            return []
        # `zones` goes first under the old id: a page cut off between the two asks for both again.
        zones = [_event("zones", {"generation": diff.zones}, self._id(scope, seen))] if diff.zones is not None else []
        gone = [device for device, _ in diff.gone]
        body = {"at": diff.at, "devices": diff.devices, "gone": gone, "alerts": diff.alerts}
        body["hearing"] = self._picture.hearing
        return [*zones, _event("diff", body, self._id(scope, self._ring.newest))]

    def _id(self, scope: Scope, number: int) -> str:
        return f"{self._stream_of(scope)}-{number}"

    def _stream_of(self, scope: Scope) -> str:
        """A reader whose teams changed must not go on where it was."""
        return f"{self._epoch}-{scope.setting}"

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _read_forever(self, loop: asyncio.AbstractEventLoop) -> None:
        failing = False
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                reading = self.read()
                loop.call_soon_threadsafe(self.take, reading)
                failing = False
            except Exception as error:  # noqa: BLE001  whatever it is, pages say "delayed" and we try again
                if not failing:
                    log.warning("live_view_unreadable", why=type(error).__name__)
                failing = True
            self._stop.wait(max(0.0, INTERVAL_S - (time.monotonic() - started)))


async def _came(*events: asyncio.Event | anyio.Event) -> bool:
    """Whether any of the events came before the next beat is due."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)


class _SharedEvent(ServerSentEvent):
    """An event that many pages receive: written out once."""

    @cached_property
    def _bytes(self) -> bytes:
        return super().encode()

    def encode(self) -> bytes:
        return self._bytes


def _event(name: str, body: dict[str, Any], event_id: str | None = None) -> ServerSentEvent:
    return _SharedEvent(orjson.dumps(body).decode(), event=name, id=event_id, retry=RETRY_MS)

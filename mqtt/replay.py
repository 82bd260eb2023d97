"""Plays recorded or simulated tracks through MQTT, each by a phone of its own that follows the protocol.

A track is played in stored order, as it happened: a fix whose time goes back is sent right after the one before it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from math import isinf
from operator import itemgetter
from threading import Event
from typing import Final, Literal, NoReturn

from tqdm import tqdm

from mqtt.phone import Connection, Phone
from mqtt.phone_loop import PhoneLoop
from tracker.acknowledgement import ACK_INTERVAL_S
from tracker.fix import Fix
from tracker.recordings import Track

Start = Literal["now"] | float | None
Due = tuple[float, Fix]

WINDOW: Final = 500
MAX_HELD: Final = 10 * WINDOW
STEP_S: Final = 0.5
SILENT_S: Final = 1.5
"""Without a broker for so long, a person is told."""
FIXES_PER_TURN: Final = 20


class ReplayError(RuntimeError):
    """The broker refuses a phone."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it: fixes reported, and fixes that nobody has acknowledged."""

    reported: int
    unacknowledged: int
    resent: int


def _nobody(_text: str) -> None:
    """Hears nothing."""


def moved(track: Track, start_at: float | None) -> Track:
    """The track with its first fix at `start_at` and all its times moved alike; None leaves it as recorded."""
    if start_at is None or not track.fixes:
        return track
    shift_s = start_at - track.fixes[0].fix_at
    return replace(track, fixes=tuple(_later(fix, shift_s) for fix in track.fixes))


def _later(fix: Fix, shift_s: float) -> Fix:
    return fix._replace(
        fix_at=round(fix.fix_at + shift_s, 6),
        received_at=round(fix.received_at + shift_s, 6),
        built_at=None if fix.built_at is None else round(fix.built_at + shift_s, 6),
    )


def schedule(track: Track, speed: float) -> Iterator[Due]:
    """Each fix with the seconds after the start at which it is due; never before the one that was stored before it."""
    latest = track.fixes[0].fix_at if track.fixes else 0.0
    first = latest
    for fix in track.fixes:
        latest = max(latest, fix.fix_at)
        yield (0.0 if isinf(speed) else (latest - first) / speed), fix


def latest_start(tracks: Sequence[Track], speed: float, now: float) -> float:
    """The latest first fix with which none is ahead of the clock when it is sent; at speed 1 that is `now`.

    Faster than life, a track that began now would tell of the future, which the service refuses.
    """
    spans = [max(fix.fix_at for fix in track.fixes) - track.fixes[0].fix_at for track in tracks if track.fixes]
    return now - max(spans, default=0.0) * max(0.0, 1.0 - 1.0 / speed)


def replay(
    tracks: Sequence[Track],
    connection_of: Callable[[str], Connection],
    *,
    speed: float = 1.0,
    start: Start = None,
    plain: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = _nobody,
    give_up_s: float = 180.0,
    stop: Event | None = None,
) -> Replayed:
    """Plays tracks, each by the phone of its device, `speed` times as fast as life (inf: as fast as acknowledged).

    `start` is "now", seconds since 1970 UTC, or None for the recorded times; each track's first fix is moved there.
    It ends when everything is acknowledged, when nothing has been for `give_up_s`, or when `stop` is set.
    `say` is told when the broker is away and what is waited for; `progress` counts what is acknowledged.
    Raises ReplayError when the broker refuses a phone.
    """
    if not speed > 0:
        raise ValueError("a replay's speed is above 0")
    devices = dict.fromkeys(track.device for track in tracks)
    phones = {name: Phone(name, connection_of(name), plain=plain, window=WINDOW) for name in devices}
    with (
        PhoneLoop(list(phones.values())) as loop,
        tqdm(desc="acknowledged", unit=" fixes", disable=not progress) as bar,
    ):
        player = _Player(phones, loop, bar, _Watch(list(phones.values()), say, give_up_s), stop or Event())
        if player.wait_until(lambda: all(phone.connected for phone in phones.values())):
            start_at = time.time() if start == "now" else start
            player.play([moved(track, start_at) for track in tracks], speed)
        return Replayed(player.reported, player.waiting(), sum(p.delivery.resent for p in phones.values()))


class _Watch:
    """Tells a person that no phone reaches the broker, and that one does again."""

    def __init__(self, phones: Sequence[Phone], say: Callable[[str], None], give_up_s: float) -> None:
        self.say = say
        self.give_up_s = give_up_s
        self._phones = phones
        self._connected_at = time.monotonic()
        self._told = False

    def look(self) -> None:
        """Once a turn."""
        if not self._phones or any(phone.connected for phone in self._phones):
            self._connected_at = time.monotonic()
            if self._told:
                self.say("The broker answers again.")
            self._told = False
        elif not self._told and time.monotonic() - self._connected_at > SILENT_S:
            self._told = True
            phone = self._phones[0]
            self.say(
                f"No broker at {phone.address} ({phone.unreachable or 'it does not answer'}), trying again for "
                f"{self.give_up_s:g} s. Start it (`keepclear up`), or look with `keepclear doctor`; Ctrl-C ends."
            )


class _Player:
    """Reports fixes when they are due, drives the phones meanwhile, and shows what is acknowledged."""

    def __init__(
        self, phones: Mapping[str, Phone], loop: PhoneLoop, bar: "tqdm[NoReturn]", watch: _Watch, stop: Event
    ) -> None:
        self.reported = 0
        self._phones = phones
        self._loop = loop
        self._bar = bar
        self._watch = watch
        self._stop = stop

    def waiting(self) -> int:
        """Fixes that nobody has acknowledged yet."""
        return sum(phone.waiting() for phone in self._phones.values())

    def play(self, tracks: Sequence[Track], speed: float) -> None:
        self._bar.reset(total=sum(len(track.fixes) for track in tracks))
        began = time.monotonic()
        for due_s, fix in merge(*(schedule(track, speed) for track in tracks), key=itemgetter(0)):
            if not self._ready(self._phones[fix.device], began + due_s):
                return
            self._phones[fix.device].report(fix)
            self.reported += 1
        if self.waiting():
            self._watch.say(
                f"All sent; waiting until the service acknowledges the last {self.waiting()}, which it does at least"
                f" every {ACK_INTERVAL_S:g} s."
            )
        self.wait_until(lambda: self.waiting() == 0)

    def wait_until(self, done: Callable[[], bool]) -> bool:
        """Drives the phones until `done`; False when it was stopped or nothing moved for `give_up_s`."""
        moved_at, before = time.monotonic(), self._moved()
        while not done():
            self._turn(STEP_S)
            if self._moved() != before:
                moved_at, before = time.monotonic(), self._moved()
            if self._stop.is_set() or time.monotonic() - moved_at > self._watch.give_up_s:
                return False
        return not self._stop.is_set()

    def _ready(self, phone: Phone, at: float) -> bool:
        """Waits until `at` and until the phone holds few enough; False when it was stopped or nothing moves."""
        while not self._stop.is_set() and (left_s := at - time.monotonic()) > 0:
            self._turn(min(STEP_S, left_s))
        if self.reported % FIXES_PER_TURN == 0:  # a replay that lags behind must still hear the broker
            self._turn(0.0)
        if phone.waiting() < MAX_HELD:
            return not self._stop.is_set()
        return self.wait_until(lambda: phone.waiting() < MAX_HELD)

    def _turn(self, timeout_s: float) -> None:
        self._loop.step(timeout_s)
        self._bar.update(self.reported - self.waiting() - self._bar.n)
        self._watch.look()
        for phone in self._phones.values():
            if phone.refusal is not None:
                raise ReplayError(f"the broker refuses {phone.device}: {phone.refusal}")

    def _moved(self) -> tuple[int, int]:
        return self.reported - self.waiting(), sum(phone.connected for phone in self._phones.values())

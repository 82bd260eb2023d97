"""Keeps a list of services running: starts them in order, restarts what dies, stops them in reverse order."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker.errors import KeepClearError
from tracker.programs.service import POLL_S, Supervised

FIRST_RESTART_S = 0.5
SLOWEST_RESTART_S = 30.0
STABLE_S = 60.0
SETTLED_S = 3.0  # a program that dies at once is not said to run again
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


def restart_delay_s(failures: int) -> float:
    """Seconds to wait before restart number `failures` (from 1): doubling, at most half a minute."""
    return min(FIRST_RESTART_S * 2.0 ** min(failures - 1, 16), SLOWEST_RESTART_S)


@dataclass
class _Watch:
    """What the supervisor knows of one service; times are of a monotonic clock, in seconds."""

    service: Supervised
    failures: int = 0
    started_at: float = 0.0
    restart_at: float | None = None
    returning: bool = False

    def died(self, now: float) -> float:
        """Note a death; returns the seconds until the next try. A long quiet run forgives what was before."""
        self.failures = 1 if now - self.started_at > STABLE_S else self.failures + 1
        delay_s = restart_delay_s(self.failures)
        self.restart_at = now + delay_s
        return delay_s


class Supervisor:
    """Runs services until Ctrl-C, SIGTERM, SIGHUP or `stop`; a second signal kills at once.

    `say` gets one line about each thing a person should know. Run it in the main thread: on Linux the services
    are bound to the life of the thread that starts them.
    """

    def __init__(
        self, services: Sequence[Supervised], say: Say, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._watches = [_Watch(service) for service in services]
        self._say = say
        self._clock = clock
        self._stops = 0

    def run(self, on_ready: Callable[[], None] | None = None) -> None:
        """Start all, call `on_ready`, watch until asked to stop, stop all.

        Raises the `KeepClearError` of a service that can't be started the first time; the others are stopped.
        """
        with self._signals():
            try:
                if self._start_all() and on_ready is not None:
                    on_ready()
                while not self._stops:
                    self._look()
                    time.sleep(POLL_S)
            finally:
                self._say_if_heard("Stopping ...")
                self._stop_all()
                self._say_if_heard("Stopped.")

    def _say_if_heard(self, line: str) -> None:
        """While stopping: a terminal that is gone must not keep anything running."""
        with contextlib.suppress(OSError):
            self._say(line)

    def stop(self) -> None:
        """Ask `run` to end; a second time, to end at once."""
        self._stops += 1

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start_all(self) -> bool:
        """Start in order, each when the one before is ready; False when asked to stop meanwhile."""
        for watch in self._watches:
            if self._stops:
                return False
            watch.started_at = self._clock()
            watch.service.start()
            while not watch.service.ready() and not self._stops:
                self._check_start(watch)
                time.sleep(POLL_S)
        return not self._stops

    def _check_start(self, watch: _Watch) -> None:
        late = self._clock() - watch.started_at > watch.service.ready_timeout_s
        if late or not watch.service.alive():
            raise watch.service.failure()

    def _look(self) -> None:
        """Notice what died and restart what is due."""
        now = self._clock()
        for watch in self._watches:
            if watch.restart_at is not None:
                if now >= watch.restart_at:
                    self._restart(watch, now)
            elif not watch.service.alive():
                reason = watch.service.failure().what
                watch.service.kill()
                self._say(f"{reason} Restarting it in {watch.died(now):g} s.")
            elif watch.returning and now - watch.started_at > SETTLED_S and watch.service.ready():
                watch.returning = False
                self._say(f"{watch.service.name} runs again.")

    def _restart(self, watch: _Watch, now: float) -> None:
        watch.started_at, watch.restart_at, watch.returning = now, None, True
        try:
            watch.service.start()
        except KeepClearError as error:
            self._say(f"{watch.service.name} can't be restarted: {error} Next try in {watch.died(now):g} s.")

    def _stop_all(self) -> None:
        for watch in reversed(self._watches):
            self._stop_one(watch.service)

    def _stop_one(self, service: Supervised) -> None:
        deadline = self._clock() + service.stop_timeout_s
        service.terminate()
        while service.alive():
            if self._stops > 1 or self._clock() > deadline:
                self._say_if_heard(f"{service.name} is killed.")
                service.kill()
                break
            time.sleep(POLL_S)
        service.stop()

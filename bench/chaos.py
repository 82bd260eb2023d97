"""Kill the worker, the broker and the database again and again while phones send; print what was lost.

    python -m bench.chaos [--minutes N] [--seed S]

The phones keep each fix until the service acknowledges it. At the end every fix is counted in the database, and the
incursions are compared with those of an undisturbed run.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from threading import Event, Thread

from bench.trial import Trial, kill, revive

KINDS = ("worker", "broker", "database")
PHONES = 40
FIXES_PER_S = 200.0
FEED_EVERY_S = 0.05
LOOK_EVERY_S = 0.02
PATIENCE_S = 90.0
QUIET_S = (0.5, 4.0)
OUTAGE_S = (0.0, 1.5)


class NotRecoveredError(RuntimeError):
    """Something did not come back in time."""


@dataclass
class Chaos:
    """Kills one service after the other and notes how long it took until nothing sent before was at risk."""

    trial: Trial
    chance: Random
    recovered_s: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def strike(self, kind: str) -> None:
        """Kill, let phones go on sending into the outage, start again and wait until all is acknowledged."""
        trial = self.trial
        service = {"broker": trial.broker, "database": trial.postgres}.get(kind) or self.chance.choice(trial.workers)
        struck_at = time.monotonic()
        kill(service)
        pause(self.chance.uniform(*OUTAGE_S))
        revive(service)
        reported = {phone.device: phone.outbox.newest() for phone in trial.phones}
        wait_until(lambda: recovered(trial, reported), kind, trial)
        self.recovered_s[kind].append(time.monotonic() - struck_at)

    def strike_all(self, times: int) -> None:
        """Each kind so many times, in a random order, now and then without a rest in between."""
        kinds = [kind for kind in KINDS for _ in range(times)]
        self.chance.shuffle(kinds)
        for kind in kinds:
            pause(self.chance.choice((0.0, self.chance.uniform(*QUIET_S))))
            self.strike(kind)


def recovered(trial: Trial, reported: dict[str, int]) -> bool:
    """Whether all that phones had reported is acknowledged, and something newer, too (while there is any)."""
    beyond = [phone.outbox.oldest() - 1 - reported[phone.device] for phone in trial.phones]
    return min(beyond) >= 0 and (max(beyond) > 0 if trial.left else trial.ready())


def pause(seconds: float) -> None:
    """Let the others work."""
    Event().wait(seconds)


def wait_until(done: Callable[[], bool], what: str, trial: Trial | None = None) -> None:
    """Poll until it is so; workers of `trial` that end by themselves are started again meanwhile.

    Raises:
        NotRecoveredError: it did not come true in time.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            raise NotRecoveredError(f"{what}: not within {PATIENCE_S:g} s")
        if trial:
            trial.watch()
        pause(LOOK_EVERY_S)


@contextmanager
def fed(trial: Trial, fixes_per_s: float) -> Iterator[None]:
    """Feed the phones steadily in a thread of its own."""
    enough = Event()

    def feed() -> None:
        begun_at, before = time.monotonic(), trial.sent
        while trial.left and not enough.wait(FEED_EVERY_S):
            trial.feed(int((time.monotonic() - begun_at) * fixes_per_s) - (trial.sent - before))

    feeder = Thread(target=feed, name="feeder")
    feeder.start()
    try:
        yield
    finally:
        enough.set()
        feeder.join()


@contextmanager
def a_trial(fixes: int, *, workers: int = 1, seed: int = 1) -> Iterator[Trial]:
    """A running trial in a directory of its own, phones connected."""
    var_dir = Path(tempfile.mkdtemp(prefix="keepclear-chaos-"))
    var_dir.chmod(0o711)  # the servers run as their own users
    try:
        with Trial(var_dir, phones=PHONES, fixes_each=-(-fixes // PHONES), workers=workers, seed=seed) as trial:
            wait_until(trial.ready, "start")
            trial.loop.start()
            yield trial
    except NotRecoveredError:
        print(f"The logs are in {var_dir / 'log'}.")
        raise
    shutil.rmtree(var_dir)


def settled(trial: Trial) -> None:
    """Wait until no phone holds anything and every alert has left the outbox."""
    wait_until(trial.ready, "all services", trial)
    wait_until(lambda: trial.unacknowledged() == 0, "acknowledgement of all fixes", trial)
    wait_until(lambda: trial.alerts().unpublished == 0, "publication of all alerts", trial)


def table(chaos: Chaos) -> str:
    """What happened, for people."""
    lines = ["| killed (SIGKILL) | times | all safe again, p50 | max |", "|---|---|---|---|"]
    lines += [
        f"| {kind} | {len(took)} | {median(took):.1f} s | {max(took):.1f} s |"
        for kind, took in chaos.recovered_s.items()
        if took
    ]
    lines += ["", "| counted at the end | |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value:,} |" for name, value in counted(chaos.trial).items())])


def counted(trial: Trial) -> dict[str, int]:
    """Everything that must be, or must not be."""
    stored, alerts = trial.stored(), trial.alerts()
    return {
        "fixes that phones reported": trial.sent,
        "fixes stored": stored.fixes,
        "fixes lost": stored.lost,
        "fixes stored twice": stored.doubled,
        "messages that phones sent again": sum(phone.delivery.resent for phone in trial.phones),
        "devices whose incursions differ from an undisturbed run": len(trial.wrong_incursions()),
        "confirmed incursions": alerts.confirmed,
        "of those without an entry alert to visitor and supervisor": alerts.untold,
        "alerts raised (each once, by its key)": alerts.raised,
        "alerts that the broker never took": alerts.unpublished,
        "alerts for visitors' phones": alerts.for_visitors,
        "of those that the phone never heard": alerts.unheard,
        "of those that came again (same CloudEvent id)": alerts.repeated,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long to send (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the visitors and of the order of kills")
    parser.add_argument("--workers", type=int, default=2, help="ingest workers (default: %(default)s)")
    given = parser.parse_args()
    fixes = int(given.minutes * 60 * FIXES_PER_S)
    with a_trial(fixes, workers=given.workers, seed=given.seed) as trial:
        chaos = Chaos(trial, Random(given.seed))
        with fed(trial, FIXES_PER_S):
            while trial.left:
                chaos.strike_all(1)
        settled(trial)
        print(table(chaos))


if __name__ == "__main__":
    main()

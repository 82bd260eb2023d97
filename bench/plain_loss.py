"""What plain OwnTracks over MQTT loses when the broker is killed: it has the broker's file and nothing else.

python -m bench.plain_loss
"""

import shutil
import tempfile
import time
from pathlib import Path
from random import Random

from bench.chaos import FIXES_PER_S, fed, pause, wait_until
from bench.trial import Trial, kill, revive

SECONDS = 20.0
STILL_S = 4.0


def lost(*, worker_runs: bool, seed: int) -> tuple[int, int]:
    """Fixes that the broker had confirmed when it was killed, and how many of them were never stored."""
    var_dir = Path(tempfile.mkdtemp(prefix="keepclear-plain-"))
    var_dir.chmod(0o711)  # the servers run as their own users
    each = int(SECONDS * FIXES_PER_S / 40)
    with Trial(var_dir, phones=40, fixes_each=each, plain=True, seed=seed) as trial:
        wait_until(trial.ready, "start")
        if not worker_runs:
            trial.workers[0].stop()
        trial.loop.start()
        with fed(trial, FIXES_PER_S):
            pause(Random(seed).uniform(SECONDS / 2, SECONDS))
        wait_until(lambda: trial.unacknowledged() == 0, "confirmation by the broker")
        kill(trial.broker)
        revive(trial.broker)
        if not worker_runs:
            trial.workers[0].start()
        wait_until(trial.ready, "worker")
        until_still(trial)
        result = trial.sent, trial.stored().lost
    shutil.rmtree(var_dir)
    return result


def until_still(trial: Trial) -> None:
    """Wait until nothing more is stored for a while."""
    before, since = -1, time.monotonic()
    while time.monotonic() - since < STILL_S:
        if (stored := trial.stored().fixes) != before:
            before, since = stored, time.monotonic()
        pause(0.2)


def main() -> None:
    print("| the broker is killed while | fixes it had confirmed | lost | seconds of traffic |\n|---|---|---|---|")
    for name, worker_runs in (("a worker runs", True), ("no worker runs", False)):
        for seed in (1, 2, 3):
            sent, gone = lost(worker_runs=worker_runs, seed=seed)
            print(f"| {name} | {sent:,} | {gone:,} | {gone / FIXES_PER_S:.1f} |", flush=True)


if __name__ == "__main__":
    main()

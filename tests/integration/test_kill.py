"""Real processes, killed at any instant while phones send: nothing lost, nothing twice, the same incursions.

One installation for the whole file; each test goes on where the last one stopped and looks at everything so far.
"""

import os
import signal
from random import Random

import pytest

from bench.chaos import Chaos, a_trial, counted, fed, settled
from bench.trial import Trial, kill, revive
from mqtt.topics import SHARDS
from tests.eventually import eventually

ALL_SHARDS = SHARDS + 1  # and the one of plain OwnTracks topics
FIXES_PER_S = 100.0
WITHIN_S = 60.0


@pytest.fixture(scope="module")
def trial():
    with a_trial(6_000, workers=2) as running:
        yield running


@pytest.fixture
def intact(trial):
    """After the test: all that was sent is stored once and means what it would have meant undisturbed."""
    yield
    settled(trial)
    found = counted(trial)
    assert found["fixes stored"] == found["fixes that phones reported"] > 0
    must_be_none = {name: number for name, number in found.items() if name in NONE_OF}
    assert must_be_none == dict.fromkeys(NONE_OF, 0)


NONE_OF = (
    "fixes lost",
    "fixes stored twice",
    "devices whose incursions differ from an undisturbed run",
    "of those without an entry alert to visitor and supervisor",
    "alerts that the broker never took",
)


@pytest.mark.usefixtures("intact")
def test_worker_broker_and_database_are_killed_again_and_again(trial):
    chaos = Chaos(trial, Random(1))
    with fed(trial, FIXES_PER_S):
        chaos.strike_all(3)
    assert {kind: len(took) for kind, took in chaos.recovered_s.items()} == {"worker": 3, "broker": 3, "database": 3}


@pytest.mark.usefixtures("intact")
def test_all_three_are_killed_at_once(trial):
    trial.feed(300)
    services = (*trial.workers, trial.broker, trial.postgres)
    for service in services:
        kill(service)
    trial.feed(300)
    for service in reversed(services):
        revive(service)


@pytest.mark.usefixtures("intact")
def test_a_broker_that_forgot_all_sessions_is_told_everything_again(trial):
    trial.feed(300)
    kill(trial.broker)
    (trial.settings.var_dir / "mosquitto" / "mosquitto.db").unlink(missing_ok=True)
    trial.feed(300)
    revive(trial.broker)


@pytest.mark.usefixtures("intact")
def test_a_paused_worker_is_replaced_and_does_no_harm_when_it_wakes(trial):
    eventually(lambda: sum(trial.shards()) == ALL_SHARDS and len(trial.shards()) == 2, WITHIN_S)
    paused = trial.workers[0]
    os.kill(paused.pid, signal.SIGSTOP)
    try:
        trial.feed(300)
        eventually(lambda: trial.shards() == [ALL_SHARDS], WITHIN_S)
        eventually(lambda: trial.unacknowledged() == 0, WITHIN_S)
        trial.feed(300)
    finally:
        os.kill(paused.pid, signal.SIGCONT)
    eventually(lambda: len(trial.shards()) == 2, WITHIN_S)


@pytest.mark.usefixtures("intact")
def test_workers_that_come_and_go_share_the_shards_fairly(trial):
    eventually(lambda: trial.shards() == [32, 33], WITHIN_S)
    third = trial.hire()
    with fed(trial, FIXES_PER_S):
        eventually(lambda: trial.shards() == [21, 22, 22], WITHIN_S)
        kill(third)
        eventually(lambda: trial.shards() == [32, 33], WITHIN_S)
    trial.workers.remove(third)


def test_plain_owntracks_keeps_what_the_broker_had_saved(var_dir):
    """Without the application acknowledgement the broker's file is all there is: what it saved is safe."""
    saved = var_dir / "mosquitto" / "mosquitto.db"
    with Trial(var_dir, phones=10, fixes_each=60, workers=1, plain=True) as trial:
        eventually(trial.ready, WITHIN_S)
        trial.workers[0].stop()
        trial.loop.start()
        trial.feed(300)
        eventually(lambda: trial.unacknowledged() == 0, WITHIN_S)
        before = saved.stat().st_mtime_ns if saved.exists() else 0
        os.kill(trial.broker.pid, signal.SIGUSR1)  # save now, as it does by itself every five seconds
        eventually(lambda: saved.exists() and saved.stat().st_mtime_ns > before, WITHIN_S)
        kill(trial.broker)
        revive(trial.broker)
        trial.workers[0].start()
        eventually(lambda: trial.stored().fixes == 300, WITHIN_S)
        assert trial.stored().lost == 0

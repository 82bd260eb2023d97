"""The supervisor with real processes: what a crash, a Ctrl-C and a kill -9 leave behind."""

import json
import signal
import subprocess
import sys

import psutil
import pytest

from tests.eventually import eventually

PATIENCE_S = 30.0
SUPERVISE = """
import json, os, pathlib, sys
from mqtt.broker import EmbeddedBroker
from tracker.programs.service import Program
from tracker.settings import load
from tracker.store.embedded import EmbeddedPostgres
from tracker.programs.supervisor import Supervisor

var = pathlib.Path(sys.argv[1])
settings = load({"KEEPCLEAR_VAR_DIR": str(var), "KEEPCLEAR_MQTT_PORT": "0"})
stubborn = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
program = Program("program", [sys.executable, "-c", stubborn], var / "log" / "program.log", env=dict(os.environ))
program.stop_timeout_s = 1.0
services = [EmbeddedPostgres(var, durable=False), EmbeddedBroker(settings), program]
say = lambda line: print(json.dumps(line), flush=True)
tell = lambda: say({service.name: service.pid for service in services})
Supervisor(services, say).run(tell)
"""


class Supervision:
    """A supervisor in a process of its own, and everything that it started."""

    def __init__(self, var_dir):
        self.process = subprocess.Popen([sys.executable, "-c", SUPERVISE, var_dir], stdout=subprocess.PIPE, text=True)
        self.pids = self.next_line()
        eventually(lambda: "deaf" in (var_dir / "log" / "program.log").read_text())
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def next_line(self):
        return json.loads(self.process.stdout.readline())

    def survivors(self):
        """Which of its processes still run after a while."""
        return psutil.wait_procs(self.family, timeout=PATIENCE_S)[1]


@pytest.fixture
def supervision(var_dir):
    started = Supervision(var_dir)
    yield started
    started.process.kill()
    started.process.communicate()
    started.survivors()


def test_ctrl_c_stops_everything(supervision):
    supervision.process.send_signal(signal.SIGINT)
    assert supervision.next_line() == "Stopping ..."
    assert supervision.survivors() == []
    assert [supervision.next_line(), supervision.next_line()] == ["program is killed.", "Stopped."]
    assert supervision.process.wait(PATIENCE_S) == 0


def test_impatient_ctrl_c_stops_everything_at_once(supervision):
    while supervision.process.poll() is None:
        supervision.process.send_signal(signal.SIGINT)
    assert supervision.survivors() == []


def test_a_killed_supervisor_leaves_nothing_running(supervision):
    supervision.process.kill()
    assert supervision.survivors() == []


@pytest.mark.parametrize("name", ["postgres", "mosquitto", "program"])
def test_what_is_killed_comes_back(supervision, name):
    psutil.Process(supervision.pids[name]).kill()
    said = supervision.next_line()
    assert said.startswith(f"{name} stopped (SIGKILL), see ")
    assert said.endswith(f"{name}.log. Restarting it in 0.5 s.")
    assert supervision.next_line() == f"{name} runs again."

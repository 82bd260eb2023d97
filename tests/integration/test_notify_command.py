"""`keepclear notify` as a process: killed in the middle of telling, it tells again under the same id."""

import os
import signal
import subprocess
import sys

import pytest
from test_channels import SECRET, House, Receiver
from typer.testing import CliRunner

from tests.eventually import eventually
from tracker.cli import cli
from tracker.errors import NotFoundError, SettingsError


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def house(database_url, receiver):
    made = House(database_url, receiver)
    yield made
    made.close()


@pytest.fixture
def env(house, receiver, tmp_path, var_dir):
    rota = tmp_path / "notify.toml"
    rota.write_text(f'[[recipient]]\nname = "hub"\nwebhook = "{receiver.url}"\nsecret = "{SECRET}"\n')
    return {
        "KEEPCLEAR_VAR_DIR": str(var_dir), "KEEPCLEAR_DATABASE_URL": house.url, "KEEPCLEAR_NOTIFY_FILE": str(rota),
        "KEEPCLEAR_MQTT_URL": "mqtt://a:b@localhost:1",
    }  # fmt: skip


@pytest.fixture
def start(env):
    """Starts a process; ends those that still run."""
    running = []

    def one():
        running.append(subprocess.Popen([sys.executable, "-m", "tracker.cli", "notify"], env=os.environ | env))
        return running[-1]

    yield one
    for process in running:
        process.kill()
        process.wait()


def run(env, *arguments):
    result = CliRunner().invoke(cli, arguments, env=env)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_killed_between_sending_and_noting_it_tells_again_under_the_same_id(house, receiver, start, env):
    receiver.hold.clear()
    first = start()
    eventually(lambda: len(receiver.got) == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert "hub" in run(env, "deliveries", "list")
    receiver.hold.set()
    house.connection.execute("UPDATE delivery SET next_at = now()")  # as if the lease of the dead had run out
    second = start()
    eventually(lambda: house.deliveries.undelivered(dead_only=False) == [])
    assert len(set(receiver.ids)) == 1
    assert len(receiver.got) == 2
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0


def test_dead_deliveries_are_listed_and_tried_again_by_the_command_line(house, receiver, env):
    receiver.answers = [410]
    house.rounds(1)
    listed = run(env, "deliveries", "list", "--dead")
    assert "HTTP 410" in listed
    assert "1 will be tried again" in run(env, "deliveries", "retry", "hub")
    assert run(env, "deliveries", "list", "--dead") == ""
    with pytest.raises(NotFoundError):
        run(env, "deliveries", "retry", "hub")


def test_without_a_file_it_says_what_to_do(env):
    del env["KEEPCLEAR_NOTIFY_FILE"]
    with pytest.raises(SettingsError, match="KEEPCLEAR_NOTIFY_FILE"):
        run(env, "notify")

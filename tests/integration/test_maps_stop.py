import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fake_live import PASSWORD
from fake_site import USER, free_port

TESTS = Path(__file__).parents[1]
STOPS_WITHIN_S = 10.0


@pytest.fixture
def server():
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "fake_site:create_fake_app", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--app-dir", str(TESTS)], cwd=TESTS.parent, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process, f"http://127.0.0.1:{port}"
        process.kill()


def test_sigterm_ends_open_feeds_and_the_process_without_complaint(server):
    process, url = server
    for line in process.stderr:
        if "Uvicorn running" in line:
            break
    with httpx.Client(base_url=url, timeout=STOPS_WITHIN_S) as client:
        client.post("/login", data={"username": USER, "password": PASSWORD})
        with client.stream("GET", "/api/v1/live") as feed:
            lines = feed.iter_lines()
            next(line for line in lines if line == "event: snapshot")

            process.send_signal(signal.SIGTERM)

            assert list(lines)
    _, said = process.communicate(timeout=STOPS_WITHIN_S)
    assert "ERROR" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_when_it_stops_and_when_it_has_stopped(live, number):
    port = free_port()
    environ = {
        "KEEPCLEAR_DATABASE_URL": live.settings.database_url,
        "KEEPCLEAR_MQTT_URL": live.settings.mqtt_url,
        "KEEPCLEAR_VAR_DIR": str(live.settings.var_dir),
    }
    command = [sys.executable, "-m", "tracker.cli", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=TESTS.parent, env=os.environ | environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().startswith("Serving http://")
        process.send_signal(number)
        said, _ = process.communicate(timeout=STOPS_WITHIN_S)
    assert said.splitlines() == ["Stopping ...", "Stopped."]
    assert process.returncode == 0

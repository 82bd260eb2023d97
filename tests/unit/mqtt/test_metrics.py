import os
import subprocess
import sys

import pytest

from mqtt import metrics


@pytest.fixture
def shared(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


def test_the_gauges_of_a_killed_process_count_no_more(shared):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = [f"gauge_livesum_{gone.pid}.db", f"gauge_livesum_{os.getpid()}.db", f"counter_{gone.pid}.db"]
    for name in names:
        (shared / name).touch()
    metrics.forget_the_dead()
    assert sorted(path.name for path in shared.iterdir()) == sorted(names[1:])


def test_without_a_shared_directory_there_is_nothing_to_forget(monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    metrics.forget_the_dead()

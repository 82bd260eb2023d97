"""What may stand in a committed file: no registry's host, no path of one machine, and pinned hashes in lock files."""

import json
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
# Written in two halves, so that this file doesn't name what it forbids.
REGISTRIES = [
    "".join(halves)
    for halves in (
        ("registry.npm", "js.org"),
        ("registry.npm", "mirror.com"),
        ("registry.yarn", "pkg.com"),
        ("files.python", "hosted.org"),
        ("pypi", ".org/simple"),
        ("pypi.tuna", ".tsinghua"),
        ("mirrors.", "aliyun.com"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.~$})/*-])/(?:work|root|tmp|home)/[\w.-]+")
PINNED = re.compile(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==\S+", re.MULTILINE)


def committed_files():
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={PROJECT}", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True
    )
    paths = [PROJECT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts():
    for path in committed_files():
        try:
            yield path.relative_to(PROJECT), path.read_text()
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_package_registry():
    found = [(str(path), host) for path, text in texts() for host in REGISTRIES if host in text]
    assert found == []


def test_no_file_names_a_path_of_one_machine():
    outside_data = [(path, text) for path, text in texts() if path.parts[0] != "data"]
    assert [(str(path), match[0]) for path, text in outside_data for match in MACHINE_PATH.finditer(text)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_is_pinned_with_hashes(lock):
    head, *entries = re.split(r"\n(?=[A-Za-z0-9])", (PROJECT / lock).read_text().strip())
    assert "scripts/lock" in head
    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if not PINNED.match(entry) or "--hash=sha256:" not in entry] == []


def test_what_runs_has_the_versions_that_were_tested():
    pins = [
        set(PINNED.findall((PROJECT / lock).read_text())) for lock in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]


def test_every_front_end_package_has_a_hash_and_no_address():
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if "node_modules/" in name and not entry.get("link")}
    assert len(fetched) > 10
    assert [name for name, entry in fetched.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, entry in fetched.items() if "resolved" in entry] == []


def test_ci_runs_make_test_and_nothing_else():
    script = (PROJECT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in script if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]

import pytest

from tracker.installation.diagnosis import check_certificate, check_clock, check_version, missing_packages, version_of

LOCK = """
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa
ruamel.yaml==1.0 \\
    --hash=sha256:bb
typing_extensions==4.1 \\
    --hash=sha256:cc
"""


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("mosquitto version 2.0.11", (2, 0, 11)),
        ("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", (15, 20)),
        ("v20.20.2", (20, 20, 2)),
        ("unknown", ()),
    ],
)
def test_a_version_is_the_first_number(text, version):
    assert version_of(text) == version


@pytest.mark.parametrize(
    ("found", "ok"),
    [("1.6.9", False), ("2.0", True), ("2.0.11", True), ("10.0", True), ("nonsense", False), (None, False)],
)
def test_versions_are_compared_as_numbers(found, ok):
    check = check_version("Mosquitto", found, (2, 0), "Install Mosquitto 2.")
    assert (check.ok, check.do) == (ok, "" if ok else "Install Mosquitto 2.")


@pytest.mark.parametrize(("ahead_s", "ok"), [(0.0, True), (2.0, True), (-2.0, True), (2.1, False), (-3600.0, False)])
def test_a_clock_may_be_two_seconds_off(ahead_s, ok):
    assert check_clock("Clock", ahead_s).ok is ok


@pytest.mark.parametrize(
    ("installed", "missing"),
    [
        ({"ruamel-yaml": "1.0", "typing-extensions": "4.1"}, []),
        ({"ruamel-yaml": "0.9", "typing-extensions": "4.1"}, ["ruamel.yaml==1.0"]),
        ({"ruamel-yaml": "1.0"}, ["typing_extensions==4.1"]),
    ],
)
def test_packages_are_compared_with_the_lock_file(installed, missing):
    assert missing_packages(LOCK, installed) == missing


def test_a_certificate_that_cannot_be_read_is_said(tmp_path):
    check = check_certificate("Web certificate", tmp_path / "no.crt", tmp_path / "no.key")
    assert not check.ok
    assert "no.crt" in check.what

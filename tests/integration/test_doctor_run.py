"""`keepclear doctor` on the machine of the tests: everything is there, and what is broken on purpose is found."""

import subprocess

import pytest

from tracker.app import database_url
from tracker.errors import AlreadyRunningError, ServiceError
from tracker.installation.doctor import checks
from tracker.installation.up import Installation, lock_file, web_port_file
from tracker.programs.service import hold
from tracker.settings import load
from tracker.store.connection import connect
from tracker.store.people import People


def named(settings):
    return {check.name: check for check in checks(settings)}


@pytest.fixture
def certificate(tmp_path):
    cert, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest.mark.parametrize("name", ["Python", "Node", "PostgreSQL", "PostGIS", "Mosquitto", "Data directory"])
def test_a_machine_that_is_set_up_passes(settings, name):
    assert named(settings)[name].ok


def test_every_failure_says_what_to_do(settings):
    broken = settings.model_copy(
        update={"database_url": "postgresql://nobody@127.0.0.1:1/none", "mqtt_url": "mqtt://127.0.0.1:1"}
    )
    failures = [check for check in checks(broken) if not check.ok]
    assert {"Database", "Broker"} <= {check.name for check in failures}
    assert all(check.do for check in failures)


def test_a_configured_database_is_looked_into(settings, empty_database_url):
    found = named(settings.model_copy(update={"database_url": empty_database_url}))
    assert [found[name].ok for name in ("Database", "PostGIS there", "Clock of the database")] == [True] * 3


def test_a_database_without_postgis_says_how_to_enable_it(settings, postgres_url):
    check = named(settings.model_copy(update={"database_url": postgres_url}))["PostGIS there"]
    assert (check.ok, "CREATE EXTENSION postgis" in check.do) == (False, True)


def test_a_taken_port_is_no_failure_but_said(broker, var_dir):
    settings = load({"KEEPCLEAR_VAR_DIR": str(var_dir / "other"), "KEEPCLEAR_MQTT_PORT": str(broker.port)})
    check = named(settings)["MQTT port"]
    assert check.ok
    assert "is taken" in check.what


def test_a_certificate_and_its_key_pass(settings, certificate):
    cert, key = certificate
    assert named(settings.model_copy(update={"http_tls_cert": cert, "http_tls_key": key}))["Web certificate"].ok


def test_a_key_of_another_certificate_fails(settings, certificate):
    cert, _ = certificate
    assert not named(settings.model_copy(update={"http_tls_cert": cert, "http_tls_key": cert}))["Web certificate"].ok


def test_while_it_runs_the_ports_in_use_are_named(broker, settings):
    web_port_file(settings).write_text("8081")
    with hold(lock_file(settings), "KeepClear"):
        found = named(settings)
    assert found["MQTT port"].what == f"127.0.0.1:{broker.port}, in use by the private broker"
    assert found["Web port"].what == "127.0.0.1:8081, in use by the web service"
    assert found["Service"].what.startswith("runs in")


def test_with_services_of_ones_own_it_is_seen_to_run(settings):
    own = settings.model_copy(update={"database_url": "postgresql://x@127.0.0.1:1/x", "mqtt_url": "mqtt://127.0.0.1:1"})
    with hold(lock_file(own), "KeepClear"):
        assert named(own)["Service"].what.startswith("runs in")
    assert "keepclear up" in named(own)["Service"].what


def test_a_directory_has_one_up_and_the_second_leaves_the_first_alone(settings):
    counters = settings.var_dir / "metrics" / "counter.db"
    counters.parent.mkdir()
    counters.touch()
    with hold(lock_file(settings), "KeepClear"), pytest.raises(AlreadyRunningError, match="in use by process"):
        Installation(settings, print).run()
    assert counters.exists()


def test_when_it_does_not_run_it_says_how_to_start_it(settings):
    assert "keepclear up" in named(settings)["Service"].what


def test_a_command_that_needs_the_service_says_that_it_is_not_running(settings):
    with pytest.raises(ServiceError, match=r"not running in .*, so there is no database\. Start it"):
        database_url(settings)


def test_asking_changes_nothing(settings):
    checks(settings)
    assert list(settings.var_dir.iterdir()) == []


ROTA = """
[[recipient]]
name = "ben"
url = "mailto://user:password@example.org"
account = "ben"
"""


def test_whom_no_recipient_hears_of_is_said(settings, database_url, tmp_path):
    rota = tmp_path / "rota.toml"
    rota.write_text(ROTA)
    with connect(database_url, "test", fenced=False) as connection:
        People(connection).add_visitor("Li", consented=True)
    there = settings.model_copy(update={"database_url": database_url, "notify_file": rota})
    check = named(there)["Channels"]
    assert (check.ok, check.what) == (False, "no recipient hears of visitors without a team")


def test_channels_with_a_broken_file_say_where(settings, tmp_path):
    rota = tmp_path / "rota.toml"
    rota.write_text("escalate_after_min = 0")
    check = named(settings.model_copy(update={"notify_file": rota}))["Channels"]
    assert (check.ok, "escalate_after_min" in check.what) == (False, True)

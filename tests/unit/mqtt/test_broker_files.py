import json
from pathlib import Path

import pytest

from mqtt.access import DeviceCredential
from mqtt.broker_files import configuration, write_devices, write_for_container
from tracker.errors import ServiceError, SettingsError
from tracker.programs.private_dir import present_account
from tracker.settings import load

PLUGIN = Path("/usr/lib/mosquitto_dynamic_security.so")
URLS = {
    "KEEPCLEAR_MQTT_URL": "mqtt://kc-worker:one@broker:1883",
    "KEEPCLEAR_MQTT_ADMIN_URL": "mqtt://kc-admin:two@broker:1883",
    "KEEPCLEAR_MQTT_BIND": "0.0.0.0",  # noqa: S104
}


def usernames(path):
    return {client["username"] for client in json.loads(path.read_text())["clients"]}


@pytest.mark.parametrize(
    ("verbose", "logged"), [(False, {"error", "warning", "notice"}), (True, {"all"})], ids=["usual", "debug"]
)
def test_autosaves_are_logged_only_when_asked(verbose, logged):
    text = configuration(Path("/home"), PLUGIN, listener=("127.0.0.1", 1883), verbose=verbose)
    assert {line.split()[1] for line in text.splitlines() if line.startswith("log_type ")} == logged


def test_devices_of_the_last_run_win_over_initial_ones(tmp_path):
    path = tmp_path / "dynamic-security.json"
    write_devices(path, present_account(), "admin", "worker", [DeviceCredential("phone-a", "secret")])
    write_devices(path, present_account(), "admin", "worker", [DeviceCredential("phone-b", "secret")])
    assert usernames(path) == {"kc-admin", "kc-worker", "phone-a"}


def test_only_the_owner_reads_the_devices(tmp_path):
    path = tmp_path / "dynamic-security.json"
    write_devices(path, present_account(), "admin", "worker")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_list_is_never_replaced(tmp_path):
    path = tmp_path / "dynamic-security.json"
    path.write_text('{"clients": [')
    with pytest.raises(ServiceError, match="damaged"):
        write_devices(path, present_account(), "admin", "worker")
    assert path.read_text() == '{"clients": ['


def test_a_container_gets_both_files(tmp_path):
    write_for_container(load(URLS), tmp_path, present_account(), PLUGIN)
    assert usernames(tmp_path / "dynamic-security.json") == {"kc-admin", "kc-worker"}
    assert "listener 1883 0.0.0.0" in (tmp_path / "mosquitto.conf").read_text()


@pytest.mark.parametrize("without", ["KEEPCLEAR_MQTT_URL", "KEEPCLEAR_MQTT_ADMIN_URL"])
def test_a_container_needs_both_passwords(tmp_path, without):
    with pytest.raises(SettingsError, match=without):
        write_for_container(load(URLS | {without: "mqtt://broker:1883"}), tmp_path, present_account(), PLUGIN)

"""The files that Mosquitto reads: its configuration, and the list of devices with their rights."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mqtt.access import DeviceCredential, dynsec_config, with_service
from mqtt.network import Endpoint
from tracker.errors import ServiceError, SettingsError
from tracker.programs.private_dir import Account
from tracker.settings import Settings

LOGGED = ("error", "warning", "notice")  # not "information": a line at each autosave, every 5 s for ever


def configuration(
    home: Path,
    plugin: Path,
    *,
    listener: tuple[str, int],
    tls: tuple[str, int | None, Path, Path] | None = None,
    verbose: bool = False,
) -> str:
    """Text of mosquitto.conf.

    Queues without limits: with the defaults a trial lost a third of the messages while workers were away.
    Connections are logged only when `verbose`, because an address in a log says where a visitor is.
    """
    lines = [
        f"listener {listener[1]} {listener[0]}",
        "allow_anonymous false",
        f"plugin {plugin}",
        f"plugin_opt_config_file {home / 'dynamic-security.json'}",
        "persistence true",
        f"persistence_location {home}/",
        "autosave_interval 5",
        "max_queued_messages 0",
        "max_inflight_messages 1000",
        "max_packet_size 1048576",
        "set_tcp_nodelay true",
        f"connection_messages {'true' if verbose else 'false'}",
        "log_dest stderr",
        *(f"log_type {kind}" for kind in (("all",) if verbose else LOGGED)),
        "log_timestamp_format %Y-%m-%dT%H:%M:%SZ",
    ]
    if tls:
        host, port, cert, key = tls
        lines += [f"listener {port} {host}", f"certfile {cert}", f"keyfile {key}", "tls_version tlsv1.2"]
    return "\n".join(lines) + "\n"


def write_devices(
    path: Path, account: Account, admin_password: str, worker_password: str, devices: Iterable[DeviceCredential] = ()
) -> None:
    """The list of the last run with the present service accounts; without one, `devices`.

    From then on the plugin writes the file. Raises `ServiceError` for a damaged one.
    """
    stored = _stored_devices(path)
    if stored is None:
        config = dynsec_config(devices, admin_password, worker_password)
    else:
        config = with_service(stored, admin_password, worker_password)
    write_private(path, json.dumps(config), account)


def write_for_container(settings: Settings, home: Path, account: Account, plugin: Path) -> None:
    """Both files for a Mosquitto of somebody else's (compose.yaml); its service passwords come from the settings.

    Devices that are enrolled already stay. Raises `SettingsError` when a URL with a password is missing.
    """
    passwords = _password(settings.mqtt_admin_url, "MQTT_ADMIN_URL"), _password(settings.mqtt_url, "MQTT_URL")
    listener = (settings.mqtt_bind, settings.mqtt_port)
    write_private(home / "mosquitto.conf", configuration(home, plugin, listener=listener), account)
    write_devices(home / "dynamic-security.json", account, *passwords)


def _password(url: str | None, name: str) -> str:
    password = Endpoint.parse(url).password if url else None
    if not password:
        raise SettingsError(f"KEEPCLEAR_{name} has no password.", "Give it as mqtt://account:password@host:port.")
    return password


def _stored_devices(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        stored = json.loads(path.read_text())
    except ValueError as error:
        raise ServiceError(
            f"The broker's list of devices {path} is damaged ({error}).",
            "Restore it from a backup, or move it away and enrol the devices again.",
        ) from error
    return dict(stored)


def write_private(path: Path, text: str, account: Account) -> None:
    """Replace a file by one (mode 600) that only `account` reads."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    shutil.chown(draft, account.uid, account.gid)
    draft.replace(path)

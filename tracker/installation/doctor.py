"""`keepclear doctor`: is everything here that KeepClear needs, and what to do where it is not."""

import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from mqtt.broker import find_mosquitto, find_plugin, free_port, mosquitto_version, reachable_host, running_url
from mqtt.network import Endpoint
from tracker.errors import KeepClearError
from tracker.installation.channels import check_channels
from tracker.installation.diagnosis import (
    Check,
    check_certificate,
    check_clock,
    check_version,
    missing_packages,
    normal_name,
)
from tracker.installation.up import lock_file, web_port_file
from tracker.programs.service import is_held
from tracker.settings import Settings
from tracker.store import embedded

LOCK_FILE = Path(__file__).parents[2] / "requirements.lock"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
OLDEST_POSTGRES = 14  # idle_session_timeout, which fences hung workers, came with 14
OLDEST_MOSQUITTO = (2, 0)
FREE_DISK_GB = 2.0
TIMEOUT_S = 5


def checks(settings: Settings) -> list[Check]:
    """Every check that applies to these settings; changes nothing on this machine."""
    return [
        *_programs(settings),
        *_packages(),
        *_directories(settings),
        *_ports(settings),
        *_clock(),
        *_database(settings),
        *_broker(settings),
        *_certificates(settings),
        *check_channels(settings, settings.database_url or embedded.running_url(settings.var_dir)),
    ]


def _programs(settings: Settings) -> Iterator[Check]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield check_version("Python", python, OLDEST_PYTHON, "Install Python 3.11 or newer.")
    node = _output("node", "--version")
    yield check_version("Node", node, (OLDEST_NODE,), "Install Node 20 or newer; it builds the pages.")
    if settings.database_url is None:
        binaries = embedded.find_binaries()
        said = _output(str(binaries / "postgres"), "--version") if binaries else None
        yield check_version("PostgreSQL", said, (OLDEST_POSTGRES,), embedded.INSTALL)
        yield _postgis_files(binaries)
    if settings.mqtt_url is None:
        yield _mosquitto()


def _postgis_files(binaries: Path | None) -> Check:
    config = str(binaries / "pg_config") if binaries else ""
    share = (_output(config, "--sharedir") or "").strip()
    control = Path(share) / "extension" / "postgis.control"
    if not share or not control.exists():
        return Check("PostGIS", ok=False, what="not installed for this PostgreSQL", do=embedded.INSTALL)
    version = re.search(r"default_version = '([^']+)'", control.read_text())
    return Check("PostGIS", ok=True, what=version[1] if version else "installed")


def _mosquitto() -> Check:
    try:
        find_mosquitto()
        find_plugin()
    except KeepClearError as error:
        return Check("Mosquitto", ok=False, what=error.what, do=error.do)
    return check_version("Mosquitto", mosquitto_version(), OLDEST_MOSQUITTO, "Install Mosquitto 2.")


def _packages() -> Iterator[Check]:
    if not LOCK_FILE.exists():
        return
    installed = {normal_name(found.name): found.version for found in importlib.metadata.distributions()}
    missing = missing_packages(LOCK_FILE.read_text(), installed)
    if missing:
        what = f"{len(missing)} differ from {LOCK_FILE.name}, such as {missing[0]}"
        yield Check("Python packages", ok=False, what=what, do="Run scripts/setup, or make demo.")
    else:
        yield Check("Python packages", ok=True, what=f"as in {LOCK_FILE.name}")


def _directories(settings: Settings) -> Iterator[Check]:
    var = settings.var_dir.absolute()
    existing = next(path for path in (var, *var.parents) if path.exists())
    if os.access(existing, os.W_OK | os.X_OK):
        yield Check("Data directory", ok=True, what=f"{var} can be written")
    else:
        do = "Run as its owner, or set KEEPCLEAR_VAR_DIR to a directory of your own."
        yield Check("Data directory", ok=False, what=f"{existing} can't be written", do=do)
    free_gb = shutil.disk_usage(existing).free / 1e9
    do = "" if free_gb >= FREE_DISK_GB else f"Free space, or put KEEPCLEAR_VAR_DIR on a disk with {FREE_DISK_GB:g} GB."
    yield Check("Disk", ok=not do, what=f"{free_gb:.1f} GB free at {existing}", do=do)


def _ports(settings: Settings) -> Iterator[Check]:
    if running(settings):
        yield Check("Service", ok=True, what=f"runs in {settings.var_dir.absolute()}")
        yield from _ports_in_use(settings)
        return
    do = "start it with `keepclear up` (or `make demo`)"
    yield Check("Service", ok=True, what=f"not running in {settings.var_dir.absolute()}; {do}")
    if settings.mqtt_url is None:
        yield _port("MQTT port", settings.mqtt_bind, settings.mqtt_port, "KEEPCLEAR_MQTT_PORT")
    yield _port("Web port", settings.http_host, settings.http_port, "KEEPCLEAR_HTTP_PORT")


def running(settings: Settings) -> bool:
    """Whether `keepclear up` runs in this installation's directory."""
    return is_held(lock_file(settings))


def _ports_in_use(settings: Settings) -> Iterator[Check]:
    mqtt_url = None if settings.mqtt_url else running_url(settings.var_dir, settings)
    if mqtt_url is not None:
        endpoint = Endpoint.parse(mqtt_url)
        yield Check("MQTT port", ok=True, what=f"{endpoint.host}:{endpoint.port}, in use by the private broker")
    web_port = web_port_file(settings)
    if web_port.exists():
        what = f"{reachable_host(settings.http_host)}:{web_port.read_text()}, in use by the web service"
        yield Check("Web port", ok=True, what=what)


def _port(name: str, host: str, port: int, variable: str) -> Check:
    try:
        free = free_port(host, port)
    except KeepClearError as error:
        return Check(name, ok=False, what=error.what, do=f"{error.do} See {variable}.")
    if port in {0, free}:
        return Check(name, ok=True, what=f"{host}:{free} is free")
    return Check(name, ok=True, what=f"{host}:{port} is taken, {free} will be used; {variable} sets another")


def _clock() -> Iterator[Check]:
    synchronised = (_output("timedatectl", "show", "--property=NTPSynchronized", "--value") or "").strip()
    if synchronised == "no":
        do = "timedatectl set-ntp true; a fix is judged by its time, so clocks must be right."
        yield Check("Clock", ok=False, what="not kept by NTP", do=do)
    else:
        known = {"yes": "kept by NTP"}.get(synchronised, "nothing here says whether NTP keeps it")
        yield Check("Clock", ok=True, what=known)


def _database(settings: Settings) -> Iterator[Check]:
    url = settings.database_url or embedded.running_url(settings.var_dir)
    if url is None:
        return
    libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(libpq, connect_timeout=TIMEOUT_S) as connection:
            yield from _inside_database(connection)
    except psycopg.Error as error:
        what = str(error).strip().splitlines()[0]
        yield Check("Database", ok=False, what=what, do="Start it, and look at KEEPCLEAR_DATABASE_URL.")


def _inside_database(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[Check]:
    number = connection.info.server_version
    found = f"{number // 10_000}.{number % 10_000}"
    yield check_version("Database", found, (OLDEST_POSTGRES,), "Use PostgreSQL 14 or newer.")
    query = "SELECT default_version, installed_version FROM pg_available_extensions WHERE name = 'postgis'"
    row = connection.execute(query).fetchone()
    if row is None:
        yield Check("PostGIS there", ok=False, what="not installed on that server", do=embedded.INSTALL)
    elif row[1] is None:
        do = "As a superuser of that database: CREATE EXTENSION postgis"
        yield Check("PostGIS there", ok=False, what=f"{row[0]} is not enabled in this database", do=do)
    else:
        yield Check("PostGIS there", ok=True, what=str(row[1]))
    before = time.time()
    theirs = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    if theirs is not None:
        yield check_clock("Clock of the database", (before + time.time()) / 2 - float(str(theirs[0])))


def _broker(settings: Settings) -> Iterator[Check]:
    if settings.mqtt_url is None:
        return
    try:
        endpoint = Endpoint.parse(settings.mqtt_url)
        socket.create_connection((reachable_host(endpoint.host), endpoint.port), TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        yield Check("Broker", ok=False, what=str(error), do="Start it, and look at KEEPCLEAR_MQTT_URL.")
    else:
        yield Check("Broker", ok=True, what=f"{endpoint.host}:{endpoint.port} answers")


def _certificates(settings: Settings) -> Iterator[Check]:
    for kind, cert, key in (
        ("MQTT", settings.mqtt_tls_cert, settings.mqtt_tls_key),
        ("Web", settings.http_tls_cert, settings.http_tls_key),
    ):
        if cert is not None and key is not None:
            yield check_certificate(f"{kind} certificate", cert, key)


def _output(*command: str) -> str | None:
    """What a program prints; None when it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

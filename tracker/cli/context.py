"""What every command needs: the settings, with the private services' addresses filled in while they run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection

from mqtt import broker
from mqtt.enrolment import DeviceAccess
from tracker.settings import Settings, load, not_running
from tracker.store import embedded
from tracker.store.connection import Row, connect

ENV_FILE = Path(".env")


def own_settings() -> Settings:
    """As the environment and `.env` say, without looking for running services."""
    return load(os.environ, ENV_FILE)


def running_settings() -> Settings:
    """The same with the addresses of this installation's private services, if they run."""
    settings = own_settings()
    found = {
        "database_url": settings.database_url or embedded.running_url(settings.var_dir),
        "mqtt_url": settings.mqtt_url or broker.running_url(settings.var_dir, settings),
        "mqtt_admin_url": settings.mqtt_admin_url
        or settings.mqtt_url
        or broker.running_url(settings.var_dir, settings, admin=True),
    }
    return settings.model_copy(update=found)


def iso(at: float) -> str:
    """Seconds UTC as a time that people read."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


@contextmanager
def database(settings: Settings) -> Iterator["Connection[Row]"]:
    """A connection for one command.

    Raises:
        ServiceError: no database is configured or running.
    """
    from tracker.app import database_url  # noqa: PLC0415  loading the web stack takes a second that few commands need

    with connect(database_url(settings), "keepclear cli", fenced=False) as connection:
        yield connection


def broker_access(settings: Settings) -> DeviceAccess:
    """The broker's administrator.

    Raises:
        ServiceError: no broker is configured or running.
    """
    if settings.mqtt_admin_url is None:
        raise not_running(settings, "MQTT broker", "KEEPCLEAR_MQTT_URL")
    return DeviceAccess(settings.mqtt_admin_url)

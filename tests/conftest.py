"""Real private services for the tests: PostgreSQL with PostGIS, and Mosquitto.

A missing program fails the tests that need it, saying what to install; nothing is skipped.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine, make_url

from mqtt.broker import EmbeddedBroker
from tracker.settings import Settings, load
from tracker.store import embedded
from tracker.store.embedded import EmbeddedPostgres

EMPTY = "template_postgis"
MIGRATED = "template_migrated"
COPY_DATABASE = "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy"
"""As files and not through the log: a quarter of the time, and thousands of tests want one."""


def pytest_configure() -> None:
    """The caller's own settings (a real database, a real broker) never reach a test."""
    for name in [name for name in os.environ if name.startswith(("KEEPCLEAR_", "PG"))]:
        del os.environ[name]


def make_var_dir(base: Path | None = None) -> Path:
    """A fresh var directory that the servers' own accounts can enter; pytest's tmp_path is closed to them."""
    path = Path(tempfile.mkdtemp(prefix="keepclear-test-", dir=base))
    path.chmod(0o711)
    return path


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A fresh var directory for one test."""
    path = make_var_dir()
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One private cluster for the whole run; without fsync, so it says nothing of power cuts."""
    path = make_var_dir()
    with EmbeddedPostgres(path, durable=False) as server:
        yield server
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def postgres_url(postgres: EmbeddedPostgres) -> str:
    """SQLAlchemy URL of the session's cluster (its maintenance database, as superuser)."""
    return postgres.url_of("postgres", embedded.SUPERUSER)


@pytest.fixture(scope="session")
def make_database(postgres: EmbeddedPostgres, postgres_url: str) -> Callable[[str], str]:
    """make_database(template) -> URL of a fresh copy, owned by the service's role; it ends with the cluster."""
    number = count()

    def make(template: str) -> str:
        name = f"test_{next(number)}"
        _execute(postgres_url, COPY_DATABASE, name, template, embedded.ROLE)
        return postgres.url_of(name)

    return make


@pytest.fixture(scope="session")
def empty_template(postgres: EmbeddedPostgres, postgres_url: str) -> str:
    """Name of a database with PostGIS and nothing else."""
    _execute(postgres_url, "CREATE DATABASE {} OWNER {}", EMPTY, embedded.ROLE)
    with _connect(postgres.url_of(EMPTY, embedded.SUPERUSER)) as connection:
        embedded.create_postgis(connection)
    return EMPTY


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres, postgres_url: str, empty_template: str) -> str:
    """Name of a database with the present schema."""
    _execute(postgres_url, COPY_DATABASE, MIGRATED, empty_template, embedded.ROLE)
    from tracker.store.migrate import upgrade  # noqa: PLC0415 - unit tests must not need the whole store

    migrating = create_engine(postgres.url_of(MIGRATED))
    upgrade(migrating)
    migrating.dispose()
    return MIGRATED


@pytest.fixture
def empty_database_url(make_database: Callable[[str], str], empty_template: str, postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh database with PostGIS and no tables; it ends with the test."""
    yield from _until_dropped(make_database(empty_template), postgres_url)


@pytest.fixture
def database_url(make_database: Callable[[str], str], migrated_template: str, postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh database with the present schema; it ends with the test."""
    yield from _until_dropped(make_database(migrated_template), postgres_url)


@pytest.fixture
def settings(var_dir: Path) -> Settings:
    """Settings of a fresh installation, on any free ports."""
    return load({"KEEPCLEAR_VAR_DIR": str(var_dir), "KEEPCLEAR_MQTT_PORT": "0", "KEEPCLEAR_HTTP_PORT": "0"})


@pytest.fixture
def broker(settings: Settings) -> Iterator[EmbeddedBroker]:
    """A fresh broker of one test's own, without devices."""
    with EmbeddedBroker(settings) as running:
        yield running


def _until_dropped(url: str, postgres_url: str) -> Iterator[str]:
    yield url
    _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", str(make_url(url).database))


def _execute(url: str, statement: str, *names: str) -> None:
    with _connect(url) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    libpq = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(libpq, autocommit=True)

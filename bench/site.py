"""A whole installation of its own for a measurement: durable PostgreSQL, Mosquitto, one ingest worker.

Everything lives in a temporary directory and is stopped and removed at the end.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from psycopg import Connection

from bench.zone_check import random_zones
from mqtt.access import DeviceCredential
from mqtt.broker import EmbeddedBroker
from mqtt.network import Endpoint
from mqtt.topics import shard_of
from tracker.programs.service import Program
from tracker.settings import Settings, load
from tracker.store.connection import Row, connect, engine
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.leases import READY_CLASS, holders
from tracker.store.migrate import upgrade
from tracker.store.zones import put_zones

ZONES = DEVICES = 10_000
PASSWORD = "of every phone in the bench"  # noqa: S105  of a broker that lives for a minute
ENROL_VISITORS = "INSERT INTO visitor (name, consented_at) SELECT 'Visitor ' || n, now() FROM generate_series(1, %s) n"
ENROL_DEVICES = "INSERT INTO device (name, visitor_id, shard) SELECT * FROM unnest(%s::text[], %s::int[], %s::int[])"
OPEN_SHIFTS = "INSERT INTO shift (visitor_id, opened_at) SELECT id, now() - interval '1 hour' FROM visitor"


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU since a process and its children began."""

    broker: float
    worker: float
    postgres: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.broker - other.broker, self.worker - other.worker, self.postgres - other.postgres)

    @property
    def total(self) -> float:
        return self.broker + self.worker + self.postgres


@dataclass
class Site:
    """What runs, and how to ask it."""

    settings: Settings
    postgres: EmbeddedPostgres
    broker: EmbeddedBroker
    devices: Sequence[str]
    connection: "Connection[Row]"
    worker: Program | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The broker as the service's own account."""
        return Endpoint.parse(self.broker.worker_url)

    def stored(self) -> int:
        """Fixes committed so far."""
        return int(self.connection.execute("SELECT count(*) FROM fix").fetchall()[0][0])

    def cpu(self) -> Cpu:
        """CPU used so far by the three, their children included."""
        assert self.worker is not None
        pids = (self.broker.pid, self.worker.pid, self.postgres.pid)
        return Cpu(*(cpu_s(pid) for pid in pids if pid is not None))

    def worker_rss_mb(self) -> float:
        """Resident memory of the worker, in 10^6 bytes."""
        assert self.worker is not None
        return float(psutil.Process(self.worker.pid).memory_info().rss) / 1e6

    @contextmanager
    def ingest(self, **settings: object) -> Iterator[None]:
        """One ingest worker in a process of its own, as `keepclear ingest` starts it; other settings by name."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("KEEPCLEAR_")}
        env["KEEPCLEAR_VAR_DIR"] = str(self.settings.var_dir)
        env |= {f"KEEPCLEAR_{name.upper()}": str(value) for name, value in settings.items()}
        self.worker = Program(
            "ingest", [sys.executable, "-m", "tracker.cli", "ingest"], self.settings.var_dir / "log" / "ingest.log",
            env=env, is_ready=lambda: holders(self.connection, READY_CLASS) > 0,
        )  # fmt: skip
        with self.worker:
            yield
        self.worker = None


def cpu_s(pid: int) -> float:
    """User and system seconds of a process and of its children, those that have ended included."""
    process = psutil.Process(pid)
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    ended = process.cpu_times()
    return total + ended.children_user + ended.children_system


@contextmanager
def a_site(devices: int = DEVICES, zones: int = ZONES) -> Iterator[Site]:
    """A fresh installation with so many enrolled devices on open shifts and so many zones."""
    var_dir = Path(tempfile.mkdtemp(prefix="keepclear-bench-"))
    var_dir.chmod(0o711)
    settings = load({"KEEPCLEAR_VAR_DIR": str(var_dir), "KEEPCLEAR_MQTT_PORT": "0", "KEEPCLEAR_LOG_LEVEL": "warning"})
    names = [f"phone-{number:05}" for number in range(devices)]
    credentials = [DeviceCredential(name, PASSWORD) for name in names]
    try:
        with EmbeddedPostgres(var_dir) as postgres, EmbeddedBroker(settings, credentials) as broker:
            upgrade(engine(postgres.url))
            with connect(postgres.url, "keepclear bench", fenced=False) as connection:
                in_force_since = time.time() - 86_400.0
                put_zones(
                    connection,
                    [replace(zone, valid_from=in_force_since) for zone in random_zones(zones, seed=1)],
                    "bench",
                )
                enrol(connection, names)
                yield Site(settings, postgres, broker, names, connection)
    finally:
        shutil.rmtree(var_dir, ignore_errors=True)


@contextmanager
def a_postgres() -> Iterator["Connection[Row]"]:
    """A fresh private PostGIS with nothing in it, and one connection."""
    var_dir = Path(tempfile.mkdtemp(prefix="keepclear-bench-"))
    var_dir.chmod(0o711)
    try:
        with EmbeddedPostgres(var_dir) as postgres, connect(postgres.url, "bench", fenced=False) as connection:
            yield connection
    finally:
        shutil.rmtree(var_dir, ignore_errors=True)


def enrol(connection: "Connection[Row]", names: Sequence[str]) -> None:
    """A visitor with consent, a device and an open shift for each name."""
    connection.execute(ENROL_VISITORS, (len(names),))
    visitors = [row[0] for row in connection.execute("SELECT id FROM visitor ORDER BY id").fetchall()]
    connection.execute(ENROL_DEVICES, (list(names), visitors, [shard_of(name) for name in names]))
    connection.execute(OPEN_SHIFTS)
    connection.execute("ANALYZE")


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)

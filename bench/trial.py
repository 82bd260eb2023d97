"""A private installation whose parts may be killed at any instant, and phones that follow the protocol.

PostgreSQL with fsync, Mosquitto with its usual five seconds between two saves, ingest workers in processes of their
own, and simulated visitors on real roads who send their fixes as they are fed.
"""

import os
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import orjson
import psutil

from geofences.zone import Zone
from mqtt.access import DeviceCredential
from mqtt.broker import EmbeddedBroker
from mqtt.delivery import Patience
from mqtt.payload import encode, parse
from mqtt.phone import Connection, Phone
from mqtt.phone_loop import PhoneLoop
from mqtt.topics import shard_of
from tracker.demo.run import demo_town, demo_zones
from tracker.demo.walks import crowd
from tracker.fix import Fix
from tracker.incursion import Incursion, begin
from tracker.programs.service import Program, Service
from tracker.settings import load
from tracker.settle import refold
from tracker.store.connection import connect, engine
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.leases import READY_CLASS, SHARD_CLASS, holders
from tracker.store.migrate import upgrade
from tracker.store.people import People
from tracker.store.zones import put_zones
from tracker.zones.history import ZoneHistory

PASSWORD = "of every phone in the trial"  # noqa: S105  of no other phone
FIX_EVERY_S = 5.2
ACK_INTERVAL_S = 1.0
BEFORE_S = 60.0
IMPATIENT = Patience(stall_s=2.0, stall_cap_s=8.0, after_reconnect_s=0.3, connect_s=0.2, connect_cap_s=1.0)
FOUND = "SELECT content FROM incursion i JOIN device d ON d.id = i.device_id WHERE d.name = %s AND NOT retracted"


SHARDS_HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s GROUP BY pid"
TOLD_TO_VISITORS = "SELECT dedup_key FROM alert WHERE audience = 'visitor' AND kind <> 'approach'"
ALERTS = """
WITH confirmed AS (
  SELECT i.id, count(DISTINCT a.audience) FILTER (WHERE a.kind = 'entry') AS audiences
  FROM incursion i LEFT JOIN alert a ON a.incursion_id = i.id
  WHERE i.confirmed_at IS NOT NULL AND NOT i.retracted AND i.kind IN ('entry', 'dwell') GROUP BY i.id)
SELECT (SELECT count(*) FROM alert), (SELECT count(*) FROM alert WHERE published_at IS NULL),
       (SELECT count(*) FROM confirmed), (SELECT count(*) FROM confirmed WHERE audiences < 2)"""


@dataclass(frozen=True, slots=True)
class Alerts:
    """Notices in the outbox; confirmed incursions; what phones heard. Approaches of long ago are not sent."""

    raised: int
    unpublished: int
    confirmed: int
    untold: int
    for_visitors: int
    unheard: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds of the fixes that were sent: how many, and how many more than once."""

    fixes: int
    lost: int
    doubled: int


class Trial:
    """Start it as a context; then feed phones, kill services and look what is left."""

    def __init__(
        self, var_dir: Path, *, phones: int, fixes_each: int, workers: int = 1, plain: bool = False, seed: int = 1
    ) -> None:
        env = {"VAR_DIR": str(var_dir), "MQTT_PORT": "0", "HTTP_PORT": "0", "ACK_INTERVAL_S": str(ACK_INTERVAL_S)}
        self._env = {f"KEEPCLEAR_{name}": value for name, value in env.items()}
        self.settings = load(self._env)
        self.begun_at = time.time() - fixes_each * FIX_EVERY_S - BEFORE_S
        self.zones: Sequence[Zone] = demo_zones(time.time())
        self.tracks = {
            track.device: tuple(as_sent(fix) for fix in track.fixes[:fixes_each])
            for track in crowd(seed, demo_town(), self.begun_at + BEFORE_S / 2, fixes_each * FIX_EVERY_S, phones)
        }
        credentials = [DeviceCredential(device, PASSWORD) for device in self.tracks]
        self.postgres = EmbeddedPostgres(var_dir)
        self.broker = EmbeddedBroker(self.settings, credentials)
        self.workers: list[Program] = []
        self._hired = workers
        self.heard: Counter[str] = Counter()
        self._plain = plain
        self._running = ExitStack()

    def __enter__(self) -> Self:
        for service in (self.postgres, self.broker):
            self._running.enter_context(service)
        self._enrol()
        for _ in range(self._hired):
            self.hire()
        connection = Connection(port=self.broker.port)
        self.phones = [
            Phone(
                device, replace(connection, username=device, password=PASSWORD),
                plain=self._plain, patience=IMPATIENT, window=50, on_message=self._hear,
            )
            for device in self.tracks
        ]  # fmt: skip
        self._waiting = deque(sorted((fix for fixes in self.tracks.values() for fix in fixes), key=lambda fix: fix.key))
        self._phone = {phone.device: phone for phone in self.phones}
        self.loop = PhoneLoop(self.phones)
        self._running.callback(self.loop.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def sent(self) -> int:
        """Fixes fed to the phones so far."""
        return sum(map(len, self.tracks.values())) - len(self._waiting)

    @property
    def left(self) -> int:
        """Fixes still to be fed."""
        return len(self._waiting)

    def feed(self, count: int) -> None:
        """Give the next fixes, oldest first, to their phones."""
        for _ in range(min(count, len(self._waiting))):
            fix = self._waiting.popleft()
            self._phone[fix.device].report(fix)

    def fed(self) -> dict[str, list[Fix]]:
        """The fixes that phones were given so far, by device."""
        waiting = {(fix.device, fix.key) for fix in self._waiting}
        return {
            device: [fix for fix in fixes if (device, fix.key) not in waiting] for device, fixes in self.tracks.items()
        }

    def unacknowledged(self) -> int:
        """Fixes that phones still hold."""
        return sum(phone.waiting() for phone in self.phones)

    def watch(self) -> None:
        """Start workers again that have ended by themselves, as the supervisor would."""
        for worker in self.workers:
            if not worker.alive():
                revive(worker)

    def hire(self) -> Program:
        """One worker more."""
        self.workers.append(self._worker(len(self.workers)))
        self.workers[-1].start()
        self._running.callback(self.workers[-1].stop)
        return self.workers[-1]

    def shards(self) -> list[int]:
        """How many shards each worker holds, the fewest first."""
        with connect(self.postgres.url, "trial", fenced=False) as connection:
            return sorted(row[0] for row in connection.execute(SHARDS_HELD, (SHARD_CLASS,)).fetchall())

    def ready(self) -> bool:
        """Whether every worker has its sessions; False while the database is away."""
        with suppress(Exception), connect(self.postgres.url, "trial", fenced=False) as connection:
            return holders(connection, READY_CLASS) >= len(self.workers)
        return False

    def stored(self) -> Stored:
        """Compare the fix table with what was fed."""
        query = "SELECT d.name, extract(epoch FROM fix_at)::float8 FROM fix f JOIN device d ON d.id = f.device_id"
        with connect(self.postgres.url, "trial", fenced=False) as connection:
            rows = connection.execute(query).fetchall()
        sent = {(fix.device, fix.fix_at) for fixes in self.fed().values() for fix in fixes}
        return Stored(len(rows), len(sent - set(rows)), len(rows) - len(set(rows)))

    def wrong_incursions(self) -> list[str]:
        """Devices whose incursions differ from those of an undisturbed fold of the same fixes, in order."""
        history = ZoneHistory(self.zones)
        with connect(self.postgres.url, "trial", fenced=False) as connection:
            return [
                device
                for device, fixes in self.fed().items()
                if in_order(Incursion.from_json(row[0]) for row in connection.execute(FOUND, (device,)).fetchall())
                != in_order(refold(begin(self.begun_at), sorted(fixes, key=lambda fix: fix.key), history.at).incursions)
            ]

    def alerts(self) -> Alerts:
        """How the alerts stand in the outbox and at the phones."""
        with connect(self.postgres.url, "trial", fenced=False) as connection:
            raised, unpublished, confirmed, untold = connection.execute(ALERTS).fetchall()[0]
            keys = {row[0] for row in connection.execute(TOLD_TO_VISITORS).fetchall()}
        repeated = sum(self.heard.values()) - len(self.heard)
        return Alerts(raised, unpublished, confirmed, untold, len(keys), len(keys - self.heard.keys()), repeated)

    def _hear(self, part: str, payload: bytes) -> None:
        message = orjson.loads(payload)
        if part == "alert" and "specversion" in message:
            self.heard[message["id"]] += 1

    def _enrol(self) -> None:
        migrating = engine(self.postgres.url)
        upgrade(migrating)
        migrating.dispose()
        with connect(self.postgres.url, "trial", fenced=False) as connection:
            put_zones(connection, self.zones, "trial")
            people = People(connection)
            for device in self.tracks:
                visitor = people.add_visitor(device, consented=True)
                people.add_device(device, visitor, platform="android", shard=shard_of(device), secret=PASSWORD)
                people.open_shift(visitor, self.begun_at)

    def _worker(self, number: int) -> Program:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("KEEPCLEAR_", "PG"))}
        log = self.settings.var_dir / "log" / f"ingest-{number}.log"
        return Program(f"ingest-{number}", [sys.executable, "-m", "tracker.cli", "ingest"], log, env=env | self._env)


def as_sent(fix: Fix) -> Fix:
    """The fix as the service will read it: km/h and back leave other bits in the speed."""
    [read] = parse(orjson.dumps(encode(fix)), fix.device, fix.received_at).fixes
    return read


def in_order(incursions: Iterable[Incursion]) -> list[Incursion]:
    """Comparable."""
    return sorted(incursions, key=lambda found: found.key)


def kill(service: Service) -> None:
    """SIGKILL to a service and all its processes at once: nobody gets to say goodbye."""
    assert service.pid is not None
    with suppress(psutil.NoSuchProcess):
        head = psutil.Process(service.pid)
        for process in (head, *head.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
    service.kill()


def revive(service: Service) -> None:
    """Start it again as the supervisor would, without waiting until it serves."""
    service.kill()
    service.start()

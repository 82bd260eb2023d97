"""The two stores behind one administration, so that the same tests run on both."""

import time
from collections.abc import Sequence
from dataclasses import replace

from geofences.zone import Zone
from mqtt.topics import shard_of
from tests.fakes import FakeStore
from tracker.excuse import Cause, Excuse
from tracker.ports import QuarantineEntry
from tracker.shift import Enrolment, Shift
from tracker.store.connection import connect, rows
from tracker.store.excuses import Excuses
from tracker.store.people import People
from tracker.store.postgres import PostgresStore
from tracker.store.quarantine import quarantined, refused
from tracker.store.zones import put_zones

LATE_S = 7 * 86_400.0
HOUR_AGO = float(int(time.time()) - 3600)
Period = tuple[float, float | None]


class FakeHouse:
    """The store in memory."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self._ids = iter(range(1, 1000))

    def enrol(self, device: str, *shifts: Period, consented: bool = True) -> Enrolment:
        number = next(self._ids)
        made = tuple(Shift(next(self._ids), *shift) for shift in shifts)
        self.store.enrol(Enrolment(number, device, number, consented, shifts=made))
        return self.store.tables.enrolments[device]

    def close_shift(self, device: str, at: float) -> None:
        enrolment = self.store.tables.enrolments[device]
        made = (*enrolment.shifts[:-1], Shift(enrolment.shifts[-1].id, enrolment.shifts[-1].opened_at, at))
        self.store.enrol(Enrolment(enrolment.device_id, device, enrolment.visitor_id, consented=True, shifts=made))

    def excuse(self, device: str, excuse: Excuse) -> None:
        enrolment = self.store.tables.enrolments[device]
        self.store.enrol(replace(enrolment, excuses=(*enrolment.excuses, excuse)))

    def put_zones(self, *zones: Zone) -> None:
        self.store.put_zones(zones)

    def quarantined(self) -> list[QuarantineEntry]:
        return list(reversed(self.store.tables.quarantined))

    def refused(self) -> dict[tuple[str, str], int]:
        return {(device, reason.value): count for (device, reason), count in self.store.tables.refused.items()}

    def losses(self, device_id: int) -> Sequence[tuple[int, int]]:
        return sorted(set(self.store.tables.losses.get(device_id, [])))

    def close(self) -> None:
        """Nothing is open."""


class PostgresHouse:
    """The store on PostGIS; `another` opens a second connection to the same database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = connect(url, "keepclear test", fenced=False)
        self._stores: list[PostgresStore] = []
        self.store = self.another()

    def another(self, *, fenced: bool = False) -> PostgresStore:
        self._stores.append(PostgresStore(self.url, "keepclear test", fenced=fenced, late_s=LATE_S))
        return self._stores[-1]

    def enrol(self, device: str, *shifts: Period, consented: bool = True) -> Enrolment:
        people = People(self.admin)
        visitor = people.add_visitor(device, consented=True)
        people.add_device(device, visitor, platform="android", shard=shard_of(device), secret=device)
        for opened_at, closed_at in shifts:
            people.open_shift(visitor, opened_at)
            if closed_at is not None:
                people.close_shift(visitor, closed_at)
        people.consent(visitor, given=consented)
        with self.store.transaction() as transaction:
            return transaction.enrolments([device])[device]

    def close_shift(self, device: str, at: float) -> None:
        with self.store.transaction() as transaction:
            visitor = transaction.enrolments([device])[device].visitor_id
        People(self.admin).close_shift(visitor, at)

    def excuse(self, device: str, excuse: Excuse) -> None:
        with self.store.transaction() as transaction:
            visitor = transaction.enrolments([device])[device].visitor_id
        Excuses(self.admin).add(visitor, excuse, Cause.WITNESS, approved_by="test")

    def put_zones(self, *zones: Zone) -> None:
        put_zones(self.admin, zones, "test")

    def quarantined(self) -> list[QuarantineEntry]:
        return list(quarantined(self.admin, 100))

    def refused(self) -> dict[tuple[str, str], int]:
        return {(device, reason): count for device, reason, count, _ in refused(self.admin, 100)}

    def losses(self, device_id: int) -> Sequence[tuple[int, int]]:
        query = "SELECT first_seq, last_seq FROM declared_loss WHERE device_id = %s ORDER BY first_seq"
        return [(first, last) for first, last in rows(self.admin, query, device_id)]

    def close(self) -> None:
        self.admin.close()
        for store in self._stores:
            store.close()

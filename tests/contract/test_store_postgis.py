"""What only a real database can show: constraints, partitions, two connections at once, migrations, the fence."""

import subprocess
import sys
from datetime import UTC, datetime
from threading import Barrier, Event, Thread

import pytest
from houses import HOUR_AGO, LATE_S, PostgresHouse
from psycopg import sql
from sqlalchemy import create_engine

from geofences.index import cell_of
from mqtt.topics import shard_of
from tests.builders import a_walk, a_zone
from tests.eventually import eventually
from tracker.admission import Limits
from tracker.batch import Arrival
from tracker.errors import ConflictError
from tracker.fix import Fix
from tracker.pipeline import Pipeline
from tracker.ports import FixRecord, StoreRefusedError, StoreUnavailableError
from tracker.store.connection import Pulse, rows
from tracker.store.leases import Leases
from tracker.store.migrate import upgrade
from tracker.store.people import People

DEVICE = "phone-1"
DAY_S = 86_400.0
MIGRATE = """
import sys
from sqlalchemy import create_engine
from tracker.store.migrate import upgrade
upgrade(create_engine(sys.argv[1]))
"""


def a_record(enrolment, at, lon=118.79):
    return FixRecord(
        enrolment.device_id,
        enrolment.shifts[0].id,
        cell_of(lon, 32.04),
        Fix(DEVICE, at, lon, 32.04, at + 1),
        behind=False,
    )


def add(store, *records):
    with store.transaction() as transaction:
        return transaction.add_fixes(records)


def partitions(house):
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'fix'::regclass ORDER BY 1"
    return [name for (name,) in rows(house.admin, query)]


def count(house, table):
    return house.admin.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]


def test_each_day_has_its_partition(postgis):
    phone = postgis.enrol(DEVICE, (HOUR_AGO - 3 * DAY_S, None))
    days = [HOUR_AGO - n * DAY_S for n in range(3)]
    add(postgis.store, *[a_record(phone, at) for at in days])
    assert partitions(postgis) == sorted(f"fix_{datetime.fromtimestamp(at, UTC):%Y%m%d}" for at in days)


def test_the_last_microsecond_of_a_day_belongs_to_that_day(postgis):
    midnight = HOUR_AGO - HOUR_AGO % DAY_S
    phone = postgis.enrol(DEVICE, (midnight - DAY_S, None))
    add(postgis.store, a_record(phone, midnight - 1e-6), a_record(phone, midnight))
    assert [count(postgis, name) for name in partitions(postgis)] == [1, 1]


def test_the_partitions_of_the_next_days_are_made_ahead(postgis):
    noon = 1_767_268_800.0  # 2026-01-01 12:00 UTC
    with postgis.store.transaction() as transaction:
        transaction.prepare(noon)
    assert partitions(postgis) == ["fix_20260101", "fix_20260102", "fix_20260103", "fix_20260104"]


def test_connections_that_make_the_same_partitions_at_once_all_succeed(postgis):
    """Overlapping sets of days in different batches: no duplicate table, no deadlock."""
    phone = postgis.enrol(DEVICE, (HOUR_AGO - 60 * DAY_S, None))
    rounds, workers, failed = 10, 4, []
    stores, together = [postgis.another() for _ in range(workers)], Barrier(workers)

    def write(store, number):
        for each in range(rounds):
            together.wait(30)
            days = [HOUR_AGO - (each * 2 + n) * DAY_S for n in range(2)][number % 2 :]
            try:
                add(store, *[a_record(phone, at, 118.0 + number / 100) for at in days])
            except (StoreUnavailableError, StoreRefusedError) as error:
                failed.append(error)

    threads = [Thread(target=write, args=(store, number)) for number, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert (count(postgis, "fix"), len(partitions(postgis))) == (rounds * 6, rounds * 2)


def test_a_new_day_waits_for_no_reader(postgis):
    """A long export must not stop the fixes of the next day."""
    phone = postgis.enrol(DEVICE, (HOUR_AGO - 3 * DAY_S, None))
    add(postgis.store, a_record(phone, HOUR_AGO - DAY_S))
    with postgis.admin.transaction():
        assert count(postgis, "fix") == 1
        postgis.store.connection.execute("SET lock_timeout = '1s'")
        add(postgis.store, a_record(phone, HOUR_AGO))
    assert (count(postgis, "fix"), len(partitions(postgis))) == (2, 2)


def test_a_partition_refuses_the_same_fix_twice_as_the_whole_table_does(postgis):
    phone = postgis.enrol(DEVICE, (HOUR_AGO - DAY_S, None))
    for _ in range(2):
        add(postgis.store, a_record(phone, HOUR_AGO))
    assert count(postgis, "fix") == 1


def test_shifts_of_one_visitor_do_not_overlap(postgis):
    phone = postgis.enrol(DEVICE, (HOUR_AGO, HOUR_AGO + 600))
    people = People(postgis.admin)
    for at in (HOUR_AGO, HOUR_AGO + 300, HOUR_AGO - 10):  # the last is open and would run into the closed one
        with pytest.raises(ConflictError):
            people.open_shift(phone.visitor_id, at)
    people.open_shift(phone.visitor_id, HOUR_AGO + 601)


def test_an_edited_zone_is_a_new_version_and_the_old_one_stays_as_it_was(postgis):
    postgis.put_zones(a_zone(valid_from=HOUR_AGO))
    postgis.put_zones(a_zone(valid_from=HOUR_AGO))
    postgis.put_zones(a_zone(standoff_m=250.0))
    with postgis.store.transaction() as transaction:
        old, new = transaction.zones()
    assert (old.version, old.standoff_m, old.valid_from) == (1, 200.0, HOUR_AGO)
    assert (new.version, new.standoff_m, new.valid_to) == (2, 250.0, None)
    assert old.valid_to == new.valid_from


def test_shifts_older_than_the_late_limit_take_no_more_fixes_but_are_still_closed(postgis):
    old = HOUR_AGO - LATE_S
    phone = postgis.enrol(DEVICE, (old - 600, None))
    postgis.put_zones(a_zone(valid_from=old - 600))
    pipeline = Pipeline(postgis.store, Limits(late_s=2 * LATE_S))
    walk = [fix._replace(device=DEVICE) for fix in a_walk([100, 20, -50, *[-90] * 5], start=old - 500)]
    pipeline.process([Arrival(DEVICE, fix.received_at, [fix]) for fix in walk])
    postgis.close_shift(DEVICE, old - 100)
    late = Pipeline(postgis.store, Limits(late_s=LATE_S))
    late.close_shifts([shard_of(DEVICE)])
    ended = rows(postgis.admin, "SELECT content->>'ended' FROM incursion WHERE device_id = %s", phone.device_id)
    assert ended == [("shift_end",)]
    with postgis.store.transaction() as transaction:
        assert transaction.enrolments([DEVICE])[DEVICE].shifts == ()


def test_what_the_server_says_of_refused_data_quotes_no_row(postgis):
    phone = postgis.enrol(DEVICE, (HOUR_AGO, None))
    with pytest.raises(StoreRefusedError) as refused, postgis.store.transaction():
        postgis.store.connection.execute(
            "INSERT INTO track (device_id, shift_id, version, fix_at, lon, lat, received_at, state, fold) "
            "VALUES (%s, 0, 1, now(), 118.987654, 32.1, now(), 'clear', '{}')", (phone.device_id,)
        )  # fmt: skip
    assert "118.987654" not in str(refused.value)


def test_upgrading_twice_changes_nothing(postgis):
    postgis.enrol(DEVICE, (HOUR_AGO, None))
    before = count(postgis, "device"), count(postgis, "shift"), rows(postgis.admin, "SELECT * FROM alembic_version")
    upgrade(create_engine(postgis.url))
    assert before == (1, 1, rows(postgis.admin, "SELECT * FROM alembic_version"))


def test_processes_that_upgrade_at_once_migrate_once(empty_database_url):
    at_once = [subprocess.Popen([sys.executable, "-c", MIGRATE, empty_database_url]) for _ in range(3)]
    assert [process.wait(60) for process in at_once] == [0, 0, 0]
    house = PostgresHouse(empty_database_url)
    house.enrol(DEVICE, (HOUR_AGO, None))
    house.close()


def test_a_silent_worker_loses_its_lease_and_cannot_write_late(postgis):
    """The fence of 5 s, shortened: the server ends the session, so what comes after the silence is refused."""
    hung, other = postgis.another(fenced=True), postgis.another(fenced=True)
    hung.connection.execute("SET idle_session_timeout = '200ms'")
    first, second = Leases(hung.connection, [0]), Leases(other.connection, [0])
    assert first.claim() == {0}
    assert eventually(second.claim) == {0}
    with pytest.raises(StoreUnavailableError), hung.transaction():
        pass


def compute_for(store, seconds):
    """A transaction that says nothing to the server for so long."""
    with store.transaction() as transaction:
        Event().wait(seconds)
        return transaction.revisions()


def test_a_long_computation_inside_a_transaction_keeps_its_lease(postgis):
    store = postgis.another(fenced=True)
    store.connection.execute("SET idle_in_transaction_session_timeout = '400ms'")
    store._pulse.end()
    store._pulse = Pulse(store.connection, every_s=0.1)
    with postgis.another().transaction() as elsewhere:
        known = elsewhere.revisions()
    assert compute_for(store, 1.2) == known


def test_a_computation_that_never_ends_loses_it(postgis):
    store = postgis.another(fenced=True)
    store.connection.execute("SET idle_in_transaction_session_timeout = '400ms'")
    store._pulse.end()
    store._pulse = Pulse(store.connection, every_s=0.1, patience_s=0.2)
    with pytest.raises(StoreUnavailableError):
        compute_for(store, 1.2)

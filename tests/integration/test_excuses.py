"""Excuses on the live view: given before, given afterwards, withdrawn."""

import time

import pytest

from tracker.errors import ConflictError, NotFoundError
from tracker.excuse import Call, Cause, Excuse
from tracker.incursion import Incursion, Kind
from tracker.settle import Action, Change, Stored
from tracker.store.connection import connect, engine
from tracker.store.excuses import Excuses, raise_sos
from tracker.store.incursions import write_incursions
from tracker.store.live import PostgresLiveView
from tracker.store.people import People

NOON = float(int(time.time()) - 3600)
ENTRY = Incursion("court", 1, Kind.ENTRY, NOON, NOON, NOON + 60, 0.99, -50.0, 5.0, fixes=9, confirmed_at=NOON + 30)
STORED = Stored("0b8a2d0e-6e0f-4d0c-9c55-0b6a3c1d2e3f", 1, retracted=False, incursion=ENTRY._replace(exit_at=NOON + 60))


@pytest.fixture
def connection(database_url):
    with connect(database_url, "test", fenced=False) as opened:
        yield opened


@pytest.fixture
def visitor(connection):
    people = People(connection)
    number = people.add_visitor("Li", consented=True)
    device = people.add_device("phone-1", number, platform="android", shard=0, secret="s")
    key = (device, people.open_shift(number, NOON - 60))
    write_incursions(connection, [(key, Change(Action.NEW, None, STORED, (), None))])
    return number


@pytest.fixture
def view(database_url):
    made = engine(database_url)
    yield PostgresLiveView(made)
    made.dispose()


def test_an_excuse_after_the_fact_marks_the_incursion_and_shows_it_again(connection, visitor, view):
    before = view.alerts(0.0, 10)[0]
    Excuses(connection).add(visitor, Excuse(None, NOON - 10, NOON + 40), Cause.SUMMONED, approved_by="Wang")
    after = view.alerts(0.0, 10)[0]
    assert (before.excused, after.excused) == (None, "summoned")
    assert after.changed_at > before.changed_at


@pytest.mark.parametrize("end", [NOON - 10, NOON + 10], ids=["before the entry", "before its confirmation"])
def test_an_excuse_that_ended_before_marks_nothing(connection, visitor, view, end):
    Excuses(connection).add(visitor, Excuse(None, NOON - 20, end), Cause.PARTY, approved_by="Wang")
    assert view.alerts(0.0, 10)[0].excused is None


def test_an_excuse_for_tomorrow_hides_nobody_who_is_inside_now(connection, visitor, view):
    connection.execute("UPDATE incursion SET exit_at = NULL")
    tomorrow = NOON + 86_400.0
    Excuses(connection).add(visitor, Excuse(None, tomorrow, tomorrow + 3600.0), Cause.PARTY, approved_by="Wang")
    assert view.alerts(0.0, 10)[0].excused is None


def test_a_withdrawn_excuse_stays_on_record_and_excuses_nothing(connection, visitor, view):
    excuses = Excuses(connection)
    number = excuses.add(visitor, Excuse(None, NOON), Cause.PARTY, approved_by="Wang", note="(2026) 1")
    excuses.withdraw(number, by="Chen")
    assert view.alerts(0.0, 10)[0].excused is None
    assert [(each.withdrawn, each.note) for each in excuses.recorded()] == [(True, "(2026) 1")]


def test_an_excuse_is_withdrawn_once(connection, visitor):
    excuses = Excuses(connection)
    number = excuses.add(visitor, Excuse(None, NOON), Cause.PARTY, approved_by="Wang")
    excuses.withdraw(number, by="Chen")
    with pytest.raises(NotFoundError):
        excuses.withdraw(number, by="Chen")


def test_a_call_for_help_is_open_until_it_is_withdrawn(connection, visitor):
    device = connection.execute("SELECT id FROM device").fetchall()[0][0]
    assert raise_sos(connection, device, NOON) is Call.NEW
    assert raise_sos(connection, device, NOON + 60) is Call.KNOWN
    (call,) = Excuses(connection).recorded()
    Excuses(connection).withdraw(call.id, by="Chen")
    assert raise_sos(connection, device, time.time() + 60) is Call.NEW
    assert raise_sos(connection, device, NOON + 60) is Call.KNOWN


def test_a_closed_call_that_began_earlier_stays_closed(connection, visitor):
    device = connection.execute("SELECT id FROM device").fetchall()[0][0]
    raise_sos(connection, device, NOON)
    Excuses(connection).withdraw(Excuses(connection).recorded()[0].id, by="Chen")
    assert raise_sos(connection, device, NOON - 30) is Call.KNOWN
    (call,) = Excuses(connection).recorded()
    assert (call.withdrawn, call.excuse.from_at) == (True, NOON - 30)


def test_an_excuse_can_t_end_before_it_begins(connection, visitor):
    with pytest.raises(ConflictError):
        Excuses(connection).add(visitor, Excuse(None, NOON, NOON - 1), Cause.PARTY, approved_by="Wang")


@pytest.mark.parametrize(("visitor_id", "zone"), [(999, None), (None, "nowhere")])
def test_whom_and_what_nobody_knows_can_t_be_excused(connection, visitor, visitor_id, zone):
    with pytest.raises(NotFoundError):
        Excuses(connection).add(visitor_id or visitor, Excuse(zone, NOON), Cause.PARTY, approved_by="Wang")

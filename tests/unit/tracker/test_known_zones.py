"""Edits reach a worker without holding it up, and each moment has its zones whenever it is asked."""

from dataclasses import replace
from threading import Event

import pytest

from tests.builders import NINE, a_zone
from tests.fakes import FakeStore
from tracker.zones import known as known_zones
from tracker.zones.known import KnownZones

SOON, LATER = NINE + 100.0, NINE + 200.0
OLD = [a_zone(f"zone-{n}", at=(118.0 + n * 0.01, 32.0), valid_from=NINE) for n in range(5)]
MORE = [replace(zone, id=f"more/{zone.id}", valid_from=SOON) for zone in OLD]


@pytest.fixture
def store():
    made = FakeStore()
    made.put_zones(OLD)
    return made


@pytest.fixture
def gate(monkeypatch):
    """Keeps what another thread prepares waiting until it is set."""
    opened, prepare = Event(), known_zones.prepared

    def prepared(*given):
        assert opened.wait(20)
        return prepare(*given)

    monkeypatch.setattr(known_zones, "prepared", prepared)
    yield opened
    opened.set()


def revision(transaction):
    return transaction.revisions()["zones"]


def known(store):
    with store.transaction() as transaction:
        return KnownZones(transaction, revision(transaction))


def ask(zones, store, *moments, page=None):
    with store.transaction() as transaction:
        zones.read(transaction, revision(transaction), page)
        return [len(zones.at(moment)) for moment in moments]


def test_who_asks_for_a_moment_before_the_change_waits_for_nothing(store, gate):
    zones = known(store)
    store.put_zones(MORE)
    assert ask(zones, store, NINE, SOON - 1.0) == [5, 5]
    assert not gate.is_set()


def test_who_asks_for_a_moment_after_the_change_has_it_at_once(store):
    zones = known(store)
    store.put_zones(MORE)
    assert ask(zones, store, SOON - 1.0, SOON, SOON - 1.0) == [5, 10, 5]


@pytest.mark.parametrize("page", [1, 2, 3, 5, 7, None])
def test_versions_are_read_in_pages_and_none_is_missed(store, page):
    zones = known(store)
    store.put_zones(MORE)
    for _ in MORE:
        assert ask(zones, store, NINE, page=page) == [5]
    assert ask(zones, store, SOON - 1.0, SOON) == [5, 10]


def test_an_edit_between_two_pages_is_not_missed(store):
    zones = known(store)
    store.put_zones(MORE)
    ask(zones, store, NINE, page=2)
    store.put_zones([replace(MORE[0], valid_to=LATER), replace(OLD[0], valid_to=LATER)])
    assert ask(zones, store, SOON - 1.0, SOON, LATER, page=2) == [5, 10, 8]


def test_an_edit_while_another_is_prepared_counts_from_its_own_moment(store, gate):
    zones = known(store)
    store.put_zones([replace(zone, valid_from=LATER) for zone in MORE])
    ask(zones, store, NINE)
    store.put_zones([a_zone("soon", at=(118.5, 32.0), valid_from=SOON)])
    assert ask(zones, store, SOON - 1.0) == [5]
    gate.set()
    assert ask(zones, store, SOON, LATER) == [6, 11]


def test_a_zone_that_is_valid_since_long_counts_at_once(store):
    zones = known(store)
    store.put_zones([a_zone("forgotten", at=(118.5, 32.0), valid_from=NINE - 1000.0)])
    assert ask(zones, store, NINE) == [6]

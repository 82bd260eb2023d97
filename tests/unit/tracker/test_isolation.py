"""What one message that cannot be committed does to the others: nothing."""

from contextlib import contextmanager

import pytest

from tests.builders import NINE, a_walk, a_zone
from tests.fakes import FakeStore, FakeTransaction
from tracker.admission import Limits
from tracker.batch import Arrival
from tracker.isolation import commit
from tracker.pipeline import Pipeline
from tracker.ports import StaleTrackError, StoreRefusedError, StoreUnavailableError
from tracker.shift import Enrolment, Shift

KEY = (7, 1)
POISON_SEQ = 5


class FaultyTransaction(FakeTransaction):
    """Raises when it meets the fix with the poisonous number."""

    error: Exception

    def add_fixes(self, records):
        if any(record.fix.seq == POISON_SEQ for record in records):
            raise self.error
        return super().add_fixes(records)


class FaultyStore(FakeStore):
    def __init__(self, error):
        super().__init__()
        self.error = error
        self.put_zones([a_zone()])
        self.enrol(Enrolment(7, "phone-1", 3, consented=True, shifts=(Shift(1, NINE),)))

    @contextmanager
    def transaction(self):
        with super().transaction() as plain:
            faulty = FaultyTransaction(plain.tables)
            faulty.error = self.error
            yield faulty


def ten_messages():
    fixes = [fix._replace(seq=seq) for seq, fix in enumerate(a_walk([150, 100, 50, 20, -20, -60, -90, -90, -90, -90]))]
    return [Arrival(fix.device, fix.received_at, [fix], payload=b"{}") for fix in fixes]


def committed(error):
    store = FaultyStore(error)
    return store, commit(Pipeline(store, Limits()), ten_messages())


def test_what_the_database_refuses_is_quarantined_alone_and_its_number_acknowledged():
    store, outcome = committed(StoreRefusedError("out of range"))
    assert len(store.tables.fixes[KEY]) == 9
    assert [(entry.reason, entry.payload) for entry in store.tables.quarantined] == [("not_storable", b"{}")]
    assert (outcome.held_back, outcome.receipt.upto) == ([], {"phone-1": 9})


@pytest.mark.parametrize("error", [ValueError("lon 118.79"), StaleTrackError("again"), KeyError("x")])
def test_a_fault_of_ours_holds_its_message_back_and_stores_the_others(error):
    store, outcome = committed(error)
    assert len(store.tables.fixes[KEY]) == 9
    assert store.tables.quarantined == []
    assert [held.index for held in outcome.held_back] == [POISON_SEQ]
    assert outcome.receipt.upto == {"phone-1": POISON_SEQ - 1}


def test_why_it_is_held_back_names_the_place_and_quotes_nothing():
    _, outcome = committed(ValueError("lon 118.79"))
    assert outcome.held_back[0].why.startswith("ValueError in add_fixes, test_isolation.py:")
    assert "118" not in outcome.held_back[0].why.partition(", ")[0]


def test_once_mended_what_was_held_back_ends_in_the_same_incursions():
    store, outcome = committed(ValueError())
    store.error = None
    mended = FakeStore()
    mended.tables = store.tables
    commit(Pipeline(mended, Limits()), [ten_messages()[held.index] for held in outcome.held_back])
    alone = FakeStore()
    alone.put_zones([a_zone()])
    alone.enrol(store.tables.enrolments["phone-1"])
    commit(Pipeline(alone, Limits()), ten_messages())
    found = [[stored.incursion for stored in each.tables.tracks[KEY].stored] for each in (mended, alone)]
    assert found[0] == found[1]


def test_a_lost_database_isolates_nothing():
    with pytest.raises(StoreUnavailableError):
        committed(StoreUnavailableError("gone"))

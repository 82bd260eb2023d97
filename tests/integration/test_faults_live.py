"""Faults of ours, of the data and of the database, in the running service: a delay, never a lost fix."""

import time

import pytest
from prometheus_client import REGISTRY

from mqtt.topics import ack_topic
from tests.builders import a_walk
from tests.eventually import eventually

REFUSE_ALL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'out of order'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON fix FOR EACH ROW EXECUTE FUNCTION refuse()"""


def fixes(device, count, *, ago_s=100.0, first=1):
    walk = a_walk([900.0] * count, every_s=1.0, start=round(time.time() - ago_s))
    return [fix._replace(device=device, seq=first + n, oldest_held=1) for n, fix in enumerate(walk)]


def restarts():
    return REGISTRY.get_sample_value("keepclear_worker_restarts_total")


def quarantined(live):
    return live.rows("SELECT device, reason FROM quarantine ORDER BY id")


@pytest.fixture
def two_phones(live):
    for device in ("phone-1", "phone-2"):
        live.enrol(device)
    return [live.talker(device, ack_topic(device)) for device in ("phone-1", "phone-2")]


def test_a_fault_of_ours_delays_one_phone_and_nobody_else(live, two_phones):
    """A fold state of a release that we can't read: the fix is held back, and taken once the state is mended."""
    one, two = two_phones
    with live.ingesting():
        one.report(*fixes("phone-1", 3, ago_s=200))
        live.wait_stored("phone-1", 3)
    live.rows("UPDATE track SET fold = jsonb_set(fold, '{v}', '99') RETURNING 1")
    with live.ingesting():
        one.report(*fixes("phone-1", 3, first=4))
        two.report(*fixes("phone-2", 3))
        live.wait_stored("phone-2", 3)
        assert (live.stored("phone-1"), quarantined(live)) == (3, [])
        live.rows("UPDATE track SET fold = jsonb_set(fold, '{v}', '1') RETURNING 1")
        live.wait_stored("phone-1", 6)


def test_a_fix_that_the_database_refuses_is_quarantined_alone_and_the_phone_may_forget_it(live, two_phones):
    one, two = two_phones
    sent = fixes("phone-1", 9)
    live.admin.execute(f"ALTER TABLE fix ADD CHECK (seq <> {sent[4].seq} OR device_id <> 1)")
    with live.ingesting():
        two.report(*fixes("phone-2", 3))
        one.report(*sent)
        live.wait_stored("phone-1", 8)
        live.wait_stored("phone-2", 3)
        assert quarantined(live) == [("phone-1", "not_storable")]
        eventually(lambda: one.next()[1] == {"upto": 9})


def test_a_database_that_fails_for_a_while_loses_nothing_and_quarantines_nothing(live, two_phones):
    one, two = two_phones
    live.admin.execute(REFUSE_ALL)
    before = restarts()
    with live.ingesting():
        one.report(*fixes("phone-1", 5))
        two.report(*fixes("phone-2", 5))
        eventually(lambda: restarts() > before)
        live.admin.execute("DROP FUNCTION refuse CASCADE")
        live.wait_stored("phone-1", 5)
        live.wait_stored("phone-2", 5)
    assert quarantined(live) == []

"""`{"upto": n}` as a phone hears it from the running service."""

import time

from mqtt.topics import ack_topic
from tests.builders import a_walk
from tests.eventually import eventually


def numbered(device, first, count, *, ago_s, lo=None):
    walk = a_walk([900.0] * count, every_s=0.5, start=time.time() - ago_s)
    return [fix._replace(device=device, seq=first + n, oldest_held=lo) for n, fix in enumerate(walk)]


def listening(live):
    live.enrol("phone-1")
    return live.talker("phone-1", ack_topic("phone-1"))


def hear_until(phone, upto):
    """All `upto` heard until this one comes."""
    heard = []
    while not heard or heard[-1] != upto:
        topic, message = phone.next()
        assert (topic, message.keys()) == (ack_topic("phone-1"), {"upto"})
        heard.append(message["upto"])
    return heard


def test_a_backlog_is_acknowledged_at_once(live):
    live.settings = live.settings.model_copy(update={"ack_interval_s": 3600.0})
    with live.ingesting():
        phone = listening(live)
        for first in (1, 21, 41):
            phone.report(*numbered("phone-1", first, 20, ago_s=300 - first, lo=1))
            hear_until(phone, first + 19)


def test_live_fixes_are_acknowledged_by_a_trailing_timer(running):
    phone = listening(running)
    for seq in range(1, 6):
        phone.report(*numbered("phone-1", seq, 1, ago_s=0, lo=1))
    heard = hear_until(phone, 5)
    assert heard == sorted(heard)


def test_nothing_is_acknowledged_beyond_a_hole_until_it_is_filled(running):
    phone = listening(running)
    one, two, three = numbered("phone-1", 1, 3, ago_s=60, lo=1)
    phone.report(one, three)
    running.wait_stored("phone-1", 2)
    phone.report(two)
    assert set(hear_until(phone, 3)) <= {1, 3}


def test_what_a_phone_no_longer_holds_is_a_declared_loss(running):
    phone = listening(running)
    phone.report(*numbered("phone-1", 1, 3, ago_s=100, lo=1))
    phone.report(*numbered("phone-1", 10, 2, ago_s=50, lo=8))
    phone.report(*numbered("phone-1", 8, 2, ago_s=70, lo=8))
    hear_until(phone, 11)
    assert running.rows("SELECT first_seq, last_seq FROM declared_loss") == [(4, 7)]


def test_what_is_sent_again_is_acknowledged_again_and_stored_once(running):
    phone = listening(running)
    fixes = numbered("phone-1", 1, 20, ago_s=300, lo=1)
    for _ in range(3):
        phone.report(*fixes)
        hear_until(phone, 20)
    assert running.stored("phone-1") == 20


def test_a_refused_fix_is_acknowledged_so_that_the_phone_need_not_keep_it(running):
    visitor = running.enrol("phone-1", time.time() - 30)
    running.people.close_shift(visitor)
    phone = running.talker("phone-1", ack_topic("phone-1"))
    phone.report(*numbered("phone-1", 1, 2, ago_s=500, lo=1))
    hear_until(phone, 2)
    assert running.refusals() == {("phone-1", "off_shift"): 2}


def test_a_worker_that_comes_later_goes_on_where_the_last_one_stopped(live):
    phone = listening(live)
    with live.ingesting():
        phone.report(*numbered("phone-1", 1, 20, ago_s=300, lo=1))
        hear_until(phone, 20)
    phone.report(*numbered("phone-1", 21, 20, ago_s=200, lo=21))
    eventually(lambda: not live.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"))
    with live.ingesting():
        hear_until(phone, 40)
    assert live.stored("phone-1") == 40

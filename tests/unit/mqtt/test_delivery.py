import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqtt.delivery import Delivery, MemoryOutbox, Patience, retry_delay_s
from tracker.acknowledgement import SeqLedger

PATIENCE = Patience(stall_s=45, stall_cap_s=900, after_reconnect_s=2)


def a_delivery(held=0, **options):
    delivery = Delivery(MemoryOutbox(), lambda: 0.5, PATIENCE, **options)
    for number in range(held):
        delivery.outbox.append({"n": number})
    return delivery


def seqs(batch):
    return [seq for seq, _ in batch]


def send_and_confirm(delivery, now):
    batch = delivery.to_send(now)
    for seq, _ in batch:
        delivery.confirmed(seq, now)
    return seqs(batch)


def test_messages_leave_in_order_with_seq_and_the_oldest_held():
    delivery = a_delivery(3)
    assert [orjson.loads(payload) for _, payload in delivery.to_send(0)] == [
        {"n": 0, "seq": 1, "lo": 1},
        {"n": 1, "seq": 2, "lo": 1},
        {"n": 2, "seq": 3, "lo": 1},
    ]


def test_nothing_is_sent_twice_while_the_service_may_still_answer():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    assert delivery.to_send(45) == []


def test_the_broker_s_confirmation_deletes_nothing():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    assert len(delivery.outbox) == 3


def test_what_the_service_has_is_deleted_and_no_more():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    delivery.acknowledged(2, 1)
    assert (len(delivery.outbox), delivery.outbox.oldest()) == (1, 3)


def test_a_later_message_tells_the_new_oldest_held():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    delivery.acknowledged(2, 1)
    delivery.outbox.append({})
    assert orjson.loads(delivery.to_send(2)[0][1]) == {"seq": 4, "lo": 3}


def test_the_window_bounds_what_the_broker_has_not_confirmed():
    delivery = a_delivery(10, window=4)
    assert seqs(delivery.to_send(0)) == [1, 2, 3, 4]
    assert delivery.to_send(0) == []
    delivery.confirmed(2, 0)
    assert seqs(delivery.to_send(0)) == [5]


def test_a_phone_runs_ahead_of_the_service_only_so_far():
    delivery = a_delivery(10, window=4, ahead=6)
    assert send_and_confirm(delivery, 0) + send_and_confirm(delivery, 0) == [1, 2, 3, 4, 5, 6]
    assert delivery.to_send(0) == []
    delivery.acknowledged(3, 0)
    assert seqs(delivery.to_send(0)) == [7, 8, 9]


def test_a_stall_sends_again_from_upto_and_then_ever_later():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    delivery.acknowledged(1, 10)
    resent = [now for now in range(11, 1_000) if send_and_confirm(delivery, now) == [2, 3]]
    # 45 s, then 90, 180, 360 s apart, each half as long again by the chance of 0.5
    assert resent == [78, 213, 483]


def test_progress_forgets_earlier_stalls():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    assert send_and_confirm(delivery, 100) == [1, 2, 3]
    delivery.acknowledged(1, 100)
    assert [now for now in range(101, 200) if send_and_confirm(delivery, now)] == [168]


def test_an_acknowledgement_without_progress_changes_nothing():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    delivery.acknowledged(0, 60)
    assert send_and_confirm(delivery, 68) == [1, 2, 3]


def test_when_all_is_acknowledged_nothing_is_due():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    delivery.acknowledged(3, 1)
    assert delivery.to_send(1e9) == []


def test_a_reconnect_sends_again_soon_but_not_before_waiting_acknowledgements():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    delivery.reconnected(10)
    assert (send_and_confirm(delivery, 12), send_and_confirm(delivery, 13)) == ([], [1, 2, 3])


def test_reconnecting_again_and_again_waits_longer_each_time():
    delivery = a_delivery(3)
    send_and_confirm(delivery, 0)
    waits = []
    for now in (100, 200, 300):
        delivery.reconnected(now)
        waits.append(next(wait for wait in range(60) if send_and_confirm(delivery, now + wait)))
    assert waits == [3, 6, 12]


def test_what_the_mqtt_client_still_holds_is_not_sent_again_beside_it():
    delivery = a_delivery(3)
    delivery.to_send(0)
    delivery.confirmed(1, 0)
    assert seqs(delivery.to_send(100)) == [1]


def test_a_service_that_knows_higher_numbers_makes_the_phone_count_on_above_them():
    delivery = a_delivery(2)
    send_and_confirm(delivery, 0)
    delivery.acknowledged(500, 1)
    assert [orjson.loads(payload) for _, payload in delivery.to_send(1)] == [
        {"n": 0, "seq": 501, "lo": 501},
        {"n": 1, "seq": 502, "lo": 501},
    ]


def test_a_plain_phone_sends_no_seq_and_forgets_what_the_broker_confirmed():
    delivery = a_delivery(3, plain=True)
    assert [payload for _, payload in delivery.to_send(0)] == [b'{"n":0}', b'{"n":1}', b'{"n":2}']
    delivery.confirmed(2, 0)
    assert len(delivery.outbox) == 3
    delivery.confirmed(1, 0)
    assert len(delivery.outbox) == 1
    assert delivery.to_send(1e9) == []


def test_a_held_seq_is_read_by_range():
    outbox = a_delivery(5).outbox
    outbox.drop_upto(2)
    assert outbox.held(0, 2) == [(3, {"n": 2}), (4, {"n": 3})]
    assert outbox.held(6, 2) == []


def test_dropping_more_than_was_given_keeps_the_count():
    outbox = a_delivery(2).outbox
    outbox.drop_upto(99)
    assert (len(outbox), outbox.append({})) == (0, 3)


@pytest.mark.parametrize(("attempt", "expected_s"), [(0, 45), (1, 90), (2, 180), (4, 720), (5, 900), (10_000, 900)])
def test_delays_double_up_to_the_cap(attempt, expected_s):
    assert retry_delay_s(attempt, 0.0, 45, 900) == expected_s


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_jitter_never_shortens_and_at_most_doubles(attempt, chance):
    plain_s = retry_delay_s(attempt, 0.0, 45, 900)
    assert plain_s <= retry_delay_s(attempt, chance, 45, 900) <= 2 * plain_s


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 80), st.floats(0, 0.7))
def test_over_a_lossy_way_the_service_ends_with_every_message_and_the_phone_with_none(seed, held, loss):
    chance = random.Random(seed)
    delivery, ledger, stored, now = a_delivery(held, window=8, ahead=30), SeqLedger(), set(), 0.0
    while len(delivery.outbox):
        now += 30
        batch = delivery.to_send(now)
        chance.shuffle(batch)
        for seq, payload in batch:
            delivery.confirmed(seq, now)
            if chance.random() >= loss:
                stored.add(seq)
                ledger, losses = ledger.take(seq, orjson.loads(payload)["lo"])
                assert losses == ()
        if chance.random() >= loss:
            delivery.acknowledged(ledger.upto, now)
    assert stored == set(range(1, held + 1))

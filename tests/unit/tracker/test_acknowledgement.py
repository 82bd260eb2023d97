import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.acknowledgement import MAX_RANGES, AckSchedule, SeqLedger, is_backlog
from tracker.fix import Fix


def taken(seqs, ledger=None):
    ledger = ledger or SeqLedger()
    for seq, oldest_held in seqs:
        ledger, _ = ledger.take(seq, oldest_held)
    return ledger


def plain(*seqs):
    return [(seq, None) for seq in seqs]


@pytest.mark.parametrize(
    ("seqs", "upto", "beyond"),
    [
        ([], -1, ()),
        ([0], 0, ()),
        ([0, 1, 2], 2, ()),
        ([2, 1, 0], 2, ()),
        ([0, 0, 1, 1], 1, ()),
        ([0, 2], 0, ((2, 2),)),
        ([0, 2, 4, 3], 0, ((2, 4),)),
        ([0, 2, 4, 1], 2, ((4, 4),)),
        ([0, 3, 2, 1], 3, ()),
    ],
)
def test_upto_is_the_end_of_the_unbroken_run(seqs, upto, beyond):
    assert taken(plain(*seqs)) == SeqLedger(upto, beyond)


@given(st.permutations(range(40)), st.lists(st.integers(0, 39)))
def test_any_order_and_duplication_ends_in_the_same_upto(order, repeats):
    assert taken(plain(*order, *repeats)) == SeqLedger(39)


@given(st.data(), st.sets(st.integers(0, 99), min_size=1), st.integers(0, 99))
def test_any_order_ends_in_the_same_ledger_with_holes_and_declared_losses(data, seqs, oldest_held):
    claims = [(seq, min(oldest_held, seq)) for seq in sorted(seqs)]
    shuffled = data.draw(st.permutations(claims))
    assert taken(shuffled) == taken(claims)


@given(st.lists(st.integers(0, 60)))
def test_nothing_is_acknowledged_that_was_not_taken(seqs):
    ledger = taken(plain(*seqs))
    assert set(range(ledger.upto + 1)) <= set(seqs)
    assert {seq for low, high in ledger.beyond for seq in range(low, high + 1)} <= set(seqs)


def test_ranges_are_bounded_and_a_resend_from_upto_recovers():
    scattered = taken(plain(*range(0, 1_000, 2)))
    assert len(scattered.beyond) == MAX_RANGES
    assert taken(plain(*range(1, 1_000)), scattered) == SeqLedger(999)


def test_a_hole_below_the_oldest_held_is_a_declared_loss():
    ledger, losses = SeqLedger(4, ((7, 8), (12, 12))).take(15, 11)
    assert (ledger, losses) == (SeqLedger(10, ((12, 12), (15, 15))), ((5, 6), (9, 10)))


def test_upto_runs_on_over_what_came_before_the_declaration():
    assert SeqLedger(4, ((7, 9),)).take(10, 7) == (SeqLedger(10), ((5, 6),))


def test_a_declared_loss_is_declared_once():
    ledger, _ = SeqLedger(4).take(9, 9)
    assert ledger.take(10, 9) == (SeqLedger(10), ())


def test_a_phone_may_count_from_one():
    assert SeqLedger().take(1, 1) == (SeqLedger(1), ())


def test_a_phone_first_heard_late_declares_what_nobody_got():
    assert SeqLedger().take(57, 50) == (SeqLedger(49, ((57, 57),)), ((1, 49),))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: (max(p), min(p)))))
def test_declared_losses_never_cover_what_was_taken(claims):
    ledger, seen = SeqLedger(), set()
    for seq, oldest_held in claims:
        ledger, losses = ledger.take(seq, oldest_held)
        assert not seen & {lost for low, high in losses for lost in range(low, high + 1)}
        seen.add(seq)


def test_a_ledger_survives_json():
    ledger = SeqLedger(4, ((7, 8), (12, 12)))
    assert SeqLedger.load(json.loads(json.dumps(ledger.dump()))) == ledger


def test_the_first_commit_is_told_at_once_and_the_next_ones_every_30_s():
    schedule, told = AckSchedule(), []
    for second in range(0, 100, 5):
        schedule.committed("d1", second // 5, second)
        told += [(second, upto) for _, upto in schedule.due(second)]
    assert told == [(0, 0), (30, 6), (60, 12), (90, 18)]


def test_the_last_fix_is_told_by_timer():
    schedule = AckSchedule()
    schedule.committed("d1", 1, 0)
    schedule.due(0)
    schedule.committed("d1", 2, 5)
    assert (schedule.due(29.9), schedule.next_at(), schedule.due(30)) == ([], 30, [("d1", 2)])
    assert schedule.next_at() is None


def test_a_backlog_is_told_at_once_and_the_old_timer_says_nothing_twice():
    schedule = AckSchedule()
    for upto, now, backlog in [(1, 0, False), (2, 5, False), (500, 6, True), (501, 7, False)]:
        schedule.committed("d1", upto, now, backlog=backlog)
        schedule.due(now)
    assert (schedule.due(30), schedule.due(35.9), schedule.due(36)) == ([], [], [("d1", 501)])


def test_a_resend_is_answered_although_upto_did_not_move():
    schedule = AckSchedule()
    schedule.committed("d1", 9, 0)
    schedule.due(0)
    schedule.committed("d1", 9, 100)
    assert schedule.due(100) == [("d1", 9)]


def test_devices_do_not_wait_for_each_other():
    schedule = AckSchedule()
    schedule.committed("d1", 1, 0)
    schedule.committed("d2", 7, 1)
    assert schedule.due(1) == [("d1", 1), ("d2", 7)]


def test_a_forgotten_device_is_not_told():
    schedule = AckSchedule()
    schedule.committed("d1", 1, 0)
    schedule.forget("d1")
    assert schedule.due(0) == []


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=60))
def test_without_a_backlog_a_device_is_told_at_most_every_30_s_and_always_the_last_upto(steps):
    schedule, now, told = AckSchedule(), 0.0, []
    for upto, (wait, backlog) in enumerate(steps):
        now += wait
        schedule.committed("d1", upto, now, backlog=backlog)
        told += [(now, backlog, upto) for _, upto in schedule.due(now)]
    told += [(now + 30, False, upto) for _, upto in schedule.due(now + 30)]
    assert not steps or told[-1][2] == len(steps) - 1
    assert all(b[0] - a[0] >= 30 - 1e-9 or b[1] for a, b in pairwise(told))


@pytest.mark.parametrize(("ages_s", "expected"), [([1], False), ([31], True), ([1] * 10, True), ([], False)])
def test_a_backlog_is_many_fixes_or_a_late_one(ages_s, expected):
    assert is_backlog([Fix("d1", 1000.0 - age, 1.0, 2.0, 1000.0) for age in ages_s]) is expected

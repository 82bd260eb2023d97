"""Any order, any duplication, any batches of the same fixes end in the same incursions."""

from collections.abc import Sequence
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NINE, FakeZones, a_fix, a_walk, a_zone
from tracker.fix import Fix
from tracker.incursion import End, Incursion, Kind, begin
from tracker.incursion.state import FoldState
from tracker.settle import Action, Change, Stored, always, apply, close, reconcile, refold, rewind_to, take

COURT = a_zone()
POLICE = a_zone("police", at=(118.794, 32.041), standoff_m=50.0, warning_m=60.0)
ZONES = FakeZones(COURT, POLICE)
EDITED = FakeZones(a_zone(version=2, standoff_m=150.0), POLICE)
IN = -80.0


def edited_later(at: float) -> FakeZones:
    return ZONES if at < NINE + 500 else EDITED


class Device:
    """A small pipeline in memory: stores fixes once, takes batches, keeps what was stored."""

    def __init__(self, zones_at) -> None:
        self.zones_at = zones_at
        self.fixes: dict[tuple[float, float, float], Fix] = {}
        self.state = begin(NINE)
        self.stored: tuple[Stored, ...] = ()
        self.changes: list[Change] = []
        self.reads = 0
        ids = count()
        self.new_id = lambda: f"i{next(ids)}"

    def take(self, batch: Sequence[Fix]) -> None:
        new = {fix.key: fix for fix in batch if fix.key not in self.fixes}
        self.fixes |= new
        fixes = [new[key] for key in sorted(new)]
        self._keep(take(self.state, fixes, self._read, self._since, self.zones_at, new_id=self.new_id))

    def close(self, at: float) -> None:
        self._keep(close(self.state, at, self._since, self.zones_at, new_id=self.new_id))

    def _keep(self, outcome) -> None:
        self.state = FoldState.from_json(outcome.state.to_json())
        self.stored = apply(self.stored, outcome.changes)
        self.changes += outcome.changes

    def _read(self, since: float) -> list[Fix]:
        self.reads += 1
        return [self.fixes[key] for key in sorted(self.fixes) if key[0] >= since]

    def _since(self, since: float) -> list[Stored]:
        return [was for was in self.stored if was.incursion.began_at >= since]

    @property
    def incursions(self) -> list[Incursion]:
        return [was.incursion for was in self.stored if not was.retracted]


def in_order(fixes, zones_at):
    return refold(begin(NINE), sorted(fixes, key=lambda fix: fix.key), zones_at)


def by_time(incursions):
    return sorted(incursions, key=lambda found: (found.began_at, found.zone, found.silent))


@st.composite
def shifts(draw) -> list[Fix]:
    """Legs of a shift about the court: stays far off, in the ring, at the edge, inside; silences; bad fixes."""
    fixes, at_s = [], 0.0
    for _ in range(draw(st.integers(1, 7))):
        middle_m = draw(st.sampled_from([1500.0, 500.0, 130.0, 60.0, 5.0, -5.0, -60.0, -150.0]))
        bearing_deg = draw(st.sampled_from([90.0, 100.0, 270.0]))
        every_s = draw(st.sampled_from([1.0, 10.0, 10.0, 30.0, 70.0]))
        for _ in range(draw(st.integers(1, 9))):
            fixes.append(
                a_fix(
                    middle_m + draw(st.sampled_from([-20.0, 0.0, 3.0, 25.0])),
                    at_s,
                    accuracy_m=draw(st.sampled_from([5.0, 5.0, 12.0, 60.0, None, 300.0])),
                    speed_mps=draw(st.sampled_from([None, 0.0, 1.2, 15.0])),
                    bearing_deg=bearing_deg,
                )
            )
            at_s += draw(st.sampled_from([every_s, every_s, every_s, 0.0]))
        at_s += draw(st.sampled_from([10.0, 60.0, 130.0, 900.0]))
    return list({fix.key: fix for fix in fixes}.values())


@st.composite
def deliveries(draw) -> tuple[list[Fix], list[list[Fix]]]:
    """A shift, and batches in which each of its fixes arrives once or more, in any order."""
    fixes = draw(shifts())
    again = draw(st.lists(st.sampled_from(fixes), max_size=8))
    arrivals = draw(st.one_of(st.permutations(fixes + again), st.just(fixes + again), st.just((fixes + again)[::-1])))
    cuts = sorted(draw(st.lists(st.integers(0, len(arrivals)), max_size=8)))
    return fixes, [arrivals[start:end] for start, end in pairwise([0, *cuts, len(arrivals)])]


@settings(max_examples=300, deadline=None)
@given(deliveries(), st.sampled_from([always(ZONES), edited_later]))
def test_any_order_ends_in_the_same_incursions_and_state(delivery, zones_at):
    fixes, batches = delivery
    device, expected = Device(zones_at), in_order(fixes, zones_at)
    for batch in batches:
        device.take(batch)
    assert by_time(device.incursions) == list(expected.incursions)
    assert device.state.essence == expected.state.essence


@settings(max_examples=200, deadline=None)
@given(deliveries(), st.integers(0, 8), st.sampled_from([always(ZONES), edited_later]))
def test_the_shift_may_close_at_any_time_between(delivery, closing, zones_at):
    fixes, batches = delivery
    closed_at = max(fix.fix_at for fix in fixes) + 200
    device, tidy = Device(zones_at), Device(zones_at)
    for index, batch in enumerate(batches):
        if index == closing:
            device.close(closed_at)
        device.take(batch)
    device.close(closed_at)
    tidy.take(fixes)
    tidy.close(closed_at)
    assert by_time(device.incursions) == by_time(tidy.incursions)
    assert device.state.essence == tidy.state.essence


@settings(max_examples=200, deadline=None)
@given(shifts(), st.sampled_from([always(ZONES), edited_later]))
def test_folding_from_a_clear_mark_is_folding_from_the_start(fixes, zones_at):
    ordered = sorted(fixes, key=lambda fix: fix.key)
    whole = refold(begin(NINE), ordered, zones_at)
    for mark in whole.state.clear_at:
        base, since = whole.state.rewound(mark.at + 0.5)
        assert since == mark.at
        again = refold(base, [fix for fix in ordered if fix.fix_at >= since], zones_at)
        assert again.state.essence == whole.state.essence
        assert again.incursions == tuple(found for found in whole.incursions if found.began_at >= since)


@settings(max_examples=100, deadline=None)
@given(deliveries())
def test_nothing_stored_is_deleted_and_revisions_only_rise(delivery):
    device = Device(always(ZONES))
    seen: dict[str, int] = {}
    for batch in delivery[1]:
        device.take(batch)
        now = {was.id: was.revision for was in device.stored}
        assert all(now[was] >= revision for was, revision in seen.items())
        seen = now


def test_forward_batches_read_nothing():
    device = Device(always(ZONES))
    walk = a_walk([500, 280, 150, 50, *[IN] * 20, 150, 400])
    for fix in walk:
        device.take([fix])
    assert device.reads == 0
    assert [change.action for change in device.changes[:3]] == [Action.NEW, Action.GROWN, Action.GROWN]
    assert {was.revision for was in device.stored} == {1}


def test_a_late_fix_reads_no_further_back_than_the_last_clear_mark():
    state = in_order(a_walk([1500.0] * 200), always(ZONES)).state
    assert rewind_to(state, [(NINE + 1985, 0.0, 0.0)]) >= NINE + 1900
    assert rewind_to(state, [(NINE + 1000, 0.0, 0.0), (NINE + 1985, 0.0, 0.0)]) >= NINE
    assert rewind_to(state, [(NINE - 5, 0.0, 0.0)]) == NINE


def test_a_late_fix_in_a_gap_turns_it_into_an_entry():
    device = Device(always(FakeZones(COURT)))
    device.take([*a_walk([500, 400]), *a_walk([400, 500], from_s=900)])
    assert [found.kind for found in device.incursions] == [Kind.GAP]
    device.take(a_walk([280, 150, 50, IN, IN, IN, IN, 20, 150, 280, 400], from_s=100))
    assert [found.kind for found in device.incursions] == [Kind.ENTRY, Kind.GAP]
    assert {change.action for change in device.changes[1:]} == {Action.REVISED, Action.NEW}


def test_late_fixes_that_show_the_visitor_outside_retract_a_pass_through():
    device = Device(always(ZONES))
    device.take([a_fix(400, 0, bearing_deg=90), a_fix(400, 60, bearing_deg=270)])
    device.take([a_fix(400, 5 * turn, bearing_deg=90 - 15 * turn) for turn in range(1, 12)])
    assert device.incursions == []
    (change,) = [change for change in device.changes if change.action is Action.RETRACTED]
    assert (change.why, change.after.retracted, change.after.revision) == ("late_fix", True, 2)


def test_a_retracted_incursion_that_comes_back_is_the_same_one():
    found = in_order(a_walk([150, 50, IN, IN, IN, 150, 400]), always(ZONES)).incursions
    gone = reconcile([Stored("i1", 1, retracted=False, incursion=found[0])], [])[0].after
    (change,) = reconcile([gone], found)
    assert change.action is Action.REVISED
    assert change.after == Stored("i1", 3, retracted=False, incursion=found[0])
    assert "retracted" in change.changed


def test_each_incursion_matches_the_stored_one_it_overlaps_most():
    walk = a_walk([50, *[IN] * 6, *[60] * 12, *[IN] * 6, 60, 60, 150, 400])
    first, second = in_order(walk, always(ZONES)).incursions
    stored = [Stored("a", 1, retracted=False, incursion=second), Stored("b", 1, retracted=False, incursion=first)]
    changes = {change.after.id: change.action for change in reconcile(stored, [first, second])}
    assert changes == {"a": Action.KEPT, "b": Action.KEPT}


def test_incursions_of_other_zones_never_match():
    (found,) = in_order(a_walk([IN, IN]), always(FakeZones(COURT))).incursions
    (other,) = in_order(a_walk([IN, IN]), always(FakeZones(a_zone("other")))).incursions
    changes = reconcile([Stored("a", 1, retracted=False, incursion=found)], [other])
    assert [change.action for change in changes] == [Action.NEW, Action.RETRACTED]


def test_what_changed_is_named():
    fixes = a_walk([50, IN, IN, IN])
    (before,) = in_order(fixes[:3], always(ZONES)).incursions
    (after,) = in_order(fixes, always(ZONES)).incursions
    (change,) = reconcile([Stored("a", 1, retracted=False, incursion=before)], [after])
    assert change.action is Action.GROWN
    assert set(change.changed) >= {"last_fix_at", "fixes"}


def test_an_empty_batch_changes_nothing():
    device = Device(always(ZONES))
    device.take([])
    assert (device.changes, device.reads) == ([], 0)


def test_late_fixes_after_the_shift_was_closed_close_it_again():
    device = Device(always(ZONES))
    walk = a_walk([150, 50, *[IN] * 6])
    device.take(walk[:4])
    device.close(NINE + 100)
    device.take(walk[4:])
    (visit,) = device.incursions
    assert (visit.ended, visit.exit_at, visit.fixes) == (End.SHIFT_END, NINE + 100, 7)


@pytest.mark.parametrize("days", [0, 1])
def test_a_backlog_of_a_day_ends_like_the_live_shift(days):
    walk = a_walk([500, 280, 150, 50, *[IN] * 20, 150, 400])
    late, live = Device(always(ZONES)), Device(always(ZONES))
    newer = a_walk([900] * 5, from_s=days * 86400 + 1000)
    late.take(newer)
    late.take(walk)
    live.take([*walk, *newer])
    assert late.incursions == live.incursions

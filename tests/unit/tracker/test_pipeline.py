"""The stages of a batch, on the store in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NINE, a_fix, a_walk, a_zone
from tests.fakes import FakeStore, FakeTransaction
from tracker.admission import Limits, Refusal
from tracker.batch import Arrival, Defect
from tracker.excuse import Excuse
from tracker.fix import Fix
from tracker.incursion import Incursion, Kind
from tracker.pipeline import Pipeline
from tracker.ports import StoreUnavailableError
from tracker.shift import Enrolment, Shift

KEY = (7, 1)
WALK_IN_AND_OUT = [150, 100, 50, 20, -20, -60, -90, *[-95] * 20, -60, -20, 30, 90, 150, 400]


def a_store(*shifts: Shift) -> FakeStore:
    store = FakeStore()
    store.put_zones([a_zone()])
    store.enrol(Enrolment(7, "phone-1", 3, consented=True, shifts=shifts or (Shift(1, NINE),)))
    return store


def a_pipeline(store: FakeStore) -> Pipeline:
    return Pipeline(store, Limits())


def arrivals(fixes: Sequence[Fix]) -> list[Arrival]:
    return [Arrival(fix.device, fix.received_at, [fix]) for fix in fixes]


def found(store: FakeStore) -> list[Incursion]:
    track = store.tables.tracks.get(KEY)
    return [stored.incursion for stored in track.stored if not stored.retracted] if track else []


def test_an_entry_is_stored_and_told_with_its_fixes() -> None:
    store = a_store()
    receipt = a_pipeline(store).process(arrivals(a_walk([150, 50, -50, -90, -90, -90])))
    assert receipt.stored == len(store.tables.fixes[KEY]) == 6
    assert [incursion.kind for incursion in found(store)] == [Kind.ENTRY]
    assert {alert.kind for alert in receipt.alerts} >= {"entry"}


def test_a_repeated_batch_stores_and_tells_nothing_again() -> None:
    store = a_store()
    batch = arrivals(a_walk(WALK_IN_AND_OUT))
    a_pipeline(store).process(batch)
    again = a_pipeline(store).process(batch)
    assert (again.stored, again.duplicates, again.alerts) == (0, len(batch), [])


def test_a_lost_commit_leaves_no_trace_and_the_next_one_tells_everything_once() -> None:
    store = a_store()
    pipeline = a_pipeline(store)
    store.fail_commits = 1
    with pytest.raises(StoreUnavailableError):
        pipeline.process(arrivals(a_walk(WALK_IN_AND_OUT)))
    assert store.tables.tracks == {}
    receipt = pipeline.process(arrivals(a_walk(WALK_IN_AND_OUT)))
    assert len({alert.dedup_key for alert in receipt.alerts}) == len(receipt.alerts) > 0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_repetition_and_batching_ends_in_the_same_incursions(data: st.DataObject) -> None:
    walk = a_walk(WALK_IN_AND_OUT)
    in_order = a_store()
    a_pipeline(in_order).process(arrivals(walk))
    shuffled = data.draw(st.permutations(walk + data.draw(st.lists(st.sampled_from(walk), max_size=10))))
    store = a_store()
    pipeline = a_pipeline(store)
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        pipeline.process(arrivals(shuffled[:size]))
        shuffled = shuffled[size:]
    assert found(store) == found(in_order)
    assert store.tables.fixes.keys() == in_order.tables.fixes.keys()


def test_another_writer_between_two_batches_is_noticed() -> None:
    store = a_store()
    walk = a_walk(WALK_IN_AND_OUT)
    by_mqtt, by_http = a_pipeline(store), a_pipeline(store)
    by_mqtt.process(arrivals(walk[:6]))
    by_http.process(arrivals(walk[6:12]))
    by_mqtt.process(arrivals(walk[12:]))
    alone = a_store()
    a_pipeline(alone).process(arrivals(walk))
    assert found(store) == found(alone)


def test_what_is_measured_off_shift_is_refused_and_leaves_no_position() -> None:
    store = a_store(Shift(1, NINE, NINE + 60))
    receipt = a_pipeline(store).process(arrivals([a_fix(at_s=61)]))
    assert (receipt.refused, store.tables.fixes, store.tables.tracks) == ({Refusal.OFF_SHIFT: 1}, {}, {})


def test_a_shift_opened_meanwhile_counts_at_once() -> None:
    store = a_store(Shift(1, NINE, NINE + 60))
    pipeline = a_pipeline(store)
    pipeline.process(arrivals([a_fix(at_s=100)]))
    store.enrol(Enrolment(7, "phone-1", 3, consented=True, shifts=(Shift(1, NINE, NINE + 60), Shift(2, NINE + 200))))
    assert pipeline.process(arrivals([a_fix(at_s=201)])).stored == 1


def test_the_sequence_numbers_of_refused_fixes_are_acknowledged_too() -> None:
    store = a_store(Shift(1, NINE, NINE + 60))
    fixes = [a_fix(at_s=at_s)._replace(seq=seq) for seq, at_s in enumerate((0, 30, 90), start=1)]
    receipt = a_pipeline(store).process([*arrivals(fixes), Arrival("phone-1", NINE, handled=[(0, None)])])
    assert receipt.upto == {"phone-1": 3}


def test_a_hole_in_the_sequence_is_waited_for() -> None:
    store = a_store()
    pipeline = a_pipeline(store)
    fixes = [fix._replace(seq=seq) for seq, fix in enumerate(a_walk([400] * 4))]
    assert pipeline.process(arrivals([fixes[0], fixes[3], fixes[2]])).upto == {"phone-1": 0}
    assert pipeline.process(arrivals([fixes[1]])).upto == {"phone-1": 3}


def test_a_declared_loss_is_recorded() -> None:
    store = a_store()
    late = a_fix()._replace(seq=9, oldest_held=5)
    assert a_pipeline(store).process(arrivals([late])).upto == {"phone-1": 4}
    assert store.tables.losses == {7: [(1, 4)]}


@pytest.mark.parametrize(("received_s", "kept"), [(30, b"{broken"), (90, None)])
def test_an_unreadable_payload_is_kept_only_within_a_shift(received_s: float, kept: bytes | None) -> None:
    store = a_store(Shift(1, NINE, NINE + 60))
    broken = Arrival("phone-1", NINE + received_s, defects=[Defect("json", "unexpected end")], payload=b"{broken")
    a_pipeline(store).process([broken])
    assert [(entry.reason, entry.payload) for entry in store.tables.quarantined] == [("json", kept)]


@pytest.mark.parametrize(("fix_s", "mixed", "kept"), [(30, False, True), (90, False, False), (30, True, False)])
def test_a_payload_that_may_hold_a_position_off_shift_is_not_kept(fix_s: float, mixed: bool, kept: bool) -> None:
    store = a_store(Shift(1, NINE, NINE + 60))
    broken = Arrival("phone-1", NINE + 40, defects=[Defect("position", "", NINE + fix_s)], payload=b"[]", mixed=mixed)
    a_pipeline(store).process([broken])
    assert [entry.payload is not None for entry in store.tables.quarantined] == [kept]


def test_an_unknown_device_leaves_only_a_count() -> None:
    store = a_store()
    fix = a_fix()._replace(device="stranger")
    broken = Arrival("stranger", NINE, defects=[Defect("json", "")], payload=b"{")
    a_pipeline(store).process([*arrivals([fix]), broken])
    assert store.tables.refused == {("stranger", Refusal.UNKNOWN_DEVICE): 2}
    assert (store.tables.quarantined, store.tables.fixes) == ([], {})


def test_the_end_of_a_shift_closes_what_is_open() -> None:
    store = a_store()
    pipeline = a_pipeline(store)
    pipeline.process(arrivals(a_walk([100, 20, -50, *[-90] * 5])))
    store.enrol(Enrolment(7, "phone-1", 3, consented=True, shifts=(Shift(1, NINE, NINE + 90),)))
    pipeline.close_shifts([0])
    assert [incursion.ended for incursion in found(store)] == ["shift_end"]
    assert store.tables.tracks[KEY].finished


class RemovedMeanwhile(FakeTransaction):
    """A device that `unfinished` still knows is gone when its enrolment is read."""

    def enrolments(self, devices: Collection[str]) -> dict[str, Enrolment]:
        return {}


def test_a_device_removed_while_its_shift_is_closed_keeps_nobody_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    store = a_store()
    pipeline = a_pipeline(store)
    pipeline.process(arrivals(a_walk([100, 20, -50, *[-90] * 5])))
    store.enrol(Enrolment(7, "phone-1", 3, consented=True, shifts=(Shift(1, NINE, NINE + 90),)))
    monkeypatch.setattr("tests.fakes.FakeTransaction", RemovedMeanwhile)
    assert pipeline.close_shifts([0]).alerts == []
    assert not store.tables.tracks[KEY].finished


def test_a_late_fix_after_the_end_of_the_shift_is_settled_and_ends_it_again() -> None:
    walk = a_walk([100, 20, -50, *[-90] * 5])
    closed = Enrolment(7, "phone-1", 3, consented=True, shifts=(Shift(1, NINE, NINE + 90),))
    late, in_order = a_store(), a_store()
    for store, first, rest in ((late, [*walk[:3], *walk[5:]], walk[3:5]), (in_order, walk, [])):
        pipeline = a_pipeline(store)
        pipeline.process(arrivals(first))
        store.enrol(closed)
        pipeline.close_shifts([0])
        pipeline.process(arrivals(rest))
        pipeline.close_shifts([0])
    assert found(late) == found(in_order)


def test_the_live_state_names_the_zone_and_the_distance() -> None:
    store = a_store()
    a_pipeline(store).process(arrivals(a_walk([150, 60])))
    state = store.tables.states[KEY]
    assert (state.state, state.zone) == ("approach", "court")
    assert state.signed_m == pytest.approx(60, abs=0.01)


def test_a_conflict_with_another_writer_does_not_cost_the_zone_index() -> None:
    store = a_store()
    by_mqtt, by_http = a_pipeline(store), a_pipeline(store)
    walk = a_walk(WALK_IN_AND_OUT)
    by_mqtt.process(arrivals(walk[:6]))
    known = by_mqtt._knowledge._zones
    by_http.process(arrivals(walk[6:12]))
    by_mqtt.process(arrivals(walk[12:]))
    assert by_mqtt._knowledge._zones is known


def test_an_excuse_that_ends_while_inside_is_told_once_however_the_fixes_come() -> None:
    stay = a_walk([150, 50, *[-80] * 40])
    for size in (1, 7, len(stay)):
        store = a_store()
        enrolment = store.tables.enrolments["phone-1"]
        store.enrol(replace(enrolment, excuses=(Excuse("court", NINE, NINE + 200),)))
        pipeline = a_pipeline(store)
        batches = [arrivals(stay[start : start + size]) for start in range(0, len(stay), size)]
        told = [alert for batch in batches for alert in pipeline.process(batch).alerts]
        assert [(alert.kind, alert.audience) for alert in told] == [("overstay", "visitor"), ("overstay", "supervisor")]

"""What `tracker.ports.Store` promises, asked of the store in memory and of the one on PostGIS."""

import struct
from contextlib import contextmanager, suppress
from dataclasses import replace
from random import Random

import pytest
from houses import HOUR_AGO

from geofences.index import cell_of
from mqtt.topics import shard_of
from tests.builders import a_walk, a_zone
from tracker.acknowledgement import SeqLedger
from tracker.admission import Limits, Refusal
from tracker.alert import AlertKind, Audience, silences
from tracker.batch import Arrival
from tracker.excuse import Call, Excuse
from tracker.fix import Fix
from tracker.pipeline import Pipeline
from tracker.plausibility import Signal
from tracker.ports import Acknowledged, FixRecord, LiveState, QuarantineEntry, StaleTrackError
from tracker.silence import Over, Reached, Silence
from tracker.word import Why, Word

DEVICE = "phone-1"
OPEN = (HOUR_AGO, None)
CLEAR = LiveState("clear", None, None)
INTO_THE_ZONE_AND_OUT = [150, 100, 50, 20, -20, -60, -90, *[-95] * 20, -60, -20, 30, 90, 150, 400]


def records(enrolment, fixes, *, behind=False):
    shift = enrolment.shifts[-1].id
    return [FixRecord(enrolment.device_id, shift, cell_of(fix.lon, fix.lat), fix, behind) for fix in fixes]


def add(house, enrolment, fixes, *, behind=False):
    with house.store.transaction() as transaction:
        return transaction.add_fixes(records(enrolment, fixes, behind=behind))


def stored(house, enrolment, since=0.0):
    with house.store.transaction() as transaction:
        key = (enrolment.device_id, enrolment.shifts[-1].id)
        return transaction.fixes_since(enrolment.device, key, since)


@contextmanager
def rolled_back(house):
    """A transaction in which something goes wrong at the end."""
    with suppress(ZeroDivisionError), house.store.transaction() as transaction:
        yield transaction
        raise ZeroDivisionError


def bits(fix):
    """Every number of a fix, to the bit."""
    numbers = (fix.fix_at, fix.lon, fix.lat, fix.received_at, fix.accuracy_m, fix.altitude_m, fix.speed_mps,
               fix.heading_deg, fix.battery_pct, fix.built_at)  # fmt: skip
    return [None if number is None else struct.pack(">d", number) for number in numbers]


def some_fixes(count, seed=1):
    """Fixes with all bits of their floats in use; some values are unknown."""
    chance = Random(seed)

    def perhaps(low, high):
        return chance.uniform(low, high) if chance.random() < 0.7 else None

    def at():
        return round(HOUR_AGO + chance.uniform(0, 3000), 6)

    return [
        Fix(DEVICE, at(), chance.uniform(-180, 180), chance.uniform(-90, 90), at(), perhaps(0, 5000),
            perhaps(-400, 9000), perhaps(0, 99), perhaps(0, 360), perhaps(0, 100),
            chance.choice([None, at()]), mock=chance.choice([None, True, False]), seq=chance.choice([None, 2**53 - 1]))
        for _ in range(count)
    ]  # fmt: skip


def take_walk(house, distances_m=INTO_THE_ZONE_AND_OUT, *, device=DEVICE):
    """A walk through the pipeline; returns the pipeline and its receipt."""
    house.put_zones(a_zone(valid_from=HOUR_AGO - 60))
    fixes = [fix._replace(device=device) for fix in a_walk(distances_m, start=HOUR_AGO + 60)]
    pipeline = Pipeline(house.store, Limits())
    return pipeline, pipeline.process([Arrival(device, fix.received_at, [fix]) for fix in fixes])


def test_fixes_come_back_to_the_bit_and_in_canonical_order(house):
    phone = house.enrol(DEVICE, OPEN)
    fixes = some_fixes(300)
    add(house, phone, fixes)
    back = stored(house, phone)
    ordered = sorted(fixes, key=lambda fix: fix.key)
    assert [bits(fix) for fix in back] == [bits(fix) for fix in ordered]
    assert [(fix.mock, fix.seq) for fix in back] == [(fix.mock, fix.seq) for fix in ordered]


@pytest.mark.parametrize(("lon", "lat"), [(180.0, 0.5), (-180.0, 0.5), (0.5, 90.0), (0.5, -90.0), (1e-300, -1e-300)])
def test_the_edges_of_the_world_are_kept_as_they_are(house, lon, lat):
    phone = house.enrol(DEVICE, OPEN)
    fix = Fix(DEVICE, HOUR_AGO + 1, lon, lat, HOUR_AGO + 2)
    add(house, phone, [fix])
    assert [bits(back) for back in stored(house, phone)] == [bits(fix)]
    assert add(house, phone, [fix], behind=True) == {(phone.device_id, fix.key)}


def test_a_fix_that_is_behind_and_there_already_is_named_and_stored_once(house):
    phone = house.enrol(DEVICE, OPEN)
    fixes = some_fixes(20)
    assert add(house, phone, fixes[:10]) == set()
    assert add(house, phone, fixes, behind=True) == {(phone.device_id, fix.key) for fix in fixes[:10]}
    assert len(stored(house, phone)) == 20


def test_of_a_fix_sent_again_with_other_fields_the_first_stays(house):
    phone = house.enrol(DEVICE, OPEN)
    fix = some_fixes(1)[0]._replace(accuracy_m=5.0)
    add(house, phone, [fix])
    add(house, phone, [fix._replace(accuracy_m=50.0)], behind=True)
    assert [back.accuracy_m for back in stored(house, phone)] == [5.0]


def test_fixes_since_a_moment_include_that_moment(house):
    phone = house.enrol(DEVICE, OPEN)
    fixes = sorted(some_fixes(10), key=lambda fix: fix.key)
    add(house, phone, fixes)
    assert [fix.key for fix in stored(house, phone, fixes[4].fix_at)] == [fix.key for fix in fixes[4:]]


def test_what_a_batch_wrote_is_what_is_read_back(house):
    phone = house.enrol(DEVICE, OPEN)
    pipeline, _ = take_walk(house)
    remembered = pipeline._tracks[phone.device_id, phone.shifts[0].id]
    with house.store.transaction() as transaction:
        read = transaction.tracks([(phone, phone.shifts[0])])[phone.device_id, phone.shifts[0].id]
    assert (read.fold, read.stored, read.version) == (remembered.fold, remembered.stored, remembered.version)
    assert (read.newest.key, read.shift, read.finished) == (remembered.newest.key, phone.shifts[0], False)
    assert len(read.stored) == 1


def test_a_track_written_by_somebody_else_is_stale(house):
    phone = house.enrol(DEVICE, OPEN)
    take_walk(house)
    with house.store.transaction() as transaction:
        track = transaction.tracks([(phone, phone.shifts[0])])[phone.device_id, phone.shifts[0].id]
    pipeline = Pipeline(house.store, Limits())
    later = a_walk([500.0], start=HOUR_AGO + 1000)[0]._replace(device=DEVICE)
    pipeline.process([Arrival(DEVICE, later.received_at, [later])])
    with pytest.raises(StaleTrackError), house.store.transaction() as transaction:
        transaction.save_tracks([(track, CLEAR)])


def test_a_track_that_exists_already_is_not_made_anew(house):
    phone = house.enrol(DEVICE, OPEN)
    take_walk(house)
    with house.store.transaction() as transaction:
        track = transaction.tracks([(phone, phone.shifts[0])])[phone.device_id, phone.shifts[0].id]
    with pytest.raises(StaleTrackError), house.store.transaction() as transaction:
        transaction.save_tracks([(track._replace(version=0), CLEAR)])


def test_alerts_enter_the_outbox_once_and_leave_it_when_published(house):
    house.enrol(DEVICE, OPEN)
    _, receipt = take_walk(house)
    with house.store.transaction() as transaction:
        device_ids = {DEVICE: transaction.enrolments([DEVICE])[DEVICE].device_id}
        assert transaction.add_alerts(receipt.alerts, device_ids) == []
    keys = {alert.dedup_key for alert in receipt.alerts}
    with house.store.transaction() as transaction:
        waiting = transaction.unpublished([shard_of(DEVICE)], 0.0)
        assert {alert.dedup_key for alert in waiting} == keys
        assert {alert.dedup_key: alert for alert in waiting} == {alert.dedup_key: alert for alert in receipt.alerts}
        transaction.mark_published(sorted(keys))
    with house.store.transaction() as transaction:
        assert transaction.unpublished([shard_of(DEVICE)], 0.0) == []


def test_an_excused_walk_is_recorded_and_told_to_nobody(house):
    phone = house.enrol(DEVICE, OPEN)
    house.put_zones(a_zone(valid_from=HOUR_AGO - 60))
    house.excuse(DEVICE, Excuse("court", HOUR_AGO, HOUR_AGO + 3600))
    _, receipt = take_walk(house)
    assert receipt.alerts == []
    with house.store.transaction() as transaction:
        track = transaction.tracks([(phone, phone.shifts[0])])[phone.device_id, phone.shifts[0].id]
        assert [stored.incursion.kind for stored in track.stored] == ["dwell"]
        assert transaction.unpublished([shard_of(DEVICE)], 0.0) == []


def test_an_excuse_given_while_the_service_runs_counts_from_the_next_batch(house):
    house.enrol(DEVICE, OPEN)
    house.put_zones(a_zone(valid_from=HOUR_AGO - 60))
    pipeline = Pipeline(house.store, Limits())
    fixes = a_walk(INTO_THE_ZONE_AND_OUT, start=HOUR_AGO + 60)
    pipeline.process([Arrival(DEVICE, fix.received_at, [fix]) for fix in fixes[:1]])
    house.excuse(DEVICE, Excuse(None, HOUR_AGO + 60))
    assert pipeline.process([Arrival(DEVICE, fix.received_at, [fix]) for fix in fixes[1:]]).alerts == []


def test_a_call_for_help_is_told_once_and_silences_every_zone(house):
    house.enrol(DEVICE, OPEN)
    house.put_zones(a_zone(valid_from=HOUR_AGO - 60))
    fixes = [fix._replace(sos=True) for fix in a_walk(INTO_THE_ZONE_AND_OUT, start=HOUR_AGO + 60)]
    pipeline = Pipeline(house.store, Limits())
    receipts = [pipeline.process([Arrival(DEVICE, fix.received_at, [fix])]) for fix in fixes]
    alerts = [alert for receipt in receipts for alert in receipt.alerts]
    assert [(alert.kind, alert.audience, alert.at) for alert in alerts] == [
        (AlertKind.SOS, Audience.SUPERVISOR, fixes[0].fix_at)
    ]
    with house.store.transaction() as transaction:
        assert transaction.unpublished([shard_of(DEVICE)], 0.0) == alerts


def test_a_call_for_help_that_turns_out_older_is_the_same_call(house):
    enrolment = house.enrol(DEVICE, OPEN)
    calls = [fix._replace(sos=True) for fix in a_walk([900.0] * 3, start=HOUR_AGO + 60)]
    pipeline = Pipeline(house.store, Limits())
    told = [pipeline.process([Arrival(DEVICE, call.received_at, [call])]).alerts for call in (calls[1], calls[0])]
    assert [[alert.at for alert in alerts] for alerts in told] == [[calls[1].fix_at], []]
    with house.store.transaction() as transaction:
        (excuse,) = transaction.enrolments([DEVICE])[DEVICE].excuses
        assert excuse.from_at == calls[0].fix_at
        assert transaction.raise_sos(enrolment.device_id, calls[2].fix_at) is Call.KNOWN


def test_a_call_from_the_day_before_is_a_call_of_its_own(house):
    enrolment = house.enrol(DEVICE, OPEN)
    with house.store.transaction() as transaction:
        called = [transaction.raise_sos(enrolment.device_id, HOUR_AGO - ago_h * 3600) for ago_h in (0, 13)]
        assert called == [Call.NEW, Call.NEW]


def test_a_call_for_help_in_the_middle_of_a_batch_silences_what_follows_in_it(house):
    house.enrol(DEVICE, OPEN)
    house.put_zones(a_zone(valid_from=HOUR_AGO - 60))
    fixes = a_walk(INTO_THE_ZONE_AND_OUT, start=HOUR_AGO + 60)
    fixes[1] = fixes[1]._replace(sos=True)
    receipt = Pipeline(house.store, Limits()).process([Arrival(DEVICE, fix.received_at, [fix]) for fix in fixes])
    assert [alert.kind for alert in receipt.alerts] == [AlertKind.SOS]


def test_a_retraction_is_told_only_to_those_who_were_told(house):
    house.enrol(DEVICE, OPEN)
    _, receipt = take_walk(house)
    with house.store.transaction() as transaction:
        device_ids = {DEVICE: transaction.enrolments([DEVICE])[DEVICE].device_id}
        told = replace(receipt.alerts[0], kind=AlertKind.RETRACTED, revision=2)
        untold = replace(told, incursion_id="0b8a2d0e-6e0f-4d0c-9c55-0b6a3c1d2e3f")
        assert transaction.add_alerts([told, untold], device_ids) == [told]


def test_sequence_numbers_come_back_and_have_one_writer(house):
    phone = house.enrol(DEVICE, OPEN)
    ledger = SeqLedger(7, ((9, 12), (14, 2**53 - 1)))
    with house.store.transaction() as transaction:
        assert transaction.acknowledged([phone.device_id]) == {}
        transaction.save_acknowledged([Acknowledged(phone.device_id, 0, ledger)], {})
    with house.store.transaction() as transaction:
        back = transaction.acknowledged([phone.device_id])[phone.device_id]
    assert back == Acknowledged(phone.device_id, 1, ledger)
    with pytest.raises(StaleTrackError), house.store.transaction() as transaction:
        transaction.save_acknowledged([back._replace(version=0)], {})


def test_declared_losses_are_kept_once(house):
    phone = house.enrol(DEVICE, OPEN)
    for version in (0, 1):
        with house.store.transaction() as transaction:
            ledger = Acknowledged(phone.device_id, version, SeqLedger(9))
            transaction.save_acknowledged([ledger], {phone.device_id: [(1, 4), (6, 7)]})
    assert house.losses(phone.device_id) == [(1, 4), (6, 7)]


def test_the_quarantine_keeps_bytes_as_they_came(house):
    entries = [
        QuarantineEntry(DEVICE, HOUR_AGO + 0.123456, "json", "unexpected end", 3, b"\x00\xff{"),
        QuarantineEntry(None, HOUR_AGO, "utf8", "byte 0", 9, None),
    ]
    with house.store.transaction() as transaction:
        transaction.quarantine(entries)
    assert house.quarantined() == entries[::-1]


def test_refusals_of_a_day_add_up(house):
    for count in (2, 3):
        with house.store.transaction() as transaction:
            transaction.count_refusals({(DEVICE, Refusal.OFF_SHIFT): count, ("x", Refusal.UNKNOWN_DEVICE): 1}, HOUR_AGO)
    assert house.refused() == {(DEVICE, "off_shift"): 5, ("x", "unknown_device"): 2}


def test_a_track_is_unfinished_from_the_end_of_its_shift_until_it_is_closed(house):
    phone = house.enrol(DEVICE, OPEN)
    pipeline, _ = take_walk(house)
    shards, key = [shard_of(DEVICE)], (phone.device_id, phone.shifts[0].id)
    with house.store.transaction() as transaction:
        assert transaction.unfinished(shards) == []
    house.close_shift(DEVICE, HOUR_AGO + 3000)
    with house.store.transaction() as transaction:
        assert transaction.unfinished(shards) == [(DEVICE, key)]
    pipeline.close_shifts(shards)
    with house.store.transaction() as transaction:
        assert transaction.unfinished(shards) == []


def test_a_rollback_leaves_no_trace(house):
    phone = house.enrol(DEVICE, OPEN)
    with rolled_back(house) as transaction:
        transaction.add_fixes(records(phone, some_fixes(5)))
        transaction.save_acknowledged([Acknowledged(phone.device_id, 0, SeqLedger(3))], {phone.device_id: [(1, 2)]})
        transaction.quarantine([QuarantineEntry(DEVICE, HOUR_AGO, "json", "", 1, b"{")])
        transaction.count_refusals({(DEVICE, Refusal.OFF_SHIFT): 1}, HOUR_AGO)
    with house.store.transaction() as transaction:
        assert transaction.acknowledged([phone.device_id]) == {}
    assert (stored(house, phone), house.quarantined(), house.refused(), house.losses(phone.device_id)) == (
        [],
        [],
        {},
        [],
    )


def test_after_a_rollback_the_same_fixes_are_stored(house):
    phone = house.enrol(DEVICE, OPEN)
    with rolled_back(house) as transaction:
        transaction.add_fixes(records(phone, some_fixes(5)))
    add(house, phone, some_fixes(5))
    assert len(stored(house, phone)) == 5


def test_an_enrolment_tells_consent_and_shifts(house):
    shifts = ((HOUR_AGO - 7200.5, HOUR_AGO - 3600.25), (HOUR_AGO + 0.125, None))
    house.enrol(DEVICE, *shifts)
    house.enrol("phone-2", consented=False)
    with house.store.transaction() as transaction:
        found = transaction.enrolments([DEVICE, "phone-2", "stranger"])
    assert found.keys() == {DEVICE, "phone-2"}
    assert tuple((shift.opened_at, shift.closed_at) for shift in found[DEVICE].shifts) == shifts
    assert (found[DEVICE].consented, found["phone-2"].consented) == (True, False)


def test_the_counters_move_when_people_or_zones_change(house):
    def revisions():
        with house.store.transaction() as transaction:
            return transaction.revisions()

    before = revisions()
    house.enrol(DEVICE, OPEN)
    enrolled = revisions()
    assert enrolled.get("people") != before.get("people")
    house.put_zones(a_zone())
    zoned = revisions()
    assert (zoned.get("people"), zoned.get("zones")) != (enrolled.get("people"), enrolled.get("zones"))
    assert revisions() == zoned
    house.close_shift(DEVICE, HOUR_AGO + 1)
    assert revisions().get("people") != zoned.get("people")


def test_zones_come_back_to_the_bit(house):
    zone = a_zone(at=(118.79000000000001, 32.040000000000006), standoff_m=200.1, valid_from=HOUR_AGO)
    house.put_zones(zone)
    with house.store.transaction() as transaction:
        back = transaction.zones()
    assert [(z.id, z.version, z.standoff_m, z.warning_m, z.valid_from, z.footprint.wkb) for z in back] == [
        ("court", 1, 200.1, 100.0, HOUR_AGO, zone.footprint.wkb)
    ]


def test_signals_are_kept_with_the_track_and_go_on_in_another_worker(house):
    enrolment = house.enrol(DEVICE, OPEN)
    fixes = [
        fix._replace(mock=True, monotonic_s=5.25, satellites=0) for fix in a_walk([900.0] * 6, start=HOUR_AGO + 60)
    ]
    for batch in (fixes[:2], fixes[3:], fixes[2:3]):
        Pipeline(house.store, Limits()).process([Arrival(DEVICE, fix.received_at, [fix]) for fix in batch])
    key = (enrolment.device_id, enrolment.shifts[0].id)
    with house.store.transaction() as transaction:
        (reason,) = transaction.tracks([(enrolment, enrolment.shifts[0])])[key].plausibility.reasons
        assert reason == (Signal.MOCK, 6, fixes[0].fix_at, fixes[5].fix_at)
        (stored, *_) = transaction.fixes_since(DEVICE, key, 0.0)
        assert (stored.monotonic_s, stored.satellites) == (5.25, 0)


def test_it_is_remembered_since_when_a_shard_is_listened_to(house):
    def listen(shards, at_s):
        with house.store.transaction() as transaction:
            return {shard: since - HOUR_AGO for shard, since in transaction.listen(shards, HOUR_AGO + at_s).items()}

    assert listen({1, 2}, 0) == {1: 0, 2: 0}
    assert listen({1}, 30) == {1: 0}
    assert listen({1, 2}, 40) == {1: 0, 2: 40}


def watch(house, at_s=600):
    with house.store.transaction() as transaction:
        (found,) = transaction.watches(HOUR_AGO + at_s)
    return found


def test_a_shift_is_heard_from_its_opening_then_by_positions_and_pings(house):
    enrolment = house.enrol(DEVICE, OPEN)
    assert (watch(house).heard_at, watch(house).shard) == (HOUR_AGO, shard_of(DEVICE))
    fix = a_walk([900])[0]._replace(fix_at=HOUR_AGO + 90, received_at=HOUR_AGO + 100, device=DEVICE, why=Why.OFFLINE)
    Pipeline(house.store, Limits(late_s=1e9)).process([Arrival(DEVICE, fix.received_at, [fix])])
    assert (watch(house).heard_at, watch(house).why) == (HOUR_AGO + 100, Why.OFFLINE)
    with house.store.transaction() as transaction:
        transaction.hear({enrolment.device_id: Word(HOUR_AGO + 120, alive=True)})
        transaction.hear({enrolment.device_id: Word(HOUR_AGO + 130, why=Why.AIRPLANE)})
    assert (watch(house).heard_at, watch(house).why) == (HOUR_AGO + 120, Why.AIRPLANE)


def test_what_is_expected_of_nobody_any_more_is_watched_while_a_silence_goes_on(house):
    silence = begun(house, house.enrol(DEVICE, OPEN))
    house.close_shift(DEVICE, HOUR_AGO + 500)
    assert (watch(house).over, watch(house).over_at, watch(house).open) == (Over.SHIFT_END, HOUR_AGO + 500, silence)
    with house.store.transaction() as transaction:
        transaction.save_silences([replace(silence, ended_at=HOUR_AGO + 500, over=Over.SHIFT_END)])
        assert transaction.watches(HOUR_AGO + 600) == []


def begun(house, enrolment):
    """A silence since the shift's opening."""
    shift = enrolment.shifts[-1].id
    reached = (Reached("court", "法院", 340.5),)
    new = Silence(shift, enrolment.device_id, DEVICE, HOUR_AGO, HOUR_AGO, Why.BATTERY, reached=reached, listed_at=9.0)
    with house.store.transaction() as transaction:
        (saved,) = transaction.save_silences([new])
    assert saved == replace(new, id=saved.id)
    return saved


def test_of_two_who_notice_a_silence_one_writes_it(house):
    silence = begun(house, house.enrol(DEVICE, OPEN))
    with house.store.transaction() as transaction:
        assert transaction.save_silences([replace(silence, id=None)]) == []
        assert transaction.save_silences([replace(silence, id=None, since=HOUR_AGO + 1)]) == []
    assert watch(house).open == silence


def test_a_silence_ends_once_and_may_be_filled_afterwards(house):
    silence = begun(house, house.enrol(DEVICE, OPEN))
    ended = replace(silence, ended_at=HOUR_AGO + 400, over=Over.HEARD, red_at=HOUR_AGO + 390)
    with house.store.transaction() as transaction:
        assert transaction.save_silences([ended]) == [ended]
        assert transaction.save_silences([replace(ended, ended_at=HOUR_AGO + 500)]) == []
        assert transaction.fillable([silence.shift_id]) == [ended]
        filled = replace(ended, filled=True)
        assert transaction.save_silences([filled]) == [filled]
        assert transaction.fillable([silence.shift_id]) == []


def test_positions_of_a_span_are_told_by_their_own_time(house):
    enrolment = house.enrol(DEVICE, OPEN)
    add(house, enrolment, a_walk([900, 800, 700, 600], start=HOUR_AGO))
    with house.store.transaction() as transaction:
        found = transaction.fix_ats(enrolment.shifts[-1].id, HOUR_AGO, HOUR_AGO + 30)
    assert sorted(found) == [HOUR_AGO + 10, HOUR_AGO + 20]


def test_an_alert_about_a_silence_comes_back_as_it_was(house):
    enrolment = house.enrol(DEVICE, OPEN)
    (alert,) = silences(None, replace(begun(house, enrolment), red_at=HOUR_AGO + 900))
    with house.store.transaction() as transaction:
        assert transaction.add_alerts([alert], {DEVICE: enrolment.device_id}) == [alert]
    with house.store.transaction() as transaction:
        assert transaction.add_alerts([alert], {DEVICE: enrolment.device_id}) == []
        assert transaction.unpublished({shard_of(DEVICE)}, -1.0) == [alert]

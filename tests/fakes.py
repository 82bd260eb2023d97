"""A store in memory that keeps the promises of `tracker.ports`; the same contract tests run on PostGIS."""

import copy
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf

from geofences.zone import Zone
from mqtt.topics import shard_of
from tracker.admission import Refusal
from tracker.alert import RENOTICES, Alert
from tracker.excuse import SOS_LASTS_S, Call, Excuse
from tracker.fix import Fix, FixKey
from tracker.ports import (
    Acknowledged,
    FixRecord,
    LiveState,
    QuarantineEntry,
    StaleTrackError,
    StoreUnavailableError,
    Track,
    TrackKey,
    ZoneCursor,
)
from tracker.settle import Change, apply
from tracker.shift import Enrolment, Shift
from tracker.silence import Over, Silence, Watch
from tracker.word import Why, Word

DEAF_AFTER_S = 30.0
Said = tuple[float | None, tuple[Why | None, float | None]]
"""When a phone last said that it lives, and its newest reason with its moment."""


@dataclass
class Tables:
    """Everything durable."""

    revisions: dict[str, int] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    zones: dict[tuple[str, int], tuple[Zone, int]] = field(default_factory=dict)
    fixes: dict[TrackKey, dict[FixKey, Fix]] = field(default_factory=dict)
    tracks: dict[TrackKey, Track] = field(default_factory=dict)
    states: dict[TrackKey, LiveState] = field(default_factory=dict)
    acknowledged: dict[int, Acknowledged] = field(default_factory=dict)
    losses: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    calls: dict[int, list[Excuse]] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    quarantined: list[QuarantineEntry] = field(default_factory=list)
    refused: Counter[tuple[str, Refusal]] = field(default_factory=Counter)
    words: dict[int, Said] = field(default_factory=dict)
    listening: dict[int, tuple[float, float]] = field(default_factory=dict)
    silences: dict[int, Silence] = field(default_factory=dict)


class FakeTransaction:
    """`tracker.ports.Transaction` on a copy of the tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def revisions(self) -> dict[str, int]:
        return dict(self.tables.revisions)

    def enrolments(self, devices: Collection[str]) -> dict[str, Enrolment]:
        return {name: self.tables.enrolments[name] for name in devices if name in self.tables.enrolments}

    def zones(self, since: int = 0) -> list[Zone]:
        return [zone for zone, revision in self.tables.zones.values() if revision > since]

    def zone_page(self, after: ZoneCursor, limit: int | None) -> tuple[list[Zone], ZoneCursor]:
        written = sorted((ZoneCursor(revision, *key), zone) for key, (zone, revision) in self.tables.zones.items())
        page = [(cursor, zone) for cursor, zone in written if cursor > after][:limit]
        return [zone for _, zone in page], page[-1][0] if page else after

    def zones_differ_from(self, revision: int) -> float:
        changed = [zone for zone, written in self.tables.zones.values() if written > revision]
        moments = [zone.valid_from if zone.valid_to is None else zone.valid_to for zone in changed]
        return min((-inf if moment is None else moment for moment in moments), default=inf)

    def tracks(self, wanted: Collection[tuple[Enrolment, Shift]]) -> dict[TrackKey, Track]:
        keys = {(enrolment.device_id, shift.id): shift for enrolment, shift in wanted}
        return {key: self.tables.tracks[key]._replace(shift=keys[key]) for key in keys if key in self.tables.tracks}

    def acknowledged(self, device_ids: Collection[int]) -> dict[int, Acknowledged]:
        return {key: self.tables.acknowledged[key] for key in device_ids if key in self.tables.acknowledged}

    def fixes_since(self, device: str, key: TrackKey, since: float) -> list[Fix]:
        stored = self.tables.fixes.get(key, {})
        return [stored[at] for at in sorted(stored) if stored[at].fix_at >= since]

    def add_fixes(self, records: Sequence[FixRecord]) -> set[tuple[int, FixKey]]:
        known = set()
        for record in records:
            stored = self.tables.fixes.setdefault((record.device_id, record.shift_id), {})
            if record.fix.key in stored and record.behind:
                known.add((record.device_id, record.fix.key))
            stored.setdefault(record.fix.key, record.fix)
        return known

    def prepare(self, now: float) -> None:
        """Memory has room."""

    def save_tracks(self, tracks: Sequence[tuple[Track, LiveState]]) -> None:
        for track, state in tracks:
            key = (track.device_id, track.shift.id)
            before = self.tables.tracks.get(key)
            if (before.version if before else 0) != track.version:
                raise StaleTrackError
            stored = before.stored if before else ()
            self.tables.tracks[key] = track._replace(version=track.version + 1, stored=stored)
            self.tables.states[key] = state

    def save_incursions(self, changes: Sequence[tuple[TrackKey, Change]]) -> None:
        for key, change in changes:
            track = self.tables.tracks[key]
            self.tables.tracks[key] = track._replace(stored=apply(track.stored, [change]))

    def add_alerts(self, alerts: Sequence[Alert], device_ids: Mapping[str, int]) -> list[Alert]:
        told = {(alert.incursion_id, alert.audience) for alert in self.tables.alerts.values()}
        fresh = [
            alert
            for alert in alerts
            if alert.dedup_key not in self.tables.alerts
            and (alert.kind not in RENOTICES or (alert.incursion_id, alert.audience) in told)
        ]
        self.tables.alerts |= {alert.dedup_key: alert for alert in fresh}
        return fresh

    def raise_sos(self, device_id: int, at: float) -> Call:
        (enrolment,) = [each for each in self.tables.enrolments.values() if each.device_id == device_id]
        calls = self.tables.calls.setdefault(enrolment.visitor_id, [])
        if any(call.covers("", at) for call in calls):
            return Call.KNOWN
        later = [call for call in calls if at <= call.from_at <= at + SOS_LASTS_S]
        earliest = min(later, key=lambda call: call.from_at, default=None)
        made = replace(earliest, from_at=at) if earliest else Excuse(None, at, at + SOS_LASTS_S)
        self.tables.calls[enrolment.visitor_id] = [call for call in calls if call is not earliest] + [made]
        excuses = [excuse for excuse in enrolment.excuses if excuse != earliest]
        self.tables.enrolments[enrolment.device] = replace(enrolment, excuses=(*excuses, made))
        self.tables.revisions["people"] = self.tables.revisions.get("people", 0) + 1
        return Call.EARLIER if earliest else Call.NEW

    def save_acknowledged(
        self, ledgers: Sequence[Acknowledged], losses: Mapping[int, Sequence[tuple[int, int]]]
    ) -> None:
        for after in ledgers:
            before = self.tables.acknowledged.get(after.device_id)
            if (before.version if before else 0) != after.version:
                raise StaleTrackError
            self.tables.acknowledged[after.device_id] = after._replace(version=after.version + 1)
        for device_id, ranges in losses.items():
            self.tables.losses.setdefault(device_id, []).extend(ranges)

    def quarantine(self, entries: Sequence[QuarantineEntry]) -> None:
        self.tables.quarantined += entries

    def count_refusals(self, counts: Mapping[tuple[str, Refusal], int], at: float) -> None:
        self.tables.refused.update(counts)

    def unpublished(self, shards: Collection[int], older_than_s: float) -> list[Alert]:
        return [alert for key, alert in self.tables.alerts.items() if key not in self.tables.published]

    def mark_published(self, dedup_keys: Sequence[str]) -> None:
        self.tables.published |= set(dedup_keys)

    def hear(self, words: Mapping[int, Word]) -> None:
        for device_id, word in words.items():
            before = self.tables.words.get(device_id)
            alive_at = word.at if word.alive else None if before is None else before[0]
            why = (word.why, word.at) if word.why else (None, None) if before is None else before[1]
            self.tables.words[device_id] = (alive_at, why)

    def listen(self, shards: Collection[int], now: float) -> dict[int, float]:
        for shard in shards:
            since, seen_at = self.tables.listening.get(shard, (now, now))
            self.tables.listening[shard] = (now if now - seen_at > DEAF_AFTER_S else since, now)
        return {shard: self.tables.listening[shard][0] for shard in shards}

    def watches(self, now: float) -> list[Watch]:
        going_on = {each.shift_id: each for each in self.tables.silences.values() if each.ended_at is None}
        shifts = {shift.id: shift for each in self.tables.enrolments.values() for shift in each.shifts}
        watched = [shift for shift in shifts.values() if shift.closed_at is None or shift.id in going_on]
        return [found for shift in watched if (found := self._watch(shift, going_on.get(shift.id), now))]

    def _watch(self, shift: Shift, silence: Silence | None, now: float) -> Watch | None:
        carried = [
            each
            for each in self.tables.enrolments.values()
            if shift in each.shifts and (not each.revoked or (silence and silence.device_id == each.device_id))
        ]
        if not carried:
            return None
        phone = max(carried, key=lambda each: (not each.revoked, self._heard_at(each, shift), each.device_id))
        over_at = shift.closed_at if shift.closed_at is not None and shift.closed_at <= now else None
        over = Over.SHIFT_END if over_at is not None else None
        if over is None and (phone.revoked or not phone.consented):
            over = Over.UNTRACKED
        return Watch(
            shift.id, phone.device_id, phone.device, shard_of(phone.device), self._heard_at(phone, shift), None,
            self._why(phone, shift), over, over_at, silence,
        )  # fmt: skip

    def _heard_at(self, phone: Enrolment, shift: Shift) -> float:
        track = self.tables.tracks.get((phone.device_id, shift.id))
        alive_at, _ = self.tables.words.get(phone.device_id, (None, (None, None)))
        received_at = track.newest.received_at if track and track.newest else None
        return max(each for each in (received_at, alive_at, shift.opened_at) if each is not None)

    def _why(self, phone: Enrolment, shift: Shift) -> Why | None:
        track = self.tables.tracks.get((phone.device_id, shift.id))
        _, (why, why_at) = self.tables.words.get(phone.device_id, (None, (None, None)))
        newest = track.newest if track else None
        if why_at is not None and why_at >= (newest.received_at if newest else shift.opened_at):
            return why
        return newest.why if newest else None

    def save_silences(self, silences: Sequence[Silence]) -> list[Silence]:
        written = []
        for each in silences:
            known = self.tables.silences.values()
            taken = any(was.shift_id == each.shift_id and (was.ended_at is None or was.since == each.since)
                        for was in known)  # fmt: skip
            before = self.tables.silences.get(each.id or 0)
            may_change = before and (before.ended_at is None or (each.filled and not before.filled))
            if (each.id is None and not taken) or may_change:
                written.append(each.numbered(each.id or len(self.tables.silences) + 1))
                self.tables.silences[written[-1].id or 0] = written[-1]
        return written

    def fillable(self, shift_ids: Collection[int]) -> list[Silence]:
        known = self.tables.silences.values()
        return [each for each in known if each.shift_id in shift_ids and each.ended_at is not None and not each.filled]

    def fix_ats(self, shift_id: int, since: float, until: float) -> list[float]:
        fixes = [
            fix for (_, shift), stored in self.tables.fixes.items() if shift == shift_id for fix in stored.values()
        ]
        return [fix.fix_at for fix in fixes if since < fix.fix_at < until]

    def unfinished(self, shards: Collection[int]) -> list[tuple[str, TrackKey]]:
        shifts = {
            (enrolment.device_id, shift.id): (name, shift)
            for name, enrolment in self.tables.enrolments.items()
            for shift in enrolment.shifts
        }
        return [
            (shifts[key][0], key)
            for key, track in self.tables.tracks.items()
            if not track.finished and shifts[key][1].closed_at is not None
        ]


class FakeStore:
    """`tracker.ports.Store` in memory. `fail_commits`: how many of the next commits are lost with the connection."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.fail_commits = 0

    @contextmanager
    def transaction(self) -> Iterator[FakeTransaction]:
        working = FakeTransaction(copy.deepcopy(self.tables))
        yield working
        if self.fail_commits:
            self.fail_commits -= 1
            raise StoreUnavailableError("the connection is gone")
        self.tables = working.tables

    def enrol(self, enrolment: Enrolment) -> None:
        """Add or replace a device, as the administration would."""
        self.tables.enrolments[enrolment.device] = enrolment
        self.tables.revisions["people"] = self.tables.revisions.get("people", 0) + 1

    def put_zones(self, zones: Sequence[Zone]) -> None:
        """Write zone versions; each keeps the revision at which it was written last."""
        revision = self.tables.revisions["zones"] = self.tables.revisions.get("zones", 0) + 1
        self.tables.zones |= {(zone.id, zone.version): (zone, revision) for zone in zones}

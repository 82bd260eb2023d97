"""The store on PostGIS: one connection, one transaction at a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from psycopg import Connection

from geofences.zone import Zone
from tracker.admission import Refusal
from tracker.alert import Alert
from tracker.excuse import Call
from tracker.fix import Fix, FixKey
from tracker.ports import Acknowledged, FixRecord, LiveState, QuarantineEntry, Track, TrackKey, ZoneCursor
from tracker.settle import Change
from tracker.shift import Enrolment, Shift
from tracker.silence import Silence, Watch
from tracker.store import excuses, incursions, outbox, people, quarantine, silences, tracks, zones
from tracker.store.connection import Pulse, Row, connect, rows, translated
from tracker.store.fixes import Fixes
from tracker.word import Word


class PostgresTransaction:
    """`tracker.ports.Transaction` on an open transaction; the SQL stands in the repositories."""

    def __init__(self, connection: "Connection[Row]", fixes: Fixes, late_s: float) -> None:
        self._connection = connection
        self._fixes = fixes
        self._late_s = late_s

    def revisions(self) -> dict[str, int]:
        return dict(rows(self._connection, "SELECT kind, value FROM revision"))

    def enrolments(self, devices: Collection[str]) -> dict[str, Enrolment]:
        return people.enrolments(self._connection, devices, self._late_s)

    def zones(self, since: int = 0) -> list[Zone]:
        return zones.zone_versions(self._connection, self._late_s, since)

    def zone_page(self, after: ZoneCursor, limit: int | None) -> tuple[list[Zone], ZoneCursor]:
        return zones.zone_page(self._connection, self._late_s, after, limit)

    def zones_differ_from(self, revision: int) -> float:
        return zones.differ_from(self._connection, revision)

    def tracks(self, wanted: Collection[tuple[Enrolment, Shift]]) -> dict[TrackKey, Track]:
        return tracks.read_tracks(self._connection, wanted)

    def acknowledged(self, device_ids: Collection[int]) -> dict[int, Acknowledged]:
        return tracks.read_acknowledged(self._connection, device_ids)

    def fixes_since(self, device: str, key: TrackKey, since: float) -> list[Fix]:
        return self._fixes.since(device, key, since)

    def add_fixes(self, records: Sequence[FixRecord]) -> set[tuple[int, FixKey]]:
        return self._fixes.add(records)

    def prepare(self, now: float) -> None:
        self._fixes.prepare(now)

    def save_tracks(self, changed: Sequence[tuple[Track, LiveState]]) -> None:
        tracks.write_tracks(self._connection, changed)

    def save_incursions(self, changes: Sequence[tuple[TrackKey, Change]]) -> None:
        incursions.write_incursions(self._connection, changes)

    def add_alerts(self, alerts: Sequence[Alert], device_ids: Mapping[str, int]) -> list[Alert]:
        return outbox.add_alerts(self._connection, alerts, device_ids)

    def raise_sos(self, device_id: int, at: float) -> Call:
        return excuses.raise_sos(self._connection, device_id, at)

    def save_acknowledged(
        self, ledgers: Sequence[Acknowledged], losses: Mapping[int, Sequence[tuple[int, int]]]
    ) -> None:
        tracks.write_acknowledged(self._connection, ledgers, losses)

    def quarantine(self, entries: Sequence[QuarantineEntry]) -> None:
        quarantine.add_quarantined(self._connection, entries)

    def count_refusals(self, counts: Mapping[tuple[str, Refusal], int], at: float) -> None:
        quarantine.count_refusals(self._connection, counts, at)

    def unpublished(self, shards: Collection[int], older_than_s: float) -> list[Alert]:
        return outbox.unpublished(self._connection, shards, older_than_s)

    def mark_published(self, dedup_keys: Sequence[str]) -> None:
        outbox.mark_published(self._connection, dedup_keys)

    def hear(self, words: Mapping[int, Word]) -> None:
        silences.hear(self._connection, words)

    def listen(self, shards: Collection[int], now: float) -> dict[int, float]:
        return silences.listen(self._connection, shards, now)

    def watches(self, now: float) -> list[Watch]:
        return silences.watches(self._connection, now)

    def save_silences(self, changed: Sequence[Silence]) -> list[Silence]:
        return silences.save_silences(self._connection, changed)

    def fillable(self, shift_ids: Collection[int]) -> list[Silence]:
        return silences.fillable(self._connection, shift_ids)

    def fix_ats(self, shift_id: int, since: float, until: float) -> list[float]:
        return silences.fix_ats(self._connection, shift_id, since, until)

    def unfinished(self, shards: Collection[int]) -> list[tuple[str, TrackKey]]:
        return tracks.unfinished(self._connection, shards)


class PostgresStore:
    """`tracker.ports.Store` on one connection. `fenced`: the server ends it when it falls silent for 5 s."""

    def __init__(self, url: str, name: str, *, fenced: bool, late_s: float) -> None:
        self.connection = connect(url, name, fenced=fenced)
        self._late_s = late_s
        with translated(self.connection):
            self._fixes = Fixes(self.connection)
        self._pulse = Pulse(self.connection)

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        """One transaction; engine errors leave as those of `tracker.ports`."""
        try:
            with self._pulse.beating(), translated(self.connection), self.connection.transaction():
                yield PostgresTransaction(self.connection, self._fixes, self._late_s)
        except BaseException:
            self._fixes.forget_days()
            raise

    def close(self) -> None:
        """Close the connection; its advisory locks end with it."""
        self._pulse.end()
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

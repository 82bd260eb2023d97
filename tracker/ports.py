"""What the pipeline needs from the outside. `tracker.store` fills these on PostGIS, the tests' fakes in memory."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from geofences.zone import Zone
from tracker.acknowledgement import SeqLedger
from tracker.admission import Refusal
from tracker.alert import Alert
from tracker.excuse import Call
from tracker.fix import Fix, FixKey
from tracker.incursion import FoldState
from tracker.plausibility import Plausibility
from tracker.settle import Change, Stored
from tracker.shift import Enrolment, Shift
from tracker.silence import Silence, Watch
from tracker.word import Word

TrackKey = tuple[int, int]
"""Device id and shift id."""


class StoreUnavailableError(Exception):
    """The database can't be reached or the connection is gone: start again from the database."""


class StoreRefusedError(Exception):
    """The database refused a statement: something in this batch can't be stored as it is."""


class StaleTrackError(Exception):
    """Somebody else wrote these tracks since they were read (a lease moved, or a phone used HTTP)."""


class ZoneCursor(NamedTuple):
    """Up to where zone versions were read: those of lower revisions, and of this one up to this zone and version."""

    revision: int
    zone_id: str = ""
    version: int = 0


class FixRecord(NamedTuple):
    """A fix ready to be stored. `behind`: not newer than the newest stored one, so it may be there already."""

    device_id: int
    shift_id: int
    h3_cell: int
    fix: Fix
    behind: bool


class Track(NamedTuple):
    """One device in one shift: its newest fix, the folded state and the incursions found so far."""

    device_id: int
    shift: Shift
    version: int
    newest: Fix | None
    fold: FoldState
    stored: tuple[Stored, ...] = ()
    finished: bool = False
    plausibility: Plausibility = Plausibility()

    def written(self) -> "Track":
        """The same once it is committed, one version on."""
        return Track(
            self.device_id, self.shift, self.version + 1, self.newest, self.fold, self.stored, self.finished,
            self.plausibility,
        )  # fmt: skip

    def stored_since(self, since: float) -> list[Stored]:
        """The incursions found so far that began at or after a moment, retracted ones too."""
        return [stored for stored in self.stored if stored.incursion.began_at >= since]


class LiveState(NamedTuple):
    """What the live map shows of a track."""

    state: str
    zone: str | None
    signed_m: float | None


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A message that could not be read. `payload` is None outside an open shift: it may hold a position."""

    device: str | None
    received_at: float
    reason: str
    detail: str
    size_bytes: int
    payload: bytes | None


class Acknowledged(NamedTuple):
    """The sequence numbers of a device that are durable, with the version its row had when read."""

    device_id: int
    version: int
    ledger: SeqLedger


class Transaction(Protocol):
    """Everything one batch reads and writes; it takes effect as a whole or not at all."""

    def revisions(self) -> dict[str, int]:
        """Counters that move whenever rows of a kind (`people`, `zones`) change."""

    def enrolments(self, devices: Collection[str]) -> dict[str, Enrolment]:
        """Who carries these devices, and their shifts that may still receive fixes."""

    def zones(self, since: int = 0) -> list[Zone]:
        """The zone versions by which fixes that may still arrive are judged, written after a revision of `zones`."""

    def zone_page(self, after: ZoneCursor, limit: int | None) -> tuple[list[Zone], ZoneCursor]:
        """The same a page at a time, in the order in which they were written or ended; where the next page begins.

        What changes between two pages comes later, never not at all.
        """

    def zones_differ_from(self, revision: int) -> float:
        """The first moment (seconds UTC) at which the zones differ from those of a revision; inf for none."""

    def tracks(self, wanted: Collection[tuple[Enrolment, Shift]]) -> dict[TrackKey, Track]:
        """The tracks that exist of those wanted."""

    def acknowledged(self, device_ids: Collection[int]) -> dict[int, Acknowledged]:
        """The durable sequence numbers of these devices."""

    def fixes_since(self, device: str, key: TrackKey, since: float) -> list[Fix]:
        """The stored fixes of a track from a moment on, in canonical order, this batch's included."""

    def add_fixes(self, records: Sequence[FixRecord]) -> set[tuple[int, FixKey]]:
        """Store fixes; returns (device id, key) of those marked `behind` that were there already."""

    def prepare(self, now: float) -> None:
        """Make room for the fixes of today and the next days, so that no batch has to wait for it."""

    def save_tracks(self, tracks: Sequence[tuple[Track, LiveState]]) -> None:
        """Write tracks, each with its version raised by one.

        Raises:
            StaleTrackError: a track was written by somebody else since it was read.
        """

    def save_incursions(self, changes: Sequence[tuple[TrackKey, Change]]) -> None:
        """Write new, grown, revised and retracted incursions and keep every revision."""

    def add_alerts(self, alerts: Sequence[Alert], device_ids: Mapping[str, int]) -> list[Alert]:
        """Put alerts into the outbox; returns those that were not there before."""

    def raise_sos(self, device_id: int, at: float) -> Call:
        """Record that the carrier of a device called for help, unless a call of theirs is known that covers it."""

    def save_acknowledged(
        self, ledgers: Sequence[Acknowledged], losses: Mapping[int, Sequence[tuple[int, int]]]
    ) -> None:
        """Write durable sequence numbers, and the losses that phones declared.

        Raises:
            StaleTrackError: a ledger was written by somebody else since it was read.
        """

    def quarantine(self, entries: Sequence[QuarantineEntry]) -> None:
        """Keep what could not be read."""

    def count_refusals(self, counts: Mapping[tuple[str, Refusal], int], at: float) -> None:
        """Count refusals by device, day and reason."""

    def unpublished(self, shards: Collection[int], older_than_s: float) -> list[Alert]:
        """Alerts in the outbox that nobody has published for so long."""

    def mark_published(self, dedup_keys: Sequence[str]) -> None:
        """The broker has these alerts."""

    def hear(self, words: Mapping[int, Word]) -> None:
        """Keep what phones said besides positions, by device id."""

    def listen(self, shards: Collection[int], now: float) -> dict[int, float]:
        """Note that these shards are listened to; returns since when each is, without a break."""

    def watches(self, now: float) -> list[Watch]:
        """Every open shift, and those that have a silence which is not over yet, each once.

        A visitor with several phones is heard by any of them; the one that was heard last is named.
        """

    def save_silences(self, silences: Sequence[Silence]) -> list[Silence]:
        """Write silences, new ones get a number; those that somebody else began or ended meanwhile are left out."""

    def fillable(self, shift_ids: Collection[int]) -> list[Silence]:
        """Silences of these shifts that are over and were not filled by positions that came later."""

    def fix_ats(self, shift_id: int, since: float, until: float) -> list[float]:
        """When the stored positions of a shift were measured, within a span."""

    def unfinished(self, shards: Collection[int]) -> list[tuple[str, TrackKey]]:
        """(device, track) whose shift has closed and whose incursions have not been closed yet."""


class Store(Protocol):
    """Where everything durable lives."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commit on leaving, roll back on an exception.

        Raises:
            StoreUnavailableError: the connection is gone; nothing may be assumed about the commit.
            StoreRefusedError: the data was refused.
        """

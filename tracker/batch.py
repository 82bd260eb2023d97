"""The working table of one batch: what arrived, what became of it and what is to be told after the commit."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracker.admission import Refusal
from tracker.alert import Alert, alerts_for, overstays, sos, unexcused
from tracker.excuse import SOS_LASTS_S, Excuse
from tracker.fix import Fix
from tracker.incursion.stay import CLEAR_P
from tracker.plausibility import Plausibility
from tracker.ports import Acknowledged, LiveState, QuarantineEntry, Track, TrackKey
from tracker.settle import Change, Outcome, apply
from tracker.shift import Enrolment, Shift
from tracker.word import Word
from tracker.zones.known import KnownZones


@dataclass(frozen=True, slots=True)
class Defect:
    """Part of a message that could not be read, and why; `detail` holds no position.

    `fix_at` is the time it claims, if that much could be read.
    """

    reason: str
    detail: str
    fix_at: float | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message of a phone, as far as the border could read it.

    `handled`: (seq, oldest held) of its parts that are no fixes; the phone may forget them all the same.
    `word`: what those parts say of a silence.
    """

    device: str
    received_at: float
    fixes: Sequence[Fix] = ()
    defects: Sequence[Defect] = ()
    handled: Sequence[tuple[int, int | None]] = ()
    payload: bytes = field(default=b"", repr=False)
    refusal: Refusal | None = None
    mixed: bool = False
    """Several parts in one payload: its bytes are never kept, for another part may be refused."""
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a committed batch amounts to: whom to acknowledge (`upto` by device) and whom to tell."""

    upto: Mapping[str, int] = field(default_factory=dict)
    backlog: frozenset[str] = frozenset()
    alerts: Sequence[Alert] = ()
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    refused: Mapping[Refusal, int] = field(default_factory=dict)


@dataclass(slots=True)
class Admitted:
    """The fixes of one track in a batch; `fresh` are those that were not stored before."""

    enrolment: Enrolment
    shift: Shift
    fixes: list[Fix] = field(default_factory=list)
    fresh: list[Fix] = field(default_factory=list)

    @property
    def key(self) -> TrackKey:
        """The track they belong to."""
        return self.enrolment.device_id, self.shift.id


@dataclass(slots=True)
class Batch:
    """What the stages of `pipeline` hand on."""

    arrivals: Sequence[Arrival]
    enrolments: Mapping[str, Enrolment]
    zones: KnownZones
    admitted: dict[TrackKey, Admitted] = field(default_factory=dict)
    refused: Counter[tuple[str, Refusal]] = field(default_factory=Counter)
    quarantined: list[QuarantineEntry] = field(default_factory=list)
    tracks: dict[TrackKey, Track] = field(default_factory=dict)
    touched: list[TrackKey] = field(default_factory=list)
    changes: list[tuple[TrackKey, Change]] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    ledgers: dict[int, Acknowledged] = field(default_factory=dict)
    upto: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0

    def detected(
        self,
        device: str,
        track: Track,
        outcome: Outcome,
        doubts: Plausibility,
        *,
        newest: Fix | None,
        finished: bool,
    ) -> None:
        """Note a track after its fold, what became of its incursions and what follows from that."""
        key = (track.device_id, track.shift.id)
        stored = apply(track.stored, outcome.changes) if outcome.changes else track.stored
        self.tracks[key] = Track(
            track.device_id, track.shift, track.version, newest, outcome.state, stored, finished, doubts
        )
        self.touched.append(key)
        for change in outcome.changes:
            self.changes.append((key, change))
            excuses = self.enrolments[device].excuses
            self.alerts += unexcused(alerts_for(change, device), excuses) + overstays(change, device, excuses)

    def called(self, device: str, at: float, *, told_before: bool) -> None:
        """Note a call for help: it is told once, and from that moment no zone is."""
        enrolment = self.enrolments[device]
        excuse = Excuse(None, at, at + SOS_LASTS_S)
        self.enrolments = {**self.enrolments, device: replace(enrolment, excuses=(*enrolment.excuses, excuse))}
        if not told_before:
            self.alerts.append(sos(device, at))

    def states(self) -> list[tuple[Track, LiveState]]:
        """The tracks that changed, with what the live map shows of them."""
        return [(self.tracks[key], live_state(self.tracks[key], self.zones)) for key in self.touched]

    def receipt(self, alerts: Sequence[Alert], backlog: frozenset[str]) -> Receipt:
        """The summary of the batch once it is committed."""
        refused: Counter[Refusal] = Counter()
        for (_, reason), count in self.refused.items():
            refused[reason] += count
        return Receipt(
            self.upto, backlog, alerts, sum(len(admitted.fresh) for admitted in self.admitted.values()),
            self.duplicates, len(self.quarantined), refused,
        )  # fmt: skip


def sequence_numbers(batch: Batch) -> dict[int, list[tuple[int, int | None]]]:
    """(seq, oldest held) by device id of everything a known device sent, refused and unreadable parts included."""
    taken: dict[int, list[tuple[int, int | None]]] = {}
    for arrival in batch.arrivals:
        if enrolment := batch.enrolments.get(arrival.device):
            numbers = [(fix.seq, fix.oldest_held) for fix in arrival.fixes if fix.seq is not None]
            numbers += arrival.handled
            if numbers:
                taken.setdefault(enrolment.device_id, []).extend(numbers)
    return taken


def live_state(track: Track, zones: KnownZones) -> LiveState:
    """How a track stands towards the zone it is deepest in, or nearest to."""
    newest = track.newest
    open_stays = [stay for stay in track.fold.stays if stay.record.ended is None]
    if newest is None or not open_stays:
        return LiveState("clear", None, None)
    in_force = zones.at(newest.fix_at)
    signed = {stay.record.zone: in_force.signed_m(stay.record.zone, newest.lon, newest.lat) for stay in open_stays}
    stay = min(open_stays, key=lambda stay: (stay.record.confirmed_at is None, signed[stay.record.zone]))
    if stay.record.confirmed_at is not None:
        state = "inside"
    else:
        state = "uncertain" if stay.log_odds > math.log(CLEAR_P / (1 - CLEAR_P)) else "approach"
    return LiveState(state, stay.record.zone, signed[stay.record.zone])

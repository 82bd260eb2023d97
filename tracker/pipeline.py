"""What happens to a batch of messages, stage by stage: `_commit` is the whole way on one screen.

A batch is one transaction. Nothing of it is kept in memory before the commit, so a batch that fails leaves no trace
and is processed again from the start.
"""

from collections.abc import Callable, Collection, Sequence

from geofences.index import cell_of
from tracker.acknowledgement import SeqLedger, is_backlog
from tracker.admission import Limits, Refusal, admit
from tracker.alert import Alert
from tracker.batch import Admitted, Arrival, Batch, Defect, Receipt, sequence_numbers
from tracker.excuse import Call
from tracker.fix import Fix, FixKey
from tracker.incursion import begin
from tracker.knowledge import Knowledge
from tracker.lookout import Lookout, fill, look_out
from tracker.plausibility import take as weigh
from tracker.ports import Acknowledged, FixRecord, QuarantineEntry, StaleTrackError, Store, Track, TrackKey, Transaction
from tracker.settle import close, take
from tracker.shift import Enrolment
from tracker.silence import USUAL, Thresholds
from tracker.word import Word

STALE_ATTEMPTS = 5


class Pipeline:
    """Takes batches into the store. What it remembers is checked against versions, so any writer may come between."""

    def __init__(self, store: Store, limits: Limits, silence: Thresholds = USUAL) -> None:
        self._store = store
        self._limits = limits
        self._silence = silence
        self._knowledge = Knowledge()
        self.forget()

    def forget(self) -> None:
        """Drop tracks and ledgers: the database knows better. What `Knowledge` holds is checked in every batch."""
        self._tracks: dict[TrackKey, Track] = {}
        self._ledgers: dict[int, Acknowledged] = {}

    def process(self, arrivals: Sequence[Arrival]) -> Receipt:
        """Commit a batch.

        Raises:
            StoreUnavailableError: nothing is known of the commit; the same messages must come again.
            StoreRefusedError: something in the batch can't be stored as it is.
        """
        return self._fresh(lambda: self._commit(arrivals))

    def close_shifts(self, shards: Collection[int]) -> Receipt:
        """Close what is still open in tracks whose shift has ended."""
        return self._fresh(lambda: self._close_shifts(shards))

    def look_out(self, shards: Collection[int], held_back: Collection[str], now: float) -> Receipt:
        """Notice who has fallen silent or is heard again, of the shards that are listened to."""
        with self._store.transaction() as transaction:
            lookout = Lookout(shards, held_back, self._silence)
            return Receipt(alerts=look_out(transaction, self._knowledge, lookout, now))

    def _commit(self, arrivals: Sequence[Arrival]) -> Receipt:
        with self._store.transaction() as transaction:
            known = self._knowledge.read(transaction, {arrival.device for arrival in arrivals})
            batch = Batch(arrivals, known.enrolments, known.zones)
            self._admit(batch)
            self._quarantine(batch)
            self._read_tracks(transaction, batch)
            self._store_fixes(transaction, batch)
            self._hear_sos(transaction, batch)
            self._detect(transaction, batch)
            self._hear(transaction, batch)
            self._acknowledge(transaction, batch)
            alerts = self._save(transaction, batch)
        return self._keep(batch, batch.receipt(alerts, backlogs(batch)))

    def _close_shifts(self, shards: Collection[int]) -> Receipt:
        with self._store.transaction() as transaction:
            ended = transaction.unfinished(shards)
            known = self._knowledge.read(transaction, {device for device, _ in ended})
            batch = Batch((), known.enrolments, known.zones)
            for device, key in ended:
                enrolment = known.enrolments.get(device)  # None: removed since `unfinished` was asked
                shift = enrolment and enrolment.shift(key[1])
                if enrolment and shift:
                    batch.admitted[key] = Admitted(enrolment, shift)
            self._read_tracks(transaction, batch)
            self._finish(batch)
            alerts = self._save(transaction, batch)
        return self._keep(batch, batch.receipt(alerts, frozenset()))

    def _admit(self, batch: Batch) -> None:
        """Stage 1: who may be tracked at the fix's own time; repeats within the batch go here."""
        seen: set[tuple[TrackKey, FixKey]] = set()
        for arrival in batch.arrivals:
            if arrival.refusal:
                batch.refused[arrival.device, arrival.refusal] += 1
            enrolment = batch.enrolments.get(arrival.device)
            for fix in arrival.fixes:
                shift = admit(fix, enrolment, self._limits)
                if isinstance(shift, Refusal):
                    batch.refused[arrival.device, shift] += 1
                    continue
                assert enrolment is not None  # noqa: S101  nobody else is admitted
                key = (enrolment.device_id, shift.id)
                once = (key, fix.key)
                if once not in seen:
                    seen.add(once)
                    batch.admitted.setdefault(key, Admitted(enrolment, shift)).fixes.append(fix)
                else:
                    batch.duplicates += 1

    @staticmethod
    def _quarantine(batch: Batch) -> None:
        """Stage 2: what could not be read is kept with its reason; its bytes only if a shift was open."""
        for arrival in batch.arrivals:
            enrolment = batch.enrolments.get(arrival.device)
            if enrolment is not None:
                batch.quarantined += [quarantined(arrival, defect, enrolment) for defect in arrival.defects]
            elif arrival.defects:
                batch.refused[arrival.device, Refusal.UNKNOWN_DEVICE] += 1

    def _read_tracks(self, transaction: Transaction, batch: Batch) -> None:
        """Stage 3: the tracks of this batch, from memory or from the store."""
        missing = [(a.enrolment, a.shift) for key, a in batch.admitted.items() if key not in self._tracks]
        found = transaction.tracks(missing) if missing else {}
        for key, admitted in batch.admitted.items():
            shift = admitted.shift
            track = self._tracks.get(key) or found.get(key)
            if track is None:
                track = Track(key[0], shift, 0, None, begin(shift.opened_at, admitted.enrolment.platform))
            batch.tracks[key] = track if track.shift is shift else track._replace(shift=shift)

    @staticmethod
    def _store_fixes(transaction: Transaction, batch: Batch) -> None:
        """Stage 4: write the fixes; what was stored before is not folded again."""
        records: list[FixRecord] = []
        for key, admitted in batch.admitted.items():
            if len(admitted.fixes) > 1:
                admitted.fixes.sort(key=lambda fix: fix.key)
            newest = batch.tracks[key].newest
            records += [
                FixRecord(*key, cell_of(fix.lon, fix.lat), fix, newest is not None and fix.key <= newest.key)
                for fix in admitted.fixes
            ]
        known = transaction.add_fixes(records) if records else set()
        batch.duplicates += len(known)
        for key, admitted in batch.admitted.items():
            fresh = [fix for fix in admitted.fixes if (key[0], fix.key) not in known] if known else admitted.fixes
            admitted.fresh = fresh

    @staticmethod
    def _hear_sos(transaction: Transaction, batch: Batch) -> None:
        """Stage 5: who calls for help is heard before anything else, and excused from every zone."""
        for admitted in batch.admitted.values():
            for at in [fix.fix_at for fix in admitted.fresh if fix.sos]:
                call = transaction.raise_sos(admitted.enrolment.device_id, at)
                if call is not Call.KNOWN:
                    batch.called(admitted.enrolment.device, at, told_before=call is Call.EARLIER)

    @staticmethod
    def _detect(transaction: Transaction, batch: Batch) -> None:
        """Stage 6: fold the new fixes into each track; late ones are settled."""
        for key, admitted in batch.admitted.items():
            if not admitted.fresh:
                continue
            track, device = batch.tracks[key], admitted.enrolment.device
            read = reader(transaction, device, key)
            outcome = take(track.fold, admitted.fresh, read, track.stored_since, batch.zones.at)
            newest = admitted.fresh[-1]
            if track.newest is not None and track.newest.key > newest.key:
                newest = track.newest
            doubts = weigh(track.plausibility, admitted.fresh, read)
            batch.detected(device, track, outcome, doubts, newest=newest, finished=track.finished)

    def _hear(self, transaction: Transaction, batch: Batch) -> None:
        """Stage 7: what phones say of a silence is kept while they may be tracked; what came late may fill one."""
        words = spoken(batch)
        if words:
            transaction.hear(words)
        late = {key[1] for key, admitted in batch.admitted.items() if is_late(admitted.fresh, self._silence.amber_s)}
        if late:
            fill(transaction, late, self._silence.amber_s)

    @staticmethod
    def _finish(batch: Batch) -> None:
        """Close the incursions of shifts that have ended."""
        for key, admitted in batch.admitted.items():
            track, shift = batch.tracks[key], admitted.shift
            if shift.closed_at is not None:
                outcome = close(track.fold, shift.closed_at, track.stored_since, batch.zones.at)
                device, doubts = admitted.enrolment.device, track.plausibility
                batch.detected(device, track, outcome, doubts, newest=track.newest, finished=True)

    def _acknowledge(self, transaction: Transaction, batch: Batch) -> None:
        """Stage 8: which sequence numbers become durable with this commit."""
        taken = sequence_numbers(batch)
        missing = [device_id for device_id in taken if device_id not in self._ledgers]
        found = transaction.acknowledged(missing) if missing else {}
        losses: dict[int, list[tuple[int, int]]] = {}
        for device_id, numbers in taken.items():
            before = self._ledgers.get(device_id) or found.get(device_id) or Acknowledged(device_id, 0, SeqLedger())
            ledger = before.ledger
            for seq, oldest_held in numbers:
                ledger, lost = ledger.take(seq, oldest_held)
                if lost:
                    losses.setdefault(device_id, []).extend(lost)
            batch.ledgers[device_id] = Acknowledged(device_id, before.version, ledger)
        if batch.ledgers:
            transaction.save_acknowledged(list(batch.ledgers.values()), losses)
        for device, enrolment in batch.enrolments.items():
            if enrolment.device_id in batch.ledgers:
                batch.upto[device] = batch.ledgers[enrolment.device_id].ledger.upto

    @staticmethod
    def _save(transaction: Transaction, batch: Batch) -> list[Alert]:
        """Stage 9: state, incursions and the outbox, in the same transaction as the fixes."""
        if batch.touched:
            transaction.save_tracks(batch.states())
        if batch.changes:
            transaction.save_incursions(batch.changes)
        if batch.quarantined:
            transaction.quarantine(batch.quarantined)
        if batch.refused:
            transaction.count_refusals(batch.refused, max(arrival.received_at for arrival in batch.arrivals))
        device_ids = {a.enrolment.device: a.enrolment.device_id for a in batch.admitted.values()}
        return transaction.add_alerts(batch.alerts, device_ids) if batch.alerts else []

    def _keep(self, batch: Batch, receipt: Receipt) -> Receipt:
        """After the commit: what was written is what is remembered, one version on."""
        for key in batch.touched:
            track = batch.tracks[key]
            self._tracks[key] = track.written()
            if track.finished:  # its shift is over; what still arrives is rare and read again
                del self._tracks[key]
        for device_id, after in batch.ledgers.items():
            self._ledgers[device_id] = Acknowledged(device_id, after.version + 1, after.ledger)
        return receipt

    def _fresh(self, work: Callable[[], Receipt]) -> Receipt:
        """Do the work, again with what the store knows if somebody else wrote between."""
        for _ in range(STALE_ATTEMPTS - 1):
            try:
                return work()
            except StaleTrackError:
                self.forget()
        return work()


def quarantined(arrival: Arrival, defect: Defect, enrolment: Enrolment) -> QuarantineEntry:
    """A defect for the quarantine: with the payload if it came, and as far as it says was measured, within a shift."""
    moments = (arrival.received_at, arrival.received_at if defect.fix_at is None else defect.fix_at)
    keep = not arrival.mixed and all(enrolment.trackable_at(at) for at in moments)
    return QuarantineEntry(
        arrival.device, arrival.received_at, defect.reason, defect.detail, len(arrival.payload),
        arrival.payload if keep else None,
    )  # fmt: skip


def reader(transaction: Transaction, device: str, key: TrackKey) -> Callable[[float], list[Fix]]:
    """How `settle` asks for the stored fixes of one track."""
    return lambda since: transaction.fixes_since(device, key, since)


def spoken(batch: Batch) -> dict[int, Word]:
    """The newest words of phones, by device id; of a phone that may not be tracked nothing is kept."""
    words: dict[int, Word] = {}
    for arrival in batch.arrivals:
        if arrival.word is not None:
            enrolment = batch.enrolments.get(arrival.device)
            if enrolment is not None and enrolment.trackable_at(arrival.received_at):
                words[enrolment.device_id] = arrival.word.after(words.get(enrolment.device_id))
    return words


def is_late(fresh: Sequence[Fix], late_s: float) -> bool:
    """Whether new fixes, sorted by key, begin with one that was long on its way."""
    return bool(fresh) and fresh[0].received_at - fresh[0].fix_at >= late_s


def backlogs(batch: Batch) -> frozenset[str]:
    """The devices that sent what they had held back; they wait to be relieved."""
    held_back = (admitted for admitted in batch.admitted.values() if is_backlog(admitted.fixes))
    return frozenset(admitted.enrolment.device for admitted in held_back)

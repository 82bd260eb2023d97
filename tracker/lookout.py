"""Who has fallen silent: one look at every open shift, and what follows from it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.alert import Alert, silences
from tracker.incursion.silence import reached
from tracker.knowledge import Knowledge
from tracker.ports import Track, Transaction
from tracker.shift import Enrolment, Shift
from tracker.silence import (
    ZONES_EVERY_S,
    Company,
    Over,
    Reached,
    Silence,
    Thresholds,
    Watch,
    decide,
    is_filled,
    listed,
)
from tracker.zones.known import KnownZones

MOST_AT_ONCE = 500
"""More wait for the next look: a worker must not keep phones waiting."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """Whom a worker looks out for: those of the `shards` that it listens to.

    `held_back`: devices that spoke, and whose messages could not be committed for a fault of ours.
    """

    shards: Collection[int]
    held_back: Collection[str]
    thresholds: Thresholds


def look_out(transaction: Transaction, knowledge: Knowledge, lookout: Lookout, now: float) -> list[Alert]:
    """Begin, raise and end silences; returns the alerts that were not there before."""
    listening = transaction.listen(lookout.shards, now)
    watches = transaction.watches(now)
    company = Company(watch.heard_at for watch in watches if watch.over is None)
    before: dict[int, Silence | None] = {}
    after: list[Silence] = []
    for watch in watches:
        if watch.shard not in lookout.shards or watch.device in lookout.held_back or len(after) == MOST_AT_ONCE:
            continue
        here = replace(watch, listening_since=listening.get(watch.shard))
        if (silence := decide(here, now, lookout.thresholds, company) or _due(here, now)) is not None:
            before[watch.shift_id] = watch.open
            after.append(silence)
    if not after:
        return []
    saved = transaction.save_silences(_completed(transaction, knowledge, lookout.thresholds, after, now))
    alerts = [alert for silence in saved for alert in silences(before[silence.shift_id], silence)]
    return transaction.add_alerts(alerts, {each.device: each.device_id for each in saved}) if alerts else []


def fill(transaction: Transaction, shift_ids: Collection[int], amber_s: float) -> None:
    """Settle the silences of shifts for which positions came late: only the network was silent."""
    over = transaction.fillable(shift_ids)
    filled = [replace(silence, filled=True) for silence in over if _is_filled(transaction, silence, amber_s)]
    if filled:
        transaction.save_silences(filled)


def _due(watch: Watch, now: float) -> Silence | None:
    """A silence that goes on and whose zones are to be listed anew."""
    return watch.open if watch.open and now - watch.open.listed_at >= ZONES_EVERY_S else None


def _completed(
    transaction: Transaction, knowledge: Knowledge, thresholds: Thresholds, some: Sequence[Silence], now: float
) -> list[Silence]:
    """Those that go on with the zones in reach; those that ended, whether they are filled already."""
    known = knowledge.read(transaction, {silence.device for silence in some})
    tracks = _tracks(transaction, known.enrolments, [each for each in some if each.over is None])
    done = []
    for silence in some:
        if silence.over is None:
            found = could_enter(tracks.get(silence.device), known.zones, now)
            done.append(listed(silence, found, now))
        elif silence.over is Over.HEARD:
            done.append(replace(silence, filled=_is_filled(transaction, silence, thresholds.amber_s)))
        else:
            done.append(silence)
    return done


def could_enter(track: Track | None, zones: KnownZones, now: float) -> list[Reached]:
    """The zones that a phone could have entered since its last fix; of one that never had any, none."""
    if track is None or track.fold.last is None:
        return []
    near = reached(track.fold.last, now, zones.at(now), track.fold.inside)
    return [Reached(zone.id, zone.name, round(signed_m, 1)) for zone, signed_m in near]


def _tracks(transaction: Transaction, enrolments: Mapping[str, Enrolment], some: Iterable[Silence]) -> dict[str, Track]:
    wanted: list[tuple[Enrolment, Shift]] = []
    for silence in some:
        enrolment = enrolments.get(silence.device)
        shift = enrolment and enrolment.shift(silence.shift_id)
        if enrolment and shift:
            wanted.append((enrolment, shift))
    found = transaction.tracks(wanted) if wanted else {}
    names = {(enrolment.device_id, shift.id): enrolment.device for enrolment, shift in wanted}
    return {names[key]: track for key, track in found.items()}


def _is_filled(transaction: Transaction, silence: Silence, amber_s: float) -> bool:
    ended_at = silence.ended_at
    if ended_at is None:
        return False
    return is_filled(silence.since, ended_at, transaction.fix_ats(silence.shift_id, silence.since, ended_at), amber_s)

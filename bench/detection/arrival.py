"""How fixes reach the service: out of order, more than once, or a day late; and the service's door, `settle.take`."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from geofences.index import ZoneIndex
from tracker.detection import Recording, detect
from tracker.fix import Fix, FixKey
from tracker.incursion import Incursion, begin
from tracker.settle import Stored, always, apply, close, take

BATCH = 400
SWAPPED_SHARE = 0.02
REPEATED_SHARE = 0.03
Order = Callable[[Sequence[Fix], np.random.Generator], list[Fix]]


def as_phones_send(track: Sequence[Fix], rng: np.random.Generator) -> list[Fix]:
    """Some fixes swapped with a neighbour, some sent twice, and one stretch of up to an hour sent after all others."""
    sent = list(track)
    for at in np.flatnonzero(rng.random(len(sent) - 1) < SWAPPED_SHARE):
        sent[at], sent[at + 1] = sent[at + 1], sent[at]
    for at in np.flatnonzero(rng.random(len(sent)) < REPEATED_SHARE)[::-1]:
        sent.insert(int(at) + int(rng.integers(1, 20)), sent[at])
    start = int(rng.integers(len(sent)))
    late = slice(start, start + int(rng.integers(360)))
    return [*sent[: late.start], *sent[late.stop :], *sent[late]]


def shuffled(track: Sequence[Fix], rng: np.random.Generator) -> list[Fix]:
    """In any order."""
    return [track[at] for at in rng.permutation(len(track))]


def duplicated(track: Sequence[Fix], rng: np.random.Generator) -> list[Fix]:
    """Each fix twice, the second time anywhere."""
    return [*track, *shuffled(track, rng)]


def backwards(track: Sequence[Fix], _rng: np.random.Generator) -> list[Fix]:
    """The newest first."""
    return list(track[::-1])


def a_day_late(track: Sequence[Fix], rng: np.random.Generator) -> list[Fix]:
    """A stretch of a third of the shift after all others (and after the shift was closed, see `received`)."""
    start = int(rng.integers(1, 2 * len(track) // 3))
    late = slice(start, start + len(track) // 3)
    return [*track[: late.start], *track[late.stop :], *track[late]]


ORDERS: dict[str, Order] = {
    "shuffled": shuffled,
    "duplicated": duplicated,
    "reversed": backwards,
    "a day late": a_day_late,
    "as phones send": as_phones_send,
}


def in_order(track: Sequence[Fix], index: ZoneIndex) -> list[Incursion]:
    """The incursions of a shift whose fixes come once and in order."""
    recording = Recording()
    for fix in track:
        recording.add(fix)
    return [detected.incursion for detected in detect(recording, always(index))]


def received(arrivals: Sequence[Fix], index: ZoneIndex, closed_after: int | None = None) -> list[Incursion]:
    """The incursions that stand, newest revisions, after fixes came in batches as the service takes them.

    The shift is closed after so many fixes, in the end if not told.
    """
    begun_at, ended_at = min(fix.fix_at for fix in arrivals), max(fix.fix_at for fix in arrivals)
    state, held, stored = begin(begun_at), dict[FixKey, Fix](), tuple[Stored, ...]()
    closed_after = len(arrivals) if closed_after is None else closed_after
    for start, stop in _batches(len(arrivals), closed_after):
        new = sorted((fix for fix in dict.fromkeys(arrivals[start:stop]) if fix.key not in held), key=_key)
        held |= {fix.key: fix for fix in new}
        taken = take(state, new, lambda since: _fixes(held, since), lambda since: _stored(stored, since), always(index))  # noqa: B023
        state, stored = taken.state, apply(stored, taken.changes)
        if stop == closed_after:
            shut = close(state, ended_at, lambda since: _stored(stored, since), always(index))  # noqa: B023
            state, stored = shut.state, apply(stored, shut.changes)
    return sorted((was.incursion for was in stored if not was.retracted), key=lambda found: found.key)


def _batches(count: int, closed_after: int) -> Iterator[tuple[int, int]]:
    yield from pairwise(sorted({*range(0, count, BATCH), closed_after, count}))


def _key(fix: Fix) -> FixKey:
    return fix.key


def _fixes(held: dict[FixKey, Fix], since: float) -> list[Fix]:
    return [held[key] for key in sorted(held) if key[0] >= since]


def _stored(stored: Sequence[Stored], since: float) -> list[Stored]:
    return [was for was in stored if was.incursion.began_at >= since]


def same_in_any_order(track: Sequence[Fix], index: ZoneIndex, rng: np.random.Generator) -> dict[str, bool]:
    """By order of arrival: whether a shift ends in the very incursions of its fixes in order."""
    expected = in_order(track, index)
    late = 2 * len(track) // 3
    return {
        name: received(order(track, rng), index, late if name == "a day late" else None) == expected
        for name, order in ORDERS.items()
    }

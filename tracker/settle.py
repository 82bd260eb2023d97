"""Late fixes: rewind to a clear moment, fold again, reconcile with what was stored and perhaps told.

`take` is the one door of detection: it folds forward what is newer than the state and settles the rest, so
that any order and any duplication of the same fixes ends in the same incursions.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import uuid4

from tracker.fix import Fix, FixKey
from tracker.incursion import FoldState, Incursion, IncursionKey, Step, Zones, finish, fold

ZonesAt = Callable[[float], Zones]
ReadFixes = Callable[[float], Sequence[Fix]]
ReadStored = Callable[[float], Sequence["Stored"]]

NewId = Callable[[], str]

FIELDS = Incursion._fields
TOLD = ("began_at", "zone_version", "confirmed_at", "dwell_at", "exit_at", "ended")
LATE_FIX = "late_fix"
BACK_INSIDE = "back_inside"


class Stored(NamedTuple):
    """An incursion as the database has it. Revisions count from 1; a retracted one is kept, with why."""

    id: str
    revision: int
    retracted: bool
    incursion: Incursion


class Action(StrEnum):
    """What became of an incursion. Growth continues what was told; a revision contradicts some of it."""

    NEW = "new"
    GROWN = "grown"
    REVISED = "revised"
    RETRACTED = "retracted"
    KEPT = "kept"


class Change(NamedTuple):
    """One incursion before and after; `changed` names the fields, `why` is the code of the reason.

    Only a revision and a retraction raise `after.revision`; `new` and `grown` are written over.
    """

    action: Action
    before: Stored | None
    after: Stored
    changed: tuple[str, ...] = ()
    why: str | None = None


class Folded(NamedTuple):
    """The state after a stretch of fixes and all incursions begun in it, oldest first."""

    state: FoldState
    incursions: tuple[Incursion, ...]


class Outcome(NamedTuple):
    """What the pipeline writes: the new state, and the incursions that are not as they were."""

    state: FoldState
    changes: tuple[Change, ...]


def random_id() -> str:
    """An id that nobody else has."""
    return str(uuid4())


def always(zones: Zones) -> ZonesAt:
    """The same zone versions at every moment."""
    return lambda _at: zones


def rewind_to(state: FoldState, late_keys: Iterable[FixKey]) -> float:
    """From which `fix_at` (seconds UTC) on the stored fixes must be read again to place late ones."""
    return state.rewound(min(late_keys)[0])[1]


def refold(base: FoldState, fixes: Sequence[Fix], zones_at: ZonesAt) -> Folded:
    """Fold sorted, unique fixes on top of a state; gives the last form of every incursion touched."""
    state, found = base, dict[IncursionKey, Incursion]()
    for fix in fixes:
        state, touched = fold(state, fix, zones_at(fix.fix_at))
        for incursion in touched:
            found[incursion.key] = incursion
    return Folded(state, _sorted(found.values()))


def take(
    state: FoldState,
    new_fixes: Sequence[Fix],
    read_fixes: ReadFixes,
    stored: ReadStored,
    zones_at: ZonesAt,
    *,
    new_id: NewId = random_id,
) -> Outcome:
    """Fold fixes of one device and shift that were not stored before, sorted by key, into its state.

    `read_fixes(since)`: every stored fix of the shift with `fix_at >= since`, by key, the new ones included;
    called only if some fix is late. `stored(since)`: the stored incursions with `began_at >= since`, also
    retracted ones.
    """
    if not new_fixes:
        return Outcome(state, ())
    first = new_fixes[0].key
    if state.finished_at is None and (state.key is None or first > state.key):
        folded = refold(state, new_fixes, zones_at)
        return _outcome(folded, stored, None, new_id)
    base, since = state.rewound(first[0])
    folded = refold(base, read_fixes(since), zones_at)
    if state.finished_at is not None:
        folded = _finished(folded, state.finished_at, zones_at)
    return _outcome(folded, stored, since, new_id)


def close(
    state: FoldState,
    at: float,
    stored: ReadStored,
    zones_at: ZonesAt,
    *,
    new_id: NewId = random_id,
) -> Outcome:
    """End the shift at a moment (seconds UTC); later `take`s of late fixes end it there again."""
    return _outcome(_finished(Folded(state, ()), at, zones_at), stored, None, new_id)


def reconcile(
    stored: Sequence[Stored],
    folded: Sequence[Incursion],
    *,
    complete: bool = True,
    new_id: NewId = random_id,
) -> list[Change]:
    """Say what became of each incursion, oldest first, and of those that the fold no longer finds.

    `complete`: `folded` holds all incursions of the time that `stored` covers, so what is missing is
    retracted for a late fix; otherwise (live growth) it is left alone.
    """
    matched = _match(stored, folded)
    changes = [_compare(matched.get(index), incursion, complete, new_id) for index, incursion in enumerate(folded)]
    kept = {was.id for was in matched.values()}
    for was in stored:
        if was.id in kept:
            continue
        if complete and not was.retracted:
            after = was._replace(revision=was.revision + 1, retracted=True)
            changes.append(Change(Action.RETRACTED, was, after, ("retracted",), LATE_FIX))
        else:
            changes.append(Change(Action.KEPT, was, was))
    return changes


def apply(stored: Iterable[Stored], changes: Iterable[Change]) -> tuple[Stored, ...]:
    """The stored incursions after the changes, by the time they began."""
    by_id = {was.id: was for was in stored} | {change.after.id: change.after for change in changes}
    return tuple(sorted(by_id.values(), key=lambda now: (now.incursion.began_at, now.incursion.zone, now.id)))


def _outcome(folded: Folded, stored: ReadStored, since: float | None, new_id: NewId) -> Outcome:
    """Reconcile a whole stretch from `since` on, or (None) only what forward fixes touched."""
    if since is not None:
        changes = reconcile(stored(since), folded.incursions, new_id=new_id)
    elif folded.incursions:
        touched = {incursion.key for incursion in folded.incursions}
        candidates = stored(min(incursion.began_at for incursion in folded.incursions))
        candidates = [was for was in candidates if was.incursion.key in touched and not was.retracted]
        changes = reconcile(candidates, folded.incursions, complete=False, new_id=new_id)
    else:
        changes = []
    return Outcome(folded.state, tuple(change for change in changes if change.action is not Action.KEPT))


def _finished(folded: Folded, at: float, zones_at: ZonesAt) -> Folded:
    step: Step = finish(folded.state, at, zones_at(at))
    found = {incursion.key: incursion for incursion in (*folded.incursions, *step.incursions)}
    return Folded(step.state, _sorted(found.values()))


def _sorted(incursions: Iterable[Incursion]) -> tuple[Incursion, ...]:
    return tuple(sorted(incursions, key=lambda found: (found.began_at, found.zone, found.silent)))


def _match(stored: Sequence[Stored], folded: Sequence[Incursion]) -> dict[int, Stored]:
    """Pair incursions of one zone whose times overlap, one to one, the likeliest pair first."""
    if len(stored) == len(folded) == 1 and stored[0].incursion.key == folded[0].key:
        return {0: stored[0]}  # nearly always: one stay grows
    pairs = [
        (_likeness(was, found), -index, was.id, was)
        for was in stored
        for index, found in enumerate(folded)
        if was.incursion.zone == found.zone and _overlap_s(was.incursion, found) >= 0.0
    ]
    matched, used = dict[int, Stored](), set[str]()
    for _likely, negative_index, was_id, was in sorted(pairs, key=lambda pair: pair[:3], reverse=True):
        if -negative_index not in matched and was_id not in used:
            matched[-negative_index] = was
            used.add(was_id)
    return matched


def _likeness(was: Stored, found: Incursion) -> tuple[bool, bool, bool, float]:
    before = was.incursion
    return (
        before.key == found.key,
        before.silent == found.silent,
        not was.retracted,
        _overlap_s(before, found),
    )


def _overlap_s(one: Incursion, other: Incursion) -> float:
    """Seconds that two incursions share; an open one has no end."""
    ends = [found.exit_at for found in (one, other) if found.exit_at is not None]
    return min(ends, default=float("inf")) - max(one.began_at, other.began_at)


def _compare(was: Stored | None, found: Incursion, late: bool, new_id: NewId) -> Change:
    if was is None:
        return Change(Action.NEW, None, Stored(new_id(), 1, retracted=False, incursion=found))
    pairs = zip(FIELDS, was.incursion, found, strict=True)
    changed = tuple(name for name, before, after in pairs if before != after)
    if not changed and not was.retracted:
        return Change(Action.KEPT, was, was)
    if not was.retracted and not _contradicts(was.incursion, found, changed):
        return Change(Action.GROWN, was, Stored(was.id, was.revision, was.retracted, found), changed)
    after = Stored(was.id, was.revision + 1, retracted=False, incursion=found)
    why = LATE_FIX if late else BACK_INSIDE
    return Change(Action.REVISED, was, after, ("retracted", *changed) if was.retracted else changed, why)


def _contradicts(before: Incursion, after: Incursion, changed: Iterable[str]) -> bool:
    """Whether something that was known, and could be told, is no longer so."""
    told = TOLD if before.confirmed_at is None else (*TOLD, "first_possible_at")
    return before.silent != after.silent or any(name in told and getattr(before, name) is not None for name in changed)

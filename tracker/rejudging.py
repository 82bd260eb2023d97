"""Judging stored fixes again, by the zones as they were known at a moment: does the record still say what they say?

Two times decide. A fix is judged by the version in force at its *fix time* (valid time); `as_known` says which versions
were *on record* at the moment asked about (transaction time). Pure: nothing is read or written here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isclose
from typing import Any

from geofences.zone import Zone
from tracker.fix import Fix
from tracker.incursion import Incursion, begin
from tracker.settle import FIELDS, Stored, ZonesAt, apply, close, take
from tracker.shift import Shift
from tracker.zones.record import ZoneRecord


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is stored of one device in one shift, read at one instant. Times are seconds UTC.

    `newest_at`: the newest fix that was folded; `finished`: the end of the shift was folded, too.
    """

    device: str
    platform: str
    shift: Shift
    newest_at: float
    finished: bool
    fixes: Sequence[Fix]
    recorded: Sequence[Stored]

    @property
    def missing(self) -> tuple[float, ...]:
        """Moments at which there was a fix, by what was recorded, and none is stored: it has expired or was purged."""
        there = {fix.fix_at for fix in self.fixes}
        found = [stored.incursion for stored in self.recorded if not stored.retracted]
        moments = {at for each in found for at in (each.began_at, each.last_fix_at, each.confirmed_at, each.dwell_at)}
        return tuple(sorted(at for at in moments | {self.newest_at} if at is not None and at not in there))


class Cause(StrEnum):
    """Why a fresh judgement differs from the record."""

    NOT_YET_KNOWN = "not_yet_known"
    END_NOT_YET_KNOWN = "end_not_yet_known"
    KNOWN_LATER = "known_later"
    NOT_THE_ZONE = "not_the_zone"


@dataclass(frozen=True, slots=True)
class Difference:
    """An incursion that is on record and not found again, the other way round, or in which `fields` differ."""

    zone: str
    recorded: Incursion | None
    found: Incursion | None
    fields: tuple[str, ...]
    cause: Cause
    versions: tuple[int, ...] = ()
    """The versions of the zone that explain it."""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "zone": self.zone,
            "recorded": self.recorded and self.recorded.to_json(),
            "found": self.found and self.found.to_json(),
            "fields": self.fields,
            "cause": self.cause,
            "versions": self.versions,
        }


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A shift judged again. With fixes missing nothing was judged, and nothing is proved either way."""

    evidence: Evidence
    found: tuple[Incursion, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def agrees(self) -> bool:
        """The record says what the fixes and zones say."""
        return not self.evidence.missing and not self.differences


def as_known(records: Iterable[ZoneRecord], at: float) -> list[Zone]:
    """The versions on record at a moment (seconds UTC), open-ended where their end was recorded only later."""
    return [
        replace(record.zone, valid_to=None) if record.ended_at is not None and record.ended_at > at else record.zone
        for record in records
        if record.recorded_at <= at
    ]


def rejudge(evidence: Evidence, zones_at: ZonesAt, records: Sequence[ZoneRecord], as_of: float) -> Rejudged:
    """Fold the stored fixes of a shift anew and compare; `records` (all versions about) give the cause."""
    if evidence.missing:
        return Rejudged(evidence)
    found = {incursion.key: incursion for incursion in _judged(evidence, zones_at)}
    recorded = {each.incursion.key: each.incursion for each in evidence.recorded if not each.retracted}
    differences = []
    for key in sorted(recorded.keys() | found.keys(), key=lambda key: (key.began_at, key.zone, key.silent)):
        was, now = recorded.get(key), found.get(key)
        fields = _unlike(was, now)
        if fields:
            cause, versions = _cause(was or now, records, as_of, evidence.fixes)
            differences.append(Difference(key.zone, was, now, fields, cause, versions))
    return Rejudged(evidence, tuple(found.values()), tuple(differences))


def _judged(evidence: Evidence, zones_at: ZonesAt) -> list[Incursion]:
    state, fixes = begin(evidence.shift.opened_at, evidence.platform), evidence.fixes
    taken = take(state, fixes, lambda _since: fixes, lambda _since: (), zones_at)
    stored = apply((), taken.changes)
    if evidence.finished and evidence.shift.closed_at is not None:
        stored = apply(stored, close(taken.state, evidence.shift.closed_at, lambda _since: stored, zones_at).changes)
    return [each.incursion for each in stored if not each.retracted]


def _unlike(was: Incursion | None, now: Incursion | None) -> tuple[str, ...]:
    """The fields that differ: all of them if one is missing; floats to a part in 10^9."""
    if was is None or now is None:
        return FIELDS
    return tuple(name for name in FIELDS if not _same(getattr(was, name), getattr(now, name)))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    return bool(one == other)


def _cause(
    incursion: Incursion | None, records: Sequence[ZoneRecord], as_of: float, fixes: Sequence[Fix]
) -> tuple[Cause, tuple[int, ...]]:
    """What about the versions of its zone that were valid meanwhile explains a difference."""
    assert incursion is not None  # noqa: S101  one of the two is there
    since, until = incursion.began_at, incursion.exit_at or fixes[-1].fix_at
    about = [
        record
        for record in records
        if record.zone.id == incursion.zone and (record.zone.valid_from or since) <= until
        and (record.zone.valid_to is None or record.zone.valid_to >= since or _ended_after(record, as_of))
    ]  # fmt: skip
    heard_at = max((fix.received_at for fix in fixes if since <= fix.fix_at <= until), default=until)
    explained = (
        (Cause.NOT_YET_KNOWN, [each for each in about if each.recorded_at > as_of]),
        (Cause.END_NOT_YET_KNOWN, [each for each in about if _ended_after(each, as_of)]),
        (Cause.KNOWN_LATER, [each for each in about if max(each.recorded_at, each.ended_at or 0.0) > heard_at]),
    )
    for cause, by in explained:
        if by:
            return cause, tuple(record.zone.version for record in by)
    return Cause.NOT_THE_ZONE, ()


def _ended_after(record: ZoneRecord, as_of: float) -> bool:
    """Whether the end of a version was recorded only later: as known then, it had none."""
    return record.ended_at is not None and record.ended_at > as_of

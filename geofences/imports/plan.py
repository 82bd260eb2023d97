"""What an import would do, before it does it: pure, the same for a dry run, an import, a conversion and the API."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType

from geofences.codes import Code
from geofences.findings import Finding
from geofences.imports.matching import SAME_ID_M, ground_m, groups_of, mercator, united
from geofences.imports.sanity import DatumDoubt, doubt_of, middles
from geofences.imports.turned import turned_rows
from geofences.imports.updates import INSIDE_M, differences, updated
from geofences.policy import Policy, imported
from geofences.report import Candidate, Problem, Report
from geofences.sources.columns import comparable
from geofences.zone import Zone, check_text

LONGEST_PREFIX = 100
IN_FORCE = 0
"""The row of a candidate that is a zone in force."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file and what came of reading it; `refused` says why it could not be read at all."""

    file: str
    report: Report
    refused: Finding | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A zone in force and what it becomes; `what` names the fields that differ."""

    zone: Zone
    before: Zone
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Rows that are one place, and the zone that they became."""

    zone_id: str
    rows: tuple[tuple[str, int, str], ...]
    """(file, row, id) of each."""


@dataclass(slots=True)
class Plan:
    """Everything an import would do and why. Nothing is left out: every row is in exactly one of the lists."""

    sources: list[Source]
    added: list[Zone] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: list[Zone] = field(default_factory=list)
    removed: list[Zone] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    doubts: list[DatumDoubt] = field(default_factory=list)

    @property
    def zones(self) -> list[Zone]:
        """What is to be written: new zones and new versions."""
        return [*self.added, *(change.zone for change in self.changed)]


def plan(
    sources: Sequence[Source],
    known: Iterable[Zone] = (),
    *,
    prefix: str = "",
    replace_source: bool = False,
    trusted: Collection[str] = (),
    policies: Mapping[str, Policy] = MappingProxyType({}),
) -> Plan:
    """Match the rows of all sources with one another and with the zones in force.

    `prefix` stands before every id, `replace_source` ends zones of the same files that are no longer in them,
    `trusted` names the files whose datum is not checked, `policies` are those in force, by category. A plan with doubts
    is not to be applied. ZoneError when the prefix is no text or too long.
    """
    check_text("prefix", prefix, LONGEST_PREFIX)
    in_force = [candidate_of(zone) for zone in known]
    result = Plan(list(sources))
    new: list[Candidate] = []
    for source in sources:
        rows = [_prefixed(candidate, prefix) for candidate in source.report.candidates]
        if source.file not in trusted:
            doubt = doubt_of(source.file, source.report.datum, rows, [*in_force, *new])
            result.doubts += [doubt] if doubt else []
            rows = _without_turned(rows, [*in_force, *new], result)
        result.refused += source.report.problems
        result.notes += source.report.notes
        new += rows
    _match(new, in_force, policies, result)
    if replace_source:
        _remove(in_force, {source.file for source in sources}, result)
    return result


def _without_turned(rows: list[Candidate], others: list[Candidate], result: Plan) -> list[Candidate]:
    """The rows but for those whose longitude and latitude must be exchanged, which are refused."""
    turned = set(turned_rows(middles(rows), middles(others)))
    for each in (rows[number] for number in sorted(turned)):
        result.refused.append(Problem(each.row, "geometry", Code.FAR_BUT_FOR_ORDER(), each.zone.source))
    return [each for number, each in enumerate(rows) if number not in turned]


def candidate_of(zone: Zone) -> Candidate:
    """A zone in force as a row to match with."""
    name = comparable(zone.name)
    return Candidate(zone, IN_FORCE, zone.id, frozenset({name} if name else ()))


def _prefixed(candidate: Candidate, prefix: str) -> Candidate:
    if not prefix:
        return candidate
    source_id = prefix + candidate.source_id if candidate.source_id else ""
    return replace(candidate, zone=replace(candidate.zone, id=prefix + candidate.zone.id), source_id=source_id)


def _match(new: list[Candidate], in_force: list[Candidate], policies: Mapping[str, Policy], result: Plan) -> None:
    everything = [*in_force, *new]
    old = len(in_force)
    groups, alike = groups_of(everything, frozenset(range(old)))
    taken = {candidate.zone.id: candidate for candidate in in_force}
    for group in groups:
        members = [everything[number] for number in group if number >= old]
        before = next((in_force[number] for number in group if number < old), None)
        if members:
            _settle(members, before, taken, policies, result)
    for each in alike:
        if each.other >= old:
            _note_alike(everything[each.one], everything[each.other], result)


def _settle(
    members: list[Candidate],
    before: Candidate | None,
    taken: dict[str, Candidate],
    policies: Mapping[str, Policy],
    result: Plan,
) -> None:
    whole = united(members)
    zone = _own_id(whole, taken, result) if before is None else updated(whole, before)
    if zone is None:
        return
    zone = imported(zone, before.zone if before else None, policies.get(zone.category))
    taken.setdefault(zone.id, whole)
    if len(members) > 1:
        rows = tuple((each.zone.source, each.row, each.source_id or each.zone.id) for each in members)
        result.merged.append(Merged(zone.id, rows))
        _note_far_points(members, zone, result)
    if before is None:
        result.added.append(zone)
        return
    what = differences(zone, before.zone)
    if what:
        result.changed.append(Changed(zone, before.zone, what))
    else:
        result.unchanged.append(before.zone)


def _own_id(whole: Candidate, taken: dict[str, Candidate], result: Plan) -> Zone | None:
    """The zone with an id that no other place has; None, and a refusal, when a zone in force has it."""
    zone = whole.zone
    other = taken.get(zone.id)
    if other is None:
        return zone
    name = other.zone.name or zone.id
    if other.row == IN_FORCE:
        result.refused.append(Problem(whole.row, "id", Code.ID_IN_FORCE(id=zone.id, name=name), zone.source))
        return None
    number = next(n for n in range(2, len(taken) + 3) if f"{zone.id}#{n}" not in taken)
    new_id = f"{zone.id}#{number}"
    found = Code.ID_OF_ANOTHER(id=zone.id, name=name, new_id=new_id)
    result.notes.append(Problem(whole.row, "id", found, zone.source))
    return replace(zone, id=new_id)


def _note_alike(one: Candidate, other: Candidate, result: Plan) -> None:
    found = Code.SAME_SPOT(name=one.zone.name or one.zone.id, category=one.zone.category)
    result.notes.append(Problem(other.row, "geometry", found, other.zone.source))


def _note_far_points(members: list[Candidate], zone: Zone, result: Plan) -> None:
    """Say where a point was given up for an outline that it does not lie on."""
    shape, *points = mercator([zone.footprint, *(member.zone.footprint for member in members)])
    for member, point in zip(members, points, strict=True):
        metres = ground_m(member, shape, point)
        if INSIDE_M < metres <= SAME_ID_M:
            found = Code.POINT_OFF_OUTLINE(metres=round(metres), name=zone.name or zone.id)
            result.notes.append(Problem(member.row, "geometry", found, member.zone.source))


def _remove(in_force: list[Candidate], files: set[str], result: Plan) -> None:
    """End what a file no longer has; one with refused rows ends nothing, for those rows may be the zones."""
    seen = {zone.id for zone in chain(result.unchanged, (change.zone for change in result.changed))}
    gone = [each.zone for each in in_force if each.zone.source in files and each.zone.id not in seen]
    doubtful = {source.file for source in result.sources if source.report.problems}
    doubtful |= {problem.file for problem in result.refused}
    result.removed = [zone for zone in gone if zone.source not in doubtful]
    for file, count in Counter(zone.source for zone in gone if zone.source in doubtful).items():
        result.notes.append(Problem(None, "file", Code.KEPT_FOR_REFUSED(count=count), file))

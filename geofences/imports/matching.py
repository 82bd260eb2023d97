"""Which rows mean the same place: by source id, else by place and name. Nothing here reads or writes.

Two rows are one place when they share an id that means the same in both files; or a name, within 250 m; or, where at
least one has no name, when one lies on the other. Different names never become one, nor do courts and police; but one
id at one spot is one place, as is OpenStreetMap's anywhere, and a zone in force may take the new name of its id.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from geofences.geodesy import EQUATOR_M, Floats
from geofences.imports.groups import NEW_NAME, OWN_ID, SAME_NAME, SAME_SPOT, SURE_ID, Groups, Pair
from geofences.report import Candidate
from geofences.zone import FootprintError, check_footprint, off_plane, on_plane

SAME_NAME_M = 250.0
ON_PLACE_M = 15.0
TOUCHING_M = 1.0
SAME_ID_M = 2_000.0
_MOST_OF_AN_ID = 5
"""An own id on more rows than that is none: drawing programs fill a column Id with zeros."""
_SAME_OUTLINE = 0.97
_LAST_LAT = 89.0
_GLOBAL_ID = re.compile(r"(node|way|relation)/\d+|place/[0-9a-f]{16}")
_SHORT_ID = re.compile(r"([nwr])/?(\d+)")
_KINDS = {"n": "node", "w": "way", "r": "relation"}


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Two rows at one place that were kept apart, for their names or kinds differ."""

    one: int
    other: int
    apart_m: float


def groups_of(
    candidates: Sequence[Candidate], apart: frozenset[int] = frozenset()
) -> tuple[list[list[int]], list[Lookalike]]:
    """Candidates that are one place, as lists of their numbers in input order, and those that only look so.

    Two of `apart` (zones that are in force) are never brought together.
    """
    shapes = mercator([candidate.zone.footprint for candidate in candidates])
    pairs, alike = _pairs(candidates, shapes)
    groups = Groups(candidates, apart)
    for pair in sorted(pairs, key=lambda each: (each.rank, each.apart_m, each.one, each.other)):
        groups.join(pair)
    kept = [each for each in alike if groups.root(each.one) != groups.root(each.other)]
    return groups.lists(), kept


def mercator(footprints: Sequence[Any]) -> Any:
    """Footprints on a conformal plane: its metres times cos(lat) are metres on the ground, to a few in a thousand."""
    return shapely.transform(np.array(footprints, dtype=object), _to_mercator)


def _to_mercator(at: Floats) -> Floats:
    lats = np.radians(np.clip(at[:, 1], -_LAST_LAT, _LAST_LAT))
    return np.column_stack([np.radians(at[:, 0]), np.arctanh(np.sin(lats))]) * EQUATOR_M


def _pairs(candidates: Sequence[Candidate], shapes: Any) -> tuple[list[Pair], list[Lookalike]]:
    pairs: list[Pair] = list(_by_id(candidates, shapes))
    alike: list[Lookalike] = []
    for one, other, metres in _neighbours(candidates, shapes):
        a, b = candidates[one], candidates[other]
        shared, unnamed = bool(a.names & b.names), not (a.names and b.names)
        near = metres <= (TOUCHING_M if _both_outlines(a, b) else ON_PLACE_M)
        if not compatible(a, b) or not (shared or unnamed):
            alike += [Lookalike(one, other, metres)] * near
        elif shared or near:
            why = "the same name nearby" if shared else "the same place"
            pairs.append(Pair(SAME_NAME if shared else SAME_SPOT, metres, one, other, why))
    return pairs, alike


def _neighbours(candidates: Sequence[Candidate], shapes: Any) -> Iterator[tuple[int, int, float]]:
    """(one, other, metres) for every two within 250 m, one < other."""
    if not len(shapes):
        return
    lats = np.array([candidate.zone.footprint.bounds[1] for candidate in candidates])
    scale = np.cos(np.radians(np.clip(lats, -_LAST_LAT, _LAST_LAT)))
    tree = shapely.STRtree(shapes)
    ones, others = tree.query(shapes, predicate="dwithin", distance=SAME_NAME_M / scale)
    keep = ones < others
    ones, others = ones[keep], others[keep]
    metres = shapely.distance(shapes[ones], shapes[others]) * scale[ones]
    yield from zip(ones.tolist(), others.tolist(), metres.tolist(), strict=True)


def _by_id(candidates: Sequence[Candidate], shapes: Any) -> Iterator[Pair]:
    for known, numbers in _shared(candidates, identity):
        everywhere = bool(_GLOBAL_ID.fullmatch(known))
        if everywhere or len(numbers) <= _MOST_OF_AN_ID:
            yield from _same_id(candidates, shapes, numbers, everywhere=everywhere)
    for _, numbers in _shared(candidates, lambda each: each.source_id):
        if len({identity(candidates[number]) for number in numbers}) > 1:
            yield from _alike_id(candidates, shapes, numbers)


def _shared(candidates: Sequence[Candidate], key: Callable[[Candidate], str]) -> Iterable[tuple[str, list[int]]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, candidate in enumerate(candidates):
        if candidate.source_id:
            found[key(candidate)].append(number)
    return ((known, numbers) for known, numbers in found.items() if len(numbers) > 1)


def _same_id(candidates: Sequence[Candidate], shapes: Any, numbers: list[int], *, everywhere: bool) -> Iterator[Pair]:
    for one, other in pairwise(numbers):
        a, b = candidates[one], candidates[other]
        metres = ground_m(a, shapes[one], shapes[other])
        if metres <= SAME_ID_M and compatible(a, b):
            sure = everywhere or metres <= ON_PLACE_M
            rank = SURE_ID if sure else NEW_NAME if _differ(a, b) else OWN_ID
            yield Pair(rank, metres, one, other, "the same id")


def _alike_id(candidates: Sequence[Candidate], shapes: Any, numbers: list[int]) -> Iterator[Pair]:
    """One number in two files means one place only if the spot or the name says so, too."""
    for one, other in pairwise(numbers):
        a, b = candidates[one], candidates[other]
        metres = ground_m(a, shapes[one], shapes[other])
        if metres <= (SAME_ID_M if a.names & b.names else ON_PLACE_M) and compatible(a, b):
            yield Pair(NEW_NAME if _differ(a, b) else OWN_ID, metres, one, other, "the same id")


def _differ(one: Candidate, other: Candidate) -> bool:
    return bool(one.names and other.names and not one.names & other.names)


def identity(candidate: Candidate) -> str:
    """An id that means the same wherever it stands: OpenStreetMap's, else the file's name and its own number."""
    short = _SHORT_ID.fullmatch(candidate.source_id)
    known = f"{_KINDS[short[1]]}/{short[2]}" if short else candidate.source_id
    return known if _GLOBAL_ID.fullmatch(known) else f"{candidate.zone.source}\0{known}"


def ground_m(candidate: Candidate, one: Any, other: Any) -> float:
    """Metres on the ground between two shapes of `mercator`."""
    scale = np.cos(np.radians(np.clip(candidate.zone.footprint.bounds[1], -_LAST_LAT, _LAST_LAT)))
    return float(shapely.distance(one, other) * scale)


def compatible(one: Candidate, other: Candidate) -> bool:
    """Whether two kinds of place may be one: equal, or one of them unknown."""
    return one.zone.category == other.zone.category or "other" in (one.zone.category, other.zone.category)


def _both_outlines(one: Candidate, other: Candidate) -> bool:
    return all(shapely.get_dimensions(each.zone.footprint) > 1 for each in (one, other))


def united(members: Sequence[Candidate]) -> Candidate:
    """One candidate for a group: its outlines together (points where there are none), the first good name and id."""
    if len(members) == 1:
        return members[0]
    most = max(shapely.get_dimensions(member.zone.footprint) for member in members)
    shaped = [member for member in members if shapely.get_dimensions(member.zone.footprint) == most]
    first = next((member for member in members if member.zone.name), shaped[0])
    kinds = [member.zone.category for member in members if member.zone.category != "other"]
    stated = frozenset[str]().union(*(member.stated for member in members))
    hours = {member.zone.schedule for member in members}
    stated -= {"schedule"} if len(hours) > 1 else set()  # of several hours all count
    zone = replace(
        first.zone,
        category=kinds[0] if kinds else "other",
        footprint=joined_footprint([member.zone.footprint for member in shaped]),
        standoff_m=max(member.zone.standoff_m for member in members),
        warning_m=max(member.zone.warning_m for member in members),
        source=shaped[0].zone.source,
        source_datum=shaped[0].zone.source_datum,
        schedule=first.zone.schedule if len(hours) == 1 else None,
        overrides=tuple(sorted(stated)),
    )
    names = frozenset[str]().union(*(member.names for member in members))
    return Candidate(zone, first.row, first.source_id, names, stated)


def joined_footprint(footprints: Sequence[Any]) -> Any:
    """Footprints of one dimension as one: repeats go, what touches grows together, on the plane at their middle."""
    kept: list[Any] = []
    lon, lat = shapely.get_coordinates(footprints[0])[0]
    flat = [on_plane(footprint, lon, lat) for footprint in footprints]
    for number, shape in enumerate(flat):
        if not any(_repeats(shape, flat[other]) for other in kept):
            kept.append(number)
    if len(kept) == 1:
        return footprints[kept[0]]
    whole = shapely.union_all([flat[number] for number in kept], grid_size=0.001)
    back = off_plane(whole, lon, lat)
    try:
        check_footprint(back)
    except FootprintError:
        return shapely.union_all([footprints[number] for number in kept])
    return back


def _repeats(shape: Any, other: Any) -> bool:
    if shape.area and other.area:
        return bool(shape.intersection(other).area >= _SAME_OUTLINE * shape.union(other).area)
    return bool(shape.hausdorff_distance(other) <= ON_PLACE_M)

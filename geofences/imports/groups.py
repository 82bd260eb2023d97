"""Pairs of rows that may be one place -> groups of rows that are, the surest pairs first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from geofences.report import Candidate

SURE_ID, OWN_ID, SAME_NAME, SAME_SPOT, NEW_NAME = range(5)
"""How sure it is that two rows are one place, the surest first; last an own id under another name than before."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that mean one place: how far apart they lie, and why they do. `rank` orders what is surest first."""

    rank: int
    apart_m: float
    one: int
    other: int
    why: str


class Groups:
    """Disjoint sets that never hold two different names, two kinds of place, or two zones in force."""

    def __init__(self, candidates: Sequence[Candidate], apart: frozenset[int]) -> None:
        self._parent = list(range(len(candidates)))
        self._names = [candidate.names for candidate in candidates]
        self._kinds = [frozenset({candidate.zone.category} - {"other"}) for candidate in candidates]
        self._apart = [number in apart for number in range(len(candidates))]
        self._met: set[int] = set()
        """Zones in force, by their group, that a row was found for."""

    def root(self, number: int) -> int:
        """The candidate that stands for the group of another."""
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def join(self, pair: Pair) -> None:
        """Bring two groups together, unless one would hold what must be kept apart."""
        first, second = sorted((self.root(pair.one), self.root(pair.other)))
        ours, theirs = self._names[first], self._names[second]
        kinds = self._kinds[first] | self._kinds[second]
        both = self._apart[first] and self._apart[second]
        differ = bool(ours and theirs and not ours & theirs)
        if first == second or both or len(kinds) > 1 or (differ and not self._may_differ(pair, first, second)):
            return
        if self._apart[first] or self._apart[second]:
            self._met.add(first)
        self._parent[second] = first
        self._names[first] = ours | theirs
        self._kinds[first] = kinds
        self._apart[first] |= self._apart[second]

    def _may_differ(self, pair: Pair, first: int, second: int) -> bool:
        """Whether two names are one place: by an id that is sure, or as the new name of a zone in force."""
        renames = pair.rank == NEW_NAME and self._apart[first] != self._apart[second]
        return pair.rank == SURE_ID or (renames and not self._met & {first, second})

    def lists(self) -> list[list[int]]:
        """The groups, in the order of their first members."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number in range(len(self._parent)):
            found[self.root(number)].append(number)
        return list(found.values())

"""Shifts of simulated visitors, and what each rule makes of the same fixes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bench.detection.arrival import as_phones_send
from bench.detection.phone import Fixes, fixes_of
from bench.detection.rules import BASELINES, Rule, as_fixes, keepclear
from bench.detection.score import Found, Tally, tally
from bench.detection.town import Floats, Town
from bench.detection.truth import shift
from geofences.index import ZoneIndex
from tracker.fix import Fix

SHIFT_H = 8.0
OURS = "KeepClear"
ORDER_SEED = 20


@dataclass(frozen=True)
class Seen:
    """One shift: the fixes that all rules see, and the truth they are judged by."""

    town: Town
    index: ZoneIndex
    fixes: Fixes
    track: list[Fix]
    """The same fixes as the service holds them, in the order measured."""
    signed: list[Floats]
    """The true metres to each zone's edge at every second."""

    @cached_property
    def measured(self) -> list[Floats]:
        """Metres from every fix to each zone's edge."""
        return [self.town.signed_m(zone, self.fixes.xy) for zone in range(len(self.town.zones))]

    def judge(self, found: Sequence[Found]) -> Tally:
        """What was found against what was true."""
        return tally(self.signed, self.fixes, found, SHIFT_H)


Judge = Callable[[Seen], list[Found]]


def shifts(seed: int, hours: float) -> Iterator[Seen]:
    """Shifts of 8 h each, at least one."""
    town = Town.read()
    index, rng = ZoneIndex.build(town.zones), np.random.default_rng(seed)
    for _ in range(max(round(hours / SHIFT_H), 1)):
        truth = shift(town, rng, SHIFT_H)
        fixes = fixes_of(truth, rng)
        signed = [town.signed_m(zone, truth.xy) for zone in range(len(town.zones))]
        yield Seen(town, index, fixes, as_fixes(fixes, *town.lonlat(fixes.xy), "phone"), signed)


def ours(seen: Seen) -> list[Found]:
    """What `keepclear detect` confirms when the fixes come as phones send them."""
    order = np.random.default_rng(ORDER_SEED)
    return keepclear(seen.town, seen.index, as_phones_send(seen.track, order))


def theirs(rule: Rule) -> Judge:
    """A rule that needs no more than fixes in order and their metres."""
    return lambda seen: rule(seen.fixes, seen.measured)


ALL: dict[str, Judge] = {OURS: ours, **{name: theirs(rule) for name, rule in BASELINES.items()}}


def simulate(seed: int, hours: float, rules: Mapping[str, Judge]) -> dict[str, Tally]:
    """What each rule made of the shifts of one seed."""
    tallies = {name: Tally() for name in rules}
    for seen in shifts(seed, hours):
        for name, rule in rules.items():
            tallies[name].add(seen.judge(rule(seen)))
    return tallies


def together(tallies: Sequence[Tally]) -> Tally:
    """Several seeds as one."""
    total = Tally()
    for one in tallies:
        total.add(one)
    return total

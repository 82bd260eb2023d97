"""What was found against what was true, by the definitions of docs/detection.md. All times are seconds of a shift."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.detection.phone import Fixes
from bench.detection.town import Floats

WIDEN_S = 60.0
JOIN_S = 60.0
JOIN_M = 20.0
NEAR_M = 30.0
USABLE_M = 100.0


class Found(NamedTuple):
    """A confirmed incursion of a rule in one zone of one shift, by the phone's clock."""

    zone: int
    first_possible_at: float
    confirmed_at: float
    exit_at: float
    p: float


@dataclass
class Stay:
    """A true stay in a zone: from its first crossing to its last, and what its longest piece was."""

    zone: int
    entry_s: float
    exit_s: float
    longest_s: float
    depth_m: float
    timed_s: float | None
    """Start of the first piece of 30 s or more."""
    observable: bool = False
    accuracy_m: float = np.inf
    silent: bool = True
    """Whether the phone was silent for 20 s or more about the crossing."""
    every_s: float = 0.0
    noise_m: float = 0.0
    clock_s: float = 0.0
    found: list[Found] = field(default_factory=list)

    @property
    def delay_s(self) -> float | None:
        """From the crossing to the first confirmation; None where there is none to measure."""
        if not self.found or self.timed_s is None or self.silent:
            return None
        return self.found[0].confirmed_at - self.clock_s - self.timed_s


@dataclass
class Tally:
    """Everything that was counted, of any number of shifts."""

    hours: float = 0.0
    stays: list[Stay] = field(default_factory=list)
    false: list[tuple[Found, float]] = field(default_factory=list)
    """With the least true distance to the edge within a minute of it."""
    true_found: int = 0
    passages: int = 0
    passages_false: int = 0
    p_true: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.hours += other.hours
        self.stays += other.stays
        self.false += other.false
        self.true_found += other.true_found
        self.passages += other.passages
        self.passages_false += other.passages_false
        self.p_true += other.p_true


def runs(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Stretches of True as [start, end)."""
    turns = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    return list(zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True))


def stays_of(signed_m: Floats, zone: int) -> list[Stay]:
    """The true stays: pieces less than 60 s apart, or never more than 20 m beyond the edge between, are one."""
    grouped: list[list[tuple[int, int]]] = []
    for start, end in runs(signed_m <= 0.0):
        last = grouped[-1][-1][1] if grouped else None
        if last is not None and (start - last < JOIN_S or signed_m[last:start].max() <= JOIN_M):
            grouped[-1].append((start, end))
        else:
            grouped.append([(start, end)])
    return [_stay(signed_m, zone, pieces) for pieces in grouped]


def _stay(signed_m: Floats, zone: int, pieces: list[tuple[int, int]]) -> Stay:
    longest = max(pieces, key=lambda piece: piece[1] - piece[0])
    timed = next((float(start) for start, end in pieces if end - start >= 30), None)
    depth_m = -float(signed_m[longest[0] : longest[1]].min())
    return Stay(zone, float(pieces[0][0]), float(pieces[-1][1]), longest[1] - longest[0], depth_m, timed)


def observe(stay: Stay, signed_m: Floats, fixes: Fixes) -> None:
    """What the phone could have shown of a stay."""
    stay.every_s, stay.noise_m, stay.clock_s = fixes.every_s, fixes.sigma_m, fixes.clock_s
    at = fixes.at - fixes.clock_s
    within = (at >= stay.entry_s) & (at < stay.exit_s) & (fixes.accuracy_m <= USABLE_M)
    within[within] = signed_m[at[within].astype(int)] <= 0.0
    stay.observable = int(within.sum()) >= 3
    if within.any():
        stay.accuracy_m = float(np.median(fixes.accuracy_m[within]))
    if stay.timed_s is not None:
        about = at[(at > stay.timed_s - 20.0) & (at < stay.timed_s + 80.0) & (at < stay.exit_s + 20)]
        stay.silent = len(about) < 2 or bool(np.diff(np.concatenate(([stay.timed_s - 20], about))).max() >= 20.0)


def tally(signed: Sequence[Floats], fixes: Fixes, found: Sequence[Found], hours: float) -> Tally:
    """Compare one shift: `signed[zone]` is the true distance to the edge at every second."""
    result = Tally(hours)
    for zone, signed_m in enumerate(signed):
        here = sorted((one for one in found if one.zone == zone), key=lambda one: one.confirmed_at)
        stays = stays_of(signed_m, zone) if signed_m.min() <= 0 else []
        false = [one for one in here if not _matched(one, stays)]
        for one in here:
            result.p_true.append((one.p, one not in false))
        result.true_found += len(here) - len(false)
        result.false += [(one, closest(signed_m, one, fixes.clock_s)) for one in false]
        for stay in stays:
            observe(stay, signed_m, fixes)
            result.stays.append(stay)
        _passages(result, signed_m, stays, false)
    return result


def _matched(one: Found, stays: Sequence[Stay]) -> bool:
    """Credit a detection to one stay: of those it matches the one nearest to its confirmation, the later if equal."""
    matching = [stay for stay in stays if matches(one, stay)]
    if not matching:
        return False
    at = one.confirmed_at
    nearest = min(matching, key=lambda stay: (max(stay.entry_s - at, at - stay.exit_s, 0.0), -stay.entry_s))
    nearest.found.append(one)
    return True


def matches(one: Found, stay: Stay) -> bool:
    """Whether [first possible, exit] overlaps the stay widened by 60 s, confirmed no earlier than 60 s before it.

    By the phone's clock, as a supervisor would compare: an offset of up to 30 s stays below the widening.
    """
    overlaps = one.first_possible_at <= stay.exit_s + WIDEN_S and one.exit_at >= stay.entry_s - WIDEN_S
    return overlaps and one.confirmed_at >= stay.entry_s - WIDEN_S


def closest(signed_m: Floats, one: Found, clock_s: float) -> float:
    """How near the truth came while something was said to be inside, a minute either side included."""
    start = int(max(min(one.first_possible_at, one.confirmed_at) - clock_s - WIDEN_S, 0))
    end = int(max(one.exit_at, one.confirmed_at) - clock_s + WIDEN_S) + 1
    return float(signed_m[start:end].min(initial=np.inf))


def _passages(result: Tally, signed_m: Floats, stays: Sequence[Stay], false: Sequence[Found]) -> None:
    """Stays within 30 m outside the edge that no crossing is part of, and how many false entries fall on them."""
    if signed_m.min() > NEAR_M:
        return
    for start, end in runs(signed_m <= NEAR_M):
        if end - start < 10 or any(stay.entry_s < end + WIDEN_S and stay.exit_s > start - WIDEN_S for stay in stays):
            continue
        result.passages += 1
        result.passages_false += sum(
            one.confirmed_at >= start - WIDEN_S and one.confirmed_at <= end + WIDEN_S for one in false
        )

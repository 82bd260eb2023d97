"""The figures of docs/detection.md from what was counted."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from bench.detection.score import NEAR_M, Stay, Tally
from bench.result import Line, Note, Result

DEEP_M = 30.0
DWELL_S = 120.0
SHORT_S = 30.0
GOOD_M = 20.0
EVERY_S = 10.0
SURE_P = 0.95
DEPTHS_M = (0.0, 10.0, 20.0, 30.0, 50.0, np.inf)


def recall(stays: Sequence[Stay]) -> float:
    """The share of stays that were found, in per cent."""
    return 100.0 * sum(bool(stay.found) for stay in stays) / max(len(stays), 1)


def dwells(tallied: Tally, *, observable: bool = True) -> list[Stay]:
    """Stays of 120 s or more, 30 m deep, with an accuracy of 20 m or better."""
    return [
        stay
        for stay in tallied.stays
        if stay.depth_m >= DEEP_M and stay.longest_s >= DWELL_S and stay.accuracy_m <= GOOD_M
        if stay.observable or not observable
    ]


def short_stays(tallied: Tally, *, observable: bool = True) -> list[Stay]:
    """Stays of 30 to 120 s, 30 m deep."""
    return [
        stay
        for stay in tallied.stays
        if stay.depth_m >= DEEP_M and SHORT_S <= stay.longest_s < DWELL_S and (stay.observable or not observable)
    ]


def delays(tallied: Tally, depth_m: float = 0.0) -> list[float]:
    """Seconds from crossing to confirmation, of phones with a fix every 10 s, of stays at least so deep."""
    of = (stay.delay_s for stay in tallied.stays if stay.every_s == EVERY_S and stay.depth_m >= depth_m)
    return [delay_s for delay_s in of if delay_s is not None]


def inexcusable(tallied: Tally) -> float:
    """False entries per 1,000 h while the truth was farther than 30 m from the edge."""
    return 1000.0 * sum(closest_m > NEAR_M for _, closest_m in tallied.false) / tallied.hours


def false(tallied: Tally) -> float:
    """All false entries per 1,000 h."""
    return 1000.0 * len(tallied.false) / tallied.hours


def by_passages(tallied: Tally) -> float:
    """False entries per 1,000 near passages."""
    return 1000.0 * tallied.passages_false / max(tallied.passages, 1)


def calibration(tallied: Tally) -> float:
    """The share that was true of the entries reported at P >= 0.95."""
    return float(np.mean([true for p, true in tallied.p_true if p >= SURE_P] or [0.0]))


def fragments(tallied: Tally) -> float:
    """Incursions beyond the first of a stay, per true one."""
    return sum(max(len(stay.found) - 1, 0) for stay in tallied.stays) / max(tallied.true_found, 1)


def percentile(values: Sequence[float], share: float) -> float:
    """Not a number where there are none."""
    return float(np.percentile(values, share)) if values else float("nan")


FIGURES: dict[str, Callable[[Tally], float]] = {
    "dwells found, %": lambda tallied: recall(dwells(tallied)),
    "short stays found, %": lambda tallied: recall(short_stays(tallied)),
    "inexcusable / 1,000 h": inexcusable,
    "false / 1,000 near passages": by_passages,
    "delay median, s": lambda tallied: percentile(delays(tallied), 50),
    "delay p95, s": lambda tallied: percentile(delays(tallied), 95),
    "delay p95, >= 30 m deep, s": lambda tallied: percentile(delays(tallied, DEEP_M), 95),
    "calibration": calibration,
    "fragments": fragments,
}
"""By seed, to say how far one draw carries."""


def goals(ours: Tally, point_in_circle: Tally) -> list[Line]:
    """The table of goals."""
    every, deep = delays(ours), delays(ours, DEEP_M)
    return [
        Result("dwells >= 120 s, >= 30 m deep, <= 20 m accuracy, found", 99.0, recall(dwells(ours)), "%"),
        Result("stays of 30-120 s, >= 30 m deep, found", 97.0, recall(short_stays(ours)), "%"),
        Result("inexcusable false entries / 1,000 h", 1.0, inexcusable(ours), "", at_most=True),
        Result("false entries / 1,000 near passages", 10.0, by_passages(ours), "", at_most=True),
        Result("fewer false entries than point in circle", 100.0, _fewer(ours, point_in_circle), "x"),
        Result("crossing -> confirmed, median", 25.0, percentile(every, 50), "s", at_most=True),
        Result("crossing -> confirmed, p95, any depth", 60.0, percentile(every, 95), "s", at_most=True),
        Result("crossing -> confirmed, p95, >= 30 m deep", 60.0, percentile(deep, 95), "s", at_most=True),
        Result("true, of the entries at P >= 0.95", 0.99, calibration(ours), ""),
        Result("fragments / true entry", 0.05, fragments(ours), "", at_most=True),
    ]


def _fewer(ours: Tally, point_in_circle: Tally) -> float:
    return len(point_in_circle.false) / max(len(ours.false), 1)


def counts(ours: Tally) -> list[Line]:
    """What the goals rest on, and the same without the condition that the phone could have shown it."""
    blind, blind_short = dwells(ours, observable=False), short_stays(ours, observable=False)
    return [
        Note("shift-hours; stays; near passages", f"{ours.hours:,.0f}; {len(ours.stays):,}; {ours.passages:,}"),
        Note(
            "dwells; short stays; delays", f"{len(dwells(ours)):,}; {len(short_stays(ours)):,}; {len(delays(ours)):,}"
        ),
        Note("the same found, unobservable ones included", f"{recall(blind):.1f} %; {recall(blind_short):.1f} %"),
    ]


def by_depth(ours: Tally) -> list[Line]:
    """Stays of 30 s or more by depth: how many of the observable ones are found, and the median delay."""
    lines: list[Line] = []
    for shallow_m, deep_m in pairwise(DEPTHS_M):
        within = [stay for stay in ours.stays if shallow_m <= stay.depth_m < deep_m]
        seen = [stay for stay in within if stay.observable and stay.longest_s >= SHORT_S]
        delay_s = percentile([stay.delay_s for stay in within if stay.delay_s is not None], 50)
        name = f">= {shallow_m:.0f} m" if np.isinf(deep_m) else f"{shallow_m:.0f}-{deep_m:.0f} m"
        lines.append(
            Note(f"stays {name} deep: found, median delay", f"{recall(seen):.1f} % of {len(seen):,}, {delay_s:.0f} s")
        )
    return lines


def beside(name: str, tallied: Tally) -> Note:
    """What a rule made of the same fixes."""
    return Note(f"{name}: false / inexcusable, 1,000 h", f"{false(tallied):,.1f} / {inexcusable(tallied):,.1f}")


def spread(by_seed: dict[int, Tally]) -> str:
    """A Markdown table of every figure by seed, with the least and the most."""
    seeds = list(by_seed)
    head = ["figure", *(f"seed {seed}" for seed in seeds), "least - most"]
    rows = [head, ["---"] * len(head)]
    for name, figure in FIGURES.items():
        values = [figure(tallied) for tallied in by_seed.values()]
        rows.append([name, *map(_short, values), f"{_short(min(values))} - {_short(max(values))}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"

"""`python -m bench.detection [--seeds N ...] [--hours H]`: KeepClear beside the rules of others, on the same fixes."""

import argparse
import time

import numpy as np

from bench.detection.phone import fixes_of
from bench.detection.rules import BASELINES, as_fixes, keepclear
from bench.detection.score import Found, Stay, Tally, tally
from bench.detection.town import Town
from bench.detection.truth import shift
from bench.result import Line, Note, Result, table
from geofences.index import ZoneIndex

SHIFT_H = 8.0
OURS = "KeepClear"


def simulate(seeds: list[int], hours: float) -> tuple[dict[str, Tally], float]:
    """What each rule made of the shifts of all seeds, and the fixes a second of KeepClear's own."""
    town = Town.read()
    index = ZoneIndex.build(town.zones)
    tallies = {name: Tally() for name in (OURS, *BASELINES)}
    spent_s, count = 0.0, 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for _ in range(max(round(hours / len(seeds) / SHIFT_H), 1)):
            truth = shift(town, rng, SHIFT_H)
            phone = fixes_of(truth, rng)
            signed = [town.signed_m(zone, truth.xy) for zone in range(len(town.zones))]
            measured = [town.signed_m(zone, phone.xy) for zone in range(len(town.zones))]
            fixes = as_fixes(phone, *town.lonlat(phone.xy), "phone")
            begun = time.process_time()
            found: dict[str, list[Found]] = {OURS: keepclear(town, index, fixes)}
            spent_s, count = spent_s + time.process_time() - begun, count + len(fixes)
            found |= {name: rule(phone, measured) for name, rule in BASELINES.items()}
            for name, said in found.items():
                tallies[name].add(tally(signed, phone, said, SHIFT_H))
    return tallies, count / spent_s


def recall(stays: list[Stay]) -> float:
    """The share of stays that were found."""
    return sum(bool(stay.found) for stay in stays) / max(len(stays), 1)


def lines(ours: Tally, theirs: Tally) -> list[Line]:
    """The table of goals."""
    deep = [stay for stay, _ in ours.stays if stay.depth_m >= 30.0 and stay.observable]
    dwells = [stay for stay in deep if stay.longest_s >= 120.0 and stay.accuracy_m <= 20.0]
    short = [stay for stay in deep if 30.0 <= stay.longest_s < 120.0]
    delays = [
        stay.found[0].confirmed_at - fixes.clock_s - stay.timed_s
        for stay, fixes in ours.stays
        if stay.found and stay.timed_s is not None and not stay.silent and fixes.every_s == 10.0
    ]
    inexcusable = sum(closest_m > 30.0 for _, closest_m in ours.false)
    fragments = sum(max(len(stay.found) - 1, 0) for stay, _ in ours.stays)
    sure = [true for p, true in ours.p_true if p >= 0.95]
    thousand_h = ours.hours / 1000.0
    return [
        Result("dwells >= 120 s, >= 30 m deep, <= 20 m accuracy, found", 99.0, 100 * recall(dwells), "%"),
        Result("stays of 30-120 s, >= 30 m deep, found", 97.0, 100 * recall(short), "%"),
        Result("inexcusable false entries / 1,000 h", 1.0, inexcusable / thousand_h, "", at_most=True),
        Result(
            "false entries / 1,000 near passages", 10.0, 1000 * ours.passages_false / max(ours.passages, 1), "", True
        ),
        Result("fewer false entries than point in circle", 100.0, len(theirs.false) / max(len(ours.false), 1), "x"),
        Result("crossing -> confirmed, median", 25.0, float(np.median(delays)), "s", at_most=True),
        Result("crossing -> confirmed, p95", 60.0, float(np.percentile(delays, 95)), "s", at_most=True),
        Result("true, of the entries at P >= 0.95", 0.99, float(np.mean(sure)), ""),
        Result("fragments / true entry", 0.05, fragments / max(ours.true_found, 1), "", at_most=True),
        Note("shift-hours; stays; near passages", f"{ours.hours:,.0f}; {len(ours.stays):,}; {ours.passages:,}"),
    ]


def beside(name: str, tallied: Tally) -> Note:
    """What a rule made of the same fixes."""
    inexcusable = sum(closest_m > 30.0 for _, closest_m in tallied.false)
    per_h = 1000.0 / tallied.hours
    return Note(
        f"{name}: false / inexcusable, 1,000 h", f"{len(tallied.false) * per_h:,.1f} / {inexcusable * per_h:,.1f}"
    )


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13, 14])
    parser.add_argument("--hours", type=float, default=4000.0, help="shift-hours in all")
    asked = parser.parse_args()
    tallies, rate = simulate(asked.seeds, asked.hours)
    rows = lines(tallies[OURS], tallies["point in circle"])
    rows += [beside(name, tallied) for name, tallied in tallies.items()]
    print(table([*rows, Note("the fold of a shift", f"{rate:,.0f} fixes/s a core")]))


if __name__ == "__main__":
    main()

"""`python -m bench.detection [--seeds N ...] [--hours H]`: KeepClear beside the rules of others, on the same fixes."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.detection.arrival import ORDERS, same_in_any_order
from bench.detection.figures import beside, by_depth, counts, goals, spread
from bench.detection.plots import draw
from bench.detection.simulation import ALL, ORDER_SEED, OURS, shifts, simulate, together
from bench.detection.speed import rates
from bench.result import Line, Result, table
from bench.site import say

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ORDERED_SHIFTS = 10


def any_order(seeds: Sequence[int]) -> list[Line]:
    """Of some shifts of every seed: the share that ends in the same incursions, by order of arrival."""
    rng = np.random.default_rng(ORDER_SEED)
    same = [
        same_in_any_order(seen.track, seen.index, rng) for seed in seeds for seen in shifts(seed, 8.0 * ORDERED_SHIFTS)
    ]
    return [
        Result(f"the same incursions, fixes {name}", 100.0, 100.0 * float(np.mean([each[name] for each in same])), "%")
        for name in ORDERS
    ]


def main() -> None:
    """Simulate, print and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(11, 19)))
    parser.add_argument("--hours", type=float, default=8000.0, help="shift-hours in all")
    parser.add_argument("--images", type=Path, default=IMAGES, help="where the plots go")
    parser.add_argument("--table-only", action="store_true", help="no plots, no speed")
    asked = parser.parse_args()
    found = {}
    for seed in asked.seeds:
        say(f"seed {seed}: {asked.hours / len(asked.seeds):,.0f} shift-hours, five rules")
        found[seed] = simulate(seed, asked.hours / len(asked.seeds), ALL)
    tallies = {name: together([found[seed][name] for seed in asked.seeds]) for name in ALL}
    say("the same fixes in other orders")
    lines = goals(tallies[OURS], tallies["point in circle"]) + any_order(asked.seeds)
    lines += counts(tallies[OURS]) + by_depth(tallies[OURS])
    lines += [beside(name, tallied) for name, tallied in tallies.items()]
    if not asked.table_only:
        say("the speed of keepclear detect")
        lines += rates()
    print(table(lines), end="\n\n")
    print(spread({seed: each[OURS] for seed, each in found.items()}))
    if not asked.table_only:
        say("the plots")
        draw(tallies, asked.seeds[0], asked.images)


if __name__ == "__main__":
    main()

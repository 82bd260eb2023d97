"""The pictures of docs/detection.md: recall against false alarms for a sweep of thresholds, calibration, delays."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from bench.detection.figures import DEEP_M, SURE_P, delays, false, inexcusable, percentile, recall, short_stays
from bench.detection.rules import BASELINES, Rule
from bench.detection.score import Tally
from bench.detection.simulation import OURS, Judge, Seen, ours, simulate
from tracker.incursion import evidence

mpl.use("Agg")
from matplotlib import pyplot as plt

SWEEP_HOURS = 400.0
OUR_MARGINS_M = (-10.0, 0.0, 5.0, 10.0, evidence.DEPTH_MARGIN_M, 20.0, 30.0)
THEIR_MARGINS_M = (-20.0, 0.0, 20.0, 40.0, 60.0, 80.0)
"""How much deeper than the edge a fix must be for them; 0 is the rule as it is used."""
NOISES_M = (4.0, 12.0, 25.0)
P_EDGES = (SURE_P, 0.96, 0.97, 0.98, 0.99, 0.9975)
LEAST = 20

Sweep = dict[str, list[tuple[float, Tally]]]


def draw(tallies: Mapping[str, Tally], seed: int, images: Path) -> None:
    """Write the three pictures of a run; the sweep simulates 400 h of a seed once more."""
    images.mkdir(parents=True, exist_ok=True)
    _save(images / "detection-trade-off.png", lambda axes: _trade_off(axes, sweep(seed)), columns=2)
    _save(images / "detection-calibration.png", lambda axes: _calibration(axes[0], tallies[OURS]))
    _save(images / "detection-delays.png", lambda axes: _delays(axes[0], tallies[OURS]))


def sweep(seed: int, hours: float = SWEEP_HOURS) -> Sweep:
    """Every rule at several thresholds, on the same shifts."""
    found: Sweep = {}
    for margin_m in OUR_MARGINS_M:
        with _depth_margin(margin_m):
            found.setdefault(OURS, []).append((margin_m, simulate(seed, hours, {OURS: ours})[OURS]))
    for name, rule in BASELINES.items():
        judges = {str(margin_m): _deeper(rule, margin_m) for margin_m in THEIR_MARGINS_M}
        made = simulate(seed, hours, judges)
        found[name] = [(margin_m, made[str(margin_m)]) for margin_m in THEIR_MARGINS_M]
    return found


@contextmanager
def _depth_margin(margin_m: float) -> Iterator[None]:
    usual = evidence.DEPTH_MARGIN_M
    evidence.DEPTH_MARGIN_M = margin_m
    try:
        yield
    finally:
        evidence.DEPTH_MARGIN_M = usual


def _deeper(rule: Rule, margin_m: float) -> Judge:
    def judge(seen: Seen) -> list[Any]:
        return rule(seen.fixes, [signed_m + margin_m for signed_m in seen.measured])

    return judge


def _trade_off(axes: Sequence[Any], swept: Sweep) -> None:
    left, right = axes
    for name, points in swept.items():
        across = [max(false(tallied), 0.5) for _, tallied in points]
        left.plot(across, [recall(short_stays(tallied)) for _, tallied in points], "o-", label=name)
    left.set(
        xscale="log",
        xlim=(0.03, None),
        xlabel="false entries per 1,000 shift-hours",
        ylabel="stays of 30-120 s found, %",
    )
    left.legend(fontsize=8, loc="center left")
    margins = [margin_m for margin_m, _ in swept[OURS]]
    made = [tallied for _, tallied in swept[OURS]]
    right.plot(margins, [inexcusable(tallied) for tallied in made], "o-", label="inexcusable entries / 1,000 h")
    right.plot(margins, [100.0 - recall(short_stays(tallied)) for tallied in made], "s-", label="short stays missed, %")
    right.plot(margins, [percentile(delays(tallied), 95) / 10.0 for tallied in made], "^-", label="p95 delay, 10 s")
    right.axvline(evidence.DEPTH_MARGIN_M, color="grey", linestyle=":")
    right.set(xlabel="KeepClear: metres the edge is taken to be further in", ylim=(0, None))
    right.legend(fontsize=8)


def _calibration(axes: Any, tallied: Tally) -> None:
    p, true = (np.array(column) for column in zip(*tallied.p_true, strict=True))
    bins = np.digitize(p, P_EDGES) - 1
    kept = [n for n in range(len(P_EDGES)) if np.sum(bins == n) >= LEAST]
    axes.plot([SURE_P, 1.0], [SURE_P, 1.0], ":", color="grey", label="as reported")
    told, held = ([column[bins == n].mean() for n in kept] for column in (p, true))
    axes.plot(told, held, "o-", label=OURS)
    for n, x, y in zip(kept, told, held, strict=True):
        axes.annotate(
            f"{np.sum(bins == n):,}", (x, y), textcoords="offset points", xytext=(0, -14), ha="center", fontsize=8
        )
    axes.set(xlabel="P(inside) as reported", ylabel="share that was true", ylim=(0.8, 1.005))
    axes.legend()


def _delays(axes: Any, tallied: Tally) -> None:
    for noise_m in NOISES_M:
        of = Tally(stays=[stay for stay in tallied.stays if stay.noise_m == noise_m])
        for depth_m, style in ((0.0, "--"), (DEEP_M, "-")):
            seconds = np.sort(delays(of, depth_m))
            label = f"error {noise_m:.0f} m, {'30 m deep or more' if depth_m else 'any depth'}"
            axes.plot(seconds, np.arange(1, len(seconds) + 1) / max(len(seconds), 1), style, label=label)
    axes.axvline(60.0, color="grey", linestyle=":")
    axes.set(xlabel="seconds from crossing to confirmation, a fix every 10 s", ylabel="share", xlim=(0, 180))
    axes.legend(fontsize=8)


def _save(path: Path, fill: Callable[[Sequence[Any]], None], columns: int = 1) -> None:
    figure, axes = plt.subplots(1, columns, figsize=(5.5 * columns, 4.2), squeeze=False, layout="constrained")
    fill(axes[0])
    figure.savefig(path, dpi=100)
    plt.close(figure)

"""The phone in the visitor's pocket: what it claims of the truth, with every fault that phones are known for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.detection.town import Floats
from bench.detection.truth import Shift

SIGMAS_M = (4.0, 12.0, 25.0)
SIGMA_SHARES = (0.45, 0.35, 0.2)
EVERY_S = (10.0, 5.0, 15.0, 30.0)
EVERY_SHARES = (0.85, 0.06, 0.06, 0.03)
GLITCH_SHARE = 0.01
ANDROID = 1.51


@dataclass(frozen=True)
class Fixes:
    """What a phone sent of one shift, in the order measured; times in seconds of the shift by its own clock."""

    at: Floats
    xy: Floats
    accuracy_m: Floats
    speed_mps: Floats
    """NaN where it gives none."""
    clock_s: float
    sigma_m: float
    every_s: float
    glitch: NDArray[np.bool_]


def fixes_of(truth: Shift, rng: np.random.Generator) -> Fixes:
    """A phone of random quality carried through a shift."""
    sigma_m = float(rng.choice(SIGMAS_M, p=SIGMA_SHARES))
    every_s = float(rng.choice(EVERY_S, p=EVERY_SHARES))
    at = _moments(rng, len(truth.xy), every_s)
    true_xy = truth.xy[at]
    error, worse = _error(rng, at, sigma_m)
    glitch, thrown = _glitches(rng, len(at))
    speed = np.maximum(truth.speed_mps[at] + rng.normal(0, 0.3, len(at)) * (truth.speed_mps[at] > 0.2), 0.0)
    if rng.random() < 0.3:
        speed[:] = np.nan
    accuracy = _claimed(rng, sigma_m, worse)
    accuracy[glitch] = rng.uniform(1.5, 5.0, glitch.sum())
    clock_s = float(rng.choice([0.0, rng.normal(0, 3.0), rng.uniform(-30, 30)], p=[0.6, 0.3, 0.1]))
    return Fixes(at + clock_s, true_xy + error + thrown, accuracy, speed, clock_s, sigma_m, every_s, glitch)


def _moments(rng: np.random.Generator, seconds: int, every_s: float) -> NDArray[np.int64]:
    """Seconds at which it took a fix: about every so often, some left out, and silences of minutes."""
    at = np.arange(rng.uniform(0, every_s), seconds - 2, every_s) + rng.choice([0.0, 1.0]) * rng.integers(-1, 2)
    at = np.unique(np.clip(at.astype(np.int64), 0, seconds - 1))
    kept = rng.random(len(at)) > 0.02
    for _ in range(rng.poisson(seconds / 7200)):
        start = rng.uniform(0, seconds)
        kept &= (at < start) | (at > start + rng.uniform(60, 1200))
    return at[kept]


def _error(rng: np.random.Generator, at: NDArray[np.int64], sigma_m: float) -> tuple[Floats, Floats]:
    """Gauss-Markov noise on both axes, and how many times worse than usual the place is (street canyons)."""
    steps = np.diff(at, prepend=at[0])
    keep = np.exp(-steps / rng.uniform(30, 60))
    fresh = np.sqrt(1 - keep**2)[:, None] * rng.normal(size=(len(at), 2))
    error = np.empty((len(at), 2))
    now = rng.normal(size=2)
    for index, (kept, new) in enumerate(zip(keep, fresh, strict=True)):
        now = kept * now + new
        error[index] = now
    worse = np.ones(len(at))
    for _ in range(rng.poisson(at[-1] / 5400)):
        start = rng.uniform(0, at[-1])
        worse[(at > start) & (at < start + rng.uniform(60, 400))] = rng.uniform(1.3, 2.2)
    return error * (sigma_m * worse)[:, None], worse


def _glitches(rng: np.random.Generator, count: int) -> tuple[NDArray[np.bool_], Floats]:
    """One fix in 100 is thrown 150-300 m away; a tenth of those stay there for 2-3 fixes."""
    glitch, thrown = np.zeros(count, bool), np.zeros((count, 2))
    for start in np.flatnonzero(rng.random(count) < GLITCH_SHARE):
        length = int(rng.integers(2, 4)) if rng.random() < 0.1 else 1
        angle, away_m = rng.uniform(0, 2 * np.pi), rng.uniform(150, 300)
        glitch[start : start + length] = True
        thrown[start : start + length] = away_m * np.array([np.cos(angle), np.sin(angle)])
    return glitch, thrown


def _claimed(rng: np.random.Generator, sigma_m: float, worse: Floats) -> Floats:
    """What it claims: honest, boasting, modest, always the same; it notices only some of what makes it worse."""
    manner = rng.choice(["honest", "boasting", "modest", "constant"], p=[0.6, 0.15, 0.15, 0.1])
    factor = {"honest": 1.0, "boasting": rng.uniform(0.4, 0.7), "modest": rng.uniform(1.3, 2.0), "constant": 1.0}
    if manner == "constant":
        return np.full(len(worse), 10.0 if sigma_m < 20 else 30.0)
    noticed = worse if rng.random() < 0.5 else np.ones(len(worse))
    return ANDROID * sigma_m * factor[manner] * noticed * rng.lognormal(0, 0.15, len(worse))

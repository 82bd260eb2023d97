"""Simulated visitors on real roads, for the demo and for tests: pure, seeded, nobody's real movements.

Each goes from address to address along the roads and stays a while at each. The phone in the pocket reports about
every 5 s, with an error that drifts slowly (first-order Gauss-Markov), for errors of consecutive fixes are the same.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import count, pairwise, takewhile
from math import atan2, degrees, exp, hypot, sqrt
from random import Random
from typing import Final, NamedTuple

from tracker.demo.town import Town
from tracker.fix import Fix
from tracker.recordings import Track

FIX_EVERY_S: Final = 5.0
FIX_JITTER_S: Final = 0.4
NOISE_TIME_S: Final = 45.0  # how long a GPS error stays the same error
ACCURACY_PER_SIGMA: Final = 1.51  # Android's radius holds 68 %: 1.51 sigma of one axis
STAY_S: Final = (120.0, 480.0)
DRAIN_PER_S: Final = 8.0 / 3600.0  # percent of battery
STARTS_M: Final = (230.0, 420.0)  # who will enter starts so near that a demo need not be watched for long


class Errand(Enum):
    """Where every other address of a visitor lies: metres from the nearest footprint, `nearest` to `farthest`."""

    CLEAR = (320.0, 5_000.0)
    EDGE = (205.0, 260.0)
    ENTER = (0.0, 120.0)


class Handset(NamedTuple):
    """How a visitor gets about, and how well the phone knows where."""

    speed_mps: float
    accuracy_m: float
    battery_pct: float


class Stop(NamedTuple):
    """Where the visitor truly is, in local metres, and when (seconds since the start)."""

    at_s: float
    x: float
    y: float


def crowd(seed: int, town: Town, start_at: float, duration_s: float, visitors: int = 40) -> list[Track]:
    """Tracks of `visitors` people from `start_at` (seconds since 1970 UTC) on: a tenth enter, a quarter pass near."""
    return [
        Track(device, tuple(walk(seed, town, start_at, duration_s, device=device, errand=errand)))
        for device, errand in zip(_devices(visitors), _errands(visitors), strict=True)
    ]


def _devices(visitors: int) -> list[str]:
    return [f"visitor-{number:02}" for number in range(1, visitors + 1)]


def _errands(visitors: int) -> list[Errand]:
    entering, passing = max(1, visitors // 10), visitors // 4
    errands = [Errand.ENTER] * entering + [Errand.EDGE] * passing + [Errand.CLEAR] * visitors
    return errands[:visitors]


def walk(
    seed: int,
    town: Town,
    start_at: float,
    duration_s: float,
    *,
    device: str = "visitor-01",
    errand: Errand = Errand.CLEAR,
) -> Iterator[Fix]:
    """The fixes of one visitor, in order of time. The same arguments give the same fixes."""
    chance = Random(f"{seed} {device}")  # noqa: S311 - a simulation, not a secret
    riding = chance.random() < 0.4  # noqa: PLR2004
    handset = Handset(4.5 if riding else 1.35, chance.uniform(4.0, 14.0), chance.uniform(55.0, 100.0))
    truth = itinerary(chance, town, errand, handset.speed_mps)
    yield from _fixes(chance, town, _Claims(device, start_at, handset), _samples(chance, duration_s), truth)


def itinerary(chance: Random, town: Town, errand: Errand, speed_mps: float) -> Iterator[Stop]:
    """The true way, without end: between two stops the visitor moves straight on, or stays."""
    clear, wanted = (town.addresses(*kind.value) for kind in (Errand.CLEAR, errand))
    here = int(chance.choice(town.addresses(*STARTS_M) if errand is Errand.ENTER else clear))
    at_s = 0.0
    yield Stop(at_s, *town.xy[here])
    for turn in count():
        there = int(chance.choice(wanted if turn % 2 == 0 else clear))
        for vertex in town.way(here, there, keep_clear=errand is not Errand.ENTER)[1:]:
            at_s += hypot(*(town.xy[vertex] - town.xy[here])) / speed_mps
            here = vertex
            yield Stop(at_s, *town.xy[here])
        at_s += chance.uniform(*STAY_S)
        yield Stop(at_s, *town.xy[here])


class _Claims(NamedTuple):
    """What goes into every fix of one phone."""

    device: str
    start_at: float
    handset: Handset


def _samples(chance: Random, duration_s: float) -> Iterator[float]:
    """When the phone looks, in seconds since the start: phones do not tick together, nor like clocks."""
    first_s = chance.uniform(0.0, FIX_EVERY_S)
    moments = (first_s + FIX_EVERY_S * tick + chance.uniform(0.0, FIX_JITTER_S) for tick in count())
    return takewhile(lambda at_s: at_s <= duration_s, moments)


def _fixes(
    chance: Random, town: Town, claims: _Claims, samples: Iterable[float], truth: Iterator[Stop]
) -> Iterator[Fix]:
    legs = pairwise(truth)
    leg = next(legs)
    error = _Error(chance, claims.handset.accuracy_m / ACCURACY_PER_SIGMA)
    for at_s in samples:
        while leg[1].at_s < at_s:
            leg = next(legs)
        x, y = _between(*leg, at_s)
        dx, dy = error.at(at_s)
        yield _fix(chance, claims, at_s, town.to_degrees(x + dx, y + dy), leg)


def _between(start: Stop, end: Stop, at_s: float) -> tuple[float, float]:
    part = (at_s - start.at_s) / (end.at_s - start.at_s)
    return start.x + part * (end.x - start.x), start.y + part * (end.y - start.y)


class _Error:
    """A GPS error in metres whose memory fades with NOISE_TIME_S."""

    def __init__(self, chance: Random, sigma_m: float) -> None:
        self._chance = chance
        self._sigma_m = sigma_m
        self._at_s = 0.0
        self._xy = (chance.gauss(0.0, sigma_m), chance.gauss(0.0, sigma_m))

    def at(self, at_s: float) -> tuple[float, float]:
        """The error in x and y at a later moment."""
        kept = exp((self._at_s - at_s) / NOISE_TIME_S)
        fresh_m = self._sigma_m * sqrt(1.0 - kept * kept)
        x, y = self._xy
        self._xy = (kept * x + self._chance.gauss(0.0, fresh_m), kept * y + self._chance.gauss(0.0, fresh_m))
        self._at_s = at_s
        return self._xy


def _fix(chance: Random, claims: _Claims, at_s: float, position: tuple[float, float], leg: tuple[Stop, Stop]) -> Fix:
    east_m, north_m = leg[1].x - leg[0].x, leg[1].y - leg[0].y
    moving = hypot(east_m, north_m) > 0
    handset = claims.handset
    at = round(claims.start_at + at_s, 3)
    return Fix(
        claims.device,
        at,
        round(position[0], 7),
        round(position[1], 7),
        received_at=at,
        accuracy_m=round(handset.accuracy_m * chance.uniform(0.85, 1.25), 1),
        speed_mps=round(max(0.0, handset.speed_mps + chance.gauss(0.0, 0.2)), 2) if moving else 0.0,
        heading_deg=round(degrees(atan2(east_m, north_m)) % 360.0) if moving else None,
        battery_pct=float(max(1, round(handset.battery_pct - DRAIN_PER_S * at_s))),
        mock=False,
    )

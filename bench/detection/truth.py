"""Where a visitor truly was, second by second: drives and walks about a town, visits, entries and near passages."""

from dataclasses import dataclass

import numpy as np

from bench.detection.town import Floats, Town

CITY_M = 1800.0
WALK_MPS = (0.8, 1.7)
DRIVE_MPS = (5.0, 15.0)
ERRANDS = (0.38, 0.2, 0.12, 0.2, 0.1)
"""Shares of errands: a visit anywhere, inside a zone, straight through one, a near passage, 30 to 150 m off."""
NEAR_ERRANDS = (0.0, 0.4, 0.1, 0.3, 0.2)


@dataclass(frozen=True)
class Shift:
    """The truth of one shift: places at every second, shape (seconds, 2), and the true speed."""

    xy: Floats
    speed_mps: Floats


def shift(town: Town, rng: np.random.Generator, hours: float, errands: tuple[float, ...] = ERRANDS) -> Shift:
    """One visitor's shift: errands until it is over."""
    seconds = int(hours * 3600)
    here = rng.uniform(-CITY_M, CITY_M, 2)
    parts, length = [], 0
    while length < seconds:
        part = _errand(town, rng, here, errands)
        here = part[-1]
        parts.append(part)
        length += len(part)
    xy = np.concatenate(parts)[:seconds]
    speed_mps = np.hypot(*np.gradient(xy, axis=0).T)
    return Shift(xy, speed_mps)


def _errand(town: Town, rng: np.random.Generator, here: Floats, errands: tuple[float, ...]) -> Floats:
    """One thing to do: from here to somewhere and what is done there; shape (seconds, 2)."""
    kind = rng.choice(5, p=errands)
    row, turn = int(rng.integers(len(town.zones))), float(rng.random())
    if kind == 0:  # a visit anywhere in the city
        return _go_and_stay(rng, here, rng.uniform(-CITY_M, CITY_M, 2), rng.uniform(120, 1800))
    if kind == 1:  # a visit inside a zone, or a short look
        depth_m = -rng.uniform(2.0, 180.0)
        stay_s = rng.choice([rng.uniform(0, 60), rng.uniform(60, 300), rng.uniform(300, 1800)])
        return _by_the_edge(town, rng, here, (row, turn, depth_m), stay_s)
    if kind == 2:  # straight through
        start, end = town.place(row, 150.0, turn), town.place(row, 150.0, turn + rng.uniform(0.1, 0.5) % 1.0)
        return np.concatenate([_go(rng, here, start), _go(rng, start, end)])
    if kind == 3:  # a near passage: within 30 m of the edge, not over it
        return _by_the_edge(town, rng, here, (row, turn, rng.uniform(1.0, 30.0)), rng.uniform(20, 900))
    return _by_the_edge(town, rng, here, (row, turn, rng.uniform(30.0, 150.0)), rng.uniform(60, 1800))


def _by_the_edge(
    town: Town, rng: np.random.Generator, here: Floats, target: tuple[int, float, float], stay_s: float
) -> Floats:
    """To a place before the edge, in or along it, a stay, and out again."""
    row, turn, signed_m = target
    outside, there = town.place(row, 150.0, turn), town.place(row, signed_m, turn)
    along = there
    if rng.random() < 0.3:
        along = town.place(row, signed_m, (turn + rng.uniform(-0.1, 0.1)) % 1.0)
    to = _go(rng, here, outside, drive=rng.random() < 0.6)
    on_foot = rng.random() < 0.8
    into = _go(rng, outside, there, drive=not on_foot)
    parts = [to, into, _stay(rng, there, stay_s)]
    if along is not there:
        parts += [_round(town, rng, target, along), _stay(rng, along, rng.uniform(0, 120))]
    away = town.place(row, 150.0, turn) if along is there else along + (along - _middle(town, row)) * 0.8
    return np.concatenate([*parts, _go(rng, parts[-1][-1], away, drive=not on_foot)])


def _round(town: Town, rng: np.random.Generator, target: tuple[int, float, float], end: Floats) -> Floats:
    """A walk along the edge at one distance from it."""
    row, turn, signed_m = target
    turns = np.linspace(0.0, 1.0, 12)
    first = town.place(row, signed_m, turn)
    last_turn = min(
        (turn + step for step in np.linspace(-0.1, 0.1, 41)),
        key=lambda other: float(np.hypot(*(town.place(row, signed_m, other % 1.0) - end))),
    )
    corners = [town.place(row, signed_m, (turn + (last_turn - turn) * part) % 1.0) for part in turns]
    speed_mps = rng.uniform(*WALK_MPS)
    return np.concatenate([_line(a, b, speed_mps) for a, b in zip([first, *corners[:-1]], corners, strict=True)])


def _middle(town: Town, row: int) -> Floats:
    centre = town.shapes[row].centroid
    return np.array([centre.x, centre.y])


def _go_and_stay(rng: np.random.Generator, here: Floats, there: Floats, stay_s: float) -> Floats:
    return np.concatenate([_go(rng, here, there, drive=rng.random() < 0.6), _stay(rng, there, stay_s)])


def _go(rng: np.random.Generator, start: Floats, end: Floats, *, drive: bool | None = None) -> Floats:
    """One second a row from start to end; drivers stop at lights now and then."""
    drive = rng.random() < 0.5 if drive is None else drive
    path = _line(start, end, rng.uniform(*(DRIVE_MPS if drive else WALK_MPS)))
    if drive and len(path) > 20 and rng.random() < 0.5:
        at = int(rng.integers(5, len(path) - 5))
        path = np.concatenate([path[:at], np.repeat(path[at : at + 1], int(rng.integers(5, 60)), axis=0), path[at:]])
    return path


def _line(start: Floats, end: Floats, speed_mps: float) -> Floats:
    steps = max(int(np.hypot(*(end - start)) / speed_mps), 1)
    return start + (end - start) * (np.arange(1, steps + 1) / steps)[:, None]


def _stay(rng: np.random.Generator, there: Floats, stay_s: float) -> Floats:
    """Standing or pacing within a metre or two."""
    seconds = max(int(stay_s), 1)
    pace_m = rng.choice([0.0, 1.0])
    phase = np.arange(seconds)[:, None] / rng.uniform(20, 60, 2)
    return there + pace_m * np.sin(phase) * np.ones(2)

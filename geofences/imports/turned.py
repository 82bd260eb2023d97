"""Longitude and latitude exchanged where both ways are on the map: only the other places tell. Pure."""

from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np

from geofences.codes import Code
from geofences.datum import in_china
from geofences.findings import Finding
from geofences.geodesy import Floats

_POLE_DEG = 90.0
_CELL_DEG = 3.0
_TIMES = 5
"""So many times more places stand about the exchanged place than about the given one."""


def all_turned(places: Floats) -> Finding | None:
    """The doubt about places, shape (n, 2), that lie north of everybody and, exchanged, all in China."""
    lons, lats = places[:, 0], places[:, 1]
    if not len(places) or in_china(lons, lats).any() or not in_china(lats, lons).all():
        return None
    return Code.LOOKS_TURNED()


def turned_rows(places: Floats, known: Floats) -> list[int]:
    """Which of the places, shape (n, 2), lie far from all others of theirs and `known`, and exchanged among them."""
    numbers = np.flatnonzero(np.abs(places[:, 0]) <= _POLE_DEG).tolist()
    if not numbers:
        return []
    about = _counter(np.vstack([places, known]))
    return [each for each in numbers if about(*places[each, ::-1]) >= _TIMES * about(*places[each])]


def _counter(places: Floats) -> Callable[[float, float], int]:
    """How many of the places lie in a cell of some degrees and the eight about it."""
    cells = Counter(map(tuple, np.floor(places / _CELL_DEG).astype(int).tolist()))

    def about(lon: float, lat: float) -> int:
        column, row = int(lon // _CELL_DEG), int(lat // _CELL_DEG)
        return sum(cells[column + east, row + north] for east, north in product((-1, 0, 1), repeat=2))

    return about

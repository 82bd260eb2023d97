"""GCJ-02 and BD-09 <-> WGS-84. The inside of the house is WGS-84 only.

GCJ-02 ("Mars") is what Chinese map services must publish, BD-09 what Baidu makes of it. The forward formulas are the
published ones; the inverses are iterated until the forward formula gives the input back to 1e-12 degrees.

Outside China the three are the same. "Outside" is the customary box, lon 72.004 to 137.8347 and lat 0.8293 to
55.8271 (its border is inside), and it is asked of the coordinates *as given*, whatever their datum, once and before
anything else. So the answer is the same however often it is asked; within about 1 km of the border, which lies far
from any Chinese town, a place may change sides and then does not come back.

Every function takes and gives degrees, lon then lat; floats give floats, arrays give arrays of the same shape.
"""

from collections.abc import Callable
from typing import Literal, TypeVar, get_args

import numpy as np

from geofences.codes import Code
from geofences.findings import FindingError
from geofences.geodesy import Floats

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)
Degrees = TypeVar("Degrees", float, Floats)
_Pair = tuple[Floats, Floats]

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
_AXIS_M = 6378245.0  # Krasovsky 1940, as in the published formula
_E2 = 0.00669342162296594323
_BAIDU_TURN = np.pi * 3000.0 / 180.0
_BAIDU_LON, _BAIDU_LAT = 0.0065, 0.006
_ENOUGH_DEG = 1e-12
_MOST_STEPS = 30


class DatumError(FindingError):
    """No such datum, or none declared: the finding says how to declare it."""


def known_datum(name: str | None) -> Datum:
    """The datum of that name; DatumError with the way to declare it when it is missing or unknown."""
    if name is None:
        raise DatumError(Code.NO_DATUM())
    datum = spelled_datum(name)
    if datum is None:
        raise DatumError(Code.UNKNOWN_DATUM(name=name))
    return datum


def spelled_datum(name: str) -> Datum | None:
    """The datum of a name however it is spelled: GCJ-02, gcj02, WGS 84, BD09LL; None for any other name."""
    plain = "".join(letter for letter in name.lower() if letter.isalnum()).removesuffix("ll")
    return plain if plain in DATUMS else None


def in_china(lon: Degrees, lat: Degrees) -> np.typing.NDArray[np.bool_]:
    """Whether coordinates lie in the box where GCJ-02 and BD-09 differ from WGS-84; false for NaN."""
    within = (np.asarray(lon) >= WEST) & (np.asarray(lon) <= EAST)
    return np.asarray(within & (np.asarray(lat) >= SOUTH) & (np.asarray(lat) <= NORTH))


def convert(lon: Degrees, lat: Degrees, source: str, target: str) -> tuple[Degrees, Degrees]:
    """Coordinates of one datum in another; DatumError for an unknown one."""
    way = known_datum(source), known_datum(target)
    step = _STEPS.get(way)
    lons, lats = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    if step is not None:
        within = in_china(lons, lats)
        moved = step(lons[within], lats[within])
        lons[within], lats[within] = moved
    if isinstance(lon, np.ndarray):
        return lons, lats
    return float(lons), float(lats)


def _swing(lon: Floats, lat: Floats, own: Floats) -> Floats:
    """The waves that both shifts share, in metres."""
    turn = np.pi * lon
    return (20.0 * np.sin(6.0 * turn) + 20.0 * np.sin(2.0 * turn)) * 2.0 / 3.0 + own + 0.1 * lon * lat


def _gcj02(lon: Floats, lat: Floats) -> _Pair:
    x, y = lon - 105.0, lat - 35.0
    root, turn_x, turn_y = np.sqrt(np.abs(x)), np.pi * x, np.pi * y
    waves_lat = 20.0 * np.sin(turn_y) + 40.0 * np.sin(turn_y / 3.0)
    waves_lat += 160.0 * np.sin(turn_y / 12.0) + 320.0 * np.sin(turn_y / 30.0)
    waves_lon = 20.0 * np.sin(turn_x) + 40.0 * np.sin(turn_x / 3.0)
    waves_lon += 150.0 * np.sin(turn_x / 12.0) + 300.0 * np.sin(turn_x / 30.0)
    own_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.2 * root + waves_lat * 2.0 / 3.0
    own_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * root + waves_lon * 2.0 / 3.0
    north_m, east_m = _swing(x, y, own_lat), _swing(x, y, own_lon)
    up = np.sin(np.radians(lat))
    w2 = 1.0 - _E2 * up * up
    dlat = np.degrees(north_m * w2 * np.sqrt(w2) / (_AXIS_M * (1.0 - _E2)))
    dlon = np.degrees(east_m * np.sqrt(w2) / (_AXIS_M * np.cos(np.radians(lat))))
    return lon + dlon, lat + dlat


def _bd09(lon: Floats, lat: Floats) -> _Pair:
    far = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BAIDU_TURN)
    turn = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BAIDU_TURN)
    return far * np.cos(turn) + _BAIDU_LON, far * np.sin(turn) + _BAIDU_LAT


def _gcj02_then_bd09(lon: Floats, lat: Floats) -> _Pair:
    return _bd09(*_gcj02(lon, lat))


def _inverse(forward: Callable[[Floats, Floats], _Pair]) -> Callable[[Floats, Floats], _Pair]:
    """Take the shift at the guess off the given place until nothing moves: it shrinks the error 20-fold a step."""

    def back(lon: Floats, lat: Floats) -> _Pair:
        guess_lon, guess_lat = lon, lat
        for _ in range(_MOST_STEPS):
            there_lon, there_lat = forward(guess_lon, guess_lat)
            off_lon, off_lat = there_lon - lon, there_lat - lat
            guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
            if not len(lon) or max(np.abs(off_lon).max(), np.abs(off_lat).max()) < _ENOUGH_DEG:
                break
        return guess_lon, guess_lat

    return back


_STEPS: dict[tuple[Datum, Datum], Callable[[Floats, Floats], _Pair]] = {
    ("wgs84", "gcj02"): _gcj02,
    ("wgs84", "bd09"): _gcj02_then_bd09,
    ("gcj02", "bd09"): _bd09,
    ("gcj02", "wgs84"): _inverse(_gcj02),
    ("bd09", "gcj02"): _inverse(_bd09),
    ("bd09", "wgs84"): _inverse(_gcj02_then_bd09),
}

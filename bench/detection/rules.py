"""The rules that others use, on the same fixes: point in circle, its variants, and KeepClear's own."""

from collections.abc import Callable, Iterable, Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray

from bench.detection.phone import Fixes
from bench.detection.score import Found
from bench.detection.town import Floats, Town
from geofences.index import ZoneIndex
from tracker.detection import Detected, Recording, detect
from tracker.fix import Fix
from tracker.settle import always

EPOCH = 1_700_000_000.0
Rule = Callable[[Fixes, Sequence[Floats]], list[Found]]
"""(fixes, signed metres of every fix by zone) -> what it reports."""


def point_in_circle(fixes: Fixes, signed: Sequence[Floats]) -> list[Found]:
    """Inside while the fix is."""
    return _flips(fixes, signed, lambda signed_m: signed_m <= 0.0)


def optimistic_radius(fixes: Fixes, signed: Sequence[Floats]) -> list[Found]:
    """`distance - accuracy < radius`: the circle of accuracy touches the zone."""
    return _flips(fixes, signed, lambda signed_m: signed_m - fixes.accuracy_m < 0.0)


def accuracy_gate(fixes: Fixes, signed: Sequence[Floats]) -> list[Found]:
    """Point in circle, for fixes of at most 50 m."""
    return _flips(fixes, signed, lambda signed_m: signed_m <= 0.0, fixes.accuracy_m <= 50.0)


def two_in_a_row(fixes: Fixes, signed: Sequence[Floats]) -> list[Found]:
    """Inside after two fixes inside, outside after two outside."""
    found = []
    for zone, signed_m in enumerate(signed):
        inside = signed_m <= 0.0
        agreed = np.zeros(len(inside), np.int8)
        agreed[1:] = np.where(inside[1:] & inside[:-1], 1, np.where(~inside[1:] & ~inside[:-1], -1, 0))
        found += _runs(zone, fixes.at, _held(agreed))
    return found


def _held(agreed: NDArray[np.int8]) -> NDArray[np.bool_]:
    """The last word that was no zero."""
    said = np.where(agreed != 0, np.arange(len(agreed)), 0)
    return agreed[np.maximum.accumulate(said)] > 0


def _flips(
    fixes: Fixes,
    signed: Sequence[Floats],
    inside: Callable[[Floats], NDArray[np.bool_]],
    kept: NDArray[np.bool_] | slice = slice(None),
) -> list[Found]:
    at = fixes.at[kept]
    return [one for zone, signed_m in enumerate(signed) for one in _runs(zone, at, inside(signed_m)[kept])]


def _runs(zone: int, at: Floats, inside: NDArray[np.bool_]) -> list[Found]:
    turns = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    last = len(at) - 1
    return [
        Found(zone, float(at[start]), float(at[start]), float(at[min(end, last)]), 1.0)
        for start, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)
    ]


BASELINES: dict[str, Rule] = {
    "point in circle": point_in_circle,
    "distance - accuracy < radius": optimistic_radius,
    "accuracy gate 50 m": accuracy_gate,
    "two in a row": two_in_a_row,
}


def as_fixes(fixes: Fixes, lons: Floats, lats: Floats, device: str) -> list[Fix]:
    """The fixes as the service would hold them."""
    rows = zip(
        (fixes.at + EPOCH).tolist(), lons.tolist(), lats.tolist(), fixes.accuracy_m.tolist(),
        fixes.speed_mps.tolist(), strict=True,
    )  # fmt: skip
    return [
        Fix(device, at, lon, lat, at, accuracy_m=accuracy, speed_mps=None if isnan(speed) else speed)
        for at, lon, lat, accuracy, speed in rows
    ]


def keepclear(town: Town, index: ZoneIndex, fixes: Sequence[Fix]) -> list[Found]:
    """What `keepclear detect` confirms."""
    recording = Recording()
    for fix in fixes:
        recording.add(fix)
    return as_found(town, detect(recording, always(index)))


def as_found(town: Town, detections: Iterable[Detected]) -> list[Found]:
    """Confirmed incursions as the rules of others give them, times since `EPOCH`."""
    rows = {zone.id: row for row, zone in enumerate(town.zones)}
    found = []
    for detected in detections:
        one = detected.incursion
        if one.confirmed_at is not None:
            exit_at = one.last_fix_at if one.exit_at is None else one.exit_at
            times = (one.first_possible_at - EPOCH, one.confirmed_at - EPOCH, exit_at - EPOCH)
            found.append(Found(rows[one.zone], *times, one.p_inside))
    return found

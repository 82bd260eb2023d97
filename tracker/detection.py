"""Recorded fixes of any number of devices -> incursions, with the fold of the service and no service.

A recording knows no shifts, so this rule makes them: a device's fixes are one shift, begun with the first and ended
with the last of them, and a silence of more than `SHIFT_GAP_S` parts two shifts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from tracker.fix import Fix, FixKey
from tracker.incursion import Incursion, begin
from tracker.incursion.motion import usable
from tracker.plausibility import Plausibility
from tracker.plausibility import take as weigh
from tracker.settle import Stored, ZonesAt, apply, close, take

SHIFT_GAP_S = 4 * 3600.0
"""Nobody is silent for so long on duty; whoever was inside when it began is not still inside by that."""


@dataclass(frozen=True, slots=True)
class Detected:
    """An incursion of a device, as `keepclear detect` writes it. Times are seconds UTC, distances metres."""

    device: str
    revision: int
    incursion: Incursion

    def to_json(self) -> dict[str, Any]:
        """Plain values: the fields of `Incursion`, its device, revision and certainty."""
        found = self.incursion
        return {"device": self.device, **found.to_json(), "certainty": found.certainty, "revision": self.revision}


class Recording:
    """Fixes by device, each once, whatever the order and number of times they came in."""

    def __init__(self) -> None:
        self._tracks: dict[str, dict[FixKey, Fix]] = {}

    def add(self, fix: Fix) -> None:
        """Take a fix; of two that differ only in what they claim the vaguer one counts."""
        track = self._tracks.setdefault(fix.device, {})
        known = track.setdefault(fix.key, fix)
        if known is not fix and _vagueness(fix) > _vagueness(known):
            track[fix.key] = fix

    def __len__(self) -> int:
        """How many different fixes there are."""
        return sum(map(len, self._tracks.values()))

    @property
    def indeterminate(self) -> int:
        """How many of them prove nothing, for their accuracy is unknown or worse than 100 m."""
        return sum(usable(fix) is None for track in self._tracks.values() for fix in track.values())

    def shifts(self) -> Iterator[list[Fix]]:
        """The fixes of each shift in canonical order, by device."""
        for device in sorted(self._tracks):
            track = self._tracks[device]
            yield from _parted([track[key] for key in sorted(track)])


def detect(recording: Recording, zones_at: ZonesAt, platform: str = "android") -> Iterator[Detected]:
    """All incursions, by device and time; `platform` says what the phones' accuracy means."""
    for fixes in recording.shifts():
        yield from _in_shift(fixes, zones_at, platform)


def signals(recording: Recording) -> Iterator[dict[str, Any]]:
    """What is worth asking about in each shift that shows anything, by device and time."""
    for fixes in recording.shifts():
        found = weigh(Plausibility(), fixes, lambda _since: ())
        if found.reasons:
            shift = {"device": fixes[0].device, "from": fixes[0].fix_at, "to": fixes[-1].fix_at, "score": found.score}
            yield shift | {"reasons": [reason._asdict() for reason in found.reasons]}


def _in_shift(fixes: Sequence[Fix], zones_at: ZonesAt, platform: str) -> Iterable[Detected]:
    state = begin(fixes[0].fix_at, platform)
    taken = take(state, fixes, lambda _since: fixes, lambda _since: (), zones_at)
    stored = apply((), taken.changes)
    closed = close(taken.state, fixes[-1].fix_at, lambda since: _since(stored, since), zones_at)
    return [Detected(fixes[0].device, was.revision, was.incursion) for was in _tidy(apply(stored, closed.changes))]


def _since(stored: Sequence[Stored], since: float) -> list[Stored]:
    return [was for was in stored if was.incursion.began_at >= since]


def _tidy(stored: Iterable[Stored]) -> list[Stored]:
    """By time and zone, without the random ids having a say."""
    return sorted(stored, key=lambda was: was.incursion.key)


def _parted(fixes: list[Fix]) -> Iterator[list[Fix]]:
    cuts = [index for index, (one, two) in enumerate(pairwise(fixes), 1) if two.fix_at - one.fix_at > SHIFT_GAP_S]
    for start, end in pairwise((0, *cuts, len(fixes))):
        yield fixes[start:end]


def _vagueness(fix: Fix) -> tuple[float, ...]:
    claims = (fix.accuracy_m, fix.speed_mps, fix.altitude_m, fix.heading_deg, fix.battery_pct, fix.built_at)
    return (*(inf if claim is None else claim for claim in claims), bool(fix.mock))

"""Is the declared datum possible? Known places of the same names tell: GCJ-02 is 400-700 m off, BD-09 up to 1,200 m."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geofences.codes import Code
from geofences.crs import Frame, frame_of
from geofences.datum import DATUMS, convert
from geofences.findings import Finding
from geofences.geodesy import Floats, geod
from geofences.imports.matching import identity
from geofences.imports.turned import all_turned
from geofences.report import Candidate

SUSPECT_M = (300.0, 1_500.0)
FAR_M = 3_000.0
FITS_M = 40.0
DEGREES_M = 250.0
"""A place in degrees is no further than this from the origin of a grid that takes them for metres."""
_MOST = 0.6


@dataclass(frozen=True, slots=True)
class DatumDoubt:
    """Why the datum of a file is probably wrong. `probably` is the likely one, "" when none fits."""

    file: str
    declared: str
    probably: str
    finding: Finding

    def __str__(self) -> str:
        return f"{self.file}: {self.finding.reason} {self.finding.mend}"

    def as_json(self) -> dict[str, Any]:
        """The members of a report."""
        return {
            "file": self.file, "declared": self.declared, "probably": self.probably, **self.finding.as_json()
        }  # fmt: skip


def doubt_of(file: str, datum: str, candidates: Sequence[Candidate], known: Sequence[Candidate]) -> DatumDoubt | None:
    """The doubt about one file's datum, beside zones that are known from elsewhere; None when there is none."""
    places = middles(candidates)
    alone = _alone(file, datum, places) if len(places) else None
    return alone or _beside(file, datum, *pairs_of(candidates, known))


def _alone(file: str, datum: str, places: Floats) -> DatumDoubt | None:
    """What the places themselves say."""
    frame = frame_of(datum)
    if not frame.possible(places):
        return DatumDoubt(file, datum, "wgs84" if frame.geographic else "", frame.elsewhere())
    if _in_degrees(frame, places):
        return DatumDoubt(file, datum, "", Code.DEGREES_OF_GRID(metres=DEGREES_M, datum=datum))
    turned = all_turned(places)
    return DatumDoubt(file, datum, datum, turned) if turned else None


def _beside(file: str, datum: str, ours: Floats, theirs: Floats) -> DatumDoubt | None:
    """What known places of the same names or ids say."""
    metres = distances(ours, theirs)
    off = (metres > SUSPECT_M[0]) & (metres < FAR_M)
    if _mostly(distances(_turned(ours), theirs) < FITS_M) and _mostly(metres > FAR_M):
        return DatumDoubt(file, datum, datum, Code.LOOKS_SWAPPED(count=len(ours)))
    if not _mostly(off):
        return None
    return _explained(file, datum, ours[off], theirs[off])


def _in_degrees(frame: Frame, places: Floats) -> bool:
    """Whether what was read as metres of a map grid must have been degrees."""
    if frame.geographic or frame.to_wgs84 is None:
        return False
    origin = np.broadcast_to(frame.to_wgs84(np.zeros((1, 2))), places.shape)
    return bool((distances(places, origin) < DEGREES_M).all())


def _explained(file: str, datum: str, ours: Floats, theirs: Floats) -> DatumDoubt | None:
    away = {"metres": round(float(np.median(distances(ours, theirs)))), "count": len(ours)}
    for probably in DATUMS:
        if (
            probably != datum
            and datum in DATUMS
            and _mostly(distances(_read_as(ours, datum, probably), theirs) < FITS_M)
        ):
            found = Code.LOOKS_LIKE_DATUM(**away, probably=probably, declared=datum)
            return DatumDoubt(file, datum, probably, found)
    for probably in DATUMS[1:]:
        if _mostly(distances(ours, _read_as(theirs, "wgs84", probably)) < FITS_M):
            return DatumDoubt(file, datum, datum, Code.KNOWN_LOOK_LIKE_DATUM(**away, probably=probably))
    return DatumDoubt(file, datum, "", Code.LOOKS_SHIFTED(**away)) if _shifted(ours, theirs) else None


def _shifted(ours: Floats, theirs: Floats) -> bool:
    """Whether all are off by the same way, whatever datum does that."""
    scale = np.column_stack([np.cos(np.radians(ours[:, 1])), np.ones(len(ours))]) * 111_320.0
    shift = (theirs - ours) * scale
    spread = np.hypot(*(shift - np.median(shift, axis=0)).T)
    return len(ours) > 2 and _mostly(spread < FITS_M)  # noqa: PLR2004


def pairs_of(candidates: Sequence[Candidate], known: Sequence[Candidate]) -> tuple[Floats, Floats]:
    """Middles (n, 2) of the places that both sides have once under the same id or name."""
    ours, theirs = _by_key(candidates), _by_key(known)
    both = sorted({(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()})
    return (
        middles([candidates[one] for one, _ in both]),
        middles([known[other] for _, other in both]),
    )


def _by_key(candidates: Sequence[Candidate]) -> dict[str, int]:
    keys = [(key, number) for number, candidate in enumerate(candidates) for key in _keys(candidate)]
    count = Counter(key for key, _ in keys)
    return {key: number for key, number in keys if count[key] == 1}


def _keys(candidate: Candidate) -> Iterable[str]:
    if candidate.source_id:
        yield identity(candidate)
    yield from candidate.names


def middles(candidates: Sequence[Candidate]) -> Floats:
    """Longitude and latitude of each footprint's middle, shape (n, 2)."""
    points = shapely.centroid([candidate.zone.footprint for candidate in candidates])
    at: Floats = shapely.get_coordinates(points).reshape(-1, 2)
    return at


def distances(ours: Floats, theirs: Floats) -> Floats:
    """Geodesic metres between places, pair by pair; infinite where one is none."""
    good = (np.abs(ours[:, 1]) <= 90.0) & (np.abs(theirs[:, 1]) <= 90.0)  # noqa: PLR2004
    metres = np.full(len(ours), np.inf)
    metres[good] = geod().inv(*ours[good].T, *theirs[good].T)[2]
    return metres


def _read_as(places: Floats, declared: str, probably: str) -> Floats:
    """Where the places would lie had the file been read in another datum."""
    raw = convert(places[:, 0], places[:, 1], "wgs84", declared)
    return np.column_stack(convert(*raw, probably, "wgs84"))


def _turned(places: Floats) -> Floats:
    turned: Floats = np.column_stack([places[:, 1], places[:, 0]])
    return turned


def _mostly(flags: "np.typing.NDArray[np.bool_]") -> bool:
    return len(flags) > 0 and float(flags.mean()) >= _MOST

"""Any reference system -> WGS-84: the three datums of `datum`, and everything that PROJ knows (EPSG codes, WKT).

What a file says of itself (`Stated`) and what its sender says of it (`--datum`) are weighed in `agreed`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from geofences.codes import Code
from geofences.datum import DatumError, convert, in_china, known_datum, spelled_datum
from geofences.findings import Finding
from geofences.geodesy import Floats

CGCS2000 = 4490
_COARSE_M = 2.0
_AREA_MARGIN_DEG = 2.0
_WORDS = {
    "gcj02": re.compile(r"gcj[-_ ]?0?2|火星坐标|高德|amap|腾讯", re.IGNORECASE),
    "bd09": re.compile(r"bd[-_ ]?0?9|百度|baidu", re.IGNORECASE),
    "wgs84": re.compile(r"wgs[-_ ]?84", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A reference system: its short name, the way to lon, lat of WGS-84 (None: it is that), and where it counts.

    `area` is west, south, east, north in degrees, or None for the whole earth; `doubt` says how exact the way is.
    """

    name: str
    to_wgs84: Callable[[Floats], Floats] | None
    area: tuple[float, float, float, float] | None = None
    doubt: Finding | None = None
    geographic: bool = True

    def possible(self, at: Floats) -> bool:
        """Whether at least one of the WGS-84 places, shape (n, 2), lies where this system is used."""
        lons, lats = at[:, 0], at[:, 1]
        if self.name in ("gcj02", "bd09"):
            return bool(in_china(lons, lats).any())
        if self.area is None:
            return True
        west, south, east, north = self.area
        lon_ok = (lons >= west) & (lons <= east) if west <= east else (lons >= west) | (lons <= east)
        return bool((lon_ok & (lats >= south) & (lats <= north)).any())

    def elsewhere(self) -> Finding:
        """What to say of places none of which is possible."""
        return (Code.OUTSIDE_CHINA if self.name in ("gcj02", "bd09") else Code.OUTSIDE_AREA)(datum=self.name)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file says of its own coordinates, and in which member (`crs`, `note`).

    `firm`: in words or a member of its own, not by a format's default.
    """

    datum: str
    where: str
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sender says: `datum` None for nothing; `weak` when it is meant for files that say nothing."""

    datum: str | None = None
    weak: bool = False
    trusted: bool = False


@lru_cache(maxsize=64)
def frame_of(name: str) -> Frame:
    """The system of that name (wgs84, gcj02, bd09, EPSG:n or WKT); DatumError when there is none."""
    if (datum := spelled_datum(name)) is not None:
        if datum == "wgs84":
            return Frame(datum, None)
        return Frame(datum, lambda at: np.column_stack(convert(at[:, 0], at[:, 1], datum, "wgs84")))
    try:
        crs = CRS.from_user_input(name)
    except CRSError as error:
        raise DatumError(Code.UNKNOWN_SYSTEM(name=name)) from error
    return _frame(crs)


def _frame(crs: CRS) -> Frame:
    if crs.is_geographic and crs.to_epsg(min_confidence=70) in (4326, 4979):
        return Frame("wgs84", None)
    if not (crs.is_geographic or crs.is_projected):
        crs = crs.sub_crs_list[0] if crs.is_compound else crs
    try:
        group = TransformerGroup(crs, "EPSG:4326", always_xy=True)
        best = group.transformers[0]
    except (CRSError, IndexError) as error:
        raise DatumError(Code.NO_WAY_TO_WGS84(name=crs.name)) from error
    code = crs.to_epsg(min_confidence=70)
    within = crs.area_of_use
    area = None
    if within is not None and within.east - within.west < 359.0:  # noqa: PLR2004
        west, south, east, north = within.bounds
        margin = _AREA_MARGIN_DEG
        area = (west - margin, south - margin, east + margin, north + margin)
    return Frame(
        f"EPSG:{code}" if code else crs.name,
        lambda at: np.column_stack(best.transform(at[:, 0], at[:, 1])),
        area,
        None if _is_cgcs2000(crs) else _doubt(best.accuracy, crs.name),
        crs.is_geographic,
    )


def _is_cgcs2000(crs: CRS) -> bool:
    """China's own system, which no table of PROJ relates to WGS-84: the two are one to a few decimetres."""
    return crs.geodetic_crs is not None and crs.geodetic_crs.to_epsg(min_confidence=20) == CGCS2000


def _doubt(accuracy_m: float, name: str) -> Finding | None:
    if 0.0 <= accuracy_m <= _COARSE_M:
        return None
    return Code.COARSE_WAY(name=name, metres=accuracy_m) if accuracy_m > 0.0 else Code.UNSURE_WAY(name=name)


def noted_datum(text: str) -> str | None:
    """The datum that words name (a file's note, its name); None for none or several."""
    found = [datum for datum, words in _WORDS.items() if words.search(text)]
    return found[0] if len(found) == 1 else None


def without_datum(text: str) -> str:
    """The text without the words that name a datum."""
    for words in _WORDS.values():
        text = words.sub("", text)
    return text


def agreed(stated: Stated | None, declared: Declared, otherwise: str | None) -> tuple[str, Finding | None]:
    """The datum to read by, and what to note where file and sender differ.

    `otherwise` is the format's own (RFC 7946), or None. DatumError when nobody says, or the two contradict.
    """
    said = declared.datum
    if stated is None:
        return known_frame(said or otherwise), None
    if said is None or declared.weak or frame_of(said).name == frame_of(stated.datum).name:
        return stated.datum, None
    told = {"where": stated.where, "stated": label(stated.datum), "declared": said}
    if declared.trusted:
        return said, Code.DATUM_INSISTED(**told)
    if not stated.firm and frame_of(stated.datum).name == "wgs84" and spelled_datum(said) in ("gcj02", "bd09"):
        return said, Code.DATUM_DECLARED(**told)
    if not stated.firm and spelled_datum(said) == "wgs84":
        return stated.datum, Code.DATUM_STATED(**told)
    raise DatumError(Code.DATUM_CONTRADICTED(**told))


def known_frame(name: str | None) -> str:
    """The name of a system that exists; DatumError with the way to declare it when it is missing or unknown."""
    if name is None:
        return known_datum(None)
    frame_of(name)
    return name


def label(datum: str) -> str:
    """A datum's short name, for sentences."""
    return frame_of(datum).name

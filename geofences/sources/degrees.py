"""Cells of tables -> degrees and metres: any width of digits, decimal commas, minutes and seconds, letters, units."""

import re
import unicodedata
from math import isfinite

from geofences.codes import Code
from geofences.report import RowError

_SIDE = "东经|西经|北纬|南纬|[NESW东西南北]"
_LETTERED = re.compile(rf"({_SIDE})?(.*?)({_SIDE})?", re.IGNORECASE | re.DOTALL)
_NUMBER = r"(\d+(?:\.\d+)?)"
_SEXAGESIMAL = re.compile(
    rf"""([+-]?)\s*{_NUMBER}\s*(?:[°度:\s]\s*(?:{_NUMBER}\s*(?:['′’分:\s]\s*(?:{_NUMBER}\s*(?:["″”秒]|''|′′|’’)?)?)?)?)?"""
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_LENGTH = re.compile(r"(.*?)\s*(km|公里|千米|m|米|meters?|metres?)?", re.IGNORECASE)
_RINGS = str.maketrans({"º": "°", "˚": "°"})


def plain(cell: str) -> str:
    """A cell with half-width digits and signs."""
    return unicodedata.normalize("NFKC", cell.translate(_RINGS)).strip()


def degrees_of(cell: str, column: str, sides: str = "") -> float:
    """Decimal degrees, or degrees, minutes and seconds, with or without a letter; `sides`: those that may stand there.

    RowError when it is no number, infinite, or of another side.
    """
    text = plain(cell)
    if not text:
        raise RowError(column, Code.DEGREES_EMPTY())
    value = _float(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text)
    if value is None:
        value = _angle(text, column, sides)
    return _finite(value, cell, column)


def grid_of(cell: str, column: str) -> float:
    """Metres of a map grid, which may have commas between thousands; RowError when it is no number."""
    text = plain(cell)
    if not text:
        raise RowError(column, Code.GRID_EMPTY())
    value = _float(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)
    if value is None:
        raise RowError(column, Code.NO_GRID_NUMBER(text=text))
    return _finite(value, cell, column)


def metres_of(text: str, column: str) -> float:
    """A length such as 200, 200 m, 200米, 1,000 or 0.2 km; RowError when it is none."""
    number, unit = _LENGTH.fullmatch(plain(text)).groups()  # type: ignore[union-attr]  # it matches any line
    value = _float(number.replace(",", "") if _THOUSANDS.fullmatch(number) else number)
    if value is None:
        raise RowError(column, Code.NO_METRES(text=text))
    return value * (1000.0 if unit and unit.lower() in ("km", "公里", "千米") else 1.0)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _finite(value: float, cell: str, column: str) -> float:
    if not isfinite(value):
        raise RowError(column, Code.ENDLESS(text=cell.strip()))
    return value


def _angle(text: str, column: str, sides: str) -> float:
    """118°47'39.3"E, 118 47 39.3, 118:47:39.3, E118.79."""
    before, middle, after = _LETTERED.fullmatch(text).groups()  # type: ignore[union-attr]  # it matches anything
    found = _SEXAGESIMAL.fullmatch(middle.strip())
    if found is None or (before and after):
        raise RowError(column, Code.NO_DEGREES(text=text))
    side = (before or after or "").upper()
    if side and sides and side[0] not in sides:
        raise RowError(column, (Code.NO_LONGITUDE if "E" in sides else Code.NO_LATITUDE)(text=text))
    sign, degrees, minutes, seconds = found.groups()
    if max(float(minutes or 0.0), float(seconds or 0.0)) >= 60.0:  # noqa: PLR2004
        raise RowError(column, Code.SIXTY(text=text))
    value = float(degrees) + float(minutes or 0.0) / 60.0 + float(seconds or 0.0) / 3600.0
    return -value if (sign == "-") != (side[:1] in ("W", "S", "西", "南")) else value

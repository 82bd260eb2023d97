"""What the columns of a row mean, in English and Chinese: id, names, kind, metres; and filters on them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geofences.codes import Code
from geofences.ical import ScheduleError
from geofences.report import RowError, SourceError
from geofences.schedule import DEFAULT_TIME_ZONE, Schedule
from geofences.sources.degrees import metres_of
from geofences.sources.headings import key_of

ID_KEYS = ("id", "@id", "source_id", "编号", "zone_id", "osm_id")
NAME_KEYS = (
    "name",
    "名称",
    "name:zh",
    "name:en",
    "name_zh",
    "name_en",
    "official_name",
    "title",
    "单位名称",
    "单位",
    "机构名称",
    "场所名称",
    "地点名称",
    "点位名称",
    "名字",
    "名稱",
    "全称",
    "单位全称",
    "机构全称",
    "单位名",
    "法院名称",
    "派出所名称",
    "place_name",
    "site_name",
)
OTHER_NAME_KEYS = (*NAME_KEYS, "alt_name", "old_name", "short_name", "别名", "简称")
CATEGORY_KEYS = ("kind", "amenity", "category", "fclass", "类别", "类型", "分类", "court_type", "type")
STANDOFF_KEYS = (
    "standoff_m",
    "standoff",
    "禁入距离",
    "禁区距离",
    "禁入半径",
    "禁区半径",
    "退让距离",
    "半径",
    "radius_m",
    "radius",
    "buffer_m",
    "buffer",
)
WARNING_KEYS = ("warning_m", "warning", "ring_m", "ring", "预警宽度", "预警圈", "预警圈宽度")
_LABEL_LENGTH = 40
CATEGORIES = {"court": ("court", "法院", "法庭"), "police": ("police", "派出所", "公安", "警察")}


@dataclass(frozen=True, slots=True)
class Where:
    """A filter on a column or tag: `amenity=courthouse|police`; `amenity=*` takes any value."""

    key: str
    values: frozenset[str]

    def matches(self, properties: Mapping[str, Any]) -> bool:
        """Whether a row has the key with one of the values."""
        value = first(properties if self.key in properties else spelled(properties), (self.key, self.key.lower()))
        return bool(value) and ("*" in self.values or value in self.values)


def where_of(text: str) -> Where:
    """`key=a|b` -> Where; SourceError for anything else."""
    key, equals, values = text.partition("=")
    wanted = frozenset(value.strip() for value in values.split("|") if value.strip())
    if not (key.strip() and equals and wanted):
        raise SourceError(Code.BAD_WHERE(text=text))
    return Where(key.strip(), wanted)


def spelled(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns of a row by their names as given, in lower case, and without brackets and blanks."""
    found = dict(properties)
    for spelling in (str.lower, key_of):
        for name, value in properties.items():
            found.setdefault(spelling(name), value)
    return found


def category_of(properties: Mapping[str, Any], otherwise: str) -> str:
    """`court` or `police` where a column says so in English or Chinese, else its own word in lower case.

    Without such a column a short description (KML has nothing else) or a Chinese name may tell.
    """
    said = first(properties, CATEGORY_KEYS).lower()
    if said:
        return _category(said) or said
    described = first(properties, ("description",)).lower()
    name = re.sub(r"[\x00-\x7f]+", " ", first(properties, NAME_KEYS))
    return (_category(described) if len(described) < _LABEL_LENGTH else "") or _category(name) or otherwise


def _category(text: str) -> str:
    return next((category for category, words in CATEGORIES.items() if any(word in text for word in words)), "")


def first(properties: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """The text under the first of the keys that has one, or nothing."""
    for key in keys:
        value = properties.get(key)
        usable = isinstance(value, str | int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124
        if usable and (text := plain_number(value)):
            return text if text.isprintable() else " ".join(text.split())  # a cell may hold several lines
    return ""


def metres(properties: Mapping[str, Any], keys: tuple[str, ...], otherwise: float) -> float:
    """The metres under the first of the keys that has some; RowError when they are no length."""
    said = first(properties, keys)
    return metres_of(said, keys[0]) if said else otherwise


def hours_of(properties: Mapping[str, Any]) -> Schedule | None:
    """The hours that a row states as iCalendar text, as an export does; RowError when they can't be read.

    Words about hours that are no iCalendar are somebody else's and say nothing.
    """
    text = properties.get("schedule")
    if not isinstance(text, str) or "DTSTART" not in text.upper():
        return None
    try:
        return Schedule(text, first(properties, ("time_zone",)) or DEFAULT_TIME_ZONE)
    except ScheduleError as error:
        raise RowError("schedule", Code.NO_SCHEDULE(cause=error)) from error


def osm_id(properties: Mapping[str, Any]) -> str:
    """`way/9` where OpenStreetMap's two columns say so."""
    kind, number = properties.get("osm_type"), properties.get("osm_id")
    return f"{kind}/{plain_number(number)}" if kind and number and kind == kind else ""  # noqa: PLR0124  NaN


def names_of(properties: Mapping[str, Any]) -> frozenset[str]:
    """All names of a row, each in a form to compare."""
    given = (first(properties, (key,)) for key in OTHER_NAME_KEYS if key in properties)
    return frozenset(filter(None, map(comparable, given)))


def comparable(name: str) -> str:
    """A name without what differs between two spellings of it: width, case, blanks, punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def plain_number(value: Any) -> str:
    """A value as text; 7.0, as tables give a whole number, as 7."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()

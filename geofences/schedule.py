"""When a zone counts: opening hours and holidays, in the zone's own time zone. What is read stands in `ical`."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from geofences.ical import Event, events, utc

DEFAULT_TIME_ZONE = "Asia/Shanghai"
DAY_S = 86_400.0
CHUNK_S = 64 * DAY_S
HORIZON_S = 800 * DAY_S


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times at which a zone counts. Times asked for and given are UTC seconds since 1970.

    Raises:
        ScheduleError: the text is no schedule.
    """

    text: str
    time_zone: str = DEFAULT_TIME_ZONE

    def __post_init__(self) -> None:
        events(self.text, self.time_zone)

    def active(self, at: float) -> bool:
        """Whether the zone counts at a moment: from an opening, until the closing."""
        spans = _spans(self.text, self.time_zone, int(at // CHUNK_S))
        place = bisect_right(spans.begins, at)
        return place > 0 and at < spans.ends[place - 1]

    def next_change(self, at: float) -> float | None:
        """When it opens or closes next, after a moment; None if it does neither within 800 days."""
        was, moment = self.active(at), at
        while (found := self._edge(moment)) is not None and found <= at + HORIZON_S:
            if self.active(found) != was:
                return found
            moment = found
        return None

    def open_spans(self, begin: float, end: float) -> list[tuple[float, float]]:
        """When it counts between two moments: disjoint spans in order, cut at both ends."""
        chunks = range(int(begin // CHUNK_S), int(end // CHUNK_S) + 1)
        found = [span for chunk in chunks for span in zip(*_spans(self.text, self.time_zone, chunk), strict=True)]
        return _joined((max(opens, begin), min(closes, end)) for opens, closes in sorted(found))

    def _edge(self, at: float) -> float | None:
        """The first begin or end of a span after a moment."""
        first = int(at // CHUNK_S)
        for chunk in range(first, first + int(HORIZON_S // CHUNK_S) + 2):
            spans = _spans(self.text, self.time_zone, chunk)
            later = [edge for edges in spans for edge in edges[bisect_right(edges, at) :][:1]]
            if later:
                return min(later)
        return None


class Spans(NamedTuple):
    """Disjoint spans in order: the moments at which they begin and end."""

    begins: tuple[float, ...]
    ends: tuple[float, ...]


@lru_cache(maxsize=4096)
def _spans(text: str, time_zone: str, chunk: int) -> Spans:
    """Everything that overlaps one stretch of 64 days."""
    begin, end = chunk * CHUNK_S, (chunk + 1) * CHUNK_S
    merged = _joined(sorted(span for event in events(text, time_zone) for span in _between(event, begin, end)))
    return Spans(tuple(opens for opens, _ in merged), tuple(closes for _, closes in merged))


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order made disjoint; empty ones go."""
    merged: list[tuple[float, float]] = []
    for opens, closes in spans:
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        elif opens < closes:
            merged.append((opens, closes))
    return merged


def _between(event: Event, begin: float, end: float) -> Iterator[tuple[float, float]]:
    lasts = timedelta(days=event.days + 1, seconds=event.seconds)
    first = _wall(begin, event.zone) - lasts
    for start in event.starts.between(first, _wall(end, event.zone), inc=True):
        if start.date() in event.closed:
            continue
        closes = utc(start + timedelta(days=event.days), event.zone) + event.seconds
        opens = utc(start, event.zone)
        if opens < end and closes > max(begin, opens):
            yield opens, closes


def _wall(at: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None)

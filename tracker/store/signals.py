"""What of each shift is worth asking about, for the administration."""

from dataclasses import dataclass

from psycopg import Connection

from tracker.plausibility import Reason, Signal
from tracker.store.connection import Row, rows

LIST = """
SELECT v.name, d.name, extract(epoch FROM s.opened_at)::float8,
       (t.plausibility->>'score')::int, t.plausibility->'reasons'
FROM track t JOIN device d ON d.id = t.device_id JOIN visitor v ON v.id = d.visitor_id JOIN shift s ON s.id = t.shift_id
WHERE (t.plausibility->>'score')::int > 0 ORDER BY s.opened_at DESC, d.name LIMIT %s"""


@dataclass(frozen=True, slots=True)
class DoubtfulShift:
    """A shift of a device with its score (0 to 100) and the reasons for it."""

    visitor: str
    device: str
    opened_at: float
    score: int
    reasons: tuple[Reason, ...]


def doubtful_shifts(connection: "Connection[Row]", limit: int) -> list[DoubtfulShift]:
    """Shifts that showed any signal, the newest first."""
    return [
        DoubtfulShift(visitor, device, at, score, tuple(Reason(Signal(code), *rest) for code, *rest in reasons))
        for visitor, device, at, score, reasons in rows(connection, LIST, limit)
    ]

"""What could not be read and what was refused: reasons and counts, never a position outside a shift."""

from collections.abc import Iterator, Mapping, Sequence

from psycopg import Connection

from tracker.admission import Refusal
from tracker.ports import QuarantineEntry
from tracker.store.connection import Row, rows

ADD = """
INSERT INTO quarantine (received_at, device, reason, detail, size_bytes, payload)
VALUES (to_timestamp(%s), %s, %s, %s, %s, %s)"""
COUNT = """
INSERT INTO refusal AS r (device, day, reason, count, last_at)
VALUES (%s, date_trunc('day', to_timestamp(%s)), %s, %s, to_timestamp(%s))
ON CONFLICT (device, day, reason) DO UPDATE
SET count = r.count + excluded.count, last_at = greatest(r.last_at, excluded.last_at)"""


def add_quarantined(connection: "Connection[Row]", entries: Sequence[QuarantineEntry]) -> None:
    """Keep each entry."""
    with connection.cursor() as cursor:
        cursor.executemany(
            ADD, [(e.received_at, e.device, e.reason, e.detail, e.size_bytes, e.payload) for e in entries]
        )


def count_refusals(connection: "Connection[Row]", counts: Mapping[tuple[str, Refusal], int], at: float) -> None:
    """Add to the day's counts."""
    with connection.cursor() as cursor:
        cursor.executemany(
            COUNT, [(device, at, reason.value, count, at) for (device, reason), count in sorted(counts.items())]
        )


def quarantined(connection: "Connection[Row]", limit: int) -> Iterator[QuarantineEntry]:
    """The newest entries first."""
    found = rows(
        connection,
        "SELECT device, extract(epoch FROM received_at)::float8, reason, detail, size_bytes, payload "
        "FROM quarantine ORDER BY id DESC LIMIT %s",
        limit,
    )
    return (QuarantineEntry(*row) for row in found)


def refused(connection: "Connection[Row]", limit: int) -> list[tuple[str, str, int, float]]:
    """(device, reason, count, last at) of the newest refusals."""
    return rows(
        connection,
        "SELECT device, reason, count, extract(epoch FROM last_at)::float8 FROM refusal ORDER BY last_at DESC LIMIT %s",
        limit,
    )

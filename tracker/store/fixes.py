"""Fixes in and out: binary COPY -> temporary table -> INSERT ... ON CONFLICT DO NOTHING."""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import nan
from typing import LiteralString

from psycopg import Connection

from tracker.fix import Fix, FixKey
from tracker.ports import FixRecord, TrackKey
from tracker.store.connection import Row, rows

PARTITION_LOCK = 0x6B63_0020  # one for all days: two workers that make two days each can't wait for one another
# Read from the table: to_regclass may answer from a cache that has not heard of another's commit.
IS_PARTITION = "SELECT 1 FROM pg_class WHERE relname = %s AND relispartition"
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
COPY_TRAILER = struct.pack(">h", -1)
DAYS_AHEAD = 3
POSTGRES_EPOCH_US = 946_684_800_000_000
EWKB_POINT = 0x20000001
FIELDS = (  # name, type, struct code, size; NaN and -1 stand for unknown on the way
    ("device_id", "int", "i", 4),
    ("shift_id", "bigint", "q", 8),
    ("h3_cell", "bigint", "q", 8),
    ("fix_at", "timestamptz", "q", 8),
    ("position", "geography(point,4326)", "BIIdd", 25),
    ("received_at", "timestamptz", "q", 8),
    ("built_us", "bigint", "q", 8),
    ("accuracy_m", "float8", "d", 8),
    ("altitude_m", "float8", "d", 8),
    ("speed_mps", "float8", "d", 8),
    ("heading_deg", "float8", "d", 8),
    ("battery_pct", "float8", "d", 8),
    ("seq", "bigint", "q", 8),
    ("mock", "smallint", "h", 2),
    ("monotonic_s", "float8", "d", 8),
    ("satellites", "smallint", "h", 2),
    ("behind", "boolean", "?", 1),
)
RECORD = struct.Struct(">h" + "".join("i" + code for _, _, code, _ in FIELDS))
SIZES = [size for *_, size in FIELDS]
CREATE_INCOMING = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS incoming ("
    + ", ".join(f"{name} {kind}" for name, kind, *_ in FIELDS)
    + ") ON COMMIT DELETE ROWS"
)
DUPLICATES = """
SELECT i.device_id, extract(epoch FROM i.fix_at)::float8, ST_X(i.position::geometry), ST_Y(i.position::geometry)
FROM incoming i JOIN fix f ON (f.device_id, f.fix_at, f.position) = (i.device_id, i.fix_at, i.position)
WHERE i.behind"""
INSERT = """
INSERT INTO fix (device_id, fix_at, position, shift_id, h3_cell, received_at, built_at,
                 accuracy_m, altitude_m, speed_mps, heading_deg, battery_pct, seq, mock,
                 monotonic_s, satellites)
SELECT device_id, fix_at, position, shift_id, h3_cell, received_at,
       CASE WHEN built_us >= 0 THEN 'epoch'::timestamptz + built_us * interval '1 microsecond' END,
       nullif(accuracy_m, 'NaN'), nullif(altitude_m, 'NaN'), nullif(speed_mps, 'NaN'),
       nullif(heading_deg, 'NaN'), nullif(battery_pct, 'NaN'), nullif(seq, -1), nullif(mock, -1)::int::boolean,
       nullif(monotonic_s, 'NaN'), nullif(satellites, -1)
FROM incoming ON CONFLICT DO NOTHING"""
READ_COLUMNS: LiteralString = """
SELECT extract(epoch FROM fix_at)::float8, ST_X(position::geometry), ST_Y(position::geometry),
       extract(epoch FROM received_at)::float8, accuracy_m, altitude_m, speed_mps, heading_deg, battery_pct,
       extract(epoch FROM built_at)::float8, mock, seq, monotonic_s, satellites"""
READ: LiteralString = (
    READ_COLUMNS + " FROM fix WHERE device_id = %s AND shift_id = %s AND fix_at >= to_timestamp(%s) "
    "ORDER BY fix_at, 2, 3"
)


def packed(record: FixRecord) -> bytes:
    """One row of the incoming table in PostgreSQL's binary COPY format."""
    fix, size = record.fix, SIZES
    return RECORD.pack(
        len(size),
        size[0], record.device_id,
        size[1], record.shift_id,
        size[2], record.h3_cell,
        size[3], round(fix.fix_at * 1e6) - POSTGRES_EPOCH_US,
        size[4], 0, EWKB_POINT, 4326, fix.lon, fix.lat,
        size[5], round(fix.received_at * 1e6) - POSTGRES_EPOCH_US,
        size[6], -1 if fix.built_at is None else round(fix.built_at * 1e6),
        size[7], nan if fix.accuracy_m is None else fix.accuracy_m,
        size[8], nan if fix.altitude_m is None else fix.altitude_m,
        size[9], nan if fix.speed_mps is None else fix.speed_mps,
        size[10], nan if fix.heading_deg is None else fix.heading_deg,
        size[11], nan if fix.battery_pct is None else fix.battery_pct,
        size[12], -1 if fix.seq is None else fix.seq,
        size[13], -1 if fix.mock is None else fix.mock,
        size[14], nan if fix.monotonic_s is None else fix.monotonic_s,
        size[15], -1 if fix.satellites is None else fix.satellites,
        size[16], record.behind,
    )  # fmt: skip


class Fixes:
    """The fix table through one connection."""

    def __init__(self, connection: "Connection[Row]") -> None:
        self._connection = connection
        self._days: set[date] = set()
        connection.execute(CREATE_INCOMING)

    def add(self, records: Sequence[FixRecord]) -> set[tuple[int, FixKey]]:
        """Store what is not stored yet; returns the keys among the records marked `behind` that were."""
        self.ensure_days({day_of(record.fix.fix_at) for record in records})
        with self._connection.cursor() as cursor:
            with cursor.copy("COPY incoming FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(COPY_HEADER + b"".join(map(packed, records)) + COPY_TRAILER)
            known = rows(self._connection, DUPLICATES) if any(record.behind for record in records) else []
            cursor.execute(INSERT)
        return {(device_id, (at, lon, lat)) for device_id, at, lon, lat in known}

    def since(self, device: str, key: TrackKey, since: float) -> list[Fix]:
        """The stored fixes of one track from a moment on, in canonical order."""
        found = rows(self._connection, READ, *key, since)
        return [stored_fix(device, row) for row in found]

    def prepare(self, now: float) -> None:
        """Make the partitions of today and the days to come before the first fix needs them."""
        self.ensure_days(day_of(now) + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))

    def forget_days(self) -> None:
        """The transaction was rolled back, and the partitions it made with it."""
        self._days.clear()

    def ensure_days(self, days: Iterable[date]) -> None:
        """Make the day partitions that are missing (one statement a new day)."""
        for day in sorted(set(days) - self._days):
            make_partition(self._connection, day)
            self._days.add(day)


def stored_fix(device: str, row: Row) -> Fix:
    """A row of READ as a Fix."""
    (
        at,
        lon,
        lat,
        received_at,
        accuracy,
        altitude,
        speed,
        heading,
        battery,
        built_at,
        mock,
        seq,
        monotonic_s,
        satellites,
    ) = row
    return Fix(
        device=device, fix_at=at, lon=lon, lat=lat, received_at=received_at, accuracy_m=accuracy,
        altitude_m=altitude, speed_mps=speed, heading_deg=heading, battery_pct=battery, built_at=built_at,
        mock=mock, seq=seq, monotonic_s=monotonic_s, satellites=satellites,
    )  # fmt: skip


def day_of(at: float) -> date:
    """The UTC day of a moment: the partition it belongs to."""
    return datetime.fromtimestamp(at, UTC).date()


def make_partition(connection: "Connection[Row]", day: date) -> None:
    """Create one day's partition unless it exists; two workers may try at once."""
    name, end = f"fix_{day:%Y%m%d}", day + timedelta(days=1)
    if rows(connection, IS_PARTITION, name):
        return
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (PARTITION_LOCK,))
    if rows(connection, IS_PARTITION, name):
        return
    # Attached, not created in place: that would wait for every reader of the table, and make all others wait.
    connection.execute(f"CREATE TABLE {name} (LIKE fix INCLUDING ALL)")
    connection.execute(
        f"ALTER TABLE fix ATTACH PARTITION {name} FOR VALUES FROM ('{day} 00:00+00') TO ('{end} 00:00+00')"
    )

"""What is stored of shifts, and the zones about them, for judging again; read in one snapshot, nothing written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import shapely
from psycopg import Connection, IsolationLevel

from tracker.fix import Fix
from tracker.incursion.silence import GAP_REACH_MAX_M
from tracker.rejudging import Evidence
from tracker.shift import Shift
from tracker.store.connection import Row, rows
from tracker.store.fixes import READ, stored_fix
from tracker.store.incursions import stored_incursions

SHIFTS: LiteralString = """
SELECT d.name, d.platform, d.id, s.id, extract(epoch FROM s.opened_at)::float8, extract(epoch FROM s.closed_at)::float8,
       extract(epoch FROM t.fix_at)::float8, t.finished
FROM track t JOIN device d ON d.id = t.device_id JOIN shift s ON s.id = t.shift_id
WHERE (%s::text IS NULL OR d.name = %s) AND (%s::bigint IS NULL OR s.id = %s)
  AND coalesce(s.closed_at, 'infinity') >= to_timestamp(%s) AND s.opened_at <= to_timestamp(%s)
ORDER BY d.name, s.opened_at"""
SLACK_M = 20.0
"""PostGIS takes edges on the sphere: metres off for what is less than a degree wide; the wider are all taken."""
ABOUT: LiteralString = """
SELECT DISTINCT zone_id FROM zone_version
WHERE ST_DWithin(footprint, ST_GeomFromWKB(%s, 4326)::geography,
                 (SELECT max(standoff_m + greatest(warning_m, %s)) FROM zone_version) + %s)
UNION SELECT zone_id FROM zone_version WHERE
  greatest(ST_XMax(footprint::geometry) - ST_XMin(footprint::geometry),
           ST_YMax(footprint::geometry) - ST_YMin(footprint::geometry)) > 1.0"""


@contextmanager
def snapshot(connection: "Connection[Row]") -> Iterator[None]:
    """Everything read inside is of one instant, while the service goes on writing."""
    connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
    with connection.transaction():
        yield


def evidence(
    connection: "Connection[Row]", device: str | None, shift_id: int | None, since: float, until: float
) -> Iterator[Evidence]:
    """Each tracked shift of a device (None: of all) that overlaps a time (seconds UTC), with its fixes."""
    for row in rows(connection, SHIFTS, device, device, shift_id, shift_id, since, until):
        name, platform, device_id, shift, opened_at, closed_at, newest_at, finished = row
        key = (device_id, shift)
        fixes = [stored_fix(name, fix) for fix in rows(connection, READ, *key, opened_at)]
        recorded = stored_incursions(connection, [key]).get(key, [])
        yield Evidence(name, platform, Shift(shift, opened_at, closed_at), newest_at, finished, fixes, recorded)


def zones_about(connection: "Connection[Row]", fixes: Sequence[Fix]) -> list[str]:
    """Ids of the zones that any version ever put within reach of a way; too many rather than one too few."""
    if not fixes:
        return []
    places = [(fix.lon, fix.lat) for fix in fixes]
    way = shapely.LineString(places if len(places) > 1 else places * 2)
    return [row[0] for row in rows(connection, ABOUT, shapely.to_wkb(way), GAP_REACH_MAX_M, SLACK_M)]

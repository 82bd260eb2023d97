"""Past tracks, read as the reader role; every look is written down in the transaction that reads."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from geofences.zone import Zone
from tracker.errors import NotFoundError
from tracker.fix import Fix
from tracker.replay import PastIncursion, PastShift, PastTrack
from tracker.roles import Principal, Scope
from tracker.store.fixes import READ_COLUMNS, stored_fix
from tracker.store.reader import reading
from tracker.store.zones import COLUMNS, to_zone

MOST_SHIFTS = 60
NEAR_M = 1000.0
"""Zones that a track never came this near to, beyond their own reach, are left out."""
SHIFT = """
SELECT s.id, v.name AS visitor, extract(epoch FROM s.opened_at)::float8 AS opened_at,
       extract(epoch FROM s.closed_at)::float8 AS closed_at FROM shift s JOIN visitor v ON v.id = s.visitor_id """
SHIFTS = text(
    SHIFT + "JOIN device d ON d.visitor_id = v.id WHERE d.name = :device ORDER BY s.opened_at DESC LIMIT :most"
)
ONE = text(SHIFT + "WHERE s.id = :shift")
LOOK = text("""
INSERT INTO look (account_id, username, visitor_id, from_at, to_at, purpose)
SELECT :account, :username, visitor_id, opened_at, coalesce(closed_at, now()), :purpose FROM shift WHERE id = :shift""")
FIXES = text(
    READ_COLUMNS + ", d.name FROM shift s JOIN device d ON d.visitor_id = s.visitor_id JOIN fix f "
    "ON f.device_id = d.id AND f.shift_id = s.id AND f.fix_at BETWEEN s.opened_at - interval '1 day' "
    "AND coalesce(s.closed_at, now()) + interval '1 day' WHERE s.id = :shift ORDER BY f.fix_at, d.name, 2, 3"
)
ZONES = text(
    COLUMNS + "WHERE tstzrange(valid_from, valid_to) && tstzrange(to_timestamp(:begin), to_timestamp(:end), '[]') "
    "AND ST_DWithin(footprint, ST_MakeEnvelope(:west, :south, :east, :north, 4326)::geography, "
    "standoff_m + warning_m + :near_m) ORDER BY zone_id, version"
)
INCURSIONS = text("""
SELECT i.id::text, i.zone_id AS zone, coalesce(z.name, i.zone_id) AS zone_name, i.kind,
       extract(epoch FROM i.first_possible_at)::float8 AS first_possible_at,
       extract(epoch FROM i.confirmed_at)::float8 AS confirmed_at,
       extract(epoch FROM i.exit_at)::float8 AS exit_at, i.retracted
FROM incursion i LEFT JOIN zone_version z ON z.zone_id = i.zone_id AND z.version = i.zone_version
WHERE i.shift_id = :shift ORDER BY i.first_possible_at, i.id""")
MARGIN_DEG = 1e-4


class PostgresTrackBook:
    """`tracker.replay.TrackBook` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def shifts(self, scope: Scope, device: str) -> Sequence[PastShift]:  # noqa: D102  stands at the port, as below
        with reading(self._engine, scope) as connection:
            found = connection.execute(SHIFTS, {"device": device, "most": MOST_SHIFTS})
            return [PastShift(*row) for row in found]

    def look(self, who: Principal, shift_id: int, purpose: str) -> PastTrack:  # noqa: D102
        given: dict[str, Any] = {"shift": shift_id}
        with reading(self._engine, who.scope) as connection:
            row = connection.execute(ONE, given).one_or_none()
            if row is None:
                raise NotFoundError(f"There is no shift {shift_id}.", "Choose one of the visitor's list.")
            account = {"account": who.account_id, "username": who.username, "purpose": purpose}
            connection.execute(LOOK, given | account)
            fixes = tuple(stored_fix(name, tuple(each)) for *each, name in connection.execute(FIXES, given))
            incursions = tuple(PastIncursion(*each) for each in connection.execute(INCURSIONS, given))
            return PastTrack(PastShift(*row), fixes, _zones(connection, fixes), incursions)


def _zones(connection: Connection, fixes: tuple[Fix, ...]) -> tuple[Zone, ...]:
    if not fixes:
        return ()
    lons, lats = [fix.lon for fix in fixes], [fix.lat for fix in fixes]
    given = {
        "begin": fixes[0].fix_at,
        "end": fixes[-1].fix_at,
        "west": min(lons) - MARGIN_DEG,
        "east": max(lons) + MARGIN_DEG,
        "south": min(lats) - MARGIN_DEG,
        "north": max(lats) + MARGIN_DEG,
        "near_m": NEAR_M,
    }
    return tuple(to_zone(tuple(row)) for row in connection.execute(ZONES, given))

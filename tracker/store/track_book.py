"""Past tracks, read as the reader role; every look is written down in the transaction that reads."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from geofences.zone import Zone
from tracker.errors import NotFoundError
from tracker.fix import Fix
from tracker.past.replay import (
    MOST_FIXES,
    Past,
    PastIncursion,
    PastShift,
    PastTrack,
    PastVisitor,
    TooManyFixesError,
    Window,
)
from tracker.people.roles import Principal, Scope
from tracker.store.fixes import READ_COLUMNS, stored_fix
from tracker.store.reader import reading
from tracker.store.zones import COLUMNS, to_zone

MOST_SHIFTS = 60
NEAR_M = 1000.0
"""Zones that a track never came this near to, beyond their own reach, are left out."""
VISITORS = text("""
SELECT v.id, v.name, coalesce(array_agg(d.name ORDER BY d.name) FILTER (WHERE d.name IS NOT NULL), '{}') AS devices
FROM visitor v LEFT JOIN device d ON d.visitor_id = v.id GROUP BY v.id ORDER BY v.name, v.id""")
SHIFTS = text("""
SELECT id, extract(epoch FROM opened_at)::float8, extract(epoch FROM closed_at)::float8
FROM shift WHERE visitor_id = :visitor ORDER BY opened_at DESC LIMIT :most""")
NAMES = text("SELECT id, name FROM visitor WHERE id = ANY(:visitors)")
LOOK = text("""
INSERT INTO look (account_id, username, visitor_id, from_at, to_at, purpose)
SELECT :account, :username, visitor_id, to_timestamp(:from_at), to_timestamp(:to_at), :purpose
FROM unnest(CAST(:visitors AS int[])) AS asked (visitor_id)""")
WITHIN = """
FROM device d JOIN fix f ON f.device_id = d.id AND f.fix_at BETWEEN to_timestamp(:from_at) AND to_timestamp(:to_at)
WHERE d.visitor_id = ANY(:visitors)
  AND (CAST(:known_at AS float8) IS NULL OR f.received_at <= to_timestamp(:known_at))"""
FIXES = text(READ_COLUMNS + ", d.name, d.visitor_id " + WITHIN + " ORDER BY f.fix_at, d.name, 2, 3 LIMIT :most")
COUNT = text("SELECT count(*) " + WITHIN)
ZONES = text(
    COLUMNS + "WHERE tstzrange(valid_from, valid_to) && tstzrange(to_timestamp(:begin), to_timestamp(:end), '[]') "
    "AND ST_DWithin(footprint, ST_MakeEnvelope(:west, :south, :east, :north, 4326)::geography, "
    "standoff_m + warning_m + :near_m) ORDER BY zone_id, version"
)
INCURSIONS = text("""
SELECT d.visitor_id, i.id::text, i.zone_id AS zone, coalesce(z.name, i.zone_id) AS zone_name, i.kind,
       extract(epoch FROM i.first_possible_at)::float8 AS first_possible_at,
       extract(epoch FROM i.confirmed_at)::float8 AS confirmed_at,
       extract(epoch FROM i.exit_at)::float8 AS exit_at, i.retracted
FROM incursion i JOIN device d ON d.id = i.device_id
LEFT JOIN zone_version z ON z.zone_id = i.zone_id AND z.version = i.zone_version
WHERE d.visitor_id = ANY(:visitors) AND i.first_possible_at <= to_timestamp(:to_at)
  AND coalesce(i.exit_at, i.first_possible_at) >= to_timestamp(:from_at) ORDER BY i.first_possible_at, i.id""")
MARGIN_DEG = 1e-4


class PostgresTrackBook:
    """`tracker.past.replay.TrackBook` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def visitors(self, scope: Scope) -> Sequence[PastVisitor]:  # noqa: D102  stands at the port, as below
        with reading(self._engine, scope) as connection:
            return [PastVisitor(id_, name, tuple(devices)) for id_, name, devices in connection.execute(VISITORS)]

    def shifts(self, scope: Scope, visitor_id: int) -> Sequence[PastShift]:  # noqa: D102
        with reading(self._engine, scope) as connection:
            found = connection.execute(SHIFTS, {"visitor": visitor_id, "most": MOST_SHIFTS})
            return [PastShift(*row) for row in found]

    def look(self, who: Principal, window: Window, purpose: str) -> Past:  # noqa: D102
        with reading(self._engine, who.scope) as connection:
            past = past_of(connection, window)
            write_look(connection, who, window, purpose)
            return past


def past_of(connection: Connection, window: Window, known_at: float | None = None) -> Past:
    """What was in the window, as far as the connection's scope sees it; `known_at`: only what had arrived by then.

    Raises:
        NotFoundError: one of the visitors isn't there.
        TooManyFixesError: there are more fixes than one look may hold.
    """
    names = names_of(connection, window)
    given = _given(window, known_at)
    rows = connection.execute(FIXES, given | {"most": MOST_FIXES + 1}).all()
    require_few(len(rows))
    incursions = connection.execute(INCURSIONS, given).all()
    tracks = tuple(
        PastTrack(each, names[each], _fixes_of(each, rows), _incursions_of(each, incursions))
        for each in window.visitors
    )
    return Past(window, tracks, _zones(connection, [fix for track in tracks for fix in track.fixes]))


def count_of(connection: Connection, window: Window, known_at: float) -> int:
    """How many fixes `past_of` would hold."""
    return int(connection.execute(COUNT, _given(window, known_at)).scalar_one())


def require_few(fixes: int) -> None:
    """Refuse more than one look may hold."""
    if fixes > MOST_FIXES:
        raise TooManyFixesError(f"That are more than {MOST_FIXES} fixes.", "Choose a shorter time or fewer visitors.")


def names_of(connection: Connection, window: Window) -> dict[int, str]:
    """The names of the window's visitors.

    Raises:
        NotFoundError: one of them isn't there, or not within the scope.
    """
    names = {row.id: row.name for row in connection.execute(NAMES, {"visitors": list(window.visitors)})}
    for visitor_id in window.visitors:
        if visitor_id not in names:
            raise NotFoundError(f"There is no visitor {visitor_id}.", "Choose among those whom you may see.")
    return names


def write_look(connection: Connection, who: Principal, window: Window, purpose: str) -> None:
    """Write down that somebody looked at each visitor of the window."""
    account = {"account": who.account_id, "username": who.username, "purpose": purpose}
    connection.execute(LOOK, _given(window, None) | account)


def _given(window: Window, known_at: float | None) -> dict[str, Any]:
    return {
        "visitors": list(window.visitors), "from_at": window.from_at, "to_at": window.to_at, "known_at": known_at,
    }  # fmt: skip


def _fixes_of(visitor_id: int, rows: Sequence[Sequence[Any]]) -> tuple[Fix, ...]:
    return tuple(stored_fix(name, tuple(each)) for *each, name, of in rows if of == visitor_id)


def _incursions_of(visitor_id: int, rows: Sequence[Sequence[Any]]) -> tuple[PastIncursion, ...]:
    return tuple(PastIncursion(*each) for of, *each in rows if of == visitor_id)


def _zones(connection: Connection, fixes: Sequence[Fix]) -> tuple[Zone, ...]:
    if not fixes:
        return ()
    lons, lats, times = zip(*((fix.lon, fix.lat, fix.fix_at) for fix in fixes), strict=True)
    given = {
        "begin": min(times),
        "end": max(times),
        "west": min(lons) - MARGIN_DEG,
        "east": max(lons) + MARGIN_DEG,
        "south": min(lats) - MARGIN_DEG,
        "north": max(lats) + MARGIN_DEG,
        "near_m": NEAR_M,
    }
    return tuple(to_zone(tuple(row)) for row in connection.execute(ZONES, given))

"""The record of zones on PostGIS, for the HTTP API."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

from psycopg import Connection
from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine

from geofences.imports.plan import Plan
from geofences.policy import Edit, Policy
from geofences.zone import Zone
from tracker.errors import ConflictError, NotFoundError
from tracker.store.connection import Row, rows
from tracker.store.policies import policies
from tracker.store.zones import (
    COLUMNS,
    begin_edit,
    carry_out,
    edit_zone,
    put_zones,
    retire_zones,
    standing,
    to_zone,
    zone_records,
    zone_versions,
)
from tracker.zones.book import BusyError, StaleZoneError, ZoneQuery
from tracker.zones.record import Signature, ZoneRecord

GENERATION: LiteralString = "SELECT value FROM revision WHERE kind = 'zones'"
PAGE: LiteralString = (  # constants only
    COLUMNS  # noqa: S608
    + """
WHERE zone_id > %(after)s AND (%(zone_id)s::text IS NULL OR zone_id = %(zone_id)s)
  AND CASE
      WHEN %(state)s = 'retired' THEN valid_to IS NOT NULL AND version = (
        SELECT max(last.version) FROM zone_version last WHERE last.zone_id = zone_version.zone_id)
      WHEN %(at)s::float8 IS NULL THEN valid_to IS NULL
      ELSE valid_from <= to_timestamp(%(at)s) AND coalesce(valid_to > to_timestamp(%(at)s), true) END
  AND (%(categories)s::text[] = '{}' OR category = ANY(%(categories)s))
  AND (%(state)s <> 'scheduled' OR schedule IS NOT NULL)
  AND strpos(lower(name), lower(%(name)s)) > 0
  AND strpos(lower(name || ' ' || zone_id), lower(%(words)s)) > 0
  AND (%(boxes)s::float8[][] = '{}' OR EXISTS (
    SELECT FROM generate_subscripts(%(boxes)s::float8[][], 1) n
    WHERE ST_Intersects(footprint::geometry, ST_MakeEnvelope(
      (%(boxes)s::float8[][])[n][1], (%(boxes)s::float8[][])[n][2],
      (%(boxes)s::float8[][])[n][3], (%(boxes)s::float8[][])[n][4], 4326))))
ORDER BY zone_id LIMIT %(limit)s"""
)


class PostgresZoneBook:
    """What each method promises stands at `tracker.zones.book.ZoneBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def generation(self) -> int:  # noqa: D102
        with self._connection() as connection:
            found = rows(connection, GENERATION)
        return int(found[0][0]) if found else 0

    def changed_since(self, generation: int) -> Sequence[Zone]:  # noqa: D102
        with self._connection() as connection:
            return zone_versions(connection, 0.0, generation)

    def page(self, query: ZoneQuery, after: str, limit: int) -> list[Zone]:  # noqa: D102
        given = {
            "after": after, "zone_id": query.zone_id, "at": query.at, "categories": list(query.categories),
            "name": query.name, "boxes": boxes(query.bbox), "limit": limit, "words": query.words, "state": query.state,
        }  # fmt: skip
        with self._connection() as connection:
            return [to_zone(row) for row in connection.execute(PAGE, given).fetchall()]

    def records(self, zone_id: str) -> list[ZoneRecord]:  # noqa: D102
        with self._connection() as connection:
            return zone_records(connection, zone_id)

    def policies(self) -> dict[str, Policy]:  # noqa: D102
        with self._connection() as connection:
            return policies(connection)

    def create(self, zone: Zone, signature: Signature) -> Zone:  # noqa: D102
        with self._editing() as connection:
            if standing(connection, [zone.id]):
                raise ConflictError(f"Zone {zone.id} is there already.", "Edit it, or give another id.")
            put_zones(connection, [zone], signature.by, signature.why, signature.approver)
            return standing(connection, [zone.id])[zone.id]

    def edit(self, zone_id: str, edit: Edit, signature: Signature, expected: int | None) -> Zone:  # noqa: D102
        with self._editing() as connection:
            expect(connection, zone_id, expected)
            return edit_zone(connection, zone_id, edit, signature)

    def retire(self, zone_id: str, signature: Signature, expected: int | None) -> Zone:  # noqa: D102
        with self._editing() as connection:
            expect(connection, zone_id, expected)
            retire_zones(connection, [zone_id], signature)
            return zone_records(connection, zone_id)[-1].zone

    def carry_out(self, planned: Plan, generation: int, signature: Signature) -> None:  # noqa: D102
        with self._editing() as connection:
            if rows(connection, GENERATION) != [(generation,)] and generation:
                raise StaleZoneError
            carry_out(connection, planned, signature)

    @contextmanager
    def _connection(self) -> Iterator["Connection[Row]"]:
        with self._engine.connect() as connection:
            yield connection.connection.driver_connection  # type: ignore[misc]  # psycopg's

    @contextmanager
    def _editing(self) -> Iterator["Connection[Row]"]:
        with self._connection() as connection, connection.transaction():
            try:
                connection.execute("SET LOCAL lock_timeout = '5s'")
                begin_edit(connection)
            except LockNotAvailable as error:
                raise BusyError from error
            yield connection


def expect(connection: "Connection[Row]", zone_id: str, version: int | None) -> None:
    """Raise unless this version of a zone (None: any) is the one that stands."""
    zone = standing(connection, [zone_id]).get(zone_id)
    if zone is None:
        raise NotFoundError(f"There is no zone {zone_id}.", "The list of zones has those in force.")
    if version is not None and zone.version != version:
        raise StaleZoneError


def boxes(bbox: tuple[float, float, float, float] | None) -> list[list[float]]:
    """The box as one or, over the antimeridian, two."""
    if bbox is None:
        return []
    west, south, east, north = bbox
    if west <= east:
        return [[west, south, east, north]]
    return [[west, south, 180.0, north], [-180.0, south, east, north]]

"""The excuses of the people of a scope, on PostGIS."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from tracker.errors import NotFoundError
from tracker.excuse import Cause, Excuse
from tracker.excuse_book import ExcuseRecord
from tracker.people.roles import Scope
from tracker.store.excuses import Excuses
from tracker.store.reader import carrier, reading, walled

MOST = 100
OF = text("""
SELECT e.id, e.zone_id, (SELECT z.name FROM zone_version z WHERE z.zone_id = e.zone_id ORDER BY z.version DESC LIMIT 1),
       extract(epoch FROM e.from_at)::float8, extract(epoch FROM e.to_at)::float8, e.cause, e.note, e.approved_by,
       extract(epoch FROM e.recorded_at)::float8, extract(epoch FROM e.withdrawn_at)::float8, e.withdrawn_by
FROM excuse e WHERE e.visitor_id = :visitor AND e.cause <> 'sos' ORDER BY e.id DESC LIMIT :most""")
IN_FORCE = text("SELECT 1 FROM excuse WHERE id = :id AND cause <> 'sos' AND withdrawn_at IS NULL")


class PostgresExcuseBook:
    """What each method promises stands at `tracker.excuse_book.ExcuseBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, scope: Scope, device: str) -> Sequence[ExcuseRecord]:  # noqa: D102
        with reading(self._engine, scope) as connection:
            found = connection.execute(OF, {"visitor": carrier(connection, device), "most": MOST})
            return [
                ExcuseRecord(id_, zone, name, from_at, to_at, Cause(cause), *rest)
                for id_, zone, name, from_at, to_at, cause, *rest in found
            ]

    def add(self, scope: Scope, device: str, excuse: Excuse, cause: Cause, *, by: str, note: str) -> int:  # noqa: D102
        with self._engine.begin() as connection:
            with walled(connection, scope):
                visitor = carrier(connection, device)
            return excuses(connection).add(visitor, excuse, cause, approved_by=by, note=note)

    def withdraw(self, scope: Scope, excuse_id: int, *, by: str) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            with walled(connection, scope):
                known = connection.execute(IN_FORCE, {"id": excuse_id}).first()
            if known is None:
                raise NotFoundError(
                    f"There is no excuse {excuse_id} in force.", "The visitor's card has those there are."
                )
            excuses(connection).withdraw(excuse_id, by=by)


def excuses(connection: Connection) -> Excuses:
    """The administration on the same transaction."""
    driver: Any = connection.connection.driver_connection
    return Excuses(driver)

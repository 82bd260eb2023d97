"""The visits of the people of a scope, on PostGIS."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from tracker.errors import NotFoundError
from tracker.people.roles import Scope
from tracker.store.reader import carrier, reading, walled
from tracker.store.visits import Visits
from tracker.visit import Visit

KNOWN = text("SELECT 1 FROM visit WHERE id = :id AND cancelled_at IS NULL")


class PostgresVisitBook:
    """What each method promises stands at `tracker.visit_book.VisitBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, scope: Scope, device: str, since_at: float) -> Sequence[Visit]:  # noqa: D102
        with reading(self._engine, scope) as connection:
            return visits(connection).of(carrier(connection, device), since_at)

    def add(self, scope: Scope, device: str, case: str, from_at: float, to_at: float, *, by: str) -> int:  # noqa: D102
        with self._engine.begin() as connection:
            with walled(connection, scope):
                visitor = carrier(connection, device)
            return visits(connection).add(visitor, case, from_at, to_at, by=by)

    def cancel(self, scope: Scope, visit_id: int, *, by: str) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            with walled(connection, scope):
                known = connection.execute(KNOWN, {"id": visit_id}).first()
            if known is None:
                raise NotFoundError(
                    f"There is no visit {visit_id} to cancel.", "The visitor's card has those there are."
                )
            visits(connection).cancel(visit_id, by=by)


def visits(connection: Connection) -> Visits:
    """The administration on the same transaction, behind the same wall."""
    driver: Any = connection.connection.driver_connection
    return Visits(driver)

"""Field visitors, their consent and their phones, as administrators manage them; every change leaves a deed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from tracker.errors import NotFoundError
from tracker.people.administration import DeviceRow, VisitorRow
from tracker.store.deeds import record
from tracker.store.people import People

VISITORS = text("""
SELECT id, name, team_id AS team, consented_at IS NOT NULL AS consented,
       (SELECT count(*) FROM device d WHERE d.visitor_id = v.id AND d.revoked_at IS NULL) AS phones
FROM visitor v ORDER BY name, id""")
DEVICES = text("""
SELECT name, visitor_id, platform, extract(epoch FROM enrolled_at)::float8 AS enrolled_at,
       (SELECT max(extract(epoch FROM received_at))::float8 FROM track WHERE device_id = d.id) AS heard_at,
       extract(epoch FROM revoked_at)::float8 AS revoked_at
FROM device d ORDER BY name""")
REVOKE = text("UPDATE device SET revoked_at = now() WHERE name = :name AND revoked_at IS NULL RETURNING id")
KNOWN = text("SELECT id FROM device WHERE name = :name")


class Visitors:
    """What `tracker.people.administration.Administration` says of visitors and phones."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def visitors(self) -> Sequence[VisitorRow]:
        """Everybody who is enrolled, by name."""
        with self._engine.connect() as connection:
            return [VisitorRow(**row) for row in connection.execute(VISITORS).mappings()]

    def add_visitor(self, by: str, name: str, *, consented: bool) -> int:
        """Enrol a person; tracking needs their separate consent."""
        with self._engine.begin() as connection:
            number = _people(connection).add_visitor(name, consented=consented)
            record(connection, by, "visitor_added", f"{number} {name.strip()}", {"consented": consented})
        return number

    def rename_visitor(self, by: str, visitor_id: int, name: str) -> None:
        """Correct a person's name."""
        with self._engine.begin() as connection:
            _people(connection).rename_visitor(visitor_id, name)
            record(connection, by, "visitor_renamed", f"{visitor_id} {name.strip()}")

    def record_consent(self, by: str, visitor_id: int, *, given: bool) -> None:
        """Record that a visitor gave or withdrew consent."""
        with self._engine.begin() as connection:
            _people(connection).consent(visitor_id, given=given)
            record(connection, by, "consent_recorded" if given else "consent_withdrawn", str(visitor_id))

    def devices(self) -> Sequence[DeviceRow]:
        """Every phone, revoked ones too, by name."""
        with self._engine.connect() as connection:
            return [DeviceRow(**row) for row in connection.execute(DEVICES).mappings()]

    @contextmanager
    def adding_device(
        self, by: str, name: str, visitor_id: int, *, platform: str, shard: int, secret: str
    ) -> Iterator[None]:
        """Give a visitor a phone, unless what is done meanwhile fails."""
        with self._engine.begin() as connection:
            _people(connection).add_device(name, visitor_id, platform=platform, shard=shard, secret=secret)
            record(connection, by, "device_enrolled", name, {"visitor_id": visitor_id})
            yield

    def revoke_device(self, by: str, name: str) -> None:
        """Refuse a phone from now on; a second time changes nothing."""
        with self._engine.begin() as connection:
            if connection.execute(REVOKE, {"name": name}).scalar() is not None:
                record(connection, by, "device_revoked", name)
            elif connection.execute(KNOWN, {"name": name}).scalar() is None:
                raise NotFoundError(f"There is no device {name}.", "`keepclear devices list` shows them all.")


def _people(connection: Connection) -> People:
    """The administration's statements, within this transaction."""
    return People(connection.connection.driver_connection)  # type: ignore[arg-type]  # psycopg's

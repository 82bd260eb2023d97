"""Excuses in and out. One is withdrawn, never deleted: it belongs to the record of the incursion."""

from dataclasses import dataclass

from psycopg import Connection

from tracker.errors import ConflictError, NotFoundError
from tracker.excuse import SOS_LASTS_S, Call, Cause, Excuse
from tracker.store.connection import Row, rows
from tracker.store.people import no_visitor

ADD = """
INSERT INTO excuse (visitor_id, zone_id, from_at, to_at, cause, note, approved_by)
VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s), %s, %s, %s) RETURNING id"""
WITHDRAW = "UPDATE excuse SET withdrawn_at = now(), withdrawn_by = %s WHERE id = %s AND withdrawn_at IS NULL"
LIST = """
SELECT e.id, v.name, e.zone_id, extract(epoch FROM e.from_at)::float8, extract(epoch FROM e.to_at)::float8, e.cause,
       e.note, e.approved_by, e.withdrawn_at IS NOT NULL
FROM excuse e JOIN visitor v ON v.id = e.visitor_id ORDER BY e.id DESC LIMIT %s"""
SOS = "SELECT e.id FROM excuse e JOIN device d USING (visitor_id) WHERE d.id = %(device)s AND cause = 'sos'"
KNOWN_SOS = f"{SOS} AND to_timestamp(%(at)s) BETWEEN from_at AND least(to_at, withdrawn_at)"
BEGAN_EARLIER = f"""
UPDATE excuse SET from_at = to_timestamp(%(at)s)
WHERE id = ({SOS} AND from_at BETWEEN to_timestamp(%(at)s) AND to_timestamp(%(at)s + %(lasts)s)
            ORDER BY from_at LIMIT 1)
RETURNING withdrawn_at IS NULL"""  # noqa: S608  constants only
RAISE_SOS = """
INSERT INTO excuse (visitor_id, from_at, to_at, cause, approved_by)
SELECT visitor_id, to_timestamp(%(at)s), to_timestamp(%(at)s + %(lasts)s), 'sos', name FROM device
WHERE id = %(device)s"""
DEVICES_AGAIN = """
UPDATE track t SET changed_at = now() FROM excuse e JOIN device d ON d.visitor_id = e.visitor_id
WHERE e.id = %s AND t.device_id = d.id AND NOT t.finished"""
SHOW_AGAIN = """
UPDATE incursion i SET changed_at = now() FROM excuse e JOIN device d ON d.visitor_id = e.visitor_id
WHERE e.id = %s AND i.device_id = d.id AND coalesce(e.zone_id, i.zone_id) = i.zone_id
  AND tstzrange(e.from_at, e.to_at, '[]') && tstzrange(i.first_possible_at, i.exit_at, '[]')"""


@dataclass(frozen=True, slots=True)
class RecordedExcuse:
    """An excuse with who asked for it and who allowed it."""

    id: int
    visitor: str
    excuse: Excuse
    cause: Cause
    note: str
    approved_by: str
    withdrawn: bool


def raise_sos(connection: "Connection[Row]", device_id: int, at: float) -> Call:
    """Excuse the carrier of a device from every zone from a moment on, unless a call of theirs covers it.

    A call that a newer fix has raised begins with the older one instead; it ends when it would have ended.
    """
    parameters = {"device": device_id, "at": at, "lasts": SOS_LASTS_S}
    if connection.execute(KNOWN_SOS, parameters).fetchall():
        return Call.KNOWN
    if moved := connection.execute(BEGAN_EARLIER, parameters).fetchall():
        return Call.EARLIER if moved[0][0] else Call.KNOWN
    connection.execute(RAISE_SOS, parameters)
    return Call.NEW


class Excuses:
    """Administration of excuses, before the fact and after it."""

    def __init__(self, connection: "Connection[Row]") -> None:
        self._connection = connection

    def add(self, visitor_id: int, excuse: Excuse, cause: Cause, *, approved_by: str, note: str = "") -> int:
        """Record an excuse; incursions that it covers already are marked, and shown again on the live page.

        Raises:
            ConflictError: it ends before it begins.
            NotFoundError: no such visitor or zone.
        """
        self._check(visitor_id, excuse)
        with self._connection.transaction():
            added = rows(
                self._connection, ADD, visitor_id, excuse.zone, excuse.from_at, excuse.to_at, cause, note, approved_by
            )
            self._connection.execute(SHOW_AGAIN, added[0])
        return int(added[0][0])

    def withdraw(self, excuse_id: int, *, by: str) -> None:
        """It excuses nothing from now on, and what it excused is marked so no longer.

        Raises:
            NotFoundError: no such excuse in force.
        """
        with self._connection.transaction():
            if not self._connection.execute(WITHDRAW, (by, excuse_id)).rowcount:
                raise NotFoundError(f"There is no excuse {excuse_id} in force.", "`keepclear excuses list` shows them.")
            self._connection.execute(SHOW_AGAIN, (excuse_id,))
            self._connection.execute(DEVICES_AGAIN, (excuse_id,))

    def recorded(self, limit: int = 100) -> list[RecordedExcuse]:
        """The newest first, withdrawn ones too."""
        return [
            RecordedExcuse(
                id_, visitor, Excuse(zone, from_at, to_at), Cause(cause), note, approved_by, withdrawn=withdrawn
            )
            for id_, visitor, zone, from_at, to_at, cause, note, approved_by, withdrawn in rows(
                self._connection, LIST, limit
            )
        ]

    def _check(self, visitor_id: int, excuse: Excuse) -> None:
        if excuse.to_at is not None and excuse.to_at < excuse.from_at:
            raise ConflictError("An excuse can't end before it begins.", "Give a later end.")
        if not rows(self._connection, "SELECT 1 FROM visitor WHERE id = %s", visitor_id):
            raise no_visitor(visitor_id)
        known = excuse.zone is None or rows(
            self._connection, "SELECT 1 FROM zone_version WHERE zone_id = %s LIMIT 1", excuse.zone
        )
        if not known:
            raise NotFoundError(f"There is no zone {excuse.zone}.", "`keepclear zones list` shows the zones.")

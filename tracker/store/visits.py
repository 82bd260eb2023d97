"""Visits in and out. One is cancelled and stays on record, unless its visitor was never tracked and is removed."""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.errors import ForeignKeyViolation

from tracker.errors import NotFoundError
from tracker.store.connection import Row, rows
from tracker.store.people import no_visitor
from tracker.visit import Visit, check_span, checked_case

ADD = """
INSERT INTO visit (visitor_id, case_ref, from_at, to_at)
VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s)) RETURNING id"""
CANCEL = "UPDATE visit SET cancelled_at = now() WHERE id = %s AND cancelled_at IS NULL RETURNING visitor_id"
LIST = """
SELECT id, visitor_id, case_ref, extract(epoch FROM from_at)::float8, extract(epoch FROM to_at)::float8
FROM visit WHERE visitor_id = %s AND cancelled_at IS NULL AND to_at > now() ORDER BY from_at, id"""
SHOW_AGAIN = """
UPDATE track t SET changed_at = now() FROM device d WHERE d.visitor_id = %s AND t.device_id = d.id AND NOT t.finished"""


class Visits:
    """The visits of visitors."""

    def __init__(self, connection: "Connection[Row]") -> None:
        self._connection = connection

    def add(self, visitor: int, case: str, from_at: float, to_at: float) -> int:
        """Plan a visit; its number. The live map shows it from its beginning.

        Raises:
            NotFoundError: there is no such visitor.
            VisitRefusedError: the case reference or the time can't be taken.
        """
        check_span(from_at, to_at)
        try:
            found = rows(self._connection, ADD, visitor, checked_case(case), from_at, to_at)
        except ForeignKeyViolation as error:
            raise no_visitor(visitor) from error
        self._connection.execute(SHOW_AGAIN, (visitor,))
        return int(found[0][0])

    def of(self, visitor: int) -> Sequence[Visit]:
        """Those that aren't over, the next first."""
        return [Visit(*row) for row in rows(self._connection, LIST, visitor)]

    def cancel(self, visit: int) -> None:
        """Take a visit back; it stays on record.

        Raises:
            NotFoundError: there is no such visit, or it is cancelled already.
        """
        found = rows(self._connection, CANCEL, visit)
        if not found:
            raise NotFoundError(f"There is no visit {visit} to cancel.", "`keepclear visits list VISITOR` shows them.")
        self._connection.execute(SHOW_AGAIN, (found[0][0],))

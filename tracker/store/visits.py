"""Visits in and out. One is cancelled and stays on record, unless its visitor was never tracked and is removed."""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.errors import ForeignKeyViolation

from tracker.errors import NotFoundError
from tracker.store.connection import Row, rows
from tracker.store.people import no_visitor
from tracker.visit import Visit, check_span, checked_case

ADD = """
INSERT INTO visit (visitor_id, case_ref, from_at, to_at, planned_by)
VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s), %s) RETURNING id"""
CANCEL = """
UPDATE visit SET cancelled_at = now(), cancelled_by = %s WHERE id = %s AND cancelled_at IS NULL RETURNING visitor_id"""
LIST = """
SELECT id, visitor_id, case_ref, extract(epoch FROM from_at)::float8, extract(epoch FROM to_at)::float8, planned_by
FROM visit WHERE visitor_id = %s AND cancelled_at IS NULL AND to_at > coalesce(to_timestamp(%s::float8), now())
ORDER BY from_at, id LIMIT %s"""
MOST = 100
SHOW_AGAIN = """
UPDATE track t SET changed_at = now() FROM device d WHERE d.visitor_id = %s AND t.device_id = d.id AND NOT t.finished"""


class Visits:
    """The visits of visitors."""

    def __init__(self, connection: "Connection[Row]") -> None:
        self._connection = connection

    def add(self, visitor: int, case: str, from_at: float, to_at: float, *, by: str) -> int:
        """Plan a visit; its number. The live map shows it from its beginning.

        Raises:
            NotFoundError: there is no such visitor.
            VisitRefusedError: the case reference (CaseRefusedError) or the time (SpanRefusedError) can't be taken.
        """
        check_span(from_at, to_at)
        try:
            found = rows(self._connection, ADD, visitor, checked_case(case), from_at, to_at, by)
        except ForeignKeyViolation as error:
            raise no_visitor(visitor) from error
        self._connection.execute(SHOW_AGAIN, (visitor,))
        return int(found[0][0])

    def of(self, visitor: int, since_at: float | None = None) -> Sequence[Visit]:
        """Those that end after a moment (seconds UTC; now if None), the next hundred, the first first."""
        return [Visit(*row) for row in rows(self._connection, LIST, visitor, since_at, MOST)]

    def cancel(self, visit: int, *, by: str) -> None:
        """Take a visit back; it stays on record.

        Raises:
            NotFoundError: there is no such visit, or it is cancelled already.
        """
        found = rows(self._connection, CANCEL, by, visit)
        if not found:
            raise NotFoundError(f"There is no visit {visit} to cancel.", "`keepclear visits list VISITOR` shows them.")
        self._connection.execute(SHOW_AGAIN, (found[0][0],))

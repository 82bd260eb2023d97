"""Who changed which right: rows that are only added."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from tracker.people.administration import Deed

ADD = text("INSERT INTO deed (username, what, subject, detail) VALUES (:by, :what, :subject, CAST(:detail AS jsonb))")
NEWEST = text("""
SELECT extract(epoch FROM done_at)::float8, username, what, subject, detail FROM deed ORDER BY id DESC LIMIT :limit""")


def record(
    connection: Connection, by: str, what: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Add a deed, within the transaction of what was done."""
    given = {"by": by, "what": what, "subject": subject, "detail": json.dumps(detail or {})}
    connection.execute(ADD, given)


def newest(connection: Connection, limit: int) -> Sequence[Deed]:
    """The newest deeds first."""
    return [Deed(*row) for row in connection.execute(NEWEST, {"limit": limit})]

"""The log of looks, which `tracker.store.track_book` writes and this reads."""

from collections.abc import Sequence

from sqlalchemy import Engine, text

from tracker.people.looks import Look

LOOKS = """
SELECT extract(epoch FROM looked_at)::float8, username, visitor_id, name, extract(epoch FROM from_at)::float8,
       extract(epoch FROM to_at)::float8, purpose
FROM look JOIN visitor v ON v.id = visitor_id WHERE {} ORDER BY looked_at DESC, look.id DESC LIMIT :limit"""
NEWEST = text(LOOKS.format("CAST(:visitor AS int) IS NULL OR visitor_id = :visitor"))
AT_CARRIER = text(LOOKS.format("visitor_id = (SELECT d.visitor_id FROM device d WHERE d.name = :device)"))


class PostgresLookLog:
    """`tracker.people.looks.LookLog` on PostgreSQL. Its callers watch no teams, so no wall by team applies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, limit: int, visitor_id: int | None = None) -> Sequence[Look]:  # noqa: D102  stands at the port
        with self._engine.connect() as connection:
            return [Look(*row) for row in connection.execute(NEWEST, {"limit": limit, "visitor": visitor_id})]

    def at_carrier_of(self, device: str, limit: int) -> Sequence[Look]:  # noqa: D102
        with self._engine.connect() as connection:
            return [Look(*row) for row in connection.execute(AT_CARRIER, {"limit": limit, "device": device})]

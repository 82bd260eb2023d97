"""Tries to log in, by the database's clock; rows of keys that nobody tried for an hour go with the next try."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, text

from tracker.people.throttle import FORGET_AFTER_S, Limit, Tries

SWEEP = text("""
DELETE FROM log_in_try WHERE key IN (
  SELECT key FROM log_in_try WHERE last_at < now() - make_interval(secs => :forget_s) FOR UPDATE SKIP LOCKED)""")
MAKE = text("INSERT INTO log_in_try (key) VALUES (:key) ON CONFLICT DO NOTHING")
HOLD = text("""
SELECT count, extract(epoch FROM last_at)::float8, extract(epoch FROM locked_until)::float8
FROM log_in_try WHERE key = :key FOR UPDATE""")
NOW = text("SELECT extract(epoch FROM clock_timestamp())::float8")
SET = text("""
UPDATE log_in_try SET count = :count, last_at = to_timestamp(:last_at), locked_until = to_timestamp(:locked_until)
WHERE key = :key""")
FORGET = text("DELETE FROM log_in_try WHERE key = :key")


class PostgresTries:
    """`tracker.people.throttle.TryBook` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin_try(self, limits: Sequence[Limit]) -> float:  # noqa: D102  stands at the port, as below
        limits = sorted(limits)  # one order for everybody: no deadlock
        with self._engine.connect() as connection:
            connection.execute(SWEEP, {"forget_s": FORGET_AFTER_S})
            connection.execute(MAKE, [{"key": limit.key} for limit in limits])
            held = [_held(connection, limit) for limit in limits]
            now = float(connection.execute(NOW).scalar_one())
            if (wait_s := max(tries.locked_until for tries in held) - now) > 0.0:
                return wait_s  # and leaving without a commit forgets the rows just made
            for limit, tries in zip(limits, held, strict=True):
                _set(connection, limit, tries.tried(limit.free, now))
            connection.commit()
        return 0.0

    def try_was_right(self, limits: Sequence[Limit]) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            for limit in sorted(limits):
                _set(connection, limit, _held(connection, limit).right())

    def forget_tries(self, limit: Limit) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            connection.execute(FORGET, {"key": limit.key})


def _held(connection: Connection, limit: Limit) -> Tries:
    found = connection.execute(HOLD, {"key": limit.key}).one_or_none()
    return Tries(*found) if found else Tries()


def _set(connection: Connection, limit: Limit, tries: Tries) -> None:
    given = {"count": tries.count, "last_at": tries.last_at, "locked_until": tries.locked_until}
    connection.execute(SET, given | {"key": limit.key})

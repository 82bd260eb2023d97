"""Who ingests which shard: PostgreSQL advisory locks held by the writing connection itself."""

from collections.abc import Collection, Iterable
from math import ceil

from psycopg import Connection

from tracker.store.connection import Row, rows, translated

SHARD_CLASS = 0x6B63_0010
WORKER_CLASS = 0x6B63_0011
READY_CLASS = 0x6B63_0012


def fair_share(shards: int, workers: int) -> int:
    """How many shards one of so many workers should hold."""
    return ceil(shards / max(workers, 1))


class Leases:
    """The shards that this connection holds. They end with the connection, whatever ends it."""

    def __init__(self, connection: "Connection[Row]", shards: Iterable[int]) -> None:
        self._connection = connection
        self._all = tuple(shards)
        self.held: set[int] = set()
        with translated(connection):
            connection.execute("SELECT pg_advisory_lock_shared(%s, 0)", (WORKER_CLASS,))

    def workers(self) -> int:
        """How many workers are connected, this one included."""
        with translated(self._connection):
            return holders(self._connection, WORKER_CLASS)

    def announce(self) -> None:
        """Tell whoever waits that this worker's sessions exist."""
        with translated(self._connection):
            self._connection.execute("SELECT pg_advisory_lock_shared(%s, 0)", (READY_CLASS,))

    def claim(self) -> set[int]:
        """Take free shards up to a fair share; returns those that are new."""
        wanted = fair_share(len(self._all), self.workers()) - len(self.held)
        taken: set[int] = set()
        for shard in self._all:
            if len(taken) >= wanted:
                break
            if shard not in self.held and self._try(shard):
                taken.add(shard)
        self.held |= taken
        return taken

    def surplus(self) -> set[int]:
        """Shards above the fair share, to be let go once their messages are finished."""
        excess = len(self.held) - fair_share(len(self._all), self.workers())
        return set(sorted(self.held, reverse=True)[: max(excess, 0)])

    def release(self, shards: Collection[int]) -> None:
        """Give shards to whoever asks next."""
        with translated(self._connection):
            for shard in shards:
                self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", (SHARD_CLASS, shard))
        self.held -= set(shards)

    def _try(self, shard: int) -> bool:
        with translated(self._connection):
            return bool(rows(self._connection, "SELECT pg_try_advisory_lock(%s, %s)", SHARD_CLASS, shard)[0][0])


def holders(connection: "Connection[Row]", lock_class: int) -> int:
    """How many locks of a class are held in this database: workers, ready workers or shards."""
    counted = rows(
        connection,
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        lock_class,
    )
    return int(counted[0][0])

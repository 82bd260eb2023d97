"""One writing connection: what a worker's lease, cache and commits hang on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

from tracker.ports import StoreRefusedError, StoreUnavailableError

Row = tuple[Any, ...]
# A worker that hangs must lose its lease: the server ends its session, so it can't write late.
FENCE = {
    "idle_session_timeout": "5s",
    "idle_in_transaction_session_timeout": "5s",
    "statement_timeout": "60s",
}


def conninfo(url: str) -> str:
    """Libpq's form of an SQLAlchemy URL."""
    parsed = make_url(url).set(drivername="postgresql")
    return parsed.render_as_string(hide_password=False)


def engine(url: str, **options: Any) -> Engine:
    """SQLAlchemy engine for the reading sides and the migrations."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, **options)


def connect(url: str, name: str, *, fenced: bool) -> "Connection[Row]":
    """Open a connection.

    Raises:
        StoreUnavailableError: the database can't be reached.
    """
    fence = [f"-c {key}={value}" for key, value in FENCE.items()] if fenced else []
    options = " ".join(["-c timezone=UTC", "-c synchronous_commit=on", *fence])
    try:
        return psycopg.connect(
            conninfo(url),
            autocommit=True,
            application_name=name,
            options=options,
            connect_timeout=5,
            tcp_user_timeout=5000,
        )
    except psycopg.OperationalError as error:
        raise StoreUnavailableError(said(error)) from error


@contextmanager
def translated(connection: "Connection[Row]") -> Iterator[None]:
    """Engine errors become the two the service knows: look at the data, or (anything else) try again."""
    try:
        yield
    except psycopg.Error as error:
        about_data = isinstance(error, psycopg.DataError | psycopg.IntegrityError) and not connection.closed
        raise (StoreRefusedError if about_data else StoreUnavailableError)(said(error)) from error


def said(error: psycopg.Error) -> str:
    """What the server or the driver says, without the DETAIL: that may quote a row, and rows hold positions."""
    return (error.diag.message_primary or str(error)).strip()


class Pulse:
    """Shows the server that a long computation inside a transaction is at work, not hung; at most for `patience_s`.

    A process that is paused or cut off has no pulse, so the fence still ends its session.
    """

    def __init__(self, connection: "Connection[Row]", every_s: float = 1.0, patience_s: float = 60.0) -> None:
        self._connection = connection
        self._every_s = every_s
        self._patience_s = patience_s
        self._began_at: float | None = None
        self._ended = Event()
        Thread(target=self._beat, name="pulse", daemon=True).start()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Around a transaction."""
        self._began_at = time.monotonic()
        try:
            yield
        finally:
            self._began_at = None

    def end(self) -> None:
        """No more of it."""
        self._ended.set()

    def _beat(self) -> None:
        while not self._ended.wait(self._every_s):
            began_at = self._began_at
            if began_at is not None and self._every_s <= time.monotonic() - began_at <= self._patience_s:
                with suppress(psycopg.Error):  # the connection's owner will hear of it
                    self._connection.execute("SELECT 1")


def rows(connection: "Connection[Row]", query: LiteralString, *parameters: Any) -> list[Row]:
    """All rows of a query, prepared by the driver when it recurs."""
    return connection.execute(query, parameters).fetchall()

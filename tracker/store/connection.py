"""One writing connection: what a worker's lease, cache and commits hang on."""

from collections.abc import Iterator
from contextlib import contextmanager
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
    "synchronous_commit": "on",
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
    options = "-c timezone=UTC " + (" ".join(f"-c {key}={value}" for key, value in FENCE.items()) if fenced else "")
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
        raise StoreUnavailableError(str(error).strip()) from error


@contextmanager
def translated(connection: "Connection[Row]") -> Iterator[None]:
    """Engine errors become the two the service knows: look at the data, or (anything else) try again."""
    try:
        yield
    except psycopg.Error as error:
        about_data = isinstance(error, psycopg.DataError | psycopg.IntegrityError) and not connection.closed
        raise (StoreRefusedError if about_data else StoreUnavailableError)(str(error).strip()) from error


def rows(connection: "Connection[Row]", query: LiteralString, *parameters: Any) -> list[Row]:
    """All rows of a query, prepared by the driver when it recurs."""
    return connection.execute(query, parameters).fetchall()

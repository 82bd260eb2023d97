"""The second wall: what the pages read, they read as a role to which PostgreSQL shows the rows of their teams only."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from tracker.errors import NotFoundError, ServiceError
from tracker.people.roles import Scope

READER = "keepclear_reader"
MAY_MAKE = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
MAKE = """
DO $$ BEGIN
  CREATE ROLE keepclear_reader NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
DO $$ BEGIN
  EXECUTE format('GRANT keepclear_reader TO %I', current_user);
END $$"""
ENTER = text("SELECT set_config('keepclear.teams', :teams, true), set_config('role', :role, true)")
CARRIER = text("SELECT visitor_id FROM device WHERE name = :device")
LEAVE = text("SELECT set_config('role', 'none', true)")


@contextmanager
def reading(engine: Engine, scope: Scope) -> Iterator[Connection]:
    """A transaction as the reader role, walled in to the people of the scope; commits on leaving."""
    with engine.begin() as connection:
        connection.execute(ENTER, {"teams": scope.setting, "role": READER})
        yield connection


@contextmanager
def walled(connection: Connection, scope: Scope) -> Iterator[None]:
    """A part of a transaction as the reader role; afterwards it goes on as it was."""
    connection.execute(ENTER, {"teams": scope.setting, "role": READER})
    yield
    connection.execute(LEAVE)


def carrier(connection: Connection, device: str) -> int:
    """Who carries a device, within the walls.

    Raises:
        NotFoundError: nobody who can be seen does.
    """
    visitor = connection.execute(CARRIER, {"device": device}).scalar()
    if visitor is None:
        raise NotFoundError(f"There is no device {device}.", "The live page has those there are.")
    return int(visitor)


def ensure_reader(connection: Connection) -> None:
    """The role exists and the present account may become it.

    Raises:
        ServiceError: it doesn't, and this account may not make it.
    """
    if is_member(connection):
        return
    if not connection.execute(MAY_MAKE).scalar():
        account = connection.execute(text("SELECT current_user")).scalar()
        raise ServiceError(
            f"The database has no role {READER} that {account} may use, and {account} may not make it.",
            f'As a superuser, once: CREATE ROLE {READER} NOLOGIN; GRANT {READER} TO "{account}";',
        )
    connection.execute(text(MAKE))


def is_member(connection: Connection) -> bool:
    """Whether the role exists and the present account may become it."""
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": READER}).scalar()
    return exists is not None and bool(
        connection.execute(text("SELECT pg_has_role(:role, 'MEMBER')"), {"role": READER}).scalar()
    )

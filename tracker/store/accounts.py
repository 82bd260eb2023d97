"""Accounts of those who watch the live map."""

from sqlalchemy import Engine, text

from tracker.errors import NotFoundError
from tracker.names import checked_name


class PostgresAccounts:
    """Names and argon2 hashes; a plain password never comes here."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def password_hash(self, username: str) -> str | None:
        """The hash of an account's password; None for a name that doesn't exist."""
        query = text("SELECT password_hash FROM account WHERE username = :username")
        with self._engine.connect() as connection:
            return connection.execute(query, {"username": username}).scalar()

    def put(self, username: str, password_hash: str) -> bool:
        """Add an account or change its password; whether it is new."""
        query = text(
            "INSERT INTO account (username, password_hash) VALUES (:username, :hash) "
            "ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash RETURNING xmax = 0"
        )
        with self._engine.begin() as connection:
            given = {"username": checked_name("account", username), "hash": password_hash}
            return bool(connection.execute(query, given).scalar())

    def usernames(self) -> list[str]:
        """Everybody who may log in, in alphabetical order."""
        with self._engine.connect() as connection:
            return list(connection.execute(text("SELECT username FROM account ORDER BY username")).scalars())

    def remove(self, username: str) -> None:
        """Take an account away; its sessions end when the pages check them next.

        Raises:
            NotFoundError: nobody has this name.
        """
        query = text("DELETE FROM account WHERE username = :username RETURNING id")
        with self._engine.begin() as connection:
            if connection.execute(query, {"username": username}).scalar() is None:
                raise NotFoundError(f"There is no account {username}.", "`keepclear accounts list` shows them.")

"""Accounts of those who watch the live map."""

from sqlalchemy import Engine, text


class PostgresAccounts:
    """Names and argon2 hashes; a plain password never comes here."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def password_hash(self, username: str) -> str | None:
        """The hash of an account's password; None for a name that doesn't exist."""
        query = text("SELECT password_hash FROM account WHERE username = :username")
        with self._engine.connect() as connection:
            return connection.execute(query, {"username": username}).scalar()

    def put(self, username: str, password_hash: str) -> None:
        """Add an account or change its password."""
        query = text(
            "INSERT INTO account (username, password_hash) VALUES (:username, :hash) "
            "ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash"
        )
        with self._engine.begin() as connection:
            connection.execute(query, {"username": username, "hash": password_hash})

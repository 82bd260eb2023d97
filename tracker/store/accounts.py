"""Accounts: who may log in, and what they prove it by. A plain password never comes here."""

from sqlalchemy import Connection, Engine, text

from tracker.errors import NotFoundError
from tracker.people.accounts import Credential, Identity
from tracker.store.deeds import record
from tracker.store.tries import PostgresTries

CREDENTIAL = """
SELECT id AS account_id, username, password_hash, totp_secret FROM account WHERE deactivated_at IS NULL AND """
KNOWN = "oidc_issuer = :issuer AND oidc_subject = :subject"
BIND = text("""
UPDATE account SET oidc_issuer = :issuer, oidc_subject = :subject
WHERE username = :username AND oidc_subject IS NULL AND deactivated_at IS NULL
  AND NOT EXISTS (SELECT FROM account WHERE oidc_issuer = :issuer AND oidc_subject = :subject) RETURNING id""")
USE_CODE = text("UPDATE account SET totp_step = :step WHERE id = :id AND totp_step < :step RETURNING id")
LINKED = "expires_at > now() AND used_at IS NULL AND token_sha256 = :digest"
REDEEM = text(f"""
UPDATE password_link SET used_at = now() FROM account a
WHERE {LINKED} AND a.id = account_id AND deactivated_at IS NULL RETURNING account_id""")  # noqa: S608
SPENT = text("DELETE FROM password_link WHERE account_id = :id AND used_at IS NULL")
LINK_OF = text(
    f"SELECT username FROM password_link JOIN account a ON a.id = account_id WHERE {LINKED} AND deactivated_at IS NULL"  # noqa: S608
)


class PostgresAccounts(PostgresTries):
    """`tracker.people.accounts.Accounts` on PostgreSQL, and what the command line needs of it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)

    def credential(self, username: str) -> Credential | None:  # noqa: D102  stands at the port, as below
        return self._credential("username = :username", username=username)

    def credential_of(self, account_id: int) -> Credential | None:  # noqa: D102
        return self._credential("id = :id", id=account_id)

    def by_identity(self, identity: Identity) -> Credential | None:  # noqa: D102
        with self._engine.begin() as connection:
            if connection.execute(BIND, identity._asdict()).scalar() is not None:
                record(connection, identity.username, "identity_bound", identity.username, identity._asdict())
        return self._credential(KNOWN, issuer=identity.issuer, subject=identity.subject)

    def set_password(self, account_id: int, password_hash: str) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            self._change(connection, "password_hash", account_id, password_hash, "password_changed")
            connection.execute(SPENT, {"id": account_id})

    def set_totp(self, account_id: int, secret: str | None) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            self._change(connection, "totp_secret", account_id, secret, "totp_on" if secret else "totp_off")

    def use_code(self, account_id: int, step: int) -> bool:  # noqa: D102
        with self._engine.begin() as connection:
            return connection.execute(USE_CODE, {"id": account_id, "step": step}).scalar() is not None

    def redeem(self, link_digest: bytes) -> int | None:  # noqa: D102
        with self._engine.begin() as connection:
            return connection.execute(REDEEM, {"digest": link_digest}).scalar()

    def linked(self, link_digest: bytes) -> str | None:  # noqa: D102
        with self._engine.connect() as connection:
            return connection.execute(LINK_OF, {"digest": link_digest}).scalar()

    def usernames(self) -> list[str]:
        """Everybody who may log in, in alphabetical order."""
        query = text("SELECT username FROM account WHERE deactivated_at IS NULL ORDER BY username")
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def remove(self, username: str) -> None:
        """Take an account away, and its sessions with it.

        Raises:
            NotFoundError: nobody has this name.
        """
        query = text("DELETE FROM account WHERE username = :username RETURNING id")
        with self._engine.begin() as connection:
            if connection.execute(query, {"username": username}).scalar() is None:
                raise no_account(username)

    def _credential(self, condition: str, **given: object) -> Credential | None:
        with self._engine.connect() as connection:
            found = connection.execute(text(CREDENTIAL + condition), given).mappings().one_or_none()
        return None if found is None else Credential(**found)

    @staticmethod
    def _change(connection: Connection, column: str, account_id: int, value: str | None, deed: str) -> None:
        change = text(f"UPDATE account SET {column} = :value WHERE id = :id RETURNING username")  # noqa: S608  ours
        username = connection.execute(change, {"id": account_id, "value": value}).scalar_one()
        record(connection, username, deed, username)


def no_account(name: object) -> NotFoundError:
    """Nobody has this name or number."""
    return NotFoundError(f"There is no account {name}.", "`keepclear accounts list` shows them.")

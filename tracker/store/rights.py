"""Accounts with their roles and teams, as administrators manage them; every change leaves a deed."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from tracker.errors import ConflictError, NotFoundError
from tracker.people.administration import AccountRow, Deed, Rights
from tracker.people.names import checked_name
from tracker.people.roles import Role
from tracker.store.accounts import no_account
from tracker.store.deeds import newest, record
from tracker.store.teams import Teams
from tracker.store.visitors import Visitors

ACCOUNTS = text("""
SELECT a.id, username, deactivated_at IS NULL AS active, password_hash IS NOT NULL AS has_password,
       totp_secret IS NOT NULL AS totp, oidc_subject IS NOT NULL AS oidc, all_teams, visitor_id,
       ARRAY(SELECT role FROM account_role WHERE account_id = a.id ORDER BY role) AS roles,
       ARRAY(SELECT team_id FROM account_team WHERE account_id = a.id ORDER BY team_id) AS teams,
       (SELECT extract(epoch FROM max(seen_at))::float8 FROM web_session s WHERE s.account_id = a.id) AS seen_at
FROM account a ORDER BY username""")
ADMINISTRATORS = text("""
SELECT count(*) FROM account a JOIN account_role r ON r.account_id = a.id
WHERE r.role = 'administrator' AND a.deactivated_at IS NULL""")
SET = text("UPDATE account SET all_teams = :all_teams WHERE id = :id RETURNING username")
SET_VISITOR = text("UPDATE account SET visitor_id = :visitor WHERE id = :id RETURNING username")
VISITOR_TAKEN = text("SELECT username FROM account WHERE visitor_id = :visitor AND id <> :id")
SET_PASSWORD = text("UPDATE account SET password_hash = :hash WHERE id = :id")
FORGET = "DELETE FROM account_role WHERE account_id = :id", "DELETE FROM account_team WHERE account_id = :id"
ADD_ROLE = text("INSERT INTO account_role VALUES (:id, :role)")
ADD_TEAM = text("INSERT INTO account_team VALUES (:id, :team)")
LINK = text("""
INSERT INTO password_link (token_sha256, account_id, expires_at)
VALUES (:digest, :id, now() + make_interval(secs => :lasts_s))""")
ONE_AT_A_TIME = text("LOCK TABLE account_role IN SHARE ROW EXCLUSIVE MODE")


class PostgresRights(Teams, Visitors):
    """`tracker.people.administration.Administration` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)

    def accounts(self) -> Sequence[AccountRow]:  # noqa: D102  stands at the port, as below
        with self._engine.connect() as connection:
            found = [dict(row) for row in connection.execute(ACCOUNTS).mappings()]
        return [AccountRow(**(row | _tuples(row))) for row in found]

    def add_account(self, by: str, username: str, rights: Rights) -> int:  # noqa: D102
        username = checked_name("account", username)
        add = text("INSERT INTO account (username) VALUES (:username) RETURNING id")
        try:
            with self._engine.begin() as connection:
                account_id = int(connection.execute(add, {"username": username}).scalar_one())
                _write(connection, account_id, rights)
                record(connection, by, "account_added", username, _said(rights))
        except IntegrityError as error:
            raise _refused(error, username) from error
        return account_id

    def let_in(self, by: str, username: str, password_hash: str, rights: Rights) -> bool:
        """Add an account with a password and rights, or change its password alone; whether it is new."""
        username = checked_name("account", username)
        query = text("SELECT id FROM account WHERE username = :username")
        with self._engine.connect() as connection:
            known = connection.execute(query, {"username": username}).scalar()
        account_id = int(known) if known is not None else self.add_account(by, username, rights)
        with self._engine.begin() as connection:
            connection.execute(SET_PASSWORD, {"id": account_id, "hash": password_hash})
            connection.execute(text("DELETE FROM web_session WHERE account_id = :id"), {"id": account_id})
            record(connection, by, "password_set", username)
        return known is None

    def set_rights(self, by: str, account_id: int, rights: Rights) -> None:  # noqa: D102
        try:
            with self._administered() as connection:
                for statement in FORGET:
                    connection.execute(text(statement), {"id": account_id})
                username = _write(connection, account_id, rights)
                record(connection, by, "rights_changed", username, _said(rights))
        except IntegrityError as error:
            raise _refused(error, str(account_id)) from error

    def set_visitor(self, by: str, account_id: int, visitor_id: int | None) -> None:  # noqa: D102
        given = {"id": account_id, "visitor": visitor_id}
        try:
            with self._engine.begin() as connection:
                connection.execute(ONE_AT_A_TIME)
                if taken := connection.execute(VISITOR_TAKEN, given).scalar():
                    raise ConflictError(f"Visitor {visitor_id} is {taken} already.", "Take it from that account first.")
                username = _named(connection.execute(SET_VISITOR, given).scalar(), account_id)
                record(connection, by, "visitor_named", username, {"visitor_id": visitor_id})
        except IntegrityError as error:
            raise _refused(error, str(account_id)) from error

    def set_active(self, by: str, account_id: int, *, active: bool) -> None:  # noqa: D102
        change = text(
            "UPDATE account SET deactivated_at = CASE WHEN NOT :active THEN coalesce(deactivated_at, now()) END "
            "WHERE id = :id RETURNING username"
        )
        with self._administered() as connection:
            username = _named(connection.execute(change, {"id": account_id, "active": active}).scalar(), account_id)
            if not active:
                connection.execute(text("DELETE FROM web_session WHERE account_id = :id"), {"id": account_id})
            record(connection, by, "account_activated" if active else "account_deactivated", username)

    def make_link(self, by: str, account_id: int, digest: bytes, lasts_s: float) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            username = self._name_of(connection, account_id)
            connection.execute(text("DELETE FROM password_link WHERE account_id = :id"), {"id": account_id})
            connection.execute(LINK, {"id": account_id, "digest": digest, "lasts_s": lasts_s})
            record(connection, by, "password_link_made", username)

    def note_sessions_ended(self, by: str, account_id: int) -> None:  # noqa: D102
        with self._engine.begin() as connection:
            record(connection, by, "sessions_ended", self._name_of(connection, account_id))

    def drop_totp(self, by: str, account_id: int) -> None:  # noqa: D102
        drop = text("UPDATE account SET totp_secret = NULL WHERE id = :id RETURNING username")
        with self._engine.begin() as connection:
            username = _named(connection.execute(drop, {"id": account_id}).scalar(), account_id)
            record(connection, by, "totp_dropped", username)

    def forget_identity(self, by: str, account_id: int) -> None:  # noqa: D102
        forget = text("UPDATE account SET oidc_issuer = NULL, oidc_subject = NULL WHERE id = :id RETURNING username")
        with self._engine.begin() as connection:
            username = _named(connection.execute(forget, {"id": account_id}).scalar(), account_id)
            record(connection, by, "identity_forgotten", username)

    def deeds(self, limit: int) -> Sequence[Deed]:  # noqa: D102
        with self._engine.connect() as connection:
            return newest(connection, limit)

    def account_id(self, username: str) -> int:
        """The number of a user name; NotFoundError if nobody has it."""
        query = text("SELECT id FROM account WHERE username = :username")
        with self._engine.connect() as connection:
            found = connection.execute(query, {"username": username}).scalar()
        if found is None:
            raise no_account(username)
        return int(found)

    @contextmanager
    def _administered(self) -> Iterator[Connection]:
        """A change that must leave somebody who administers, if there was anybody."""
        with self._engine.begin() as connection:
            connection.execute(ONE_AT_A_TIME)
            before = connection.execute(ADMINISTRATORS).scalar_one()
            yield connection
            if before and not connection.execute(ADMINISTRATORS).scalar_one():
                raise ConflictError(
                    "Nobody would be an administrator any more.", "Make somebody else an administrator first."
                )

    @staticmethod
    def _name_of(connection: Connection, account_id: int) -> str:
        query = text("SELECT username FROM account WHERE id = :id")
        return _named(connection.execute(query, {"id": account_id}).scalar(), account_id)


def _named(username: str | None, account_id: int) -> str:
    if username is None:
        raise no_account(account_id)
    return username


def _write(connection: Connection, account_id: int, rights: Rights) -> str:
    given = {"id": account_id, "all_teams": rights.all_teams}
    username = _named(connection.execute(SET, given).scalar(), account_id)
    for role in sorted(rights.roles):
        connection.execute(ADD_ROLE, {"id": account_id, "role": role.value})
    for team in sorted(rights.teams):
        connection.execute(ADD_TEAM, {"id": account_id, "team": team})
    return username


def _said(rights: Rights) -> dict[str, object]:
    teams: str | Collection[int] = "all" if rights.all_teams else sorted(rights.teams)
    return {"roles": sorted(rights.roles), "teams": teams}


def _tuples(row: dict[str, object]) -> dict[str, object]:
    return {"roles": tuple(Role(role) for role in row["roles"]), "teams": tuple(row["teams"])}  # type: ignore[attr-defined, arg-type]  # arrays


def _refused(error: IntegrityError, account: str) -> ConflictError | NotFoundError:
    if "ForeignKey" in type(error.orig).__name__:
        return NotFoundError("There is no such team or visitor.", "Look at the lists, and try again.")
    return ConflictError(f"There is an account {account} already.", "Choose another user name.")

"""Sessions of those who are logged in: a row each, found by the digest of a token that only the browser holds."""

from collections.abc import Sequence

from sqlalchemy import Engine, text

from tracker.people.accounts import Credential, SessionRow, Stage
from tracker.people.roles import Principal, Role, Scope

TOUCH_S = 30.0
OPEN = text("""
INSERT INTO web_session (token_sha256, account_id, stage, ends_at, address, agent)
VALUES (:digest, :account, :stage, now() + make_interval(secs => :lasts_s), :address, :agent)""")
IN_FORCE = "s.stage = 'open' AND s.ends_at > now() AND s.seen_at > now() - make_interval(secs => :idle_s)"
PRINCIPAL = text(f"""
SELECT a.id, a.username, a.all_teams, a.visitor_id, s.id AS session_id,
       s.seen_at < now() - make_interval(secs => :touch_s) AS stale,
       ARRAY(SELECT role FROM account_role WHERE account_id = a.id) AS roles,
       ARRAY(SELECT team_id FROM account_team WHERE account_id = a.id) AS teams
FROM web_session s JOIN account a ON a.id = s.account_id
WHERE s.token_sha256 = :digest AND {IN_FORCE} AND a.deactivated_at IS NULL""")  # noqa: S608
TOUCH = text("UPDATE web_session SET seen_at = now() WHERE id = :id")
PENDING = text("""
SELECT a.id AS account_id, a.username, a.password_hash, a.totp_secret
FROM web_session s JOIN account a ON a.id = s.account_id
WHERE s.token_sha256 = :digest AND s.stage = 'code' AND s.ends_at > now() AND a.deactivated_at IS NULL""")
OF_ACCOUNT = text(f"""
SELECT id, extract(epoch FROM opened_at)::float8 AS opened_at, extract(epoch FROM seen_at)::float8 AS seen_at,
       extract(epoch FROM ends_at)::float8 AS ends_at, address, agent, token_sha256 = :current AS current
FROM web_session s WHERE account_id = :account AND {IN_FORCE} ORDER BY seen_at DESC, id DESC""")  # noqa: S608
SWEEP = text("DELETE FROM web_session WHERE ends_at < now()")


class PostgresSessions:
    """`tracker.people.accounts.Sessions` on PostgreSQL, by the database's clock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, account_id: int, digest: bytes, stage: Stage, lasts_s: float, client: tuple[str, str]) -> None:  # noqa: D102  stands at the port, as below
        given = {"account": account_id, "digest": digest, "stage": stage, "lasts_s": lasts_s}
        with self._engine.begin() as connection:
            connection.execute(SWEEP)
            connection.execute(OPEN, given | {"address": client[0], "agent": client[1]})

    def principal(self, digest: bytes, idle_s: float) -> Principal | None:  # noqa: D102
        given = {"digest": digest, "idle_s": idle_s, "touch_s": min(TOUCH_S, idle_s / 10)}
        with self._engine.begin() as connection:
            found = connection.execute(PRINCIPAL, given).one_or_none()
            if found is None:
                return None
            if found.stale:
                connection.execute(TOUCH, {"id": found.session_id})
        scope = Scope(frozenset(found.teams), everybody=found.all_teams)
        roles = frozenset(Role(role) for role in found.roles)
        return Principal(found.id, found.username, roles, scope, found.session_id, found.visitor_id)

    def pending(self, digest: bytes) -> Credential | None:  # noqa: D102
        with self._engine.connect() as connection:
            found = connection.execute(PENDING, {"digest": digest}).mappings().one_or_none()
        return None if found is None else Credential(**found)

    def end(self, digest: bytes) -> None:  # noqa: D102
        self._delete("token_sha256 = :digest", digest=digest)

    def of_account(self, account_id: int, idle_s: float, current: bytes) -> Sequence[SessionRow]:  # noqa: D102
        given = {"account": account_id, "idle_s": idle_s, "current": current}
        with self._engine.connect() as connection:
            return [SessionRow(**row) for row in connection.execute(OF_ACCOUNT, given).mappings()]

    def end_one(self, account_id: int, session_id: int) -> bool:  # noqa: D102
        return self._delete("account_id = :account AND id = :id", account=account_id, id=session_id) > 0

    def end_all(self, account_id: int, but: bytes = b"") -> None:  # noqa: D102
        self._delete("account_id = :account AND token_sha256 <> :but", account=account_id, but=but)

    def _delete(self, condition: str, **given: object) -> int:
        with self._engine.begin() as connection:
            return connection.execute(text(f"DELETE FROM web_session WHERE {condition}"), given).rowcount  # noqa: S608

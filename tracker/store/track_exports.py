"""Exports of past tracks: asked for, agreed to by a second person, taken. Visitors are read as the reader role."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, text

from tracker.errors import ConflictError, NotFoundError
from tracker.past.replay import Past, Window
from tracker.past.track_exports import COUNTED_TOGETHER_S, Export, State, needs_two
from tracker.past.track_files import Format
from tracker.people.roles import EVERYBODY, Action, Principal
from tracker.store.reader import walled
from tracker.store.track_book import count_of, names_of, past_of, require_few, write_look

NOW = text("SELECT extract(epoch FROM now())::float8")
HOLD_ACCOUNT = text("SELECT id FROM account WHERE id = :account FOR UPDATE")
TAKEN_ALONE = text("""
SELECT coalesce(sum(fixes), 0) FROM track_export
WHERE account_id = :account AND NOT two_people AND asked_at > now() - make_interval(secs => :within_s)""")
ADD = text("""
INSERT INTO track_export (account_id, username, asked_at, visitors, from_at, to_at, form, purpose, fixes, two_people)
VALUES (:account, :username, now(), :visitors, to_timestamp(:from_at), to_timestamp(:to_at), :form, :purpose, :fixes,
        :two_people) RETURNING id""")
SELECT = """
SELECT id, account_id, username, extract(epoch FROM asked_at)::float8, visitors,
       extract(epoch FROM from_at)::float8, extract(epoch FROM to_at)::float8,
       ARRAY(SELECT coalesce(v.name, '') FROM unnest(visitors) WITH ORDINALITY AS asked (id, place)
             LEFT JOIN visitor v ON v.id = asked.id ORDER BY place),
       form, purpose, fixes, two_people, extract(epoch FROM decided_at)::float8, decided_by, approved, taken
FROM track_export """
NEWEST = " ORDER BY id DESC LIMIT :limit"
OWN = text(SELECT + "WHERE account_id = :account" + NEWEST)
OF_OTHERS = text(SELECT + "WHERE account_id <> :account AND two_people AND visitors <@ CAST(:seen AS int[])" + NEWEST)
ONE = text(SELECT + "WHERE id = :id FOR UPDATE")
SEEN = text("SELECT id FROM visitor")
DECIDE = text("""
UPDATE track_export SET decided_at = now(), decider_id = :account, decided_by = :username, approved = :approve
WHERE id = :id""")
TAKE = text("UPDATE track_export SET taken = taken + 1 WHERE id = :id")


class PostgresExportBook:
    """`tracker.past.track_exports.ExportBook` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, who: Principal, window: Window, purpose: str, form: Format) -> Export:  # noqa: D102  at the port
        with self._engine.begin() as connection:
            account = {"account": who.account_id}
            connection.execute(HOLD_ACCOUNT, account)  # two at once would not know of one another
            with walled(connection, who.scope):
                names_of(connection, window)
                fixes = count_of(connection, window, _now(connection))
            require_few(fixes)
            alone = connection.execute(TAKEN_ALONE, account | {"within_s": COUNTED_TOGETHER_S}).scalar_one()
            added = connection.execute(ADD, account | {
                "username": who.username, "visitors": list(window.visitors), "from_at": window.from_at,
                "to_at": window.to_at, "form": form, "purpose": purpose, "fixes": fixes,
                "two_people": needs_two(fixes, int(alone)),
            })  # fmt: skip
            return _one(connection, added.scalar_one())

    def of(self, who: Principal, limit: int) -> Sequence[Export]:  # noqa: D102
        with self._engine.connect() as connection:
            rows = connection.execute(OWN, {"account": who.account_id, "limit": limit})
            return [_export(row) for row in rows]

    def to_decide(self, who: Principal, limit: int) -> Sequence[Export]:  # noqa: D102
        with self._engine.begin() as connection:
            given = {"account": who.account_id, "seen": _seen(connection, who), "limit": limit}
            return [_export(row) for row in connection.execute(OF_OTHERS, given)]

    def decide(self, who: Principal, export_id: int, *, approve: bool) -> Export:  # noqa: D102
        with self._engine.begin() as connection:
            export = _one(connection, export_id)
            is_theirs = export.two_people and export.by_id != who.account_id
            if not is_theirs or not set(export.window.visitors) <= set(_seen(connection, who)):
                raise _missing(export_id)
            if export.state(_now(connection)) is not State.WAITING:
                raise ConflictError("It doesn't wait for anybody any more.", "Look at it again.")
            given = {"id": export_id, "account": who.account_id, "username": who.username, "approve": approve}
            connection.execute(DECIDE, given)
            return _one(connection, export_id)

    def take(self, who: Principal, export_id: int) -> tuple[Export, Past]:  # noqa: D102
        with self._engine.begin() as connection:
            export = _one(connection, export_id)
            if export.by_id != who.account_id:
                raise _missing(export_id)
            if export.state(_now(connection)) not in {State.READY, State.APPROVED}:
                raise ConflictError("Nobody has approved it, or that was too long ago.", "Ask for it again.")
            with walled(connection, who.scope):
                past = past_of(connection, export.window, known_at=export.asked_at)
                write_look(connection, who, export.window, export.look())
            connection.execute(TAKE, {"id": export_id})
            return _one(connection, export_id), past


def _seen(connection: Connection, who: Principal) -> list[int]:
    """Whose exports somebody may decide: those of their teams; of everybody for who reads every look."""
    with walled(connection, EVERYBODY if who.may(Action.AUDIT) else who.scope):
        return [row.id for row in connection.execute(SEEN)]


def _one(connection: Connection, export_id: int) -> Export:
    row = connection.execute(ONE, {"id": export_id}).one_or_none()
    if row is None:
        raise _missing(export_id)
    return _export(row)


def _export(row: Sequence[Any]) -> Export:
    id_, by_id, by, asked_at, visitors, from_at, to_at, names, *rest = row
    return Export(id_, by_id, by, asked_at, Window(tuple(visitors), from_at, to_at), tuple(names), *rest)


def _now(connection: Connection) -> float:
    return float(connection.execute(NOW).scalar_one())


def _missing(export_id: int) -> NotFoundError:
    return NotFoundError(f"There is no export {export_id}.", "Choose one of the list.")

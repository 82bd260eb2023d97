"""Teams: which visitors are watched by the same supervisors."""

from collections.abc import Collection, Sequence

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tracker.errors import ConflictError, NotFoundError
from tracker.people.administration import Team
from tracker.people.names import checked_name
from tracker.store.deeds import record

TEAMS = text("""
SELECT id, name, (SELECT count(*) FROM visitor WHERE team_id = team.id) AS visitors
FROM team WHERE CAST(:ids AS int[]) IS NULL OR id = ANY(CAST(:ids AS int[])) ORDER BY name""")
MOVE = text("UPDATE visitor SET team_id = :team WHERE id = :visitor RETURNING name")


class Teams:
    """Adds, renames and fills teams; every change leaves a deed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def teams(self, ids: Collection[int] | None = None) -> Sequence[Team]:
        """All teams, or some, by name."""
        with self._engine.connect() as connection:
            found = connection.execute(TEAMS, {"ids": None if ids is None else list(ids)})
            return [Team(**row) for row in found.mappings()]

    def add_team(self, by: str, name: str) -> int:
        """A team; ConflictError if the name is taken."""
        name = checked_name("team", name)
        add = text("INSERT INTO team (name) VALUES (:name) RETURNING id")
        try:
            with self._engine.begin() as connection:
                team_id = int(connection.execute(add, {"name": name}).scalar_one())
                record(connection, by, "team_added", name)
        except IntegrityError as error:
            raise taken(name) from error
        return team_id

    def rename_team(self, by: str, team_id: int, name: str) -> None:
        """Give a team another name."""
        name = checked_name("team", name)
        change = text("UPDATE team SET name = :name WHERE id = :id RETURNING id")
        try:
            with self._engine.begin() as connection:
                if connection.execute(change, {"name": name, "id": team_id}).scalar() is None:
                    raise no_team(team_id)
                record(connection, by, "team_renamed", name, {"id": team_id})
        except IntegrityError as error:
            raise taken(name) from error

    def put_in_team(self, by: str, visitor_id: int, team_id: int | None) -> None:
        """Move a visitor to a team, or out of all."""
        try:
            with self._engine.begin() as connection:
                name = connection.execute(MOVE, {"team": team_id, "visitor": visitor_id}).scalar()
                if name is None:
                    raise NotFoundError(
                        f"There is no visitor {visitor_id}.", "`keepclear visitors list` shows who is enrolled."
                    )
                record(connection, by, "visitor_moved", f"{visitor_id} {name}", {"team": team_id})
        except IntegrityError as error:
            raise no_team(team_id) from error


def taken(name: str) -> ConflictError:
    """Another team is called so."""
    return ConflictError(f"There is a team {name} already.", "Choose another name.")


def no_team(team_id: object) -> NotFoundError:
    """There is no team of this number or name."""
    return NotFoundError(f"There is no team {team_id}.", "`keepclear teams list` shows them.")

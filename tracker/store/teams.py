"""Teams: which visitors are watched by the same supervisors."""

from collections.abc import Collection, Sequence

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tracker.administration import DeviceRow, Team, VisitorRow
from tracker.errors import ConflictError, NotFoundError
from tracker.names import checked_name
from tracker.store.deeds import record

TEAMS = text("""
SELECT id, name, (SELECT count(*) FROM visitor WHERE team_id = team.id) AS visitors
FROM team WHERE CAST(:ids AS int[]) IS NULL OR id = ANY(CAST(:ids AS int[])) ORDER BY name""")
VISITORS = text("""
SELECT id, name, team_id AS team,
       (SELECT count(*) FROM device d WHERE d.visitor_id = v.id AND d.revoked_at IS NULL) AS phones
FROM visitor v ORDER BY name, id""")
DEVICES = text("""
SELECT name, visitor_id, platform, extract(epoch FROM enrolled_at)::float8 AS enrolled_at,
       (SELECT max(extract(epoch FROM received_at))::float8 FROM track WHERE device_id = d.id) AS heard_at,
       extract(epoch FROM revoked_at)::float8 AS revoked_at
FROM device d ORDER BY name""")
REVOKE = text("UPDATE device SET revoked_at = now() WHERE name = :name AND revoked_at IS NULL RETURNING id")
KNOWN = text("SELECT id FROM device WHERE name = :name")
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

    def visitors(self) -> Sequence[VisitorRow]:
        """Everybody who is enrolled, by name."""
        with self._engine.connect() as connection:
            return [VisitorRow(**row) for row in connection.execute(VISITORS).mappings()]

    def devices(self) -> Sequence[DeviceRow]:
        """Every phone, revoked ones too, by name."""
        with self._engine.connect() as connection:
            return [DeviceRow(**row) for row in connection.execute(DEVICES).mappings()]

    def revoke_device(self, by: str, name: str) -> None:
        """Refuse a phone from now on; a second time changes nothing."""
        with self._engine.begin() as connection:
            if connection.execute(REVOKE, {"name": name}).scalar() is not None:
                record(connection, by, "device_revoked", name)
            elif connection.execute(KNOWN, {"name": name}).scalar() is None:
                raise NotFoundError(f"There is no device {name}.", "`keepclear visitors list` shows the devices.")

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

"""Visitors, their devices and shifts, and the accounts of those who watch."""

import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import get_args

from psycopg import Connection
from psycopg.errors import ExclusionViolation, ForeignKeyViolation, UniqueViolation
from sqlalchemy import Engine, text

from geofences.containment import Platform
from tracker.errors import ConflictError, NotFoundError
from tracker.excuse import Excuse
from tracker.people.names import checked_name
from tracker.shift import Enrolment, Shift
from tracker.store.connection import Row, rows

SECRET_TRUSTED_S = 60.0
ENROLMENTS = """
SELECT d.name, d.id, d.visitor_id, d.platform, v.consented_at IS NOT NULL, d.revoked_at IS NOT NULL,
       coalesce(s.ids, '{}'), coalesce(s.opened, '{}'), coalesce(s.closed, '{}'), coalesce(e.excuses, '[]')
FROM device d JOIN visitor v ON v.id = d.visitor_id
LEFT JOIN LATERAL (
  SELECT array_agg(id ORDER BY opened_at) AS ids,
         array_agg(extract(epoch FROM opened_at)::float8 ORDER BY opened_at) AS opened,
         array_agg(extract(epoch FROM closed_at)::float8 ORDER BY opened_at) AS closed
  FROM shift s WHERE visitor_id = v.id AND (coalesce(closed_at, 'infinity') > now() - make_interval(secs => %s)
    OR EXISTS (SELECT FROM track WHERE device_id = d.id AND shift_id = s.id AND NOT finished))) s ON true
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_array(zone_id, extract(epoch FROM from_at), extract(epoch FROM to_at)) ORDER BY id)
         AS excuses
  FROM excuse WHERE visitor_id = v.id AND withdrawn_at IS NULL
    AND coalesce(to_at, 'infinity') > now() - make_interval(secs => %s)) e ON true
WHERE d.name = ANY(%s)"""
VISITORS = """
SELECT v.id, v.name, v.consented_at IS NOT NULL,
       coalesce(array_agg(d.name ORDER BY d.name) FILTER (WHERE d.revoked_at IS NULL AND d.id IS NOT NULL), '{}'),
       (SELECT extract(epoch FROM opened_at)::float8 FROM shift WHERE visitor_id = v.id AND closed_at IS NULL)
FROM visitor v LEFT JOIN device d ON d.visitor_id = v.id GROUP BY v.id ORDER BY v.id"""
CONSENT = """
UPDATE visitor SET consented_at = CASE WHEN %s THEN coalesce(consented_at, now()) END WHERE id = %s RETURNING id"""
FIXES_OF = "SELECT EXISTS (SELECT FROM fix WHERE device_id IN (SELECT id FROM device WHERE visitor_id = %s))"
FORGET = (
    "DELETE FROM device WHERE visitor_id = %s",
    "DELETE FROM shift WHERE visitor_id = %s",
    "DELETE FROM visit WHERE visitor_id = %s",
    "DELETE FROM visitor WHERE id = %s",
)
"""Whatever else was recorded refers to one of these rows, so the database refuses to delete them."""
ADD_DEVICE = """
INSERT INTO device (name, visitor_id, platform, shard, secret_sha256) VALUES (%s, %s, %s, %s, %s) RETURNING id"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A field visitor as the administration sees one."""

    id: int
    name: str
    consented: bool
    devices: tuple[str, ...]
    shift_opened_at: float | None


@dataclass(frozen=True, slots=True)
class Removal:
    """Who was removed (as they were before), and whether nothing of them is left."""

    visitor: Visitor
    deleted: bool


def secret_digest(secret: str) -> bytes:
    """Digest of a device's secret: random 128 bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def enrolments(connection: "Connection[Row]", devices: Collection[str], late_s: float) -> dict[str, Enrolment]:
    """The devices that exist, each with its shifts that may still receive fixes."""
    found = rows(connection, ENROLMENTS, late_s, late_s, list(devices))
    return {
        name: Enrolment(
            device_id, name, visitor_id, consented, revoked, platform,
            tuple(Shift(*shift) for shift in zip(ids, opened, closed, strict=True)),
            tuple(Excuse(*excuse) for excuse in excuses),
        )
        for name, device_id, visitor_id, platform, consented, revoked, ids, opened, closed, excuses in found
    }  # fmt: skip


class People:
    """Administration of visitors, devices and shifts."""

    def __init__(self, connection: "Connection[Row]") -> None:
        self._connection = connection

    def add_visitor(self, name: str, *, consented: bool) -> int:
        """Enrol a person; tracking needs their separate consent."""
        name = checked_name("visitor", name)
        added = rows(
            self._connection,
            "INSERT INTO visitor (name, consented_at) VALUES (%s, CASE WHEN %s THEN now() END) RETURNING id",
            name,
            consented,
        )
        return int(added[0][0])

    def consent(self, visitor_id: int, *, given: bool) -> None:
        """Record that a visitor gave or withdrew consent; withdrawal is as easy as giving."""
        changed = rows(
            self._connection,
            CONSENT,
            given,
            visitor_id,
        )
        if not changed:
            raise no_visitor(visitor_id)

    def rename_visitor(self, visitor_id: int, name: str) -> None:
        """Correct a person's name; what was recorded is theirs by number and stays."""
        name = checked_name("visitor", name)
        if not rows(self._connection, "UPDATE visitor SET name = %s WHERE id = %s RETURNING id", name, visitor_id):
            raise no_visitor(visitor_id)

    def remove_visitor(self, visitor_id: int) -> Removal:
        """Let a person go: deleted if nothing was ever recorded, else withdrawn, revoked and off shift.

        Retention, not the administration, decides when what was recorded expires.
        """
        with self._connection.transaction():
            visitor = next((each for each in self.visitors() if each.id == visitor_id), None)
            if visitor is None:
                raise no_visitor(visitor_id)
            deleted = self._forget(visitor_id)
            if not deleted:
                self._retire(visitor)
        return Removal(visitor, deleted)

    def _forget(self, visitor_id: int) -> bool:
        """Delete a person of whom nothing was recorded; False if something was."""
        if rows(self._connection, FIXES_OF, visitor_id)[0][0]:  # fixes are partitioned and refer to no row
            return False
        try:
            with self._connection.transaction():
                for statement in FORGET:
                    self._connection.execute(statement, [visitor_id])
        except ForeignKeyViolation:
            return False
        return True

    def _retire(self, visitor: Visitor) -> None:
        self.consent(visitor.id, given=False)
        for device in visitor.devices:
            self.revoke_device(device)
        if visitor.shift_opened_at is not None:
            self.close_shift(visitor.id)

    def add_device(self, name: str, visitor_id: int, *, platform: str, shard: int, secret: str) -> int:
        """Give a visitor a device; its name is also its MQTT user name."""
        name = checked_name("device", name)
        if platform not in get_args(Platform):
            raise ConflictError(f"There is no platform {platform!r}.", f"It is one of {', '.join(get_args(Platform))}.")
        if not rows(self._connection, "SELECT 1 FROM visitor WHERE id = %s", visitor_id):
            raise no_visitor(visitor_id)
        try:
            added = rows(
                self._connection,
                ADD_DEVICE,
                name,
                visitor_id,
                platform,
                shard,
                secret_digest(secret),
            )
        except UniqueViolation as error:
            raise ConflictError(f"A device named {name} exists already.", "Choose another name with --name.") from error
        return int(added[0][0])

    def revoke_device(self, name: str) -> None:
        """The device is refused from now on."""
        if not rows(
            self._connection,
            "UPDATE device SET revoked_at = coalesce(revoked_at, now()) WHERE name = %s RETURNING id",
            name,
        ):
            raise NotFoundError(f"There is no device {name}.", "`keepclear devices list` shows them all.")

    def open_shift(self, visitor_id: int, at: float | None = None) -> int:
        """Start a shift; tracking is allowed from this moment.

        Raises:
            ConflictError: the visitor has not consented, or a shift covers this moment already.
        """
        consented = rows(self._connection, "SELECT consented_at IS NOT NULL FROM visitor WHERE id = %s", visitor_id)
        if not consented:
            raise no_visitor(visitor_id)
        if not consented[0][0]:
            raise ConflictError(
                f"Visitor {visitor_id} has not consented to tracking.",
                f"Once consent is given, record it: keepclear visitors consent {visitor_id}",
            )
        try:
            opened = rows(
                self._connection,
                "INSERT INTO shift (visitor_id, opened_at) VALUES (%s, to_timestamp(%s)) RETURNING id",
                visitor_id,
                time.time() if at is None else at,
            )
        except ExclusionViolation as error:
            raise ConflictError(
                f"Visitor {visitor_id} has a shift that covers this moment.",
                f"Close it: keepclear shift close {visitor_id}",
            ) from error
        return int(opened[0][0])

    def close_shift(self, visitor_id: int, at: float | None = None) -> int:
        """End the open shift; what is measured after this moment is refused."""
        closed = rows(
            self._connection,
            "UPDATE shift SET closed_at = greatest(opened_at, to_timestamp(%s)) "
            "WHERE visitor_id = %s AND closed_at IS NULL RETURNING id",
            time.time() if at is None else at,
            visitor_id,
        )
        if not closed:
            raise NotFoundError(
                f"Visitor {visitor_id} has no open shift.", f"Open one: keepclear shift open {visitor_id}"
            )
        return int(closed[0][0])

    def visitors(self) -> list[Visitor]:
        """Everybody, with their devices and whether they are on a shift."""
        found = rows(self._connection, VISITORS)
        return [
            Visitor(id_, name, consented, tuple(devices), opened) for id_, name, consented, devices, opened in found
        ]


def no_visitor(visitor_id: int) -> NotFoundError:
    """Nobody has this number."""
    return NotFoundError(f"There is no visitor {visitor_id}.", "`keepclear visitors list` shows who is enrolled.")


class DeviceSecrets:
    """Checks device secrets on pooled connections; what was right stays right for a minute."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._right_until: dict[tuple[str, bytes], float] = {}

    def device_secret_matches(self, name: str, secret: str) -> bool:
        """Whether this is the secret that the device was given (and it is not revoked)."""
        now, key = self._clock(), (name, secret_digest(secret))
        if self._right_until.get(key, 0.0) > now:
            return True
        query = text("SELECT 1 FROM device WHERE name = :name AND secret_sha256 = :digest AND revoked_at IS NULL")
        with self._engine.connect() as connection:
            right = connection.execute(query, {"name": name, "digest": key[1]}).scalar() is not None
        if right:
            self._right_until[key] = now + SECRET_TRUSTED_S
        return right

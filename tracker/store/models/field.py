"""Who is out: visitors, their phones, shifts, visits and excuses."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import NOW, Base


class Visitor(Base):
    """A field visitor; `consented_at` is the separate consent to tracking during shifts."""

    __tablename__ = "visitor"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    consented_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)


class Device(Base):
    """A phone that carries MQTT credentials; the broker keeps its password, we keep a digest for HTTP."""

    __tablename__ = "device"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"), index=True)
    platform: Mapped[str] = mapped_column(server_default="android")
    shard: Mapped[int]
    secret_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    enrolled_at: Mapped[datetime] = mapped_column(server_default=NOW)
    revoked_at: Mapped[datetime | None]


class Shift(Base):
    """A duty period; a visitor has one at a time (exclusion constraint in the migration)."""

    __tablename__ = "shift"
    __table_args__ = (Index("shift_open", "visitor_id", postgresql_where=text("closed_at IS NULL")),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class VisitRow(Base):
    """A planned visit by its case reference; cancelled, never deleted."""

    __tablename__ = "visit"
    __table_args__ = (Index("visit_of", "visitor_id", "to_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"))
    case_ref: Mapped[str]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    cancelled_at: Mapped[datetime | None]
    planned_by: Mapped[str] = mapped_column(server_default="")
    cancelled_by: Mapped[str | None]


class ExcuseRow(Base):
    """Leave to be in a zone (null: in any); withdrawn, never deleted."""

    __tablename__ = "excuse"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"), index=True)
    zone_id: Mapped[str | None]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    cause: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    approved_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]

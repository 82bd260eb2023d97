"""What was found and what people did about it: incursions, alerts, deliveries, triage."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import NOW, Base


class IncursionRow(Base):
    """What detection found; revised in place, every revision kept beside it."""

    __tablename__ = "incursion"
    __table_args__ = (Index("incursion_of_track", "device_id", "shift_id"), Index("incursion_changed", "changed_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    zone_id: Mapped[str]
    zone_version: Mapped[int]
    kind: Mapped[str]
    certainty: Mapped[str]
    first_possible_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    exit_at: Mapped[datetime | None]
    p_inside: Mapped[float]
    closest_m: Mapped[float | None]
    content: Mapped[dict[str, Any]]
    revision: Mapped[int]
    retracted: Mapped[bool]
    why: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class IncursionRevision(Base):
    """Every revision of an incursion, as it ended (the newest as it began): nothing that was seen is deleted."""

    __tablename__ = "incursion_revision"
    incursion_id: Mapped[UUID] = mapped_column(ForeignKey("incursion.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    retracted: Mapped[bool]
    why: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)


class AlertRow(Base):
    """The outbox: what must be told to whom; `published_at` is set when the broker has it."""

    __tablename__ = "alert"
    __table_args__ = (Index("alert_outbox", "created_at", postgresql_where=text("published_at IS NULL")),)
    dedup_key: Mapped[str] = mapped_column(primary_key=True)
    incursion_id: Mapped[UUID | None] = mapped_column(ForeignKey("incursion.id"), index=True)
    silence_id: Mapped[int | None] = mapped_column(ForeignKey("silence.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    kind: Mapped[str]
    audience: Mapped[str]
    happened_at: Mapped[datetime]
    revision: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    published_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]


class Delivery(Base):
    """An alert on its way to one recipient: tried until it is delivered or dead."""

    __tablename__ = "delivery"
    dedup_key: Mapped[str] = mapped_column(ForeignKey("alert.dedup_key"), primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    next_at: Mapped[datetime] = mapped_column(server_default=NOW)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    delivered_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(server_default="")


class TriageRow(Base):
    """What people made of an alert: the fold of its deeds, see `tracker.answers.triage`."""

    __tablename__ = "triage"
    __table_args__ = (Index("triage_changed", "changed_at"),)
    alert_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    incursion_id: Mapped[UUID | None] = mapped_column(ForeignKey("incursion.id"), index=True)
    excuse_id: Mapped[int | None] = mapped_column(ForeignKey("excuse.id"), index=True)
    silence_id: Mapped[int | None] = mapped_column(ForeignKey("silence.id"), index=True)
    version: Mapped[int]
    stage: Mapped[str]
    content: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class TriageDeed(Base):
    """One act of one person about an alert; only added."""

    __tablename__ = "triage_deed"
    alert_id: Mapped[str] = mapped_column(ForeignKey("triage.alert_id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str]
    done_by: Mapped[str]
    done_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


class AlertShown(Base):
    """When an alert was first shown to a person."""

    __tablename__ = "alert_shown"
    alert_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    shown_at: Mapped[datetime] = mapped_column(server_default=NOW)
    shown_to: Mapped[str]

"""What phones said: fixes, where each track stands, silences, what is acknowledged and what was refused."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import NOW, Base


class FixRow(Base):
    """One stored fix; partitioned by day of `fix_at` (the partitions are made by the service)."""

    __tablename__ = "fix"
    __table_args__ = {"postgresql_partition_by": "RANGE (fix_at)"}  # noqa: RUF012
    device_id: Mapped[int] = mapped_column(primary_key=True)
    fix_at: Mapped[datetime] = mapped_column(primary_key=True)
    position: Mapped[Any] = mapped_column(Geography("POINT", srid=4326, spatial_index=False), primary_key=True)
    shift_id: Mapped[int] = mapped_column(BigInteger)
    h3_cell: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    built_at: Mapped[datetime | None]
    accuracy_m: Mapped[float | None]
    altitude_m: Mapped[float | None]
    speed_mps: Mapped[float | None]
    heading_deg: Mapped[float | None]
    battery_pct: Mapped[float | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    mock: Mapped[bool | None]
    monotonic_s: Mapped[float | None]
    satellites: Mapped[int | None] = mapped_column(SmallInteger)


class Track(Base):
    """Where one device stands in one shift: its newest fix and the folded state of detection."""

    __tablename__ = "track"
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    fix_at: Mapped[datetime]
    lon: Mapped[float]
    lat: Mapped[float]
    received_at: Mapped[datetime]
    accuracy_m: Mapped[float | None]
    speed_mps: Mapped[float | None]
    heading_deg: Mapped[float | None]
    battery_pct: Mapped[float | None]
    state: Mapped[str]
    zone_id: Mapped[str | None]
    signed_m: Mapped[float | None]
    why: Mapped[str | None]
    fold: Mapped[dict[str, Any]]
    plausibility: Mapped[dict[str, Any] | None]
    finished: Mapped[bool] = mapped_column(server_default=text("false"))
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Contact(Base):
    """What a phone said besides positions: that it lives, and why nothing may follow (`tracker.word`)."""

    __tablename__ = "contact"
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    alive_at: Mapped[datetime | None]
    why: Mapped[str | None]
    why_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Listening(Base):
    """Since when the messages of a shard have been listened to without a break."""

    __tablename__ = "listening"
    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


class SilenceRow(Base):
    """No data from a visitor on shift, see `tracker.silence`; one at a time goes on in a shift."""

    __tablename__ = "silence"
    __table_args__ = (
        UniqueConstraint("shift_id", "since"),
        Index("silence_goes_on", "shift_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("silence_changed", "changed_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)
    since: Mapped[datetime]
    judged_from: Mapped[datetime]
    why: Mapped[str | None]
    red_at: Mapped[datetime | None]
    together: Mapped[bool] = mapped_column(server_default=text("false"))
    reached: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    listed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    over: Mapped[str | None]
    filled: Mapped[bool] = mapped_column(server_default=text("false"))
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Acknowledgement(Base):
    """Which sequence numbers of a device are durable."""

    __tablename__ = "acknowledgement"
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    ledger: Mapped[dict[str, Any]]


class DeclaredLoss(Base):
    """Sequence numbers that a phone says it no longer holds and that never arrived."""

    __tablename__ = "declared_loss"
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    first_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    declared_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Quarantine(Base):
    """What could not be read, with the reason; the payload only if it came within an open shift."""

    __tablename__ = "quarantine"
    __table_args__ = (Index("quarantine_received", "received_at"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    received_at: Mapped[datetime]
    device: Mapped[str | None]
    reason: Mapped[str]
    detail: Mapped[str]
    size_bytes: Mapped[int]
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)


class RefusalCount(Base):
    """How often a device was refused, by day and reason; never what it sent."""

    __tablename__ = "refusal"
    device: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[datetime] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]

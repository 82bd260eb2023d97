"""Where visitors must not be: every version of every zone."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import BigInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import NOW, Base


class Revision(Base):
    """Counters that tell a worker which of its caches is out of date."""

    __tablename__ = "revision"
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, server_default="0")


class ZoneVersion(Base):
    """One immutable version of a zone, in force from `valid_from` until `valid_to`."""

    __tablename__ = "zone_version"
    zone_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str]
    footprint: Mapped[Any] = mapped_column(Geography("GEOMETRY", srid=4326, spatial_index=False))
    standoff_m: Mapped[float]
    warning_m: Mapped[float]
    valid_from: Mapped[datetime] = mapped_column(server_default=NOW)
    valid_to: Mapped[datetime | None]
    source: Mapped[str]
    source_datum: Mapped[str]
    recorded_by: Mapped[str]
    schedule: Mapped[str | None]
    time_zone: Mapped[str | None]
    overrides: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    alike_since: Mapped[int]
    reason: Mapped[str] = mapped_column(server_default="")
    approver: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ended_by: Mapped[str | None]
    ended_why: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    written: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    touched: Mapped[int] = mapped_column(BigInteger, index=True, server_default=text("0"))


class ZonePolicy(Base):
    """What the zones of a category have in common unless they override it; versions as of zones."""

    __tablename__ = "zone_policy"
    category: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    standoff_m: Mapped[float]
    warning_m: Mapped[float]
    schedule: Mapped[str | None]
    time_zone: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    recorded_by: Mapped[str]
    reason: Mapped[str]
    approver: Mapped[str | None]

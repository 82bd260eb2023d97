"""The tables. Times are timestamptz (UTC), positions geography(…,4326), lengths metres."""

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geography
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOW = text("now()")
Time = DateTime(timezone=True)


class Base(DeclarativeBase):
    """All tables of KeepClear."""

    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it as a class attribute
        datetime: Time,
        str: Text,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Account(Base):
    """Somebody who logs in to the live map."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    all_teams: Mapped[bool] = mapped_column(server_default=text("false"))
    visitor_id: Mapped[int | None] = mapped_column(ForeignKey("visitor.id"))
    deactivated_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    oidc_issuer: Mapped[str | None]
    oidc_subject: Mapped[str | None]


class AccountRole(Base):
    """What an account is for, see `tracker.people.roles`."""

    __tablename__ = "account_role"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class Team(Base):
    """Visitors who are watched by the same supervisors."""

    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class AccountTeam(Base):
    """Whose people an account may see, unless it sees everybody."""

    __tablename__ = "account_team"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)


class WebSession(Base):
    """Somebody who is logged in (`open`), or has yet to show the second factor (`code`)."""

    __tablename__ = "web_session"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ends_at: Mapped[datetime]
    address: Mapped[str]
    agent: Mapped[str]


class PasswordLink(Base):
    """A one-time link to set a password."""

    __tablename__ = "password_link"
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Look(Base):
    """Somebody looked at a visitor's track; only ever added."""

    __tablename__ = "look"
    __table_args__ = (Index("look_of_visitor", "visitor_id", "looked_at"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    looked_at: Mapped[datetime] = mapped_column(server_default=NOW)
    account_id: Mapped[int]
    username: Mapped[str]
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    purpose: Mapped[str]


class TrackExport(Base):
    """A past that somebody asked for as a file, and the second person who agreed; never deleted."""

    __tablename__ = "track_export"
    __table_args__ = (Index("track_export_of", "account_id", "asked_at"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int]
    username: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=NOW)
    visitors: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    form: Mapped[str]
    purpose: Mapped[str]
    fixes: Mapped[int]
    two_people: Mapped[bool]
    decided_at: Mapped[datetime | None]
    decider_id: Mapped[int | None]
    decided_by: Mapped[str | None]
    approved: Mapped[bool | None]
    taken: Mapped[int] = mapped_column(server_default=text("0"))


class DeedRow(Base):
    """Who changed which right; only ever added."""

    __tablename__ = "deed"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    done_at: Mapped[datetime] = mapped_column(server_default=NOW)
    username: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


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

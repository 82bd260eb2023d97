"""Who logs in, what they may do, and what they looked at and changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import NOW, Base


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

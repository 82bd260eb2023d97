"""What administrators manage, as pages and commands need it; `tracker.store` keeps it. Times in seconds UTC."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from geofences.containment import Platform
from tracker.people.roles import Role


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as administrators see it. `teams` are numbers; `all_teams` needs none; `oidc`: a provider knows it."""

    id: int
    username: str
    active: bool
    has_password: bool
    totp: bool
    oidc: bool
    roles: tuple[Role, ...]
    all_teams: bool
    teams: tuple[int, ...]
    visitor_id: int | None
    seen_at: float | None


@dataclass(frozen=True, slots=True)
class Rights:
    """What an account may do and whose people it may see."""

    roles: frozenset[Role]
    all_teams: bool = False
    teams: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Team:
    """Visitors who are watched by the same supervisors."""

    id: int
    name: str
    visitors: int = 0


@dataclass(frozen=True, slots=True)
class VisitorRow:
    """A field visitor as administrators see them: whose, and nothing of where. `team` None: in none."""

    id: int
    name: str
    team: int | None
    consented: bool
    phones: int


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A phone as administrators see it: whose, and nothing of where. `heard_at`: when its newest fix came."""

    name: str
    visitor_id: int
    platform: str
    enrolled_at: float
    heard_at: float | None
    revoked_at: float | None


@dataclass(frozen=True, slots=True)
class Deed:
    """Who changed which right of whom."""

    at: float
    by: str
    what: str
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewPhone:
    """What a phone logs in with, and a link that configures the OwnTracks app; the secret is not kept in clear."""

    name: str
    secret: str = field(repr=False)
    topic: str
    link: str = field(repr=False)


class PhoneOffice(Protocol):
    """Enrols and revokes phones. Both raise AccessError or ServiceError if the broker can't be told."""

    def enrol(self, by: str, visitor_id: int, name: str | None, platform: Platform) -> NewPhone:
        """Give a visitor a phone, or change nothing; NameRefusedError for a name that can't be a part of a topic."""

    def revoke(self, by: str, name: str) -> None:
        """Refuse a phone from now on, even if the broker can't be told; a second time tells the broker again."""


class Administration(Protocol):
    """Accounts, their rights, and teams. `by` is the user name of whoever does it: each deed is recorded."""

    def accounts(self) -> Sequence[AccountRow]:
        """Everybody, by user name."""

    def add_account(self, by: str, username: str, rights: Rights) -> int:
        """An account without a password; ConflictError if the name is taken."""

    def set_rights(self, by: str, account_id: int, rights: Rights) -> None:
        """Replace roles and teams; ConflictError if nobody active would administer any more."""

    def set_visitor(self, by: str, account_id: int, visitor_id: int | None) -> None:
        """Say which field visitor somebody is; ConflictError if that visitor has an account already."""

    def set_active(self, by: str, account_id: int, *, active: bool) -> None:
        """Let an account log in, or end its sessions and keep it out."""

    def make_link(self, by: str, account_id: int, digest: bytes, lasts_s: float) -> None:
        """Keep a one-time link for a first or a forgotten password; older ones die."""

    def note_sessions_ended(self, by: str, account_id: int) -> None:
        """Record that somebody ended all sessions of an account; NotFoundError if there is none."""

    def drop_totp(self, by: str, account_id: int) -> None:
        """Forget the second factor, for somebody who lost it."""

    def forget_identity(self, by: str, account_id: int) -> None:
        """Forget whom the OpenID provider knows an account as: the next log-in with its user name decides anew."""

    def teams(self, ids: Collection[int] | None = None) -> Sequence[Team]:
        """All teams, or some, by name."""

    def add_team(self, by: str, name: str) -> int:
        """A team; ConflictError if the name is taken."""

    def rename_team(self, by: str, team_id: int, name: str) -> None:
        """Give a team another name."""

    def visitors(self) -> Sequence[VisitorRow]:
        """Everybody who is enrolled, by name."""

    def add_visitor(self, by: str, name: str, *, consented: bool) -> int:
        """Enrol a person; tracking needs their separate consent."""

    def rename_visitor(self, by: str, visitor_id: int, name: str) -> None:
        """Correct a person's name."""

    def record_consent(self, by: str, visitor_id: int, *, given: bool) -> None:
        """Record that a visitor gave or withdrew consent."""

    def devices(self) -> Sequence[DeviceRow]:
        """Every phone, revoked ones too, by name."""

    def put_in_team(self, by: str, visitor_id: int, team_id: int | None) -> None:
        """Move a visitor to a team, or out of all."""

    def deeds(self, limit: int) -> Sequence[Deed]:
        """The newest deeds."""

"""Accounts and sessions as the pages need them; `tracker.store` keeps them. Times in seconds since 1970 UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from tracker.errors import ConflictError
from tracker.people.roles import Principal
from tracker.people.throttle import TryBook

MIN_PASSWORD = 10
MAX_PASSWORD = 1024
LINK_LASTS_S = 3 * 86_400.0

Stage = Literal["open", "code"]
"""`code`: the password was right and the second factor is still asked for; it opens nothing."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What an account proves itself by; None: it has no such proof."""

    account_id: int
    username: str
    password_hash: str | None
    totp_secret: str | None


class Identity(NamedTuple):
    """Who an OpenID provider says somebody is: the subject, which it never gives to anybody else, and a user name."""

    issuer: str
    subject: str
    username: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as its owner sees it."""

    id: int
    opened_at: float
    seen_at: float
    ends_at: float
    address: str
    agent: str
    current: bool


class Accounts(TryBook, Protocol):
    """Who may log in, by what, and how often somebody tried."""

    def credential(self, username: str) -> Credential | None:
        """Of an active account; None for any other name."""

    def credential_of(self, account_id: int) -> Credential | None:
        """The same by number."""

    def by_identity(self, identity: Identity) -> Credential | None:
        """The active account of an identity; the first time the one of its user name, which is its own from then on."""

    def set_password(self, account_id: int, password_hash: str) -> None:
        """Change the password; links that were made for it die. Sessions are the caller's business."""

    def use_code(self, account_id: int, step: int) -> bool:
        """Note that the code of this time step was used; False if it or a later one was before (RFC 6238, 5.2)."""

    def set_totp(self, account_id: int, secret: str | None) -> None:
        """Turn the second factor on (base32) or off."""

    def redeem(self, link_digest: bytes) -> int | None:
        """Use a one-time link up; its account, or None if it is unknown, used or too old."""

    def linked(self, link_digest: bytes) -> str | None:
        """The user name a link is for, without using it."""


class Sessions(Protocol):
    """Sessions on the server: revocable at once, ended by disuse and by age."""

    def open(self, account_id: int, digest: bytes, stage: Stage, lasts_s: float, client: tuple[str, str]) -> None:
        """Begin one. `digest` is of its token, `client` an address and a browser's name."""

    def principal(self, digest: bytes, idle_s: float) -> Principal | None:
        """Whose open session this is, unless it was unused for longer; counts as use."""

    def pending(self, digest: bytes) -> Credential | None:
        """Whose session waits for a code."""

    def end(self, digest: bytes) -> None:
        """End a session, if it is one."""

    def of_account(self, account_id: int, idle_s: float, current: bytes) -> Sequence[SessionRow]:
        """An account's open sessions, the last used first."""

    def end_one(self, account_id: int, session_id: int) -> bool:
        """End one session of an account; False if it has none of this number."""

    def end_all(self, account_id: int, but: bytes = b"") -> None:
        """End all sessions of an account, but perhaps one."""


def checked_password(password: str) -> str:
    """A password of usable length.

    Raises:
        ConflictError: it is too short or too long.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        what = f"A password has {MIN_PASSWORD} characters or more, and at most {MAX_PASSWORD}."
        raise ConflictError(what, "Choose another: a sentence is easily remembered.")
    return password

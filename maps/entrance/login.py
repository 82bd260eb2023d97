"""Who is logged in: passwords, second factors, the session behind the cookie, and what a wrong guess costs."""

import secrets
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

import pyotp
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Response
from pyotp.utils import strings_equal
from starlette.requests import HTTPConnection

from maps.entrance.tries import address_of, digest_of, limits
from tracker.people.accounts import Accounts, Credential, Sessions
from tracker.people.roles import Principal

CODE_LASTS_S = 300.0
REMEMBERED_S = 300.0
REMEMBERED = 10_000
TOTP_STEP_S = 30
NAME_LOGGED = 64
AGENT_KEPT = 200

log = structlog.get_logger(__name__)


class Verdict(Enum):
    """What became of a log-in."""

    WELCOME = "welcome"
    CODE = "code"
    WRONG = "wrong"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"


class Attempt(NamedTuple):
    """A verdict; the token of the session it opened; if locked, the seconds to wait."""

    verdict: Verdict
    token: str = ""
    wait_s: float = 0.0


class SessionRules(NamedTuple):
    """How long a session lasts: from its last use, and from the log-in however busy it is. Seconds."""

    idle_s: float = 3600.0
    lasts_s: float = 12 * 3600.0
    https: bool = False

    @property
    def cookie(self) -> str:
        """With HTTPS a name that no other host of the domain can set (RFC 6265bis, `__Host-`)."""
        return "__Host-kc_session" if self.https else "kc_session"


DECOY = "$argon2id$v=19$m=65536,t=3,p=4$NfH9F9TCxbf4VlxM6JL6QA$zW6dYMahCJ3Fw37BJ/N7itqtJAGXp/wTH7RfThK3LRY"
"""The hash of a password that nobody knows: an account that doesn't exist takes as long to refuse."""


class Passwords:
    """Argon2, two at a time: each takes 64 MiB."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._hashing = threading.BoundedSemaphore(2)

    def hash(self, password: str) -> str:
        """What is stored of a password."""
        with self._hashing:
            return self._hasher.hash(password)

    def match(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; without a stored hash it takes as long to say no."""
        with self._hashing:
            try:
                return self._hasher.verify(stored or DECOY, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False


class Gate:
    """Opens sessions and says whose they are. Its methods block; any thread may call them."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        rules: SessionRules,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.accounts, self.sessions, self.rules = accounts, sessions, rules
        self.passwords = Passwords()
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, Principal]] = {}

    def log_in(self, connection: HTTPConnection, username: str, password: str) -> Attempt:
        """Try a password; the session it opens replaces the browser's older one."""
        if wait_s := self._begin_try(connection, username):
            return Attempt(Verdict.LOCKED, wait_s=wait_s)
        credential = self.accounts.credential(username)
        if not self.passwords.match(credential.password_hash if credential else None, password) or not credential:
            log_refusal("wrong", username, connection)
            return Attempt(Verdict.WRONG)
        self.accounts.try_was_right(limits(connection, username))
        return self.enter(connection, credential)

    def enter(self, connection: HTTPConnection, credential: Credential | None) -> Attempt:
        """Let somebody in whose password or provider has just spoken for them, or ask for their second factor."""
        if credential is None:
            return Attempt(Verdict.WRONG)
        if credential.totp_secret is not None:
            return Attempt(Verdict.CODE, self._begin(connection, credential.account_id, code=True))
        return self._welcome(connection, credential)

    def confirm(self, connection: HTTPConnection, code: str) -> Attempt:
        """Try the second factor of a log-in whose password was right."""
        credential = self.sessions.pending(digest_of(self.token_of(connection)))
        if credential is None:
            return Attempt(Verdict.WRONG)
        if wait_s := self._begin_try(connection, credential.username):
            return Attempt(Verdict.LOCKED, wait_s=wait_s)
        if not self.code_is_right(credential, code):
            log_refusal("wrong_code", credential.username, connection)
            return Attempt(Verdict.WRONG_CODE)
        self.accounts.try_was_right(limits(connection, credential.username))
        return self._welcome(connection, credential)

    def prove(self, connection: HTTPConnection, principal: Principal, password: str) -> float | None:
        """Whether somebody who is logged in knows the password: 0 yes, None no, else the seconds to wait."""
        if wait_s := self._begin_try(connection, principal.username):
            return wait_s
        credential = self.accounts.credential_of(principal.account_id)
        if self.passwords.match(credential.password_hash if credential else None, password):
            self.accounts.try_was_right(limits(connection, principal.username))
            return 0.0
        log_refusal("wrong", principal.username, connection)
        return None

    def admit(self, connection: HTTPConnection, account_id: int) -> str:
        """Open a session for somebody who has just proved who they are; its token."""
        return self._begin(connection, account_id)

    def code_is_right(self, credential: Credential, code: str) -> bool:
        """Whether it is the account's code of this half minute or a neighbour, used for the first time (RFC 6238)."""
        step = matching_step(credential.totp_secret or "", code)
        return step is not None and self.accounts.use_code(credential.account_id, step)

    def principal(self, connection: HTTPConnection) -> Principal | None:
        """Who is logged in. While the store is away, whoever was let in a moment ago stays."""
        digest = digest_of(self.token_of(connection))
        if not digest:
            return None
        try:
            found = self.sessions.principal(digest, self.rules.idle_s)
        except Exception:
            at, known = self._remembered.get(digest, (-REMEMBERED_S, None))
            if known is not None and self._clock() - at < REMEMBERED_S:
                return known
            raise
        self._remember(digest, found)
        return found

    def log_out(self, connection: HTTPConnection) -> None:
        """End the session."""
        digest = digest_of(self.token_of(connection))
        self._remembered.pop(digest, None)
        self.sessions.end(digest)

    def token_of(self, connection: HTTPConnection) -> str:
        """What the browser holds; empty without a session."""
        return connection.cookies.get(self.rules.cookie, "")

    def give(self, response: Response, token: str) -> None:
        """Let the browser hold a session's token, out of reach of scripts and other sites."""
        response.set_cookie(
            self.rules.cookie, token, max_age=int(self.rules.lasts_s), httponly=True, samesite="lax",
            secure=self.rules.https, path="/",
        )  # fmt: skip

    def take_back(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self.rules.cookie, httponly=True, samesite="lax", secure=self.rules.https, path="/")

    def _welcome(self, connection: HTTPConnection, credential: Credential) -> Attempt:
        self.accounts.forget_tries(limits(connection, credential.username)[0])
        return Attempt(Verdict.WELCOME, self._begin(connection, credential.account_id))

    def _begin(self, connection: HTTPConnection, account_id: int, *, code: bool = False) -> str:
        self.log_out(connection)  # a log-in always gets a fresh token, whatever the browser held before
        token = secrets.token_urlsafe(32)
        client = (address_of(connection), connection.headers.get("user-agent", "")[:AGENT_KEPT])
        lasts_s = CODE_LASTS_S if code else self.rules.lasts_s
        self.sessions.open(account_id, digest_of(token), "code" if code else "open", lasts_s, client)
        return token

    def _begin_try(self, connection: HTTPConnection, username: str) -> float:
        wait_s = self.accounts.begin_try(limits(connection, username))
        if wait_s > 0.0:
            log_refusal("locked", username, connection)
        return wait_s

    def _remember(self, digest: bytes, found: Principal | None) -> None:
        self._remembered.pop(digest, None)
        if found is not None:
            self._remembered[digest] = (self._clock(), found)
            while len(self._remembered) > REMEMBERED:
                self._remembered.pop(next(iter(self._remembered)), None)


def matching_step(secret: str, code: str) -> int | None:
    """The time step (RFC 6238) whose code this is: the present one or a neighbour."""
    totp, now_step = pyotp.TOTP(secret), int(time.time()) // TOTP_STEP_S
    steps = (now_step - 1, now_step, now_step + 1)
    return next((step for step in steps if strings_equal(code.strip(), totp.at(step * TOTP_STEP_S))), None)


def log_refusal(why: str, username: str, connection: HTTPConnection) -> None:
    """For whoever watches for guessed passwords: the name as given, bounded and on one line, and who asked."""
    log.warning("log_in_refused", why=why, account=repr(username[:NAME_LOGGED]), address=address_of(connection))

"""Who is logged in: passwords, the signed session cookie, and what a wrong password costs."""

import hashlib
import re
import threading
import time
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import NamedTuple

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request

from maps.problems import Problem
from maps.throttle import Throttle
from tracker.live import Accounts

RECHECK_S = 30.0
TRIES_PER_ADDRESS = 5
TRIES_PER_NAME = 50
"""Of one name from anywhere: high, so that nobody locks a supervisor out by guessing badly on purpose."""

NAME_LOGGED = 64
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")

log = structlog.get_logger(__name__)


class Verdict(Enum):
    """What became of a log-in."""

    WELCOME = "welcome"
    WRONG = "wrong"
    LOCKED = "locked"


class Attempt(NamedTuple):
    """A verdict and, if locked, the seconds to wait."""

    verdict: Verdict
    wait_s: float = 0.0


class Gate:
    """Checks passwords at log-in and sessions afterwards. Its methods block; any thread may call them."""

    def __init__(self, accounts: Accounts, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._hasher = PasswordHasher()
        self._decoy = self._hasher.hash("an account that doesn't exist takes as long to refuse")
        self._hashing = threading.BoundedSemaphore(2)  # argon2 takes 64 MiB each
        self._by_address = Throttle(clock, free=TRIES_PER_ADDRESS)
        self._by_name = Throttle(clock, free=TRIES_PER_NAME)
        self._checked: dict[tuple[str, str], float] = {}

    def log_in(self, request: Request, username: str, password: str) -> Attempt:
        """Try a password; on success the session belongs to the account."""
        here = f"{username}\n{_address(request)}"
        wait_s = max(self._by_address.locked_s(here), self._by_name.locked_s(username))
        if wait_s > 0.0:
            _log_refusal("locked", username, request)
            return Attempt(Verdict.LOCKED, wait_s)
        stored = self._accounts.password_hash(username)
        if not self._matches(stored, password):
            self._by_address.failed(here)
            self._by_name.failed(username)
            _log_refusal("wrong", username, request)
            return Attempt(Verdict.WRONG)
        self._by_address.succeeded(here)
        request.session.clear()
        request.session.update(user=username, mark=_mark(stored or ""))
        return Attempt(Verdict.WELCOME)

    def user(self, request: Request) -> str | None:
        """The account of the request's session; None without one, or if its password has changed since."""
        user, mark = request.session.get("user"), request.session.get("mark")
        if not isinstance(user, str) or not isinstance(mark, str):
            return None
        return user if self._still_valid(user, mark) else None

    def require_user(self, request: Request) -> str:
        """The account of the request's session, or 401 as a problem."""
        user = self.user(request)
        if user is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "not_logged_in", "Log in first.")
        return user

    def _matches(self, stored: str | None, password: str) -> bool:
        with self._hashing:
            try:
                return self._hasher.verify(stored or self._decoy, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def _still_valid(self, user: str, mark: str) -> bool:
        now = self._clock()
        if now - self._checked.get((user, mark), -RECHECK_S) < RECHECK_S:
            return True
        try:
            stored = self._accounts.password_hash(user)
        except Exception:
            if (user, mark) in self._checked:
                return True  # the store is away: who was let in a moment ago keeps watching
            raise
        if stored is None or _mark(stored) != mark:
            self._checked.pop((user, mark), None)
            return False
        self._checked[user, mark] = now
        return True


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _log_refusal(why: str, username: str, request: Request) -> None:
    """For whoever watches for guessed passwords: the name as given, bounded and on one line, and who asked."""
    log.warning("log_in_refused", why=why, account=repr(username[:NAME_LOGGED]), address=_address(request))


def _mark(password_hash: str) -> str:
    """Ties a session to the password it was opened with, without giving the hash away."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def safe_next(target: str | None) -> str:
    """Where to go after the log-in: a path of our own, never another host."""
    return target if target and OWN_PATH.fullmatch(target) else "/"

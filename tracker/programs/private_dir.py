"""Directories that belong to a private server alone, and the account that runs it.

PostgreSQL refuses to run as root, so as root the servers run as their Debian users;
as anybody else, as that person.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.errors import DataDirectoryError, MissingProgramError

# Where root puts what a server may not reach inside the checkout (FHS: state of a program).
ELSEWHERE = Path("/var/lib/keepclear")


@dataclass(frozen=True, slots=True)
class Account:
    """A system user."""

    name: str
    uid: int
    gid: int

    @staticmethod
    def popen_options(account: "Account | None") -> dict[str, Any]:
        """Keyword arguments that make subprocess run as `account`; none for the present user."""
        if account is None or account.uid == os.geteuid():
            return {}
        groups = os.getgrouplist(account.name, account.gid)
        return {"user": account.uid, "group": account.gid, "extra_groups": groups}


def present_account() -> Account:
    """Who we are; raises `DataDirectoryError` for a user id without a name: peer authentication needs one."""
    return _account(os.geteuid())


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise DataDirectoryError(
            f"User id {uid} has no name on this system.",
            "Give it a line in /etc/passwd, or set KEEPCLEAR_DATABASE_URL and KEEPCLEAR_MQTT_URL.",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account(directory: Path, system_user: str, us: Account) -> Account:
    """Who runs the server on `directory`: its owner, else `system_user` if we are root, else who we are."""
    owner = _account(directory.stat().st_uid) if directory.exists() else None
    if us.uid != 0:
        if owner and owner.uid != us.uid:
            raise DataDirectoryError(
                f"{directory} belongs to {owner.name}, and you are {us.name}.",
                f"Run as {owner.name} or root, or set KEEPCLEAR_VAR_DIR to a directory of your own.",
            )
        return us
    return owner if owner and owner.uid != 0 else _system_account(system_user)


def _system_account(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise MissingProgramError(
            f"There is no system user {name}, and a server must not run as root.",
            f"Create one: useradd --system --no-create-home {name}",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def private_dir(path: Path, system_user: str) -> tuple[Path, Account]:
    """Make `path` a directory (mode 700) of its server's account; returns its real path and that account.

    If that account can't reach it (a checkout under /root), `path` becomes a link to a fresh directory under
    /var/lib/keepclear; `make clean` follows it.
    """
    account = server_account(path, system_user, present_account())
    if not path.exists():
        path.unlink(missing_ok=True)  # a link whose target is gone
        _create(path, account)
    return path.resolve(), account


def _create(path: Path, account: Account) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if can_enter(path.parent, account):
        path.mkdir(mode=0o700)
        shutil.chown(path, account.uid, account.gid)
        return
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix=f"{path.name}-", dir=ELSEWHERE))
    shutil.chown(target, account.uid, account.gid)
    path.symlink_to(target)


def can_enter(directory: Path, account: Account) -> bool:
    """Whether `account` may traverse `directory` and all above it."""
    if account.uid == os.geteuid():
        return os.access(directory, os.X_OK)
    test = ["test", "-x", str(directory.resolve())]
    return subprocess.run(test, check=False, cwd="/", **Account.popen_options(account)).returncode == 0

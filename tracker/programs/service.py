"""A program that KeepClear starts, watches and stops; it never outlives the process that started it."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, Self

from tracker.errors import AlreadyRunningError, ServiceError
from tracker.programs.private_dir import Account

POLL_S = 0.05
LOG_LIMIT_BYTES = 20_000_000
# What a private server sees of our environment: nothing of KeepClear's, nothing of PostgreSQL's (PG*).
PLAIN_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a program: `account` is who runs it (None: who we are), `env` its whole environment."""

    argv: Sequence[str | Path]
    env: Mapping[str, str]
    account: Account | None = None
    cwd: Path | None = None


class Supervised(Protocol):
    """What the supervisor needs of a service; every method returns at once, except `start` of a server."""

    name: str
    ready_timeout_s: float
    stop_timeout_s: float

    def start(self) -> None:
        """Start it, or raise a `KeepClearError`."""

    def ready(self) -> bool:
        """Whether it serves; may do the first preparations."""

    def alive(self) -> bool:
        """Whether its process runs."""

    def terminate(self) -> None:
        """Ask it to stop."""

    def kill(self) -> None:
        """End it and its children at once."""

    def stop(self) -> None:
        """Ask, wait, kill if need be, and let go of what it holds."""

    def failure(self) -> ServiceError:
        """Why it stopped by itself, with the end of its log."""


class Service:
    """One child process with a log file; subclasses say what to run and when it is ready.

    On Linux the kernel signals the child when the *thread* that started it ends, so start services from a
    thread that lives as long as they should. Elsewhere (no `setpriv`) it survives a kill -9 of its parent;
    the next start of the same data then says which process to stop.
    """

    name: str
    log: Path
    ready_timeout_s = 60.0
    stop_timeout_s = 20.0
    stop_signal = signal.SIGTERM
    parent_death_signal = signal.SIGTERM

    _process: "subprocess.Popen[bytes] | None" = None

    def command(self) -> Command:
        """The command line; called at each start, so it may prepare files."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it serves; a running process is enough unless a subclass knows better."""
        return self.alive()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None before the first start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process without waiting for it; raises `KeepClearError` if that is impossible."""
        command = self.command()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open_log(self.log) as log:
            self._process = _spawn(command, log, self.parent_death_signal)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Ask the process to stop."""
        if self._process is not None and self.alive():
            self._process.send_signal(self.stop_signal)

    def kill(self) -> None:
        """End the process and what is left of its group."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """Stop and wait; kill after `stop_timeout_s`."""
        self.terminate()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self.stop_timeout_s)
        self.kill()

    def wait_ready(self) -> None:
        """Block until it serves; raises `ServiceError` when it stops instead or takes too long."""
        deadline = time.monotonic() + self.ready_timeout_s
        while not self.ready():
            if not self.alive() or time.monotonic() > deadline:
                raise self.failure()
            time.sleep(POLL_S)

    def failure(self) -> ServiceError:
        """Why it is not serving, with the end of its log."""
        code = self._process.poll() if self._process else None
        how = "does not answer" if code is None else f"stopped ({_exit_text(code)})"
        return ServiceError(f"{self.name} {how}, see {self.log}.", f"It ends with:\n{log_tail(self.log)}")

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Program(Service):
    """A program of ours: killed with its group, because a kill at any instant loses nothing by design."""

    parent_death_signal = signal.SIGKILL
    stop_timeout_s = 10.0

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str],
        is_ready: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = Command(argv, env)
        self._is_ready = is_ready

    def command(self) -> Command:
        """As given."""
        return self._command

    def ready(self) -> bool:
        """What the given check says; without one, that it runs."""
        return self.alive() and (self._is_ready is None or self._is_ready())


def _spawn(command: Command, log: IO[bytes], parent_death_signal: signal.Signals) -> "subprocess.Popen[bytes]":
    bound = lifeline(parent_death_signal)
    try:
        # Its own session: Ctrl-C reaches the supervisor only, which stops everything in order.
        return subprocess.Popen(
            [*bound, *map(str, command.argv)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(command.env),
            cwd=command.cwd,
            start_new_session=True,
            **Account.popen_options(command.account),
        )
    except OSError as error:
        raise ServiceError(
            f"{command.argv[0]} can't be started: {error.strerror}.", "Run `keepclear doctor`."
        ) from error


def lifeline(parent_death_signal: signal.Signals) -> list[str]:
    """Prefix of a command line that binds a process to its parent's life (Linux: prctl PR_SET_PDEATHSIG)."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", parent_death_signal.name.removeprefix("SIG"), "--"] if setpriv else []


def open_log(path: Path) -> IO[bytes]:
    """Append to a log; the previous one is kept as `.1` once it has grown past 20 MB."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab", buffering=0)


def log_tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    if not path.exists():
        return "(empty)"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8192))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:]) or "(empty)"


def _exit_text(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def hold(path: Path, name: str) -> IO[str]:
    """Lock `path` while the returned file is open; raises `AlreadyRunningError` if another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunningError(
            f"{name} on {path.parent} is in use by process {holder}.",
            "Stop that one first (Ctrl-C where `keepclear up` or `make demo` runs) or set KEEPCLEAR_VAR_DIR.",
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def is_held(path: Path) -> bool:
    """Whether a process (this one included) holds the lock of `hold`."""
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

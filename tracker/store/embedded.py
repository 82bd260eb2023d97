"""A private PostgreSQL cluster with PostGIS under `var/`, reachable through a Unix socket only.

Nobody but the account that runs it and the account that starts it may connect (peer authentication).
The service owns its database but is no superuser.
"""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tracker.errors import DataDirectoryError, MissingProgramError, ServiceError
from tracker.programs.private_dir import Account, present_account, private_dir
from tracker.programs.service import PLAIN_ENVIRONMENT, Command, Service, hold, is_held

PORT = 5432  # names the socket file; no TCP port is opened
DATABASE = ROLE = "keepclear"
READER = "keepclear_reader"  # what the pages read as, see tracker/store/reader.py
SUPERUSER = "postgres"
SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes on Linux, 103 on macOS
LEFTOVER_WAIT_S = 15.0
INSTALL = (
    "On Debian: apt-get install postgresql-15 postgresql-15-postgis-3. On macOS: brew install postgresql@15 postgis."
)

# Values not said here are PostgreSQL's defaults. A log line never quotes rows: they hold positions.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "jit": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off"}


class EmbeddedPostgres(Service):
    """The cluster under `var_dir`/postgres: created on the first start, kept between starts.

    `durable=False` turns fsync off, for tests only: commits then survive a kill, but no power cut.
    """

    name = "postgres"
    ready_timeout_s = 600.0  # recovery after a crash replays up to max_wal_size
    stop_timeout_s = 60.0
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: roll back, checkpoint, leave
    parent_death_signal = signal.SIGINT

    def __init__(self, var_dir: Path, *, durable: bool = True) -> None:
        self.var_dir = var_dir.absolute()
        self.log = self.var_dir / "log" / "postgres.log"
        self._settings = SETTINGS | (DURABLE if durable else FORGETFUL)
        self._socket_dir: Path | None = None
        self._prepared = False
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the service's database, as its owner."""
        return self.url_of(DATABASE)

    def url_of(self, database: str, role: str = ROLE) -> str:
        """SQLAlchemy URL of another database of this cluster."""
        if self._socket_dir is None:
            raise ServiceError("The private PostgreSQL has not been started.", "Run `keepclear up`.")
        return _url(self._socket_dir, database, role)

    def start(self) -> None:
        """Start the server on its data, made at the first start; `ready` says when it serves.

        Raises:
            AlreadyRunningError: another process works on this directory.
            DataDirectoryError: the data belong to another user or another major version.
            MissingProgramError: PostgreSQL is not installed.
        """
        if self._lock is None:
            self._lock = hold(self.var_dir / "postgres.lock", "The private PostgreSQL")
        super().start()

    def stop(self) -> None:
        """Stop the server, then let others use its data."""
        super().stop()
        if self._socket_dir is not None and not self._socket_dir.is_relative_to((self.var_dir / "postgres").resolve()):
            shutil.rmtree(self._socket_dir, ignore_errors=True)
        self._socket_dir = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def command(self) -> Command:
        """Prepare directories and access rules; the server's command line."""
        home, account = private_dir(self.var_dir / "postgres", SUPERUSER)
        data = home / "data"
        binaries = _binaries_for(data)
        _wait_until_unused(data)
        if not data.exists():
            _create_cluster(binaries, home, account, durable=self._settings["fsync"] == "on")
        _write_access_rules(data, account)
        self._socket_dir = self._socket_dir or _socket_dir(home, account)
        options = self._settings | {"unix_socket_directories": str(self._socket_dir)}
        argv = [
            str(binaries / "postgres"),
            "-D",
            str(data),
            *(f"--{key}={value}" for key, value in options.items()),
        ]
        return Command(argv, PLAIN_ENVIRONMENT, account, cwd=home)

    def ready(self) -> bool:
        """Whether it takes connections; makes role, database and PostGIS the first time it does."""
        if not self.alive():
            return False
        try:
            if not self._prepared:
                self._prepare()
            with self._admin(DATABASE):
                return True
        except psycopg.OperationalError:
            return False

    def _prepare(self) -> None:
        with self._admin("postgres") as connection:
            _create_database(connection)
        with self._admin(DATABASE) as connection:
            create_postgis(connection)
        self._prepared = True

    def _admin(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self._socket_dir),
            port=PORT,
            dbname=database,
            user=SUPERUSER,
            autocommit=True,
            connect_timeout=5,
        )


def running_url(var_dir: Path) -> str | None:
    """SQLAlchemy URL of the private cluster that another process runs on `var_dir`; None when none does."""
    if not is_held(var_dir / "postgres.lock"):
        return None
    try:
        lines = (var_dir / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
        socket_dir, status = Path(lines[4]), lines[7].strip()
    except (OSError, IndexError):
        return None
    return _url(socket_dir, DATABASE, ROLE) if status == "ready" else None


def find_binaries(major: int | None = None) -> Path | None:
    """Directory of `postgres` and `initdb`: Debian's newest (or `major`), else PATH's, else Homebrew's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("postgres")
    found = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    found += sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    usable = [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]
    matching = [path for path in usable if major is None or major_version(path) == major]
    return matching[0] if matching else None


def major_version(binaries: Path) -> int | None:
    """Major version of the server in `binaries`."""
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\b(\d+)", said)
    return int(match[1]) if match else None


def _url(socket_dir: Path, database: str, role: str) -> str:
    return f"postgresql+psycopg://{role}@/{database}?host={quote(str(socket_dir), safe='')}&port={PORT}"


def _binaries_for(data: Path) -> Path:
    binaries = find_binaries()
    if binaries is None:
        raise MissingProgramError("PostgreSQL is not installed.", INSTALL)
    if not data.exists():
        return binaries
    written_by = int((data / "PG_VERSION").read_text())
    matching = find_binaries(written_by)
    if matching is None:
        raise DataDirectoryError(
            f"{data} was written by PostgreSQL {written_by}, and {major_version(binaries)} is installed.",
            f"Install PostgreSQL {written_by} beside it, or move the data over with pg_upgrade.",
        )
    return matching


def _create_cluster(binaries: Path, home: Path, account: Account, *, durable: bool) -> None:
    """Initdb beside the final place, then rename: an interrupted one is never taken for a cluster."""
    draft = home / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    command = [
        str(binaries / "initdb"),
        "-D",
        str(draft),
        "-U",
        SUPERUSER,
        "-E",
        "UTF8",
        f"--locale={_locale()}",
    ]
    command += ["--auth-local=peer", "--auth-host=reject", *([] if durable else ["--no-sync"])]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=PLAIN_ENVIRONMENT,
        cwd=home,
        **Account.popen_options(account),
    )
    if made.returncode:
        raise ServiceError("The private PostgreSQL cluster can't be created.", f"initdb says:\n{made.stderr.strip()}")
    draft.rename(home / "data")


def _locale() -> str:
    """Bytewise order and Unicode letters where the C library has them (glibc, macOS 15), else plain C."""
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.lower()
    return "C.UTF-8" if "c.utf" in known else "C"


def _write_access_rules(data: Path, account: Account) -> None:
    """Peer authentication for the two accounts, rewritten at each start because the starter may change."""
    people = sorted({account.name, present_account().name})
    users = "".join(f'keepclear "{person}" {role}\n' for person in people for role in (ROLE, SUPERUSER))
    (data / "pg_ident.conf").write_text(users)
    (data / "pg_hba.conf").write_text("local all all peer map=keepclear\n")


def _socket_dir(home: Path, account: Account) -> Path:
    inside = home / "run"
    if len(str(inside / f".s.PGSQL.{PORT}.lock").encode()) > SOCKET_PATH_LIMIT:
        inside = Path(tempfile.mkdtemp(prefix="keepclear-"))
    inside.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(inside, account.uid, account.gid)
    return inside


def _create_database(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(READER)))
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(READER), sql.Identifier(ROLE)))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
        )


def create_postgis(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Install PostGIS in the connected database; raises `MissingProgramError` if the server has none."""
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except psycopg.errors.FeatureNotSupported as error:
        raise MissingProgramError("PostgreSQL has no PostGIS.", INSTALL) from error


def _wait_until_unused(data: Path) -> None:
    """After a kill -9 the old server's processes leave within moments; a stale pid file is removed."""
    deadline = time.monotonic() + LEFTOVER_WAIT_S
    while left := _servers_on(data):
        if time.monotonic() > deadline:
            raise DataDirectoryError(
                f"PostgreSQL process {left[0]} still works on {data}.", f"Stop it: kill -INT {left[0]}"
            )
        time.sleep(0.1)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _servers_on(data: Path) -> list[int]:
    """Processes of PostgreSQL whose working directory is `data`: the server and its backends."""
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        name, cwd = process.info["name"] or "", process.info["cwd"]
        if name.startswith("postgres") and cwd == str(data):
            found.append(process.pid)
    return found

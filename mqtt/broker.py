"""A private Mosquitto under `var/`: passwords for all, own topics for each device, loopback by default."""

import os
import resource
import shutil
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from mqtt.access import ADMIN, WORKER, DeviceCredential
from mqtt.broker_files import configuration, write_devices, write_private
from tracker.errors import MissingProgramError, ServiceError
from tracker.programs.private_dir import Account, private_dir
from tracker.programs.service import PLAIN_ENVIRONMENT, Command, Service, hold, is_held
from tracker.settings import Settings, secret

SYSTEM_USER = "mosquitto"
PLUGIN = "mosquitto_dynamic_security.so"
OPEN_FILES = 65_536  # one a phone
SEARCH_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/usr/local/bin"))
INSTALL = "On Debian: apt-get install mosquitto. On macOS: brew install mosquitto."


class EmbeddedBroker(Service):
    """Mosquitto on `var_dir`/mosquitto: sessions, queued messages and enrolled devices survive a restart.

    The port is chosen at the first start (the usual one if it is free) and kept for the life of this object.
    `devices` are enrolled only when the broker has no list of devices yet.
    """

    name = "mosquitto"
    ready_timeout_s = 60.0  # tens of thousands of devices take seconds to read

    def __init__(self, settings: Settings, devices: Iterable[DeviceCredential] = ()) -> None:
        self._settings = settings
        self.var_dir = settings.var_dir.absolute()
        self.log = self.var_dir / "log" / "mosquitto.log"
        self._devices = devices
        self._port: int | None = None
        self._tls_port: int | None = None
        self._lock: IO[str] | None = None

    @property
    def port(self) -> int:
        """TCP port of the plain listener; raises `ServiceError` before the first start."""
        if self._port is None:
            raise ServiceError("The private broker has not been started.", "Run `keepclear up`.")
        return self._port

    @property
    def tls_port(self) -> int | None:
        """TCP port of the TLS listener, None without a certificate."""
        return self._tls_port

    @property
    def worker_url(self) -> str:
        """URL of the service's account: reads every device, publishes acknowledgements, alerts, commands."""
        return _url(self.var_dir, WORKER, self._host, self.port)

    @property
    def admin_url(self) -> str:
        """URL of the account that enrols devices and sees nothing else."""
        return _url(self.var_dir, ADMIN, self._host, self.port)

    @property
    def _host(self) -> str:
        return reachable_host(self._settings.mqtt_bind)

    def start(self) -> None:
        """Start on the data of the last time.

        Raises:
            AlreadyRunningError: another process works on this directory.
            MissingProgramError: Mosquitto or its dynamic security plugin is not installed.
        """
        if self._lock is None:
            self._lock = hold(self.var_dir / "mosquitto.lock", "The private broker")
        super().start()

    def stop(self) -> None:
        """Stop the broker, then let others use its data."""
        super().stop()
        if self._lock is not None:
            (self.var_dir / "mosquitto.port").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def command(self) -> Command:
        """Write configuration, devices and certificates; the broker's command line."""
        program, plugin = find_mosquitto(), find_plugin()
        home, account = private_dir(self.var_dir / "mosquitto", SYSTEM_USER)
        self._choose_ports()
        passwords = secret(self.var_dir, "mqtt-admin"), secret(self.var_dir, "mqtt-worker")
        write_devices(home / "dynamic-security.json", account, *passwords, self._devices)
        certificate = self._copy_certificate(home, account)
        config = configuration(
            home,
            plugin,
            listener=(self._settings.mqtt_bind, self.port),
            tls=(self._settings.mqtt_tls_bind, self._tls_port, *certificate) if certificate else None,
            verbose=self._settings.log_level == "debug",
        )
        write_private(home / "mosquitto.conf", config, account)
        argv = [*_open_files_limit(), str(program), "-c", str(home / "mosquitto.conf")]
        return Command(argv, PLAIN_ENVIRONMENT, account, cwd=home)

    def ready(self) -> bool:
        """Whether it takes connections: it, and not somebody who took the port meanwhile."""
        if self.pid is None or not self.alive():
            return False
        with suppress(psutil.NoSuchProcess):
            sockets = psutil.Process(self.pid).net_connections("tcp")
            return any(each.status == psutil.CONN_LISTEN and each.laddr.port == self.port for each in sockets)
        return False

    def _choose_ports(self) -> None:
        if self._port is None:
            self._port = free_port(self._settings.mqtt_bind, self._settings.mqtt_port)
            (self.var_dir / "mosquitto.port").write_text(str(self._port))
        if self._tls_port is None and self._settings.mqtt_tls_cert:
            self._tls_port = free_port(self._settings.mqtt_tls_bind, self._settings.mqtt_tls_port)

    def _copy_certificate(self, home: Path, account: Account) -> tuple[Path, Path] | None:
        """Copies that the broker's account can read; renewed ones are taken up at the next start."""
        cert, key = self._settings.mqtt_tls_cert, self._settings.mqtt_tls_key
        if cert is None or key is None:
            return None
        try:
            write_private(home / "tls.crt", cert.read_text(), account)
            write_private(home / "tls.key", key.read_text(), account)
        except OSError as error:
            raise ServiceError(
                f"The broker's certificate can't be read: {error}.",
                "Correct KEEPCLEAR_MQTT_TLS_CERT and _KEY.",
            ) from error
        return home / "tls.crt", home / "tls.key"


def running_url(var_dir: Path, settings: Settings, *, admin: bool = False) -> str | None:
    """URL of the private broker that another process runs on `var_dir`; None when none does.

    While it is restarted it does not answer: whoever needs it keeps trying.
    """
    if not is_held(var_dir / "mosquitto.lock"):
        return None
    try:
        port = int((var_dir / "mosquitto.port").read_text())
    except (OSError, ValueError):
        return None
    return _url(var_dir, ADMIN if admin else WORKER, reachable_host(settings.mqtt_bind), port)


def free_port(host: str, wanted: int) -> int:
    """`wanted` if nobody listens there, else the next free one (of the following 50, else any)."""
    for port in (*range(wanted, min(wanted + 50, 65_536)), 0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    raise ServiceError(f"{host} has no free TCP port.", "Set KEEPCLEAR_MQTT_BIND to an address of this machine.")


def reachable_host(bound: str) -> str:
    """Where to connect to a server that listens on `bound`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)  # noqa: S104 - compared, not bound


def find_mosquitto() -> Path:
    """The broker's program; Debian keeps it out of an ordinary user's PATH."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path=SEARCH_PATH)
    if not found:
        raise MissingProgramError("Mosquitto is not installed.", INSTALL)
    return Path(found)


def find_plugin() -> Path:
    """The dynamic security plugin that belongs to the broker found."""
    prefix = find_mosquitto().resolve().parent.parent
    for lib in (prefix / "lib", prefix / "lib64"):
        for found in (lib / PLUGIN, *sorted(lib.glob(f"*/{PLUGIN}"))):
            if found.exists():
                return found
    raise MissingProgramError(f"Mosquitto has no {PLUGIN} below {prefix}/lib.", INSTALL)


def mosquitto_version() -> str:
    """Version of the broker, such as "2.0.11"."""
    said = subprocess.run([find_mosquitto(), "-h"], capture_output=True, text=True, check=False)
    return said.stdout.partition("version ")[2].split("\n")[0].strip()


def _url(var_dir: Path, account: str, host: str, port: int) -> str:
    password = secret(var_dir, "mqtt-admin" if account == ADMIN else "mqtt-worker")
    bracketed = f"[{host}]" if ":" in host else host
    return f"mqtt://{account}:{quote(password, safe='')}@{bracketed}:{port}"


def _open_files_limit() -> list[str]:
    prlimit = shutil.which("prlimit")
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = OPEN_FILES if allowed == resource.RLIM_INFINITY else min(OPEN_FILES, allowed)
    return [prlimit, f"--nofile={limit}:"] if prlimit else []

"""Everything of one installation: the private services that are needed, the workers and the web service."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.request import urlopen

from maps.operations import MULTIPROCESS_DIR
from mqtt.broker import EmbeddedBroker, free_port, reachable_host
from mqtt.preparation import prepare_broker
from tracker.errors import AccessError
from tracker.programs.service import Program, Supervised, hold
from tracker.programs.supervisor import Supervisor
from tracker.settings import Settings
from tracker.store.connection import connect
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.leases import READY_CLASS, holders

READY_S = 1.0
READY_TIMEOUT_S = 60.0

Say = Callable[[str], None]


class Installation:
    """What `keepclear up` runs: private services only where no real ones are configured."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._postgres = None if settings.database_url else EmbeddedPostgres(settings.var_dir)
        self._broker = None if settings.mqtt_url else EmbeddedBroker(settings)
        self._metrics_dir = settings.var_dir.absolute() / "metrics"
        self.http_port = free_port(settings.http_host, settings.http_port)

    @property
    def url(self) -> str:
        """Where the live map is."""
        scheme = "https" if self._settings.http_tls_cert else "http"
        return f"{scheme}://{reachable_host(self._settings.http_host)}:{self.http_port}/"

    @property
    def database_url(self) -> str:
        """The database in use."""
        return self._settings.database_url or self._private_database()

    def _private_database(self) -> str:
        assert self._postgres is not None  # noqa: S101  there is one exactly if none is configured
        return self._postgres.url

    def run(self, extra: Sequence[Supervised] = (), on_ready: Callable[[], None] | None = None) -> None:
        """Start all and keep them running until told to stop.

        Raises:
            AlreadyRunningError: this directory has an `up` already.
        """
        with hold(lock_file(self._settings), "KeepClear"):
            self._run(extra, on_ready or self.announce)

    def _run(self, extra: Sequence[Supervised], on_ready: Callable[[], None]) -> None:
        shutil.rmtree(self._metrics_dir, ignore_errors=True)  # counters of processes that are gone
        self._metrics_dir.mkdir(parents=True)
        self._prepare_broker()
        services = [service for service in (self._postgres, self._broker) if service is not None]
        workers = [self._worker(number) for number in range(1, self._settings.workers + 1)]
        channels = [self.program("notify", "notify")] if self._settings.notify_file else []
        programs = [*workers, self._web(), *channels, *extra]
        port_file = web_port_file(self._settings)
        port_file.write_text(str(self.http_port))
        try:
            Supervisor([*services, *programs], self._say).run(on_ready)
        finally:
            port_file.unlink(missing_ok=True)

    def _prepare_broker(self) -> None:
        """A broker that can't be administered may still have been made ready by hand, so that is only said."""
        url = self._settings.mqtt_url
        if url is None:
            return
        try:
            for sentence in prepare_broker(self._settings.mqtt_admin_url or url, url):
                self._say(sentence)
        except AccessError as error:
            self._say(f"The broker was not prepared. {error}")

    def announce(self) -> None:
        """Tell where things are, and which ports had to move."""
        self._say(f"live map   {self.url}")
        if self._broker is not None:
            self._say(f"MQTT       {reachable_host(self._settings.mqtt_bind)}:{self._broker.port}")
        for line in self._moved_ports():
            self._say(line)
        self._say("Ctrl-C stops everything.")

    def _moved_ports(self) -> Iterator[str]:
        settings, broker = self._settings, self._broker
        yield from moved("the live map", settings.http_port, self.http_port, "KEEPCLEAR_HTTP_PORT")
        if broker is not None:
            yield from moved("MQTT", settings.mqtt_port, broker.port, "KEEPCLEAR_MQTT_PORT")
            yield from moved("MQTT with TLS", settings.mqtt_tls_port, broker.tls_port, "KEEPCLEAR_MQTT_TLS_PORT")

    def program(self, name: str, *arguments: str, is_ready: Callable[[], bool] | None = None) -> Program:
        """A `keepclear` command as a supervised child, with our own settings."""
        argv = [sys.executable, "-m", "tracker.cli", *arguments]
        log = self._settings.var_dir / "log" / f"{name}.log"
        program = Program(
            name, argv, log, env=os.environ | {MULTIPROCESS_DIR: str(self._metrics_dir)}, is_ready=is_ready
        )
        program.ready_timeout_s = READY_TIMEOUT_S
        return program

    def _worker(self, number: int) -> Program:
        return self.program(f"ingest-{number}", "ingest", is_ready=lambda: self._ready_workers() >= number)

    def _web(self) -> Program:
        return self.program("web", "serve", "--port", str(self.http_port), is_ready=self._web_answers)

    def _ready_workers(self) -> int:
        """Workers whose sessions exist at the broker: from then on nothing that a phone publishes is lost."""
        with connect(self.database_url, "keepclear up", fenced=False) as connection:
            return holders(connection, READY_CLASS)

    def _web_answers(self) -> bool:
        try:
            with urlopen(f"{self.url}healthz", timeout=READY_S) as answer:  # noqa: S310  our own address
                return bool(answer.status == 200)  # noqa: PLR2004
        except OSError:
            return False


def moved(name: str, wanted: int, got: int | None, variable: str) -> Iterator[str]:
    """A sentence if a server had to take another port than the wanted one; 0 wants any."""
    if got is not None and wanted not in {0, got}:
        yield f"{wanted} is taken by another program, so {name} is on {got}; {variable} sets another."


def lock_file(settings: Settings) -> Path:
    """What `up` holds while it runs: a directory has one of them, whatever services are its own."""
    return settings.var_dir.absolute() / "up.lock"


def web_port_file(settings: Settings) -> Path:
    """Where `up` writes the web service's port while it runs."""
    return settings.var_dir.absolute() / "web.port"

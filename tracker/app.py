"""The composition root: the only file that knows every part and puts them together."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Process
from threading import Event, Lock
from uuid import uuid4

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, text

from maps import excuses_api, export_api, figures_api, operations, track_api, triage_api, visits_api
from maps.app import create_maps_app
from maps.basemap import Basemap
from maps.entrance.login import SessionRules
from maps.entrance.oidc import Client, Provider
from maps.entrance.permission import permit
from maps.people import looks_api, people_api, teams_api, visitors_api
from maps.server import TellingServer
from maps.zoning import zone_api
from mobile_api import mqtt_pipe
from mobile_api import routes as phone_routes
from mqtt import metrics
from mqtt.arrivals import read
from mqtt.network import Endpoint, Network
from mqtt.publisher import Publisher
from mqtt.subscriber import Subscriber
from mqtt.teller import Teller
from mqtt.topics import SHARDS
from mqtt.worker import PLAIN_SHARD, Pace, Worker, Workplace
from tracker.acknowledgement import AckSchedule
from tracker.admission import Limits
from tracker.batch import Arrival, Receipt
from tracker.errors import ServiceError, SettingsError
from tracker.isolation import commit
from tracker.notify.dispatcher import Dispatcher
from tracker.notify.rota_file import read_rota
from tracker.people.roles import Action
from tracker.phones import Phones
from tracker.pipeline import Pipeline
from tracker.ports import StoreUnavailableError
from tracker.programs.tcp_port import require_free
from tracker.settings import Settings, not_running
from tracker.silence import Thresholds
from tracker.store.accounts import PostgresAccounts
from tracker.store.alert_figures import PostgresAlertFigures
from tracker.store.connection import connect, engine, translated
from tracker.store.deliveries import Deliveries
from tracker.store.excuse_book import PostgresExcuseBook
from tracker.store.leases import SHARD_CLASS, Leases, holders
from tracker.store.live import PostgresLiveView
from tracker.store.looks import PostgresLookLog
from tracker.store.migrate import upgrade
from tracker.store.people import DeviceSecrets
from tracker.store.postgres import PostgresStore
from tracker.store.rights import PostgresRights
from tracker.store.sessions import PostgresSessions
from tracker.store.track_book import PostgresTrackBook
from tracker.store.track_exports import PostgresExportBook
from tracker.store.triage import PostgresTriage
from tracker.store.visit_book import PostgresVisitBook
from tracker.store.zone_book import PostgresZoneBook

log = structlog.get_logger()
TOLD_WITHIN_S = 1.0
SWITCH_S = 0.0005
"""Python's thread switch interval: the loop that reads sockets must not wait 5 ms for each packet."""
GARBAGE_AFTER = 50_000
"""Objects until Python looks for cycles: what a worker remembers has none, and looking through it costs a tenth."""
STOP_S = 3
REPLACE_EVERY_S = 0.5


def database_url(settings: Settings) -> str:
    """The database in use.

    Raises:
        ServiceError: none is configured and the private one is not running.
    """
    if settings.database_url is None:
        raise not_running(settings, "database", "KEEPCLEAR_DATABASE_URL")
    return settings.database_url


def broker(settings: Settings) -> Endpoint:
    """The broker in use, as the service's own account.

    Raises:
        ServiceError: none is configured and the private one is not running.
    """
    if settings.mqtt_url is None:
        raise not_running(settings, "MQTT broker", "KEEPCLEAR_MQTT_URL")
    return Endpoint.parse(settings.mqtt_url)


def limits(settings: Settings) -> Limits:
    """Admission's limits in seconds."""
    return Limits(settings.clock_ahead_limit_s, settings.late_limit_h * 3600)


def thresholds(settings: Settings) -> Thresholds:
    """When a silence is amber and red, in seconds."""
    return Thresholds(settings.silence_amber_min * 60.0, settings.silence_red_min * 60.0)


def run_workers(settings: Settings, stopping: Event, workers: int = 1) -> None:
    """Run ingest workers until told to stop: one in this process, or several in processes of their own."""
    migrating = engine(database_url(settings))
    upgrade(migrating)
    migrating.dispose()
    if workers == 1:
        ingest(settings, stopping)
    else:
        keep_running(lambda: Process(target=run_worker, args=(settings,), daemon=True), workers, stopping)


def keep_running(make: Callable[[], Process], count: int, stopping: Event) -> None:
    """So many processes until told to stop; one that dies is replaced, and meanwhile the others serve its shards."""
    running: list[Process] = []
    while not stopping.wait(REPLACE_EVERY_S if running else 0.0):
        running = [process for process in running if process.is_alive()]
        for _ in range(count - len(running)):
            running.append(make())
            running[-1].start()
    for process in running:
        process.terminate()
    for process in running:
        process.join()


def run_worker(settings: Settings) -> None:
    """One ingest worker in a process of its own, until SIGTERM."""
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    ingest(settings, stopping)


def ingest(settings: Settings, stopping: Event) -> None:
    """Run one ingest worker in this process until told to stop."""
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(GARBAGE_AFTER, 20, 100)
    metrics.forget_the_dead()
    network = Network("mqtt")
    endpoint = broker(settings)
    subscriber = Subscriber(network, endpoint)
    publisher = Publisher(network, endpoint, f"kc-publisher-{uuid4().hex[:12]}")
    pace = Pace(settings.batch_max_messages, settings.batch_max_wait_ms / 1000)
    schedule = AckSchedule(settings.ack_interval_s)

    @contextmanager
    def workplace() -> Iterator[Workplace]:
        store = PostgresStore(
            database_url(settings), f"keepclear ingest {os.getpid()}", fenced=True, late_s=limits(settings).late_s
        )
        with store:
            yield Workplace(
                store,
                Leases(store.connection, shards(settings)),
                Pipeline(store, limits(settings), thresholds(settings)),
            )

    network.start()
    try:
        Worker(workplace, subscriber, publisher, schedule, pace).run(stopping)
    finally:
        network.stop()


class HttpDoor:
    """The pipeline's door for phones that use HTTP: one transaction at a time, beside the workers.

    Track versions keep it and a worker from overwriting each other.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._store: PostgresStore | None = None
        self._network = Network("mqtt-http-door")
        self._teller = Teller(Publisher(self._network, broker(settings), f"kc-publisher-{uuid4().hex[:12]}"))
        self._network.start()

    def take(self, arrivals: Sequence[Arrival]) -> Receipt:
        """Commit, tell, and note what was told; an alert that can't be told now is told by a worker."""
        with self._lock:
            store = self._opened()
            try:
                receipt = self._commit(arrivals)
                metrics.count(receipt)
                if receipt.alerts:
                    self._teller.tell(receipt.alerts)
                    with store.transaction() as transaction:
                        transaction.mark_published(self._teller.wait(len(receipt.alerts), TOLD_WITHIN_S))
            except StoreUnavailableError:
                self._close()
                raise
            return receipt

    def _commit(self, arrivals: Sequence[Arrival]) -> Receipt:
        committed = commit(self._pipeline, arrivals)
        if committed.held_back:  # the phone keeps it and tries again, as with a database that is lost
            why = sorted({each.why for each in committed.held_back})
            log.error("messages_held_back", count=len(committed.held_back), why=why)
            raise StoreUnavailableError("held back for a fault of the service")
        return committed.receipt

    def close(self) -> None:
        """End its connections."""
        self._close()
        self._network.stop()

    def _opened(self) -> PostgresStore:
        if self._store is None:
            name = f"keepclear http {os.getpid()}"
            late_s = limits(self._settings).late_s
            self._store = PostgresStore(database_url(self._settings), name, fenced=False, late_s=late_s)
            self._pipeline = Pipeline(self._store, limits(self._settings), thresholds(self._settings))
        return self._store

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


def web(settings: Settings) -> FastAPI:
    """The web service: the live map, the phones' HTTP door and MQTT over WebSocket."""
    database = engine(database_url(settings), pool_size=5)
    app = create_maps_app(
        PostgresAccounts(database),
        PostgresSessions(database),
        PostgresLiveView(database),
        basemap=Basemap(settings.basemap, settings.basemap_datum, settings.basemap_attribution),
        rules=session_rules(settings),
        provider=openid_provider(settings),
    )
    endpoint = broker(settings)
    app.include_router(operations.router(readiness(settings, database, endpoint)), dependencies=[permit(Action.ENTER)])
    app.include_router(zone_api.router(PostgresZoneBook(database), settings.standoff_m, settings.warning_m))
    app.include_router(triage_api.router(PostgresTriage(database)))
    app.include_router(excuses_api.router(PostgresExcuseBook(database)))
    app.include_router(visits_api.router(PostgresVisitBook(database)))
    app.include_router(figures_api.router(PostgresAlertFigures(database)))
    app.include_router(people_api.router(PostgresRights(database), PostgresSessions(database)))
    app.include_router(teams_api.router(PostgresRights(database)))
    app.include_router(visitors_api.router(PostgresRights(database), Phones(database, settings)))
    app.include_router(track_api.router(PostgresTrackBook(database)))
    app.include_router(export_api.router(PostgresExportBook(database)))
    looks = PostgresLookLog(database)
    app.include_router(looks_api.router(looks))
    door = HttpDoor(settings)
    app.state.close = door.close
    phones = [permit(Action.SEND_FIXES)]
    app.include_router(phone_routes.router(DeviceSecrets(database), door, read, looks), dependencies=phones)
    app.include_router(mqtt_pipe.router(endpoint.host, endpoint.port), dependencies=phones)
    return app


def session_rules(settings: Settings) -> SessionRules:
    """How long log-ins last; cookies are Secure once people reach the pages by HTTPS."""
    https = settings.http_tls_cert is not None or (settings.public_url or "").startswith("https:")
    return SessionRules(settings.session_idle_min * 60.0, settings.session_max_h * 3600.0, https)


def openid_provider(settings: Settings) -> Provider | None:
    """The OpenID provider by which people may log in, if there is one.

    Raises:
        SettingsError: the file with the client's secret can't be read.
    """
    if settings.oidc_issuer is None:
        return None
    file = settings.oidc_client_secret_file
    try:
        secret = file.read_text().strip() if file else None
    except OSError as error:
        raise SettingsError(f"{file} can't be read: {error.strerror}.", "Correct the path or its rights.") from error
    back = f"{(settings.public_url or '').rstrip('/')}/login/oidc/back"
    return Provider(
        Client(settings.oidc_issuer, settings.oidc_client_id or "", secret, back, settings.oidc_username_claim)
    )


def readiness(settings: Settings, database: Engine, endpoint: Endpoint) -> dict[str, operations.Check]:
    """What must hold before phones are answered."""

    def shards_held() -> bool:
        with database.connect() as connection:
            return holders(connection.connection.driver_connection, SHARD_CLASS) >= len(shards(settings))  # type: ignore[arg-type]  # psycopg's

    def database_answers() -> bool:
        with database.connect() as connection:
            return bool(connection.execute(text("SELECT true")).scalar())

    return {
        "database": database_answers,
        "broker": lambda: operations.listens(endpoint.host, endpoint.port),
        "ingest": shards_held,
    }


def shards(settings: Settings) -> Sequence[int]:
    """The shards that workers share, with the extra one of plain OwnTracks topics if it is wanted."""
    return (*range(SHARDS), *([PLAIN_SHARD] if settings.owntracks_plain_topics else []))


def run_web(settings: Settings, port: int, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        ServiceError: the port can't be opened, or the server doesn't start.
    """
    require_free(
        settings.http_host, port, host_setting="KEEPCLEAR_HTTP_HOST", port_setting="KEEPCLEAR_HTTP_PORT or --port"
    )
    upgrade(engine(database_url(settings)))
    cert, key = settings.http_tls_cert, settings.http_tls_key
    app = web(settings)
    config = uvicorn.Config(
        app, host=settings.http_host, port=port, log_config=None, access_log=False,
        ssl_certfile=cert, ssl_keyfile=key, timeout_graceful_shutdown=STOP_S, ws="websockets-sansio",
        forwarded_allow_ips=settings.trusted_proxies, server_header=False,
    )  # fmt: skip
    server = TellingServer(config, say)
    server.run()
    app.state.close()
    if not server.started:
        raise ServiceError("The web service did not start.", "Look at the lines above, and with `keepclear doctor`.")
    say("Stopped.")


def run_notify(settings: Settings, stopping: Event) -> None:
    """Tell the recipients of the settings' file until told to stop.

    Raises:
        SettingsError: there is no such file, or it is malformed.
    """
    if settings.notify_file is None:
        raise SettingsError(
            "Nobody is to be told.", "Name a file with KEEPCLEAR_NOTIFY_FILE; docs/alerts.md shows one."
        )
    rota, url = read_rota(settings.notify_file), database_url(settings)
    upgrade(engine(url))

    @contextmanager
    def deliveries() -> Iterator[Deliveries]:
        with connect(url, f"keepclear notify {os.getpid()}", fenced=False) as connection, translated(connection):
            yield Deliveries(connection)

    Dispatcher(deliveries, rota).run(stopping)


def rights_of(settings: Settings) -> PostgresRights:
    """Accounts with their roles and teams, visitors and phones, for the administration."""
    return PostgresRights(engine(database_url(settings)))


def phones_of(settings: Settings) -> Phones:
    """Phones at the broker and in the database, for the administration."""
    return Phones(engine(database_url(settings)), settings)


def accounts_of(settings: Settings) -> PostgresAccounts:
    """The accounts, for the administration."""
    return PostgresAccounts(engine(database_url(settings)))

"""The ingest service as it runs, in a thread of the test, on a real broker and a real database."""

import json
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import orjson
import uvicorn
from paho.mqtt.client import CallbackAPIVersion, Client
from psycopg import sql

from geofences.zone import Zone
from mqtt.broker import EmbeddedBroker, free_port
from mqtt.enrolment import DeviceAccess
from mqtt.payload import encode
from mqtt.topics import base_topic, shard_of
from tests.eventually import eventually
from tracker.app import ingest, web
from tracker.fix import Fix
from tracker.settings import Settings
from tracker.store.connection import connect
from tracker.store.leases import READY_CLASS, holders
from tracker.store.people import People
from tracker.store.zones import put_zones

SPY = "spy"
SECRET = "a secret"
PATIENCE_S = 20.0


class Talker:
    """An MQTT client that publishes what it is told to and keeps what it hears, as (topic, payload)."""

    def __init__(self, port: int, name: str, *topics: str, transport: str = "tcp") -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        subscribed = Event()
        self.client = Client(CallbackAPIVersion.VERSION2, name, transport=transport)
        self.client.username_pw_set(name, SECRET)
        if transport == "websockets":
            self.client.ws_set_options("/mqtt")
        self.client.on_connect = lambda client, *_: client.subscribe([(topic, 1) for topic in topics or ("none",)])
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = lambda _c, _u, message: self.heard.put((message.topic, message.payload))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert subscribed.wait(PATIENCE_S)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Returns once the broker has it."""
        self.client.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE_S)

    def report(self, *fixes: Fix) -> None:
        """Publish fixes where their devices would."""
        sent = [self.client.publish(base_topic(fix.device), orjson.dumps(encode(fix)), 1) for fix in fixes]
        for each in sent:
            each.wait_for_publish(PATIENCE_S)

    def next(self) -> tuple[str, dict]:
        """The next message, its JSON read."""
        topic, payload = self.heard.get(timeout=PATIENCE_S)
        return topic, json.loads(payload)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Live:
    """The service with its administration and, as `spy`, a client that may publish and read everything."""

    def __init__(self, settings: Settings, database_url: str, broker: EmbeddedBroker) -> None:
        urls = {"database_url": database_url, "mqtt_url": broker.worker_url, "mqtt_admin_url": broker.admin_url}
        self.settings = settings.model_copy(update=urls | {"ack_interval_s": 0.3})
        self.broker = broker
        self.admin = connect(database_url, "keepclear test", fenced=False)
        self.people = People(self.admin)
        self._talkers: list[Talker] = []

    def enrol(self, device: str, opened_at: float | None = None, *, consented: bool = True, shift: bool = True) -> int:
        """A visitor with a phone, on a shift since an hour ago; returns the visitor's number."""
        visitor = self.people.add_visitor(device, consented=True)
        self.people.add_device(device, visitor, platform="android", shard=shard_of(device), secret=SECRET)
        with DeviceAccess(self.broker.admin_url) as access:
            access.enrol(device, SECRET)
        if shift:
            self.people.open_shift(visitor, time.time() - 3600 if opened_at is None else opened_at)
        self.people.consent(visitor, given=consented)
        return visitor

    def put_zones(self, *zones: Zone) -> None:
        put_zones(self.admin, zones, "test")

    def spy(self, *topics: str) -> Talker:
        """A client with all rights."""
        rights = ("publishClientSend", "publishClientReceive", "subscribePattern")
        acls = [{"acltype": kind, "topic": "#", "priority": 0, "allow": True} for kind in rights]
        client = {"username": SPY, "password": SECRET, "roles": [{"rolename": SPY, "priority": 0}]}
        with DeviceAccess(self.broker.admin_url) as access:
            access.call({"command": "createRole", "rolename": SPY, "acls": acls})
            access.call({"command": "createClient", **client})
        return self.talker(SPY, *topics)

    def talker(self, name: str, *topics: str, **options: str) -> Talker:
        """A client with the rights of a device."""
        self._talkers.append(Talker(self.broker.port, name, *topics, **options))
        return self._talkers[-1]

    @contextmanager
    def ingesting(self) -> Iterator[None]:
        """One worker, from the moment its sessions exist."""
        stopping = Event()
        worker = Thread(target=ingest, args=(self.settings, stopping), name="ingest")
        worker.start()
        try:
            eventually(lambda: not worker.is_alive() or holders(self.admin, READY_CLASS) > 0)
            yield
            assert worker.is_alive(), "the worker has died"
        finally:
            stopping.set()
            worker.join(PATIENCE_S)

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The web service; gives its port."""
        port, app = free_port("127.0.0.1", 0), web(self.settings)
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, ws="websockets-sansio", lifespan="on"))
        thread = Thread(target=server.run, name="web")
        thread.start()
        try:
            eventually(lambda: server.started)
            yield port
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
            app.state.close()

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        """All rows of a query."""
        return self.admin.execute(query, parameters).fetchall()

    def stored(self, device: str) -> int:
        """How many fixes of a device are stored."""
        query = "SELECT count(*) FROM fix JOIN device d ON d.id = device_id WHERE d.name = %s"
        return self.rows(query, device)[0][0]

    def wait_stored(self, device: str, count: int) -> None:
        eventually(lambda: self.stored(device) >= count)
        assert self.stored(device) == count

    def incursions(self, device: str) -> list[dict]:
        """What was found and stands, oldest first."""
        query = (
            "SELECT content FROM incursion i JOIN device d ON d.id = i.device_id WHERE d.name = %s AND NOT retracted "
            "ORDER BY i.content->'began_at'"
        )
        return [row[0] for row in self.rows(query, device)]

    def refusals(self) -> dict[tuple[str, str], int]:
        return {
            (device, reason): count for device, reason, count in self.rows("SELECT device, reason, count FROM refusal")
        }

    def everything(self) -> str:
        """Every row of every table as text, bytes in hexadecimal."""
        tables = self.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        select = sql.SQL("SELECT t::text FROM {} t")
        found = [self.admin.execute(select.format(sql.Identifier(table))).fetchall() for (table,) in tables]
        return "\n".join(row[0] for rows in found for row in rows)

    def close(self) -> None:
        for talker in self._talkers:
            talker.close()
        self.admin.close()

"""Alerts told by webhooks to a receiver that fails, is slow or forgets: each recipient has each alert once, signed."""

import json
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.eventually import eventually
from tracker.alert import Alert, AlertKind, Audience
from tracker.answers.rota import Recipient
from tracker.answers.triage import Act, Deed
from tracker.excuse import Cause, Excuse
from tracker.incursion import Incursion, Kind
from tracker.notify.channels import webhook
from tracker.notify.dispatcher import Dispatcher
from tracker.notify.rota_file import Rota
from tracker.people.administration import Rights
from tracker.people.roles import EVERYBODY, Role
from tracker.settle import Action, Change, Stored
from tracker.store.connection import connect, engine, translated
from tracker.store.deliveries import Deliveries
from tracker.store.excuses import Excuses
from tracker.store.incursions import write_incursions
from tracker.store.outbox import add_alerts
from tracker.store.people import People
from tracker.store.rights import PostgresRights
from tracker.store.triage import PostgresTriage

SECRET = "whsec_" + b64encode(b"k" * 24).decode()
NOON = float(int(time.time()) - 600)
ENTRY = Incursion("court", 1, Kind.ENTRY, NOON, NOON, NOON + 60, 0.99, -50.0, 5.0, fixes=9, confirmed_at=NOON + 30)
ID = "0b8a2d0e-6e0f-4d0c-9c55-0b6a3c1d2e3f"
AN_HOUR_S = 3600.0


class Receiver:
    """An HTTP endpoint that answers as told (status codes in turn, then 204) and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.hold = Event()
        self.hold.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.hold.wait(20)
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"].rpartition(".")[2] for _, body in self.got]

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


class House:
    """A database with an alert to tell, and dispatchers over it."""

    def __init__(self, url: str, receiver: Receiver) -> None:
        self.url, self.receiver = url, receiver
        self.connection = connect(url, "test", fenced=False)
        people = People(self.connection)
        visitor = people.add_visitor("Li", consented=True)
        self.device = people.add_device("phone-1", visitor, platform="android", shard=0, secret="s")
        self.key = (self.device, people.open_shift(visitor, NOON - 60))
        write_incursions(self.connection, [(self.key, Change(Action.NEW, None, Stored(ID, 1, False, ENTRY), (), None))])
        self.tell(AlertKind.ENTRY)

    def tell(self, kind: AlertKind, revision: int = 1) -> None:
        alert = Alert("phone-1", kind, Audience.SUPERVISOR, NOON + 30, ID, revision, ENTRY)
        add_alerts(self.connection, [alert], {"phone-1": self.device})

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.connection)

    def rounds(
        self, count: int, *rota: Recipient, retries_s=(0.0, 0.0), after_s=AN_HOUR_S, lease_s=60.0, timeout_s=10.0
    ):
        rota = rota or (Recipient("hub"),)
        channels = {each.name: webhook(self.receiver.url, SECRET, timeout_s) for each in rota}
        dispatcher = Dispatcher(lambda: None, Rota(rota, channels, after_s), retries_s, lease_s)
        with ThreadPoolExecutor(4) as pool, connect(self.url, "notify", fenced=False) as own:
            for _ in range(count):
                dispatcher.round(Deliveries(own), pool)

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def house(database_url, receiver):
    made = House(database_url, receiver)
    yield made
    made.close()


def test_an_alert_is_delivered_once_as_a_signed_cloud_event(house, receiver):
    house.rounds(3)
    ((headers, body),) = receiver.got
    event = Webhook(SECRET).verify(body, headers)
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", "org.keepclear.alert.entry", "phone-1")
    assert headers["content-type"].startswith("application/cloudevents+json")
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"phone-1", b"phone-2"), headers)


@pytest.mark.parametrize("status", [500, 503, 404, 301])
def test_what_is_refused_is_tried_again_under_the_same_id(house, receiver, status):
    receiver.answers = [status]
    house.rounds(3)
    assert len(receiver.got) == 2
    assert len(set(receiver.ids)) == 1
    assert house.deliveries.undelivered(dead_only=False) == []


def test_after_the_last_attempt_it_is_dead_and_can_be_raised(house, receiver):
    receiver.answers = [500] * 3
    house.rounds(6)
    (dead,) = house.deliveries.undelivered(dead_only=True)
    assert (dead.recipient, dead.attempts, dead.last_error) == ("hub", 3, "HTTP 500")
    assert house.deliveries.retry("hub") == 1
    house.rounds(1)
    assert house.deliveries.undelivered(dead_only=False) == []
    assert len(set(receiver.ids)) == 1


def test_a_receiver_that_is_gone_is_not_asked_again(house, receiver):
    receiver.answers = [410]
    house.rounds(4)
    assert len(receiver.got) == 1
    assert len(house.deliveries.undelivered(dead_only=True)) == 1


def test_a_slow_receiver_costs_an_attempt_and_no_second_alert(house, receiver):
    receiver.hold.clear()
    house.rounds(1, retries_s=(AN_HOUR_S,), timeout_s=0.3)
    (waiting,) = house.deliveries.undelivered(dead_only=False)
    assert (waiting.attempts, waiting.dead_at, waiting.last_error) == (1, None, "ReadTimeout")


def test_nobody_listens_at_all(house, receiver):
    receiver.close()
    house.rounds(1, retries_s=(AN_HOUR_S,))
    assert house.deliveries.undelivered(dead_only=False)[0].last_error == "ConnectionError"


def test_what_a_dispatcher_had_in_hand_when_it_died_is_told_by_the_next(house, receiver):
    house.deliveries.plan(lambda *_: ["hub"])
    (in_hand,) = house.deliveries.lease(0.0, 10)
    assert in_hand.visitor == "Li"
    house.rounds(2)
    assert len(receiver.got) == 1


def test_what_is_in_hand_is_nobody_elses(house, receiver):
    house.deliveries.plan(lambda *_: ["hub"])
    assert len(list(house.deliveries.lease(60.0, 10))) == 1
    house.rounds(2)
    assert receiver.got == []


def test_two_dispatchers_tell_nothing_twice(house, receiver):
    for revision in range(2, 30):
        house.tell(AlertKind.DWELL, revision)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: house.rounds(8), range(3)))
    assert sorted(receiver.ids) == sorted(set(receiver.ids))
    assert len(receiver.got) == 29


def test_a_database_that_closes_the_connection_is_opened_again(house, receiver):
    stopping = Event()
    opened: list[int] = []

    @contextmanager
    def deliveries():
        with connect(house.url, "keepclear notify", fenced=False) as own:
            opened.append(own.info.backend_pid)
            with translated(own):
                yield Deliveries(own)

    channels = {"hub": webhook(receiver.url, SECRET)}
    dispatcher = Dispatcher(deliveries, Rota([Recipient("hub")], channels, AN_HOUR_S))
    thread = Thread(target=dispatcher.run, args=(stopping,))
    thread.start()
    try:
        eventually(lambda: len(receiver.got) == 1)
        house.connection.execute("SELECT pg_terminate_backend(%s)", (opened[0],))
        house.tell(AlertKind.EXIT)
        eventually(lambda: receiver.kinds == ["entry", "exit"])
    finally:
        stopping.set()
        thread.join()


def test_a_retraction_reaches_those_who_were_told_and_nobody_else(house, receiver):
    rota = (Recipient("hub"), Recipient("lead", level=1))
    house.tell(AlertKind.RETRACTED, 2)
    house.rounds(2, *rota)
    assert sorted(receiver.kinds) == ["entry", "retracted"]
    assert len(receiver.got) == 2


def test_supervisors_hear_of_their_teams_and_the_lead_when_they_do_not_answer(house, receiver):
    rights = PostgresRights(database := engine(house.url))
    north, south = rights.add_team("test", "north"), rights.add_team("test", "south")
    rights.put_in_team("test", 1, north)
    for name, role, team in [
        ("mei", Role.SUPERVISOR, north),
        ("jun", Role.SUPERVISOR, south),
        ("lead", Role.TEAM_LEAD, north),
    ]:
        rights.add_account("test", name, Rights(frozenset({role}), teams=frozenset({team})))
    rota = [Recipient(name, account=name) for name in ("mei", "jun", "lead")]
    house.rounds(1, *rota)
    told = "SELECT recipient, why FROM delivery ORDER BY created_at, recipient"
    assert house.connection.execute(told).fetchall() == [("mei", "told")]
    house.connection.execute("UPDATE alert SET created_at = now() - interval '30 min'")
    house.rounds(1, *rota, after_s=300.0)
    assert house.connection.execute(told).fetchall() == [("mei", "told"), ("lead", "escalated")]
    database.dispose()


def test_nobody_answers_and_it_goes_on_until_somebody_does(house, receiver):
    rota = (Recipient("hub"), Recipient("ben", level=1), Recipient("lead", level=2))
    house.rounds(1, *rota)
    assert len(receiver.got) == 1
    house.connection.execute("UPDATE alert SET created_at = now() - interval '7 min'")
    house.rounds(3, *rota, after_s=300.0)
    assert len(receiver.got) == 2
    database = engine(house.url)
    PostgresTriage(database).do(EVERYBODY, ID, Deed(Act.ACKNOWLEDGE, "anna", time.time()), 0)
    database.dispose()
    house.connection.execute("UPDATE alert SET created_at = now() - interval '60 min'")
    house.rounds(2, *rota, after_s=300.0)
    assert len(receiver.got) == 2


def test_what_was_excused_afterwards_goes_on_to_nobody(house, receiver):
    rota = (Recipient("hub"), Recipient("lead", level=1))
    house.rounds(1, *rota)
    Excuses(house.connection).add(1, Excuse(None, NOON, NOON + 60), Cause.WITNESS, approved_by="anna")
    house.connection.execute("UPDATE alert SET created_at = now() - interval '7 min'")
    house.rounds(2, *rota, after_s=300.0)
    assert len(receiver.got) == 1

"""Phones and replays against a real broker; the service's side is played by a ledger that may be made to lose."""

import threading
import time
from math import inf
from pathlib import Path

import orjson
import pytest
from paho.mqtt.client import CallbackAPIVersion, Client

from mqtt import topics
from mqtt.broker import free_port
from mqtt.delivery import Patience
from mqtt.enrolment import DeviceAccess
from mqtt.network import Endpoint
from mqtt.payload import parse
from mqtt.phone import Connection, Phone
from mqtt.phone_loop import PhoneLoop
from mqtt.replay import SILENT_S, ReplayError, replay
from tracker.acknowledgement import SeqLedger
from tracker.fix import Fix
from tracker.recordings import Track, read

TRACKS = Path(__file__).parents[2] / "data" / "tracks"
DEVICES = [f"phone-{number}" for number in range(40)]
IMPATIENT = Patience(stall_s=0.3, stall_cap_s=2.0, after_reconnect_s=0.1, connect_s=0.1, connect_cap_s=0.5)
PATIENCE_S = 30.0


class Service:
    """Stores what arrives and acknowledges at once; `deaf_for` messages are lost after the broker took them."""

    def __init__(self, url, deaf_for=0):
        self.fixes, self.ledgers, self.deaf_for = [], {}, deaf_for
        self.changed = threading.Condition()
        endpoint = Endpoint.parse(url)
        self.client = Client(CallbackAPIVersion.VERSION2, "kc-test", clean_session=False)
        self.client.username_pw_set(endpoint.username, endpoint.password)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe([("kc/1/#", 1), ("owntracks/#", 1)])
        subscribed = threading.Event()
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = self.hear
        self.client.connect(endpoint.host, endpoint.port)
        self.client.loop_start()
        assert subscribed.wait(PATIENCE_S)

    def hear(self, client, _userdata, message):
        address = topics.parse(message.topic)
        if address.part:
            return
        if self.deaf_for > 0:
            self.deaf_for -= 1
            return
        fix = parse(message.payload, address.device, 0.0).fixes[0]
        with self.changed:
            self.fixes.append(fix)
            self.changed.notify_all()
        if fix.seq is not None:
            ledger, losses = self.ledgers.get(fix.device, SeqLedger()).take(fix.seq, fix.oldest_held)
            assert losses == ()
            self.ledgers[fix.device] = ledger
            client.publish(topics.ack_topic(fix.device), orjson.dumps({"upto": ledger.upto}))

    def stored(self, device):
        return [fix.key for fix in self.fixes if fix.device == device]

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len({(f.device, f.key) for f in self.fixes}) >= count, PATIENCE_S)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def enrolled(broker):
    with DeviceAccess(broker.admin_url) as access:
        for device in DEVICES:
            access.enrol(device, f"secret-{device}")
    return broker


@pytest.fixture
def service(enrolled):
    running = Service(enrolled.worker_url)
    yield running
    running.close()


@pytest.fixture
def connection_of(enrolled):
    return lambda device: Connection(port=enrolled.port, username=device, password=f"secret-{device}")


def a_track(device, length):
    fixes = (Fix(device, 1.7e9 + n, 118.7 + n / 1e5, 32.0, 1.7e9 + n) for n in range(length))
    return Track(device, tuple(fixes))


def step_until(loop, done):
    deadline = threading.Event()
    timer = threading.Timer(PATIENCE_S, deadline.set)
    timer.start()
    while not done():
        assert not deadline.is_set(), "nothing came of it"
        loop.step(0.05)
    timer.cancel()


def test_a_recording_arrives_whole_and_in_stored_order(service, connection_of):
    track = read(TRACKS / "phone_ios_a_nanjing.jsonl", device="phone-1")[0]
    result = replay([track], connection_of, speed=inf)
    assert (result.reported, result.unacknowledged, result.resent) == (260, 0, 0)
    assert service.stored("phone-1") == [fix.key for fix in track.fixes]


def test_a_recording_moved_to_now_begins_now(service, connection_of):
    replay([a_track("phone-1", 20)], connection_of, speed=1_000, start=1_800_000_000.0)
    assert [fix_at for fix_at, _, _ in service.stored("phone-1")] == [1.8e9 + n for n in range(20)]


def test_plain_owntracks_is_played_without_seq(service, connection_of):
    result = replay([a_track("phone-1", 50)], connection_of, speed=inf, plain=True)
    service.wait_for(50)
    assert result.unacknowledged == 0
    assert {fix.seq for fix in service.fixes} == {None}


def test_many_tracks_share_one_loop(service, connection_of):
    tracks = [a_track(device, 25) for device in DEVICES]
    assert replay(tracks, connection_of, speed=inf).unacknowledged == 0
    assert all(service.stored(track.device) == [fix.key for fix in track.fixes] for track in tracks)


def test_a_stopped_replay_says_what_nobody_has(connection_of):
    stop = threading.Event()
    stop.set()
    assert replay([a_track("phone-1", 5)], connection_of, stop=stop).reported == 0


def test_without_a_service_a_replay_gives_up_and_says_so(connection_of):
    said = []
    result = replay([a_track("phone-1", 5)], connection_of, speed=inf, give_up_s=1.0, say=said.append)
    assert (result.reported, result.unacknowledged) == (5, 5)
    assert said == ["All sent; waiting until the service acknowledges the last 5, which it does at least every 30 s."]


def test_a_replay_without_a_broker_says_so_and_what_to_do():
    said, stop, port = [], threading.Event(), free_port("127.0.0.1", 0)
    began = time.monotonic()

    def hear(text):
        said.append((time.monotonic() - began, text))
        stop.set()

    result = replay([a_track("phone-1", 5)], lambda _: Connection(port=port), say=hear, stop=stop)
    [(after_s, text)] = said
    assert text.startswith(f"No broker at 127.0.0.1:{port} (")
    assert "keepclear up" in text
    assert (result.reported, after_s > SILENT_S) == (0, True)


def test_a_replay_with_a_wrong_password_is_refused(enrolled):
    wrong = Connection(port=enrolled.port, username="phone-1", password="wrong")
    with pytest.raises(ReplayError, match=r"phone-1: .*[Nn]ot authori"):
        replay([a_track("phone-1", 5)], lambda _: wrong, speed=inf)


def test_what_the_broker_took_and_lost_is_sent_again(service, connection_of):
    service.deaf_for = 10
    phone = Phone("phone-1", connection_of("phone-1"), patience=IMPATIENT)
    with PhoneLoop([phone]) as loop:
        for fix in a_track("phone-1", 30).fixes:
            phone.report(fix)
        step_until(loop, lambda: phone.waiting() == 0)
    assert set(service.stored("phone-1")) == {fix.key for fix in a_track("phone-1", 30).fixes}
    assert phone.delivery.resent >= 10


def test_a_broker_that_is_killed_loses_nothing(enrolled, service, connection_of):
    tracks = {device: a_track(device, 40) for device in DEVICES[:10]}
    phones = [Phone(device, connection_of(device), patience=IMPATIENT, window=5) for device in tracks]
    with PhoneLoop(phones) as loop:
        for n in range(40):
            for phone in phones:
                phone.report(tracks[phone.device].fixes[n])
            loop.step(0.0)
            if n == 20:
                enrolled.kill()
                enrolled.stop()
                enrolled.start()
        step_until(loop, lambda: not any(phone.waiting() for phone in phones))
    assert all(set(service.stored(d)) == {fix.key for fix in track.fixes} for d, track in tracks.items())


def test_a_phone_that_starts_before_the_broker_connects_when_it_is_there(enrolled, connection_of):
    phone = Phone("phone-1", connection_of("phone-1"), patience=IMPATIENT)
    enrolled.stop()
    with PhoneLoop([phone]) as loop:
        step_until(loop, lambda: phone.unreachable is not None)
        enrolled.start()
        step_until(loop, lambda: phone.connected)


def test_in_a_thread_of_its_own_a_phone_sends_at_once_and_hears_the_service(service, connection_of):
    heard, arrived = [], threading.Event()

    def hear(part, payload):
        heard.append((part, payload))
        arrived.set()

    phone = Phone("phone-1", connection_of("phone-1"), on_message=hear)
    loop = PhoneLoop([phone])
    loop.start()
    phone.report(a_track("phone-1", 1).fixes[0])
    service.wait_for(1)
    service.client.publish(topics.alert_topic("phone-1"), b"too near", qos=1)
    assert arrived.wait(PATIENCE_S)
    loop.close()
    assert heard == [("alert", b"too near")]

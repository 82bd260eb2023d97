"""What Mosquitto lets whom do, asked of a real broker through real connections."""

import queue
import socket
import time

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client

from mqtt.access import WORKER
from mqtt.enrolment import DeviceAccess
from mqtt.network import Endpoint
from mqtt.topics import SUPERVISOR_TOPIC, base_topic
from tracker.errors import AccessError

PATIENCE_S = 10.0
A, B = "phone-a", "phone-b"
PASSWORDS = {A: "secret-a", B: "secret-b"}
REFUSED = "Not authorized"


class Phone:
    """A plain MQTT client that keeps what it is told."""

    def __init__(self, port, username=None, password=None, client_id=None, will=None):
        self.said, self.messages = queue.Queue(), queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id or username or "", reconnect_on_failure=False)
        if will:
            self.client.will_set(will, "gone", 1)
        if username:
            self.client.username_pw_set(username, password)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self.said.put(str(reason))
        self.client.on_subscribe = lambda _c, _u, _m, reasons, _p: self.said.put([r.is_failure for r in reasons])
        self.client.on_publish = lambda *_: self.said.put("published")
        self.client.on_disconnect = lambda *_: self.said.put("disconnected")
        self.client.on_message = lambda _c, _u, message: self.messages.put((message.topic, message.payload))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.answer = self.said.get(timeout=PATIENCE_S)

    def subscribe(self, topic):
        """Whether the broker granted it."""
        self.client.subscribe(topic, 1)
        return self.said.get(timeout=PATIENCE_S) == [False]

    def publish(self, topic, payload):
        """Publish and wait for the broker's PUBACK.

        A refused message is acknowledged too (MQTT 3.1.1), but 2.0.11 as patched by Debian then disconnects.
        """
        self.client.publish(topic, payload, 1)
        assert self.said.get(timeout=PATIENCE_S) == "published"

    def next_message(self):
        return self.messages.get(timeout=PATIENCE_S)

    def cut(self):
        """Lose the connection without a word, so that the broker speaks the will."""
        self.client.socket().shutdown(socket.SHUT_RDWR)
        assert self.said.get(timeout=PATIENCE_S) == "disconnected"

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def phone(broker):
    """phone(username, ...) connects; all are closed at the end."""
    opened = []

    def connect(username=None, password=None, **options):
        opened.append(Phone(broker.port, username, password or PASSWORDS.get(username), **options))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def enrolled(broker):
    with DeviceAccess(broker.admin_url) as access:
        for device, password in PASSWORDS.items():
            access.enrol(device, password)
    return broker


@pytest.fixture
def worker(enrolled, phone):
    secret = Endpoint.parse(enrolled.worker_url).password
    connected = phone(WORKER, secret, client_id="kc-s1-17")
    assert connected.subscribe("kc/1/#")
    assert connected.subscribe("owntracks/#")
    return connected


@pytest.mark.usefixtures("enrolled")
def test_anonymous_is_refused(phone):
    assert phone().answer == REFUSED


@pytest.mark.usefixtures("enrolled")
def test_wrong_password_is_refused(phone):
    assert phone(A, "secret-b").answer == REFUSED


@pytest.mark.usefixtures("enrolled")
def test_unknown_device_is_refused(phone):
    assert phone("phone-c", "secret-a").answer == REFUSED


@pytest.mark.parametrize("client_id", [B, "kc-s1-17", "kc-plain", "anything"])
@pytest.mark.usefixtures("enrolled")
def test_device_cannot_use_another_client_id(phone, client_id):
    assert phone(A, client_id=client_id).answer == REFUSED


def test_device_cannot_push_the_worker_out_of_its_session(worker, phone):
    phone(A, client_id="kc-s1-17")
    device = phone(A)
    device.publish(base_topic(A), "fix")
    assert worker.next_message() == (base_topic(A), b"fix")


@pytest.mark.parametrize("part", ["", "/event", "/waypoint", "/waypoints", "/status", "/step"])
@pytest.mark.parametrize("base", [base_topic(A), f"owntracks/{A}/pixel"])
def test_device_publishes_on_its_own_topics(worker, phone, base, part):
    phone(A).publish(base + part, "own")
    assert worker.next_message() == (base + part, b"own")


@pytest.mark.parametrize(
    "topic",
    [
        base_topic(B),
        f"{base_topic(B)}/event",
        f"kc/1/00/00/{A}x",
        f"owntracks/{B}/pixel",
        f"{base_topic(A)}/ack",
        f"{base_topic(A)}/alert",
        f"{base_topic(A)}/cmd",
        f"owntracks/{A}/pixel/cmd",
        f"{base_topic(A)}/event/deeper",
        "kc/1/anything",
        "anything",
        "$SYS/broker/uptime",
        "$CONTROL/dynamic-security/v1",
    ],
)
def test_device_publishes_nowhere_else(worker, phone, topic):
    phone(A).publish(topic, "foreign")
    phone(A).publish(base_topic(A), "afterwards")
    assert worker.next_message() == (base_topic(A), b"afterwards")


def test_a_wrong_shard_of_the_own_id_is_refused(worker, phone):
    _, _, s1, s2, _ = base_topic(A).split("/")
    for wrong in (f"kc/1/{(int(s1) + 1) % 64:02}/{s2}/{A}", f"kc/1/{s1}/{(int(s2) + 1) % 16:02}/{A}"):
        phone(A).publish(wrong, "wrong shard")
    phone(A).publish(base_topic(A), "afterwards")
    assert worker.next_message() == (base_topic(A), b"afterwards")


def test_a_will_reaches_no_foreign_topic(worker, phone):
    for topic in (base_topic(B), base_topic(A)):
        phone(A, will=topic).cut()
    assert worker.next_message() == (base_topic(A), b"gone")


@pytest.mark.parametrize("part", ["ack", "alert", "cmd"])
@pytest.mark.parametrize("base", [base_topic(A), f"owntracks/{A}/pixel"])
def test_device_reads_what_the_service_tells_it(worker, phone, base, part):
    device = phone(A)
    assert device.subscribe(f"{base}/{part}")
    worker.publish(f"{base}/{part}", "told")
    assert device.next_message() == (f"{base}/{part}", b"told")


@pytest.mark.parametrize(
    "topic",
    [
        "#",
        "+/#",
        "kc/#",
        "kc/1/+/+/+",
        "kc/1/+/+/+/alert",
        base_topic(B),
        f"{base_topic(B)}/alert",
        f"{base_topic(B)}/#",
        base_topic(A),
        f"{base_topic(A)}/#",
        f"owntracks/{B}/+/cmd",
        "owntracks/#",
        "owntracks/+/+",
        "$SYS/#",
        "$CONTROL/#",
        "$CONTROL/dynamic-security/v1/response",
        "$share/group/kc/#",
        f"$share/group/{base_topic(B)}/alert",
    ],
)
@pytest.mark.usefixtures("enrolled")
def test_device_subscribes_to_nothing_else(phone, topic):
    assert not phone(A).subscribe(topic)


@pytest.mark.parametrize("topic", ["#", "$SYS/#", "$CONTROL/#"])
def test_the_worker_reads_only_the_phones(enrolled, phone, topic):
    secret = Endpoint.parse(enrolled.worker_url).password
    assert not phone(WORKER, secret, client_id="kc-s1-1").subscribe(topic)


def test_the_administrator_sees_no_fixes(enrolled, phone):
    admin = Endpoint.parse(enrolled.admin_url)
    assert not phone(admin.username, admin.password, client_id="kc-admin-1").subscribe("kc/1/#")


@pytest.fixture
def consumer(enrolled, phone):
    with DeviceAccess(enrolled.admin_url) as access:
        username = access.admit_consumer("siem", "heard")
    return phone(username, "heard")


def test_a_consumer_hears_what_supervisors_are_told(consumer, worker):
    assert consumer.subscribe(SUPERVISOR_TOPIC)
    worker.publish(SUPERVISOR_TOPIC, "told")
    assert consumer.next_message() == (SUPERVISOR_TOPIC, b"told")


@pytest.mark.parametrize(
    "topic", ["#", "kc/#", "kc/events/#", "kc/1/#", f"{base_topic(A)}/alert", "$SYS/#", "$CONTROL/#"]
)
def test_a_consumer_subscribes_to_nothing_else(consumer, topic):
    assert not consumer.subscribe(topic)


@pytest.mark.parametrize("topic", [SUPERVISOR_TOPIC, base_topic(A), f"{base_topic(A)}/alert"])
def test_a_consumer_publishes_nothing(consumer, worker, phone, enrolled, topic):
    with DeviceAccess(enrolled.admin_url) as access:
        hearing = phone(access.admit_consumer("second", "heard too"), "heard too")
    assert hearing.subscribe(SUPERVISOR_TOPIC)
    consumer.publish(topic, "foreign")
    worker.publish(SUPERVISOR_TOPIC, "afterwards")
    phone(B).publish(base_topic(B), "afterwards")
    assert hearing.next_message() == (SUPERVISOR_TOPIC, b"afterwards")
    assert worker.next_message() == (base_topic(B), b"afterwards")


@pytest.mark.usefixtures("consumer")
def test_a_consumer_cannot_take_over_a_worker_s_session(phone):
    assert phone("kc-consumer-siem", "heard", client_id="kc-s1-17").answer == REFUSED


def test_a_consumer_stays_connected_when_another_is_admitted(consumer, worker, enrolled):
    assert consumer.subscribe(SUPERVISOR_TOPIC)
    with DeviceAccess(enrolled.admin_url) as access:
        access.admit_consumer("second", "heard too")
        assert access.consumers() == ["second", "siem"]
    worker.publish(SUPERVISOR_TOPIC, "told")
    assert consumer.next_message() == (SUPERVISOR_TOPIC, b"told")


def test_a_removed_consumer_is_disconnected_and_stays_out(consumer, enrolled, phone):
    with DeviceAccess(enrolled.admin_url) as access:
        access.remove_consumer("siem")
    assert consumer.said.get(timeout=PATIENCE_S) == "disconnected"
    assert phone("kc-consumer-siem", "heard").answer == REFUSED


@pytest.mark.parametrize("name", ["", "a/b", "a b", "#", "x" * 53])
def test_a_consumer_s_name_is_plain_and_short(broker, name):
    with DeviceAccess(broker.admin_url) as access, pytest.raises(AccessError, match="can't name a consumer"):
        access.admit_consumer(name, "secret")


def test_enrolling_again_changes_the_password(enrolled, phone):
    with DeviceAccess(enrolled.admin_url) as access:
        access.enrol(A, "changed")
    assert phone(A).answer == REFUSED
    assert phone(A, "changed").answer == "Success"


def test_a_revoked_device_is_disconnected_and_stays_out(enrolled, phone):
    device = phone(A)
    with DeviceAccess(enrolled.admin_url) as access:
        access.revoke(A)
        access.revoke(A)
        assert access.devices() == [B]
    assert device.said.get(timeout=PATIENCE_S) == "disconnected"
    assert phone(A).answer == REFUSED


@pytest.mark.parametrize("device", ["kc-s1-17", "KC-admin", "a/b", "a+", "#", "", "x" * 65])
def test_ids_that_could_reach_further_are_not_enrolled(broker, device):
    with DeviceAccess(broker.admin_url) as access, pytest.raises(AccessError):
        access.enrol(device, "secret")


def test_devices_survive_a_restart_of_the_broker(enrolled, phone):
    port = enrolled.port
    enrolled.kill()
    enrolled.start()
    enrolled.wait_ready()
    assert enrolled.port == port
    assert phone(A).answer == "Success"


def test_a_wrong_administrator_password_is_said(broker):
    wrong = broker.admin_url.replace(Endpoint.parse(broker.admin_url).password, "wrong")
    with pytest.raises(AccessError, match="broker"), DeviceAccess(wrong, timeout_s=PATIENCE_S):
        pass


def test_a_broker_that_is_away_is_said(broker):
    url = broker.admin_url
    broker.kill()
    started = time.monotonic()
    with pytest.raises(AccessError, match="can't be reached"), DeviceAccess(url):
        pass
    assert time.monotonic() - started < PATIENCE_S

"""A Mosquitto of the operator's own: when KeepClear comes, only its administrator is there."""

from queue import Queue

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client
from typer.testing import CliRunner

from mqtt.access import ANY_DEVICE, CONSUMER, WORKER
from mqtt.dynsec import Control
from mqtt.enrolment import DeviceAccess
from mqtt.network import Endpoint
from mqtt.preparation import WORKER_ROLE, prepare_broker
from mqtt.topics import base_topic
from tracker.cli import cli
from tracker.errors import AccessError, SettingsError

PATIENCE_S = 10.0
DEVICE, SECRET = "phone-a", "secret-a"


@pytest.fixture
def bare(broker):
    """Address of the administrator of a broker that knows nobody else and no role of ours."""
    with Control(broker.admin_url) as control:
        control.delete("Client", "username", WORKER)
        for role in (WORKER_ROLE, ANY_DEVICE, CONSUMER):
            control.delete("Role", "rolename", role)
    return broker.admin_url


@pytest.fixture
def fleet(broker):
    """Address of the account that workers are to have."""
    return f"mqtt://fleet:fleet-secret@127.0.0.1:{broker.port}"


@pytest.fixture
def connected():
    """connected(url, client id, topic) -> a client that has subscribed to the topic, and what it hears."""
    opened = []

    def connect(url, client_id, topic):
        account, heard, subscribed = Endpoint.parse(url), Queue(), Queue()
        client = Client(CallbackAPIVersion.VERSION2, client_id, reconnect_on_failure=False)
        client.username_pw_set(account.username, account.password)
        client.on_connect = lambda *_: client.subscribe(topic, 1)
        client.on_subscribe = lambda _c, _u, _m, codes, _p: subscribed.put(not codes[0].is_failure)
        client.on_message = lambda _c, _u, message: heard.put(message.payload)
        client.connect(account.host, account.port)
        client.loop_start()
        opened.append(client)
        assert subscribed.get(timeout=PATIENCE_S)
        return client, heard

    yield connect
    for client in opened:
        client.disconnect()
        client.loop_stop()


def device_url(admin_url):
    with DeviceAccess(admin_url) as access:
        access.enrol(DEVICE, SECRET)
    return f"mqtt://{DEVICE}:{SECRET}@127.0.0.1:{Endpoint.parse(admin_url).port}"


def test_a_worker_hears_a_device_once_the_broker_is_prepared(bare, fleet, connected):
    prepare_broker(bare, fleet)
    _, heard = connected(fleet, "kc-s1-1", "kc/1/#")
    device, _ = connected(device_url(bare), DEVICE, f"{base_topic(DEVICE)}/cmd")
    device.publish(base_topic(DEVICE), b"here", 1)
    assert heard.get(timeout=PATIENCE_S) == b"here"


def test_the_administrator_may_be_the_workers_account_too(bare, connected):
    assert "Account kc-admin: has the role worker now." in prepare_broker(bare, bare)
    connected(bare, "kc-s1-1", "kc/1/#")


def test_a_second_time_nothing_is_done_and_nobody_disconnected(bare, fleet, connected):
    prepare_broker(bare, fleet)
    device, _ = connected(device_url(bare), DEVICE, f"{base_topic(DEVICE)}/cmd")
    assert prepare_broker(bare, fleet) == []
    assert device.is_connected()


def test_a_role_of_an_older_version_is_brought_up_to_date(bare, fleet):
    prepare_broker(bare, fleet)
    with Control(bare) as control:
        control.put("Role", {"rolename": WORKER_ROLE, "acls": []})
    assert prepare_broker(bare, fleet) == ["Role worker: brought up to date."]


def test_an_account_that_exists_keeps_its_password(bare, fleet, connected):
    prepare_broker(bare, fleet)
    prepare_broker(bare, fleet.replace("fleet-secret", "another"))
    connected(fleet, "kc-s1-1", "kc/1/#")


def test_a_device_can_not_be_enrolled_before_and_the_error_says_what_to_do(bare):
    with pytest.raises(AccessError, match="broker-prepare"):
        device_url(bare)


def test_somebody_elses_role_is_left_alone(bare, fleet):
    theirs = {"acltype": "publishClientSend", "topic": "lights/#", "priority": 0, "allow": True}
    with Control(bare) as control:
        control.put("Role", {"rolename": ANY_DEVICE, "acls": [theirs]})
    with pytest.raises(AccessError, match="not KeepClear's"):
        prepare_broker(bare, fleet)


def test_a_broker_open_to_anybody_is_refused_with_the_command_that_closes_it(bare, fleet):
    with Control(bare) as control:
        opened = [{"acltype": "subscribe", "allow": True}]
        assert control.ask({"command": "setDefaultACLAccess", "acls": opened}) is None
    with pytest.raises(AccessError, match="setDefaultACLAccess subscribe deny"):
        prepare_broker(bare, fleet)


def test_an_account_that_may_administer_nothing_is_named(bare, fleet):
    prepare_broker(bare, fleet)
    with pytest.raises(AccessError, match="fleet administer nothing"):
        prepare_broker(fleet, fleet)


def test_the_command_says_what_it_did_and_then_that_nothing_is_left_to_do(bare, fleet):
    env = {"KEEPCLEAR_MQTT_URL": fleet, "KEEPCLEAR_MQTT_ADMIN_URL": bare}
    assert "Account fleet: created." in CliRunner().invoke(cli, ["broker-prepare"], env=env).output
    assert CliRunner().invoke(cli, ["broker-prepare"], env=env).output == "It is ready.\n"


def test_without_a_broker_of_ones_own_the_command_says_which_settings_it_needs():
    error = CliRunner().invoke(cli, ["broker-prepare"], env={"KEEPCLEAR_MQTT_URL": None}).exception
    assert isinstance(error, SettingsError)
    assert "KEEPCLEAR_MQTT_ADMIN_URL" in error.do

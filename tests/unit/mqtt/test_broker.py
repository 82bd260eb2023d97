import socket
from pathlib import Path

import pytest

from mqtt.broker import free_port, reachable_host
from mqtt.broker_files import configuration

HOME, PLUGIN = Path("/var/kc/mosquitto"), Path("/usr/lib/mosquitto_dynamic_security.so")


def lines(**options):
    return configuration(HOME, PLUGIN, listener=("127.0.0.1", 1883), **options).splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "listener 1883 127.0.0.1",
        "allow_anonymous false",
        f"plugin {PLUGIN}",
        "persistence true",
        "autosave_interval 5",
        "max_queued_messages 0",
        "max_inflight_messages 1000",
        "set_tcp_nodelay true",
        "connection_messages false",
    ],
)
def test_the_configuration_is_the_measured_one(line):
    assert line in lines()


def test_sessions_never_expire():
    assert not any(line.startswith("persistent_client_expiration") for line in lines())


def test_no_websocket_listener_is_opened():
    assert not any("websockets" in line for line in lines())


def test_tls_is_a_second_listener_with_its_certificate():
    tls = lines(tls=("0.0.0.0", 8883, HOME / "tls.crt", HOME / "tls.key"))  # noqa: S104
    assert tls[-4:] == [
        "listener 8883 0.0.0.0",
        f"certfile {HOME}/tls.crt",
        f"keyfile {HOME}/tls.key",
        "tls_version tlsv1.2",
    ]


def test_connections_are_logged_only_for_debugging():
    assert "connection_messages true" in lines(verbose=True)


def test_a_taken_port_is_left_to_its_owner():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        assert free_port("127.0.0.1", wanted) != wanted


def test_a_free_port_is_taken_as_wished():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        wanted = probe.getsockname()[1]
    assert free_port("127.0.0.1", wanted) == wanted


@pytest.mark.parametrize(
    ("bound", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.5", "10.0.0.5")],  # noqa: S104
)
def test_a_server_on_every_address_is_reached_on_loopback(bound, reached):
    assert reachable_host(bound) == reached

"""The broker's TLS listener, with a certificate that only its owner can read."""

import ssl
import subprocess

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client

from mqtt.broker import EmbeddedBroker
from mqtt.network import Endpoint
from tracker.settings import load

PATIENCE_S = 10.0


@pytest.fixture
def tls_broker(var_dir):
    cert, key = var_dir / "own.crt", var_dir / "own.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    key.chmod(0o600)
    given = {"VAR_DIR": var_dir, "MQTT_PORT": 0, "MQTT_TLS_PORT": 0, "MQTT_TLS_CERT": cert, "MQTT_TLS_KEY": key}
    with EmbeddedBroker(load({f"KEEPCLEAR_{name}": str(value) for name, value in given.items()})) as running:
        yield running, cert


def test_the_service_is_reached_through_tls(tls_broker):
    broker, cert = tls_broker
    account = Endpoint.parse(broker.worker_url)
    client = Client(CallbackAPIVersion.VERSION2, "kc-tls-1")
    client.username_pw_set(account.username, account.password)
    client.tls_set(ca_certs=str(cert))
    answers = []
    client.on_connect = lambda _c, _u, _f, reason, _p: answers.append(str(reason))
    client.connect("127.0.0.1", broker.tls_port)
    for _ in range(200):
        client.loop(PATIENCE_S / 200)
        if answers:
            break
    client.disconnect()
    assert answers == ["Success"]


def test_an_unknown_certificate_is_not_trusted(tls_broker):
    broker, _ = tls_broker
    client = Client(CallbackAPIVersion.VERSION2, "kc-tls-2")
    client.tls_set()
    with pytest.raises(ssl.SSLCertVerificationError):
        client.connect("127.0.0.1", broker.tls_port)


def test_without_a_certificate_no_tls_port_is_opened(broker):
    assert broker.tls_port is None

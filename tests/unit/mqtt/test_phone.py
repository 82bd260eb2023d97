import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.phone import Connection, Phone, acknowledged_upto
from tracker.fix import Fix


def a_phone(**options):
    return Phone("phone-1", Connection(), **options)


def test_a_report_is_held_before_anything_is_sent():
    phone = a_phone()
    assert (phone.report(Fix("phone-1", 1.7e9, 118.79, 32.04, 1.7e9)), phone.waiting()) == (1, 1)
    assert phone.outbox.held(1, 1) == [(1, {"_type": "location", "tst": 1700000000, "lon": 118.79, "lat": 32.04})]


def test_a_report_wakes_the_loop():
    phone, woken = a_phone(), []
    phone.on_wake(woken.append)
    phone.hold({"_type": "location"})
    assert woken == [phone]


def test_nothing_is_published_before_the_broker_has_accepted_the_phone():
    phone = a_phone()
    phone.hold({"_type": "location"})
    phone.flush()
    assert phone.delivery.resent == 0
    assert phone.delivery.to_send(0.0)


def test_the_session_is_persistent_and_named_after_the_device():
    client = a_phone().client
    assert (client._client_id, client._clean_session) == (b"phone-1", False)


def test_a_phone_goes_by_its_own_user_name():
    client = Phone("phone-1", Connection(username="phone-1", password="secret")).client
    assert (client.username, client.password) == ("phone-1", "secret")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"upto": 7}', 7),
        (b'{"upto": -1}', -1),
        (b'{"upto": 7, "more": 1}', 7),
        (b'{"upto": "7"}', None),
        (b'{"upto": true}', None),
        (b'{"upto": 7.0}', None),
        (b"{}", None),
        (b"[7]", None),
        (b"7", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_an_acknowledgement_is_read_or_ignored(payload, expected):
    assert acknowledged_upto(payload) == expected


@given(st.binary())
def test_no_acknowledgement_raises(payload):
    acknowledged_upto(payload)

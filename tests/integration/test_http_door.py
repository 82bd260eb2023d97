"""Fixes over HTTP and MQTT over WebSocket, through the web service as it runs."""

import time
from random import Random

import httpx
import orjson
import pytest

from mqtt.payload import encode
from mqtt.topics import ack_topic, base_topic
from tests.builders import a_walk, a_zone
from tests.live import SECRET, Talker

FIXES, OWNTRACKS = "/api/v1/phone/fixes", "/owntracks"
INTO_THE_ZONE_AND_OUT = [150, 100, 50, 20, -20, -60, -90, *[-95] * 20, -60, -20, 30, 90, 150, 400]


@pytest.fixture
def served(running):
    """A running installation with its web service; `served.port`."""
    with running.serving() as port:
        running.port = port
        yield running


def client(live, device="phone-1", secret=SECRET):
    return httpx.Client(base_url=f"http://127.0.0.1:{live.port}", auth=(device, secret), timeout=20)


def walk(device, distances_m=INTO_THE_ZONE_AND_OUT, *, start=None):
    start = round(time.time() - 600) if start is None else start
    return [
        fix._replace(device=device, seq=seq, oldest_held=1)
        for seq, fix in enumerate(a_walk(distances_m, every_s=5.0, start=start), start=1)
    ]


def body(*fixes):
    return orjson.dumps([encode(fix) for fix in fixes])


def test_a_batch_is_stored_when_it_is_answered_and_answered_the_same_again(served):
    served.enrol("phone-1")
    fixes = walk("phone-1")
    with client(served) as phone:
        first = phone.post(FIXES, content=body(*fixes))
        assert served.stored("phone-1") == len(fixes)
        again = phone.post(FIXES, content=body(*fixes))
    count = len(fixes)
    nothing_wrong = {"refused": {}, "quarantined": 0}
    assert first.json() == {"upto": count, "stored": count, "duplicates": 0, **nothing_wrong}
    assert again.json() == {"upto": count, "stored": 0, "duplicates": count, **nothing_wrong}
    assert (first.status_code, again.status_code) == (200, 200)


def test_owntracks_http_mode_gets_its_empty_array(served):
    served.enrol("phone-1")
    with client(served) as phone:
        answer = phone.post(OWNTRACKS, content=orjson.dumps(encode(walk("phone-1")[0])))
    assert (answer.status_code, answer.json(), served.stored("phone-1")) == (200, [], 1)


@pytest.mark.parametrize("path", [FIXES, OWNTRACKS])
@pytest.mark.parametrize(("device", "secret"), [("phone-1", "wrong"), ("stranger", SECRET)])
def test_who_is_not_enrolled_gets_problem_details(served, path, device, secret):
    served.enrol("phone-1")
    with client(served, device, secret) as phone:
        answer = phone.post(path, content=b"{}")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert (answer.json()["status"], answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_an_unreadable_body_is_answered_and_quarantined_and_an_endless_one_refused(served):
    served.enrol("phone-1")
    with client(served) as phone:
        broken = phone.post(FIXES, content=b"{broken")
        endless = phone.post(FIXES, content=b" " * 70_000)
    assert (broken.status_code, broken.json()["quarantined"]) == (200, 1)
    assert (endless.status_code, endless.headers["content-type"]) == (413, "application/problem+json")


def test_one_device_on_http_and_mqtt_at_once_ends_in_the_same_incursions(served):
    served.put_zones(a_zone(valid_from=time.time() - 7200))
    start = round(time.time() - 600)
    for device in ("in-order", "mixed"):
        served.enrol(device)
    in_order, mixed = walk("in-order", start=start), walk("mixed", start=start)
    Random(1).shuffle(mixed)
    served.talker("in-order").report(*in_order)
    by_mqtt = served.talker("mixed")
    with client(served, "mixed") as by_http:
        for turn in range(0, len(mixed), 4):
            sent = by_mqtt.client.publish(base_topic("mixed"), body(*mixed[turn : turn + 2]), 1)
            assert by_http.post(FIXES, content=body(*mixed[turn + 1 : turn + 4])).status_code == 200
            sent.wait_for_publish(20)
    for device in ("in-order", "mixed"):
        served.wait_stored(device, len(in_order))
    assert served.incursions("mixed") == served.incursions("in-order")
    assert len(served.incursions("mixed")) == 1


def test_mqtt_over_websocket_takes_fixes_and_brings_the_acknowledgement(served):
    served.enrol("phone-1")
    phone = Talker(served.port, "phone-1", ack_topic("phone-1"), transport="websockets")
    fixes = walk("phone-1")
    phone.report(*fixes)
    upto = 0
    while upto < len(fixes):
        upto = phone.next()[1]["upto"]
    assert served.stored("phone-1") == len(fixes)
    phone.close()


def test_a_phone_reads_who_looked_at_its_carrier_and_at_nobody_else(served):
    for device in ("phone-1", "phone-2"):
        served.enrol(device)
    served.admin.execute(
        "INSERT INTO look (account_id, username, visitor_id, from_at, to_at, purpose) "
        "SELECT 1, 'anna', visitor_id, now(), now(), 'about ' || name FROM device"
    )
    with client(served) as phone, client(served, secret="guessed") as stranger:
        assert [look["purpose"] for look in phone.get("/api/v1/phone/looks").json()] == ["about phone-1"]
        assert stranger.get("/api/v1/phone/looks").status_code == 401

"""The whole way from a publish to the rows: every fate of a message, and what is left of it."""

import base64
import json
import struct
import time
from pathlib import Path
from random import Random

import orjson
import pytest

from mqtt.payload import encode, parse
from mqtt.topics import SUPERVISOR_TOPIC, alert_topic, base_topic
from tests.builders import a_walk, a_zone
from tests.eventually import eventually
from tracker.fix import Fix

DATA = Path(__file__).parents[2] / "data"
INTO_THE_ZONE_AND_OUT = [150, 100, 50, 20, -20, -60, -90, *[-95] * 20, -60, -20, 30, 90, 150, 400]
SECRET_LON, SECRET_LAT = 118.7654321, 32.0987654


def cases(path):
    return [json.loads(line) for line in (DATA / path).read_text().splitlines()]


def payload_of(case):
    if "b64" in case:
        return base64.b64decode(case["b64"])
    return base64.b64decode(case["repeat_b64"]) * case["repeat_times"] + base64.b64decode(case["tail_b64"])


def walk(device, distances_m=INTO_THE_ZONE_AND_OUT, *, ago_s=600.0, every_s=5.0, start=None):
    start = round(time.time() - ago_s) if start is None else start
    return [fix._replace(device=device) for fix in a_walk(distances_m, every_s=every_s, start=start)]


def a_court(live, **options):
    live.put_zones(a_zone(valid_from=time.time() - 7200, **options))


def test_every_malformed_payload_is_quarantined_with_its_reason_and_the_worker_lives_on(running):
    running.enrol("phone-1")
    phone = running.talker("phone-1")
    payloads = [payload_of(case) for case in cases("malformed/json_cases.jsonl")]
    payloads += [case["text"].encode() for case in cases("malformed/geojson_cases.jsonl")]  # no phone speaks GeoJSON
    for payload in payloads:
        phone.publish(base_topic("phone-1"), payload)
    phone.report(Fix("phone-1", time.time(), 118.7, 32.0, 0.0))
    running.wait_stored("phone-1", 1)
    parsed = [(payload, parse(payload, "phone-1", time.time())) for payload in payloads]
    alone = [len(fate.fixes) + len(fate.ignored) + len(fate.bad) == 1 for _, fate in parsed]
    expected = [
        (bad.reason, payload if kept else None)
        for (payload, fate), kept in zip(parsed, alone, strict=True)
        for bad in fate.bad
    ]
    assert running.rows("SELECT reason, payload FROM quarantine ORDER BY id") == expected
    assert len(expected) > 200


def test_owntracks_samples_are_taken_on_the_plain_topic(running):
    running.enrol("agent7")
    agent, now = running.talker("agent7"), round(time.time())
    for case in cases("vectors/owntracks_samples.jsonl"):
        agent.publish(case["topic"], orjson.dumps(case["payload"]))  # years old: refused
        moved = case["payload"] | {"tst": case["payload"]["tst"] % 60 + now - 120}
        agent.publish(case["topic"], orjson.dumps(moved))
    agent.publish("owntracks/agent7/a1", orjson.dumps(encode(Fix("agent7", time.time(), 118.7, 32.0, 0.0))))
    running.wait_stored("agent7", 3)
    assert running.refusals() == {("agent7", "too_late"): 3}


@pytest.mark.parametrize("why", ["unknown_device", "wrong_topic", "off_shift", "no_consent", "retained", "revoked"])
def test_of_a_refused_fix_nothing_with_a_position_is_left_anywhere(live, capfd, why):
    live.enrol("phone-1", consented=why != "no_consent", shift=why != "off_shift")
    live.enrol("watch")
    spy = live.spy()
    device = "stranger" if why == "unknown_device" else "phone-1"
    if why == "revoked":
        live.people.revoke_device("phone-1")
    topic = "kc/1/00/00/phone-1" if why == "wrong_topic" else base_topic(device)
    message = orjson.dumps({"_type": "location", "lon": SECRET_LON, "lat": SECRET_LAT, "tst": time.time()})
    if why == "retained":
        spy.publish(topic, message, retain=True)
    with live.ingesting():
        if why != "retained":
            spy.publish(topic, message)
            spy.publish(topic, b'{"lon": 118.7654321, "lat": 32.0987654')  # unreadable, and off shift
        spy.report(Fix("watch", time.time(), 118.7, 32.0, 0.0))
        live.wait_stored("watch", 1)
        if why != "retained":
            eventually(live.refusals)
    assert traces(live, capfd) == []
    counted = {reason for _, reason in live.refusals()}
    assert counted == ({why} if why != "retained" else set())


def traces(live, capfd):
    """Which forms of the secret position are found in any table or log: digits, their bytes, the double itself."""
    left = (live.everything() + "".join(capfd.readouterr()) + live.broker.log.read_text()).lower()
    digits = ["118.765432", "32.098765", "7654321", "0987654"]
    doubles = [struct.pack(order, number).hex() for number in (SECRET_LON, SECRET_LAT) for order in ("<d", ">d")]
    return [form for form in (*digits, *(each.encode().hex() for each in digits), *doubles) if form in left]


def test_the_same_search_finds_a_fix_and_a_payload_that_may_be_kept(running, capfd):
    running.enrol("phone-1")
    phone = running.talker("phone-1")
    phone.publish(base_topic("phone-1"), b'{"lon": 118.7654321, "lat": 32.0987654')
    phone.report(Fix("phone-1", time.time(), SECRET_LON, SECRET_LAT, 0.0))
    running.wait_stored("phone-1", 1)
    assert len(traces(running, capfd)) >= 6


def test_an_entry_is_told_to_the_phone_and_the_supervisor_once(running):
    a_court(running)
    running.enrol("phone-1")
    phone = running.talker("phone-1", alert_topic("phone-1"))
    supervisor = running.spy(SUPERVISOR_TOPIC)
    phone.report(*walk("phone-1", [150, 50, -50, -90, -90, -90], ago_s=60))
    told = [phone.next()[1] for _ in range(2)]
    event = next(message for message in told if message.get("type") == "org.keepclear.alert.entry")
    transition = next(message for message in told if message.get("_type") == "transition")
    assert (transition["event"], transition["desc"]) == ("enter", "court")
    assert (event["specversion"], event["subject"], event["data"]["zone"]) == ("1.0", "phone-1", "court")
    topic, notice = supervisor.next()
    assert (topic, notice["type"], notice["subject"]) == (SUPERVISOR_TOPIC, "org.keepclear.alert.entry", "phone-1")
    eventually(lambda: not running.rows("SELECT 1 FROM alert WHERE published_at IS NULL"))
    keys = [key for (key,) in running.rows("SELECT dedup_key FROM alert ORDER BY 1")]
    assert keys == sorted([event["id"], notice["id"]])
    assert running.incursions("phone-1")[0]["kind"] == "entry"


def test_any_order_and_any_repetition_through_the_broker_ends_in_the_same_incursions(running):
    a_court(running)
    devices, start = [f"phone-{number}" for number in range(6)], round(time.time() - 900)
    for device in devices:
        running.enrol(device)
    spy = running.spy()
    spy.report(*walk(devices[0], start=start))
    for seed, device in enumerate(devices[1:]):
        report_in_disorder(running, spy, walk(device, start=start), Random(seed))
    for device in devices:
        running.wait_stored(device, len(INTO_THE_ZONE_AND_OUT))
    in_order = running.incursions(devices[0])
    assert [found["kind"] for found in in_order] == ["entry"]
    assert [running.incursions(device) for device in devices[1:]] == [in_order] * 5


def report_in_disorder(live, spy, fixes, chance):
    """Shuffled, a third of them twice, in batches that are committed one by one."""
    sent = fixes + chance.sample(fixes, len(fixes) // 3)
    chance.shuffle(sent)
    seen = set()
    while sent:
        batch, sent = sent[:10], sent[10:]
        spy.report(*batch)
        seen |= {fix.key for fix in batch}
        live.wait_stored(fixes[0].device, len(seen))


def test_a_zone_counts_from_the_next_fix_on(running):
    running.enrol("phone-1")
    phone = running.talker("phone-1")
    phone.report(*walk("phone-1", [-90] * 4, ago_s=60))
    running.wait_stored("phone-1", 4)
    assert running.incursions("phone-1") == []
    running.put_zones(a_zone())
    now = time.time()
    phone.report(*walk("phone-1", [-90] * 5, start=now + 1))
    running.wait_stored("phone-1", 9)
    assert [found["kind"] for found in running.incursions("phone-1")] == ["entry"]


def test_a_shift_counts_from_its_first_moment_and_its_end_closes_what_is_open(running):
    a_court(running)
    visitor = running.enrol("phone-1", shift=False)
    phone = running.talker("phone-1")
    phone.report(*walk("phone-1", [-90], ago_s=500))
    eventually(lambda: running.refusals() == {("phone-1", "off_shift"): 1})
    running.people.open_shift(visitor, time.time() - 400)
    phone.report(*walk("phone-1", [150, 50, -50, -90, -90, -90], ago_s=300))
    running.wait_stored("phone-1", 6)
    running.people.close_shift(visitor, time.time() - 250)
    eventually(lambda: running.incursions("phone-1")[0]["ended"] == "shift_end")
    phone.report(*walk("phone-1", [-90], ago_s=100))
    eventually(lambda: running.refusals() == {("phone-1", "off_shift"): 2})
    assert running.stored("phone-1") == 6

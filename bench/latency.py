"""From a phone's publish to the CloudEvent on its alert topic, at a thousand fixes a second.

A CloudEvent's `time` is that of the fix it is about, and phones say the moment of sending: the difference is the
latency. Beside it the floor: one message from a phone through the broker to a session, and the commit of one fix.
"""

import time
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import orjson

from bench.ingest import records
from bench.result import Line, Note, Result
from bench.site import PASSWORD, Site, a_site, say
from bench.traffic import Phones, steady
from mqtt.events import TYPE
from mqtt.network import Network
from mqtt.subscriber import Subscriber
from mqtt.topics import base_topic
from tracker.alert import AlertKind
from tracker.store.postgres import PostgresStore

PHONES = 5_000
RATE = 1_000.0
SETTLE_S = 15.0
TRIALS = 300
COUNTED = {TYPE + AlertKind.APPROACH, TYPE + AlertKind.ENTRY}


def results(seconds: float) -> Iterator[Line]:
    """Percentiles of the latency, in milliseconds."""
    with a_site() as site:
        say("floor: echo and commit")
        echo, commit = echo_ms(site), commit_ms(site)
        taken = alert_ms(site, seconds)
    p50, p99 = np.percentile(taken, [50, 99]).tolist()
    yield Result("alert latency at 1,000 fixes/s, p50", 40, p50, "ms", at_most=True)
    yield Result("alert latency at 1,000 fixes/s, p99", 150, p99, "ms", at_most=True)
    yield Note("alerts measured, and the slowest", f"{len(taken):,}, {max(taken):.0f} ms")
    yield Note("floor: broker echo + one commit, p50 of each", f"{echo:.2f} + {commit:.2f} ms")


def alert_ms(site: Site, seconds: float) -> list[float]:
    """Milliseconds from sending a fix to hearing what it led to, approaches and entries."""
    with site.ingest():
        say(f"connecting {PHONES:,} phones that hear their alerts")
        phones = Phones(site.broker.port, site.devices[:PHONES], PASSWORD, hear=True)
        steady(phones, RATE, SETTLE_S)  # whoever begins inside a ring is told so at once
        phones.heard.clear()
        say(f"{RATE:,.0f} fixes/s for {seconds:.0f} s")
        steady(phones, RATE, seconds)
        heard = phones.heard
        phones.close()
    first: dict[str, float] = {}
    for heard_at, payload in heard:
        event = orjson.loads(payload)
        if event.get("type") in COUNTED:
            happened_at = datetime.fromisoformat(event["time"]).timestamp()
            first.setdefault(event["id"], 1000.0 * (heard_at - happened_at))
    return list(first.values())


def echo_ms(site: Site) -> float:
    """Median of publish -> delivery, for a phone that the load does not use."""
    device = site.devices[-1]
    network = Network("echo")
    subscriber = Subscriber(network, site.endpoint)
    subscriber.open(0, "kc-bench-echo", [base_topic(device)])
    network.start()
    while not subscriber.ready():
        time.sleep(0.01)
    phones = Phones(site.broker.port, [device], PASSWORD)
    taken = []
    for _ in range(TRIALS):
        begun = time.perf_counter()
        phones.publish(phones.lines[0], 119.974, 31.8112, time.time())
        deliveries = subscriber.inbox.collect(1, 0.0, 1.0)
        assert len(deliveries) == 1
        taken.append(1000.0 * (time.perf_counter() - begun))
        subscriber.acknowledge(deliveries)
    phones.close()
    network.stop()
    return float(np.median(taken))


def commit_ms(site: Site) -> float:
    """Median of storing and committing one fix."""
    taken = []
    with PostgresStore(site.postgres.url, "keepclear bench", fenced=False, late_s=86_400.0) as store:
        for record in records(1)[:TRIALS]:
            begun = time.perf_counter()
            with store.transaction() as transaction:
                transaction.add_fixes([record])
            taken.append(1000.0 * (time.perf_counter() - begun))
    site.connection.execute("TRUNCATE fix")
    return float(np.median(taken))

"""Fixes a second from QoS 1 publish to commit with one worker, beside what receiving alone and COPY alone reach.

All share the machine with broker, database and publisher; sessions, payloads and rows are the same.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized

from paho.mqtt.client import Client

from bench.result import Line, Note, Result
from bench.site import PASSWORD, Site, a_site, say
from bench.traffic import Movement, Phones, saturating
from geofences.index import cell_of
from mqtt.network import Endpoint, Link, Network, client_for
from mqtt.subscriber import Subscriber
from mqtt.topics import SHARDS, subscription
from mqtt.worker import Pace
from tracker.fix import Fix
from tracker.ports import FixRecord
from tracker.store.postgres import PostgresStore

PHONES = 5_000
WINDOW = 16_000
SETTLE_S = 6.0
RECEIVE_S = 12.0
COPIED = 200_000
BATCH = 500
INSERTED = r"SELECT coalesce(sum(n_tup_ins), 0)::int FROM pg_stat_user_tables WHERE relname LIKE 'fix\_%'"


def results(seconds: float) -> Iterator[Line]:
    """The rate, and its share of the slower of the two floors."""
    with a_site() as site:
        copied = copy_only(site)
        by_wire, by_paho = receive_only(site, receive), receive_only(site, receive_by_paho)
        rate = committed(site, seconds)
    yield Result(f"ingest, QoS 1 -> committed, one worker, {seconds:.0f} s", 5_000, rate, "fixes/s")
    yield Result("share of the slower of paho's receiving and COPY alone", 60, 100 * rate / min(by_paho, copied), "%")
    yield Note("receiving and acknowledging alone: paho, the same sessions", f"{by_paho:,.0f} /s")
    yield Note("the same with our reader of PUBLISH packets (mqtt/wire.py)", f"{by_wire:,.0f} /s")
    yield Note(f"COPY -> INSERT ON CONFLICT -> commit alone, batches of {BATCH}", f"{copied:,.0f} /s")


def committed(site: Site, seconds: float) -> float:
    """Fixes committed a second while the publisher keeps `WINDOW` fixes on the way."""
    with site.ingest():
        phones = connected(site)
        first = inserted(site)
        saturating(phones, lambda: inserted(site) - first, WINDOW, SETTLE_S)
        say(f"as fast as fixes are committed, for {seconds:.0f} s")
        before, at = site.stored(), time.perf_counter()
        saturating(phones, lambda: inserted(site) - first, WINDOW, seconds)
        rate = (site.stored() - before) / (time.perf_counter() - at)
        phones.close()
    return rate


def connected(site: Site) -> Phones:
    """The publisher."""
    say(f"connecting {PHONES:,} phones")
    return Phones(site.broker.port, site.devices[:PHONES], PASSWORD)


def inserted(site: Site) -> int:
    """Fixes stored as PostgreSQL's statistics know them: late by a second or so, and free."""
    return int(site.connection.execute(INSERTED).fetchall()[0][0])


def receive_only(site: Site, receiver: Callable[[str, "Synchronized[int]"], None]) -> float:
    """Messages a second when a worker's sessions receive and acknowledge, in a process of their own."""
    say(f"receiving alone ({receiver.__name__})")
    processes = get_context("spawn")
    count = processes.Value("q", -1)
    process = processes.Process(target=receiver, args=(site.broker.worker_url, count), daemon=True)
    process.start()
    try:
        while count.value < 0:
            time.sleep(0.05)
        phones = connected(site)
        saturating(phones, lambda: count.value, WINDOW, SETTLE_S)
        before, at = count.value, time.perf_counter()
        saturating(phones, lambda: count.value, WINDOW, RECEIVE_S)
        rate = (count.value - before) / (time.perf_counter() - at)
        phones.close()
    finally:
        process.terminate()
        process.join()
    return float(rate)


def receive(broker_url: str, count: "Synchronized[int]") -> None:
    """All shards' sessions of a worker; `count` is how many messages were acknowledged."""
    network, pace = Network("receive only"), Pace()
    subscriber = Subscriber(network, Endpoint.parse(broker_url))
    for shard in range(SHARDS):
        subscriber.open(shard, f"kc-s1-{shard:02}", subscription(shard))
    network.start()
    while not subscriber.ready():
        time.sleep(0.01)
    count.value = 0
    while True:
        deliveries = subscriber.inbox.collect(pace.max_messages, pace.max_wait_s, 0.05)
        subscriber.acknowledge(deliveries)
        count.value += len(deliveries)


def receive_by_paho(broker_url: str, count: "Synchronized[int]") -> None:
    """The same with plain paho clients on the same loop, as paho reads and acknowledges."""
    network, endpoint = Network("paho only", gather_s=0.0), Endpoint.parse(broker_url)
    ready: list[int] = []
    received: deque[tuple[Client, int]] = deque()
    for shard in range(SHARDS):
        client = client_for(endpoint, f"kc-s1-{shard:02}", persistent=True, kind=Client)
        client.on_connect = partial(subscribe, [(topic, 1) for topic in subscription(shard)])
        client.on_subscribe = lambda *_: ready.append(1)
        client.on_message = lambda client, _userdata, message: received.append((client, message.mid))
        network.add(Link(client, endpoint))
    network.start()
    while len(ready) < SHARDS:
        time.sleep(0.01)
    count.value = 0
    while True:
        time.sleep(Pace().max_wait_s)
        taken = [received.popleft() for _ in range(len(received))]
        network.call(partial(acknowledge, taken))
        count.value += len(taken)


def subscribe(topics: list[tuple[str, int]], client: Client, *_: object) -> None:
    """Once connected."""
    client.subscribe(topics)


def acknowledge(taken: list[tuple[Client, int]]) -> None:
    """One by one, as paho does it."""
    for client, mid in taken:
        client.ack(mid, 1)


def copy_only(site: Site) -> float:
    """Rows a second through one connection when nothing is received or computed."""
    say("COPY alone")
    rows = records(len(site.devices))
    with PostgresStore(site.postgres.url, "keepclear bench", fenced=False, late_s=86_400.0) as store:
        begun = time.perf_counter()
        for first in range(0, COPIED, BATCH):
            with store.transaction() as transaction:
                transaction.add_fixes(rows[first : first + BATCH])
        seconds = time.perf_counter() - begun
    site.connection.execute("TRUNCATE fix")
    return COPIED / seconds


def records(devices: int) -> list[FixRecord]:
    """Fixes of all devices in turn, five seconds apart, as the pipeline stores them."""
    movement, begun = Movement(devices, seed=4), time.time() - 7_200.0
    rows: list[FixRecord] = []
    for turn in range(COPIED // devices):
        at = begun + 5.0 * turn
        lons, lats = (each.tolist() for each in movement.at(at))
        rows += [
            FixRecord(
                device + 1, device + 1, cell_of(lons[device], lats[device]),
                Fix("", at, lons[device], lats[device], at + 0.5, 8.0, None, 1.4, None, 71.0, seq=turn), behind=False,
            )
            for device in range(devices)
        ]  # fmt: skip
    return rows

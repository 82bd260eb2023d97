"""What an edit costs a running worker: 100,000 zones in a database, then one edit, then a large import."""

import shutil
import time
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import create_engine

from geofences.policy import Edit
from geofences.zone import Zone
from tests.conftest import make_var_dir
from tracker.knowledge import Knowledge
from tracker.store import embedded
from tracker.store.connection import connect
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.migrate import upgrade
from tracker.store.postgres import PostgresStore
from tracker.store.zones import edit_zone, put_zones
from tracker.zone_record import Signature

MANY = 100_000


def outlines(count: int, prefix: str, seed: int, valid_from: float | None) -> list[Zone]:
    """Compounds of a few dozen metres all over eastern China."""
    places = np.random.default_rng(seed).uniform((112.0, 28.0), (121.0, 36.0), (count, 2))
    shapes = [shapely.Point(at).buffer(0.0003, quad_segs=2) for at in places]
    return [
        Zone(f"{prefix}{n}", f"{prefix}{n}", "court", shape, valid_from=valid_from) for n, shape in enumerate(shapes)
    ]


def timed(what: str, began: float) -> None:
    print(f"{what}: {time.perf_counter() - began:.2f} s", flush=True)


def ask(store: PostgresStore, knowledge: Knowledge, at: float) -> None:
    with store.transaction() as transaction:
        knowledge.read(transaction, []).zones.at(at).near(118.8, 32.0)


def main() -> None:
    path: Path = make_var_dir()
    with EmbeddedPostgres(path, durable=False) as server:
        url = server.url_of(embedded.DATABASE)
        upgrade(create_engine(url))
        admin, store = (
            connect(url, "bench", fenced=False),
            PostgresStore(url, "bench", fenced=False, late_s=7 * 86_400.0),
        )
        knowledge, long_ago = Knowledge(), time.time() - 86_400.0
        zones = outlines(MANY, "old/", 1, long_ago)
        began = time.perf_counter()
        put_zones(admin, zones, "bench")
        timed(f"{MANY} zones written", began)
        began = time.perf_counter()
        ask(store, knowledge, time.time())
        timed("a worker starts: read and covered", began)
        for number in range(3):
            edit_zone(admin, f"old/{number}", Edit(standoff_m=250.0), Signature("bench"))
            began = time.perf_counter()
            ask(store, knowledge, time.time())
            timed("the first batch after an edit, at the time before it", began)
            began = time.perf_counter()
            ask(store, knowledge, time.time() + 5.0)
            timed("the first batch at the time after it", began)
        more = outlines(20_000, "new/", 2, None)
        began = time.perf_counter()
        put_zones(admin, more, "bench")
        timed("20000 more written while it runs", began)
        began = time.perf_counter()
        ask(store, knowledge, time.time())
        timed("the first batch after the import", began)
        worst = 0.0
        due = time.time() + 1.0 + 3e-4 * 20_000
        while time.time() < due:
            began = time.perf_counter()
            ask(store, knowledge, time.time())
            worst = max(worst, time.perf_counter() - began)
            time.sleep(0.02)
        print(f"the worst batch until it is in force: {worst:.2f} s")
        began = time.perf_counter()
        ask(store, knowledge, due + 1.0)
        timed("the first batch under it", began)
        store.close()
        admin.close()
    shutil.rmtree(path)


if __name__ == "__main__":
    main()

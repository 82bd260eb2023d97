"""What edits cost a running worker: 100,000 zones in a database, then some edits, then 20,000 zones more.

A batch here is what every batch of the worker does about zones: it reads what changed and asks for a place now.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import shapely
from psycopg import Connection

from bench.result import Line, Note, Result
from bench.site import say
from geofences.policy import Edit
from geofences.zone import Zone
from tracker.knowledge import Knowledge
from tracker.store import embedded
from tracker.store.connection import Row, connect, engine
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.migrate import upgrade
from tracker.store.postgres import PostgresStore
from tracker.store.zones import edit_zone, put_zones, standing
from tracker.zones.record import Signature

MANY, MORE, EDITS = 100_000, 20_000, 5
EVERY_S = 0.02
LATE_S = 7 * 86_400.0
PLACE = (118.8, 32.0)


def outlines(count: int, prefix: str, seed: int, valid_from: float | None) -> list[Zone]:
    """Compounds of a few dozen metres all over eastern China."""
    places = np.random.default_rng(seed).uniform((112.0, 28.0), (121.0, 36.0), (count, 2))
    shapes = [shapely.Point(at).buffer(0.0003, quad_segs=2) for at in places]
    return [
        Zone(f"{prefix}{n}", f"{prefix}{n}", "court", shape, valid_from=valid_from) for n, shape in enumerate(shapes)
    ]


class Worker:
    """The part of an ingest worker that knows zones."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._knowledge = Knowledge()

    def batch(self) -> tuple[float, frozenset[tuple[str, int]]]:
        """The seconds that a batch took, and the zones and versions at `PLACE`."""
        began = time.perf_counter()
        with self._store.transaction() as transaction:
            known = self._knowledge.read(transaction, {"bench"})
            found = known.zones.at(time.time()).near(*PLACE)
        return time.perf_counter() - began, frozenset((near.zone.id, near.zone.version) for near in found)

    def until(self, holds: Callable[[frozenset[tuple[str, int]]], bool]) -> tuple[float, float]:
        """Batch after batch until what is at the place holds: the slowest batch, and how long all took."""
        began, slowest = time.perf_counter(), 0.0
        while True:
            took_s, found = self.batch()
            slowest = max(slowest, took_s)
            if holds(found):
                return slowest, time.perf_counter() - began
            time.sleep(EVERY_S)


def results(_seconds: float) -> Iterator[Line]:
    """The rows of the table; the amount of work bounds it."""
    var_dir = Path(tempfile.mkdtemp(prefix="keepclear-bench-"))
    var_dir.chmod(0o711)
    try:
        with EmbeddedPostgres(var_dir) as server:
            url = server.url_of(embedded.DATABASE)
            database = engine(url)
            upgrade(database)
            database.dispose()
            with PostgresStore(url, "bench", fenced=False, late_s=LATE_S) as store:
                yield from measured(url, store)
    finally:
        shutil.rmtree(var_dir, ignore_errors=True)


def measured(url: str, store: PostgresStore) -> Iterator[Line]:
    """The same on a database that is there."""
    here = Zone("here", "here", "court", shapely.Point(PLACE), valid_from=time.time() - LATE_S)
    with connect(url, "bench", fenced=False) as admin:
        say(f"{MANY:,} zones are written")
        put_zones(admin, [here, *outlines(MANY, "old/", 1, here.valid_from)], "bench")
        worker = Worker(store)
        say("a worker starts, edits are made")
        cold_s, _ = worker.batch()
        yield Result(f"a worker's start with {MANY:,} zones", 10.0, cold_s, "s", at_most=True)
        edits = [edit(admin, worker, 100.0 + number) for number in range(EDITS)]
        slowest_s, judged_s = (max(column) for column in zip(*edits, strict=True))
        yield Result("an edit among them: recorded -> judged by, slowest", 2.0, judged_s, "s", at_most=True)
        yield Result("slowest batch about an edit", 0.5, slowest_s, "s", at_most=True)
        say(f"{MORE:,} zones are imported")
        more = [Zone("more", "more", "court", shapely.Point(PLACE)), *outlines(MORE, "new/", 2, None)]
        put_zones(admin, more, "bench")
        lead_s = (standing(admin, ["more"])["more"].valid_from or 0.0) - time.time()
        slowest_s, took_s = worker.until(lambda found: ("more", 1) in found)
        yield Result(f"slowest batch about an import of {MORE:,}", 0.5, slowest_s, "s", at_most=True)
        yield Note("it counts from, and was judged by, so long after it", f"{lead_s:.1f} and {took_s:.1f} s")


def edit(admin: "Connection[Row]", worker: Worker, standoff_m: float) -> tuple[float, float]:
    """Edit a zone: the slowest batch, and the seconds until batches are judged by the new version."""
    made = edit_zone(admin, "here", Edit(standoff_m=standoff_m), Signature("bench"))
    return worker.until(lambda found: ("here", made.version) in found)

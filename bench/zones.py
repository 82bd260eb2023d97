"""Zone checks: rates, growth with the number of zones, shapely's STRtree, and PostGIS on the same data."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg

from bench.agreement import put_footprints, wide_run
from bench.result import Line, Note, Result
from bench.site import a_postgres, say
from bench.zone_check import ZONES, Row, best_s, measure_apart, random_fixes, random_zones, single_s
from geofences.geodesy import Floats
from geofences.index import ZoneIndex

SIZES = (100, ZONES, 1_000_000)
POSTGIS_SINGLE, POSTGIS_BATCH, AGREEMENT_POINTS = 4_000, 50_000, 2_000_000
NEAR_MANY = """
SELECT count(*) FROM unnest(%s::float8[], %s::float8[]) AS f(lon, lat)
JOIN zone ON ST_DWithin(footprint, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography, 300)"""
NEAR_ONE = """
SELECT id, ST_Distance(footprint, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography) FROM zone
WHERE ST_DWithin(footprint, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, 300)"""


def results(seconds: float) -> Iterator[Line]:  # noqa: ARG001  the work is bounded by its amount
    """All rows of the zone check."""
    rows: dict[int, Row] = {}
    for size in SIZES:
        say(f"zone check with {size:,} zones")
        rows[size] = measure_apart(size)
    usual, few, many = rows[ZONES], rows[100], rows[1_000_000]
    yield Result("zone check, 10,000 zones, one fix at a time", 150_000, 1e6 / usual["near_us"], "fixes/s")
    yield Result("zone check, 10,000 zones, in batches", 1_000_000, 1e6 / usual["near_many_us"], "fixes/s")
    yield Note("H3's latlng_to_cell alone, in the same batches", f"{1e6 / usual['h3_us']:,.0f} /s")
    yield Result("cost a fix, 100 -> 1,000,000 zones", 2.0, many["near_us"] / few["near_us"], "x", at_most=True)
    yield Note("the same in batches", f"{many['near_many_us'] / few['near_many_us']:.2f} x")
    yield Note("index memory a zone, at 1,000,000 zones", f"{many['index_bytes_a_zone']:,.0f} B")
    yield Result("against STRtree, single", 2.0, usual["strtree_single_us"] / usual["near_us"], "x")
    yield Result("against STRtree, batches", 2.0, usual["strtree_us"] / usual["near_many_us"], "x")
    yield from against_postgis()
    yield from wide_run(AGREEMENT_POINTS)


def against_postgis() -> Iterator[Line]:
    """`ST_DWithin(geography)` with a GiST index on one connection, the same zones and fixes in the same run."""
    say("PostGIS on the same data")
    zones = random_zones(ZONES, seed=1)
    lons, lats = random_fixes(200_000, seed=2)
    index = ZoneIndex.build(zones)
    with a_postgres() as connection:
        put_footprints(connection, zones)
        single = single_query_s(connection, lons, lats)
        batch, pairs = batch_query_s(connection, lons[:POSTGIS_BATCH], lats[:POSTGIS_BATCH])
    ours_single = single_s(index, lons, lats)
    part = lons[:POSTGIS_BATCH], lats[:POSTGIS_BATCH]
    ours_batch = best_s(lambda: index.near_many(*part)) / POSTGIS_BATCH
    yield Result("against ST_DWithin, single fixes", 20.0, single / ours_single, "x")
    yield Note("ST_DWithin, single fixes, prepared", f"{1 / single:,.0f} /s")
    yield Result("against ST_DWithin, unnest batches", 4.0, batch / ours_batch, "x")
    yield Note("ST_DWithin, unnest batches", f"{1 / batch:,.0f} /s")
    yield Note("pairs found by both, in the batches", f"{len(index.near_many(*part)[0]):,} and {pairs:,}")


def single_query_s(connection: "psycopg.Connection[Any]", lons: Floats, lats: Floats) -> float:
    """Seconds a fix of one prepared query a fix, the way there and back included."""
    fixes = list(zip(lons[:POSTGIS_SINGLE].tolist(), lats[:POSTGIS_SINGLE].tolist(), strict=True))
    cursor = connection.cursor()

    def work() -> None:
        for fix in fixes:
            cursor.execute(NEAR_ONE, fix + fix, prepare=True).fetchall()

    return wall_s(work) / POSTGIS_SINGLE


def batch_query_s(connection: "psycopg.Connection[Any]", lons: Floats, lats: Floats) -> tuple[float, int]:
    """Seconds a fix when all are asked for at once, and the pairs found."""
    found: list[int] = []
    asked = lons.tolist(), lats.tolist()

    def work() -> None:
        found.append(connection.execute(NEAR_MANY, asked).fetchall()[0][0])

    return wall_s(work) / len(lons), found[-1]


def wall_s(work: Any, times: int = 3) -> float:
    """The shortest of some runs by the clock: a server's work is no CPU time of ours."""
    spans = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spans.append(time.perf_counter() - begun)
    return min(spans)

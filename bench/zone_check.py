"""How fast a fix is checked against zones: one at a time, in batches, with more zones, beside shapely's STRtree.

Zones are points and outlines of 4 to 12 corners spread evenly over 100 x 105 km about Changzhou; with other
numbers of zones the area grows with them, so that the density stays. Run `python bench/zone_check.py`; arguments
are numbers of zones. Each size is measured in a process of its own, on one core; times are CPU times, because a
shared machine takes the core away now and then. "H3 alone" is what `latlng_to_cell` costs in the same run.
"""

import gc
import json
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import repeat
from math import cos, pi, radians, sin, sqrt
from typing import Any

import numpy as np
import psutil
import shapely
from h3.api.basic_int import latlng_to_cell

from geofences.geodesy import Floats
from geofences.index import ZoneIndex
from geofences.zone import Zone

CENTRE = (119.974, 31.8112)
WIDTH_M, HEIGHT_M, ZONES = 100_000.0, 105_000.0, 10_000
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
SINGLE, BATCH = 200_000, 1_000_000
FEW = 10_000  # below, what the process holds says little of the index, and tracing is quick
Row = dict[str, Any]


def _degrees_a_metre() -> tuple[float, float]:
    return 1.0 / (111_412.9 * cos(radians(CENTRE[1])) - 93.5 * cos(3 * radians(CENTRE[1]))), 1.0 / 110_900.0


def _place(rng: random.Random, scale: float) -> tuple[float, float]:
    lon_m, lat_m = _degrees_a_metre()
    x, y = rng.uniform(-0.5, 0.5) * WIDTH_M * scale, rng.uniform(-0.5, 0.5) * HEIGHT_M * scale
    return CENTRE[0] + x * lon_m, CENTRE[1] + y * lat_m


def random_zones(n: int, seed: int, area_of: int = ZONES) -> list[Zone]:
    """Half points, half outlines 20 to 150 m in radius, at the density of `area_of` zones over 100 x 105 km."""
    rng = random.Random(seed)
    scale = sqrt(area_of / ZONES)
    return [_zone(rng, number, _place(rng, scale)) for number in range(n)]


def _zone(rng: random.Random, number: int, at: tuple[float, float]) -> Zone:
    kind = "court" if number % 3 == 0 else "police"
    shape = shapely.Point(at) if number % 2 else shapely.Polygon(_corners(rng, at))
    return Zone(f"zone/{number}", f"Zone {number}", kind, shape)


def _corners(rng: random.Random, at: tuple[float, float]) -> list[tuple[float, float]]:
    lon_m, lat_m = _degrees_a_metre()
    count, radius = rng.randint(4, 12), rng.uniform(20.0, 150.0)
    turns = [(step + rng.uniform(0.0, 0.8)) * 2.0 * pi / count for step in range(count)]
    lengths = [radius * rng.uniform(0.6, 1.0) for _ in turns]
    return [
        (at[0] + length * cos(turn) * lon_m, at[1] + length * sin(turn) * lat_m)
        for turn, length in zip(turns, lengths, strict=True)
    ]


def random_fixes(n: int, seed: int, area_of: int = ZONES) -> tuple[Floats, Floats]:
    """Longitudes and latitudes spread evenly over the area of the zones."""
    rng = np.random.default_rng(seed)
    lon_m, lat_m = _degrees_a_metre()
    scale = sqrt(area_of / ZONES)
    lons = CENTRE[0] + rng.uniform(-0.5, 0.5, n) * WIDTH_M * scale * lon_m
    return lons, CENTRE[1] + rng.uniform(-0.5, 0.5, n) * HEIGHT_M * scale * lat_m


def best_s(work: Callable[[], object], times: int = 5) -> float:
    """The shortest of some runs: what the code costs when nobody else needs the core."""
    spans = []
    for _ in range(times):
        begun = time.process_time()
        work()
        spans.append(time.process_time() - begun)
    return min(spans)


def single_s(index: ZoneIndex, lons: Floats, lats: Floats) -> float:
    """Seconds a fix, one at a time."""
    fixes = list(zip(lons[:SINGLE].tolist(), lats[:SINGLE].tolist(), strict=True))

    def work() -> None:
        near = index.near
        for lon, lat in fixes:
            near(lon, lat)

    return best_s(work) / len(fixes)


def h3_s(lons: Floats, lats: Floats) -> float:
    """Seconds a fix for H3's own latlng_to_cell alone, as a floor."""
    pair = lats.tolist(), lons.tolist()
    return best_s(lambda: np.fromiter(map(latlng_to_cell, *pair, repeat(9)), np.uint64, len(lons))) / len(lons)


def strtree_s(zones: list[Zone], index: ZoneIndex, lons: Floats, lats: Floats) -> tuple[float, int]:
    """Seconds a fix with shapely's STRtree over the boxes of reach, then the same exact metres; and its pairs."""
    lon_m, lat_m = _degrees_a_metre()
    shapes = np.array([zone.footprint for zone in zones])
    reach = np.array([zone.reach_m for zone in zones])
    west, south, east, north = shapely.bounds(shapes).T
    dx, dy = reach * lon_m * 1.05, reach * lat_m * 1.01
    tree = shapely.STRtree(shapely.box(west - dx, south - dy, east + dx, north + dy))
    found = 0

    def work() -> None:
        nonlocal found
        point, zone = tree.query(shapely.points(lons, lats), predicate="intersects")
        metres = index.measure_many(lons[point], lats[point], zone)
        found = int((metres <= reach[zone] - 200.0).sum())

    return best_s(work) / len(lons), found


def strtree_single_s(zones: list[Zone], index: ZoneIndex, lons: Floats, lats: Floats) -> float:
    """Seconds a fix with the STRtree, one at a time."""
    shapes = np.array([zone.footprint for zone in zones])
    lon_m, lat_m = _degrees_a_metre()
    west, south, east, north = shapely.bounds(shapes).T
    boxes = shapely.box(west - 315.0 * lon_m, south - 303.0 * lat_m, east + 315.0 * lon_m, north + 303.0 * lat_m)
    tree = shapely.STRtree(boxes)
    fixes = list(zip(lons[:20_000].tolist(), lats[:20_000].tolist(), strict=True))

    def work() -> None:
        for lon, lat in fixes:
            rows = tree.query(shapely.Point(lon, lat))
            if len(rows):
                count = len(rows)
                index.measure_many(np.full(count, lon), np.full(count, lat), rows)

    return best_s(work) / len(fixes)


def built(zones: list[Zone]) -> tuple[ZoneIndex, float, int]:
    """The index, CPU seconds to build it, and the bytes it holds beside the zones."""
    gc.collect()
    before = psutil.Process().memory_info().rss
    begun = time.process_time()
    index = ZoneIndex.build(zones)
    built_s = time.process_time() - begun
    gc.collect()
    if len(zones) > FEW:
        return index, built_s, psutil.Process().memory_info().rss - before
    tracemalloc.start()
    again = ZoneIndex.build(zones)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del again
    return index, built_s, held


def measure(n: int) -> Row:
    """One line of the table: rates, memory and building time with n zones."""
    zones = random_zones(n, seed=1, area_of=n)
    lons, lats = random_fixes(BATCH, seed=2, area_of=n)
    index, built_s, memory = built(zones)
    gc.freeze()
    batch_s = best_s(lambda: index.near_many(lons, lats)) / BATCH
    row = {
        "zones": n,
        "build_s": built_s,
        "index_bytes_a_zone": memory / n,
        "near_us": single_s(index, lons, lats) * 1e6,
        "near_many_us": batch_s * 1e6,
        "h3_us": h3_s(lons, lats) * 1e6,
        "near_pairs": len(index.near_many(lons, lats)[0]),
    }
    if n == ZONES:
        seconds, pairs = strtree_s(zones, index, lons, lats)
        single = strtree_single_s(zones, index, lons, lats)
        row |= {"strtree_us": seconds * 1e6, "strtree_pairs": pairs, "strtree_single_us": single * 1e6}
    return row


def measure_apart(n: int) -> Row:
    """`measure` in a fresh process, so that one size doesn't leave its memory to the next."""
    done = subprocess.run([sys.executable, __file__, "--row", str(n)], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--row"]:
        print(json.dumps(measure(int(arguments[1]))))
        return
    print("zones      one at a time   batches         H3 alone   build     index memory")
    for size in map(int, arguments or SIZES):
        row = measure_apart(size)
        print(
            f"{size:>9,}  {1e6 / row['near_us']:>9,.0f}/s  {1e6 / row['near_many_us']:>10,.0f}/s"
            f"  {row['h3_us']:.2f} us a fix  {row['build_s']:6.2f} s  {row['index_bytes_a_zone']:,.0f} B a zone",
            flush=True,
        )
        if "strtree_us" in row:
            print(
                f"           STRtree + the same metres: {1e6 / row['strtree_single_us']:,.0f}/s one at a time"
                f" ({row['strtree_single_us'] / row['near_us']:.1f}x slower), {1e6 / row['strtree_us']:,.0f}/s in"
                f" batches ({row['strtree_us'] / row['near_many_us']:.1f}x slower); pairs found"
                f" {row['strtree_pairs']:,} and {row['near_pairs']:,}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])

"""Index and containment against `ST_DWithin(geography)`, which measures on the spheroid, about the 200 m line.

Places are drawn within some metres of the edge of points, outlines and outlines with holes, at several latitudes.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import starmap
from math import cos, pi, radians, sin
from typing import Any, NamedTuple

import numpy as np
import psycopg
import shapely

from bench.result import Note
from bench.site import a_postgres, say
from geofences.geodesy import Floats, Ints
from geofences.index import ZoneIndex
from geofences.zone import Zone
from tests.unit.geofences.geodesic_truth import footprint_m

PLACES = ((119.974, 31.8112), (0.0, 0.0), (-75.0, 64.2), (179.999, -45.0), (20.0, 78.2))
ZONES_A_PLACE = 300
WITHIN_M = 3.0
AT_ONCE = 50_000
NORTH_M, EAST_M = 111_200.0, 111_320.0
PAIRS = """
SELECT f.n::int, z.row FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS f(lon, lat, n)
JOIN zone z ON ST_DWithin(z.footprint, ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326)::geography, 200)"""

DISTANCE = """
SELECT ST_Distance(footprint, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography) FROM zone WHERE row = %s"""
MICROMETRE = 1e-6


class Dispute(NamedTuple):
    """A pair of place and zone that only one of the two found, in signed metres to the edge.

    `truth_m` is by GeographicLib along each edge of the footprint.
    """

    ours_m: float
    postgis_m: float
    truth_m: float

    @property
    def ours_wrong(self) -> bool:
        """Whether GeographicLib agrees with PostGIS; a micrometre is the noise of all three."""
        return (self.ours_m <= 0.0) != (self.truth_m <= 0.0) and abs(self.truth_m) > MICROMETRE


class Agreement(NamedTuple):
    """What was compared and what was disputed."""

    places: int
    pairs: int
    disputes: list[Dispute]


def put_footprints(connection: "psycopg.Connection[Any]", zones: Sequence[Zone]) -> None:
    """A fresh table of footprints with a GiST index, analysed."""
    connection.execute("DROP TABLE IF EXISTS zone")
    connection.execute("CREATE TABLE zone (row int, id text, footprint geography)")
    with connection.cursor() as cursor, cursor.copy("COPY zone FROM STDIN") as copy:
        for row, zone in enumerate(zones):
            shape = shapely.set_srid(zone.footprint, 4326)
            copy.write_row((row, zone.id, shapely.to_wkb(shape, hex=True, include_srid=True)))
    connection.execute("CREATE INDEX ON zone USING gist (footprint)")
    connection.execute("VACUUM ANALYZE zone")


def compare(connection: "psycopg.Connection[Any]", count: int, seed: int = 5) -> Agreement:
    """So many places, an equal share at each of `PLACES`."""
    total = Agreement(0, 0, [])
    for number, place in enumerate(PLACES):
        zones = some_zones(place, seed + number)
        index = ZoneIndex.build(zones)
        put_footprints(connection, zones)
        lons, lats = near_edge(index, count // len(PLACES), seed + number)
        for begin in range(0, len(lons), AT_ONCE):
            part = compare_part(connection, index, lons[begin : begin + AT_ONCE], lats[begin : begin + AT_ONCE])
            total = Agreement(total.places + part.places, total.pairs + part.pairs, total.disputes + part.disputes)
    return total


def compare_part(connection: "psycopg.Connection[Any]", index: ZoneIndex, lons: Floats, lats: Floats) -> Agreement:
    """Both answers for some places at once; ours from `near_many` and from `inside`, which must not differ."""
    point, zone, signed_m = index.near_many(lons, lats)
    held = signed_m <= 0.0
    ours = set(zip(point[held].tolist(), zone[held].tolist(), strict=True))
    row_of = {id(each): row for row, each in enumerate(index.zones)}
    single = starmap(index.inside, zip(lons.tolist(), lats.tolist(), strict=True))
    ours_single = {(n, row_of[id(each)]) for n, found in enumerate(single) for each in found}
    rows = connection.execute(PAIRS, (lons.tolist(), lats.tolist())).fetchall()
    theirs = {(n - 1, row) for n, row in rows}
    apart = sorted((ours ^ theirs) | (ours_single ^ theirs))
    disputes = [dispute(connection, index, row, float(lons[n]), float(lats[n])) for n, row in apart]
    return Agreement(len(lons), len(theirs), disputes)


def dispute(connection: "psycopg.Connection[Any]", index: ZoneIndex, row: int, lon: float, lat: float) -> Dispute:
    """All three answers."""
    zone = index.zones[row]
    truth_m = footprint_m(lon, lat, zone.footprint) - zone.standoff_m
    postgis_m = connection.execute(DISTANCE, (lon, lat, row)).fetchall()[0][0] - zone.standoff_m
    return Dispute(index.signed_m(zone.id, lon, lat), postgis_m, truth_m)


def some_zones(place: tuple[float, float], seed: int) -> list[Zone]:
    """Points, outlines and outlines with holes over 40 x 40 km, across the antimeridian too."""
    rng = random.Random(seed)
    return [Zone(f"zone/{number}", "Zone", "court", shape(rng, place, number % 3)) for number in range(ZONES_A_PLACE)]


def shape(rng: random.Random, place: tuple[float, float], kind: int) -> Any:
    """A point, an outline of 5 to 9 corners, or a ring 300 m wide about a yard."""
    x, y = rng.uniform(-20_000.0, 20_000.0), rng.uniform(-20_000.0, 20_000.0)
    if kind == 0:
        return shapely.Point(degrees_at(place, x, y))
    count, turn = rng.randint(5, 9), rng.uniform(0.0, 2.0 * pi)
    angles = [turn + (step + rng.uniform(0.0, 0.6)) * 2.0 * pi / count for step in range(count)]
    outer = rng.uniform(40.0, 150.0) if kind == 1 else rng.uniform(700.0, 900.0)
    rim = [degrees_at(place, x + outer * sin(angle), y + outer * cos(angle)) for angle in angles]
    yard = [degrees_at(place, x + 0.4 * outer * sin(angle), y + 0.4 * outer * cos(angle)) for angle in angles]
    return shapely.Polygon(rim, [yard] if kind == 2 else [])


def degrees_at(place: tuple[float, float], x: float, y: float) -> tuple[float, float]:
    """So many metres east and north of a place; longitudes wrap."""
    lon, lat = place[0] + x / (EAST_M * cos(radians(place[1]))), place[1] + y / NORTH_M
    return (lon + 180.0) % 360.0 - 180.0, lat


def near_edge(index: ZoneIndex, count: int, seed: int) -> tuple[Floats, Floats]:
    """Places drawn evenly within `WITHIN_M` of the edge of a zone; what is moved there and misses is drawn again."""
    rng = np.random.default_rng(seed)
    corners, owner = shapely.get_coordinates([zone.footprint for zone in index.zones], return_index=True)
    lons, lats = np.empty(0), np.empty(0)
    while len(lons) < count:
        pick = rng.integers(len(corners), size=AT_ONCE)
        rows, turn = owner[pick], rng.uniform(0.0, 2.0 * pi, AT_ONCE)
        away_m = 200.0 + rng.uniform(-WITHIN_M, WITHIN_M, AT_ONCE)
        at_lats = corners[pick, 1] + away_m * np.cos(turn) / NORTH_M
        at_lons = corners[pick, 0] + away_m * np.sin(turn) / (EAST_M * np.cos(np.radians(at_lats)))
        at_lons = (at_lons + 180.0) % 360.0 - 180.0
        at_lons, at_lats = onto_edge(index, rows, at_lons, at_lats, rng.uniform(-WITHIN_M, WITHIN_M, AT_ONCE))
        near = np.abs(index.measure_many(at_lons, at_lats, rows)) <= WITHIN_M
        lons, lats = np.concatenate([lons, at_lons[near]]), np.concatenate([lats, at_lats[near]])
    return lons[:count], lats[:count]


def onto_edge(index: ZoneIndex, rows: Ints, lons: Floats, lats: Floats, wanted_m: Floats) -> tuple[Floats, Floats]:
    """Two of Newton's steps up or down the slope of the signed distance."""
    east_m = EAST_M * np.cos(np.radians(lats))
    for _ in range(2):
        signed_m = index.measure_many(lons, lats, rows)
        east = index.measure_many(lons + 1.0 / east_m, lats, rows) - signed_m
        north = index.measure_many(lons, lats + 1.0 / NORTH_M, rows) - signed_m
        steepness = east**2 + north**2
        share = (wanted_m - signed_m) / np.where(steepness > 0.25, steepness, np.inf)
        lons, lats = lons + share * east / east_m, lats + share * north / NORTH_M
    return (lons + 180.0) % 360.0 - 180.0, lats


def wide_run(count: int) -> Iterator[Note]:
    """Millions of places, the disagreements counted."""
    say(f"index and containment against ST_DWithin on {count:,} places about the edge")
    with a_postgres() as connection:
        found = compare(connection, count)
    wrong = sum(each.ours_wrong for each in found.disputes)
    farthest = max((abs(each.truth_m) for each in found.disputes), default=0.0)
    what = f"disagreements with ST_DWithin on {found.places:,} places within {WITHIN_M:g} m of the edge"
    yield Note(what, f"{len(found.disputes):,}, at most {farthest:.2f} m from the edge")
    yield Note("of these, GeographicLib finds us wrong", f"{wrong}")

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from geodesic_truth import destination, footprint_m, metres, star
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.geodesy import arc_m, ecef, ecef_point, geodetic, longest_arc_m, plane_footprint_m
from geofences.index import ZoneIndex
from geofences.zone import Zone

DATA = Path(__file__).parents[3] / "data"
CENTIMETRE = 0.01


def rows(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measured_m(shape, lon, lat):
    zone = Zone("z", "", "court", shape)
    return ZoneIndex.build([zone]).signed_m("z", lon, lat) + zone.standoff_m


def nanjing():
    document = json.loads((DATA / "zones/nanjing_osm.geojson").read_text(encoding="utf-8"))
    return [Zone(each["id"], "", "court", shapely.geometry.shape(each["geometry"])) for each in document["features"]]


@pytest.mark.parametrize("row", rows("vectors/near_200m.csv"), ids=lambda row: f"{row['place']}-{row['asked_m']}")
def test_point_zone_is_right_to_a_centimetre_about_200_m(row):
    shape = shapely.Point(float(row["zone_lon"]), float(row["zone_lat"]))
    lon, lat = float(row["fix_lon"]), float(row["fix_lat"])
    assert measured_m(shape, lon, lat) == pytest.approx(float(row["distance_m"]), abs=1e-5)
    zone = Zone("z", "", "court", shape)
    assert bool(ZoneIndex.build([zone]).inside(lon, lat)) == (row["within_200m"] == "1")


@pytest.mark.parametrize(("phone", "farthest_m"), [("android_a", 61_325), ("android_b", 409_079), ("ios_a", 1_893)])
def test_nearest_zone_of_real_tracks_to_the_printed_digit(phone, farthest_m):
    zones = nanjing()
    with (DATA / f"tracks/phone_{phone}_nanjing.jsonl").open(encoding="utf-8") as file:
        fixes = [json.loads(line) for line in file]
    oracle = rows(f"tracks/phone_{phone}_nanjing_nearest_zone.csv")
    lons, lats = (np.array([fix[axis] for fix in fixes]) for axis in ("lon", "lat"))
    which, signed_m = ZoneIndex.build(zones).nearest_many(lons, lats)
    assert [zones[row].id for row in which] == [row["nearest_zone"] for row in oracle]
    expected = np.array([float(row["distance_m"]) for row in oracle])
    assert np.abs(signed_m + 200.0 - expected).max() < 0.0011
    assert (signed_m == -200.0).tolist() == [row["inside_polygon"] == "1" for row in oracle]
    assert int(expected.max()) == farthest_m


@pytest.mark.parametrize("row", rows("vectors/geodesic_world_20.csv"), ids=lambda row: row["s12_m"])
def test_points_a_world_apart(row):
    lon1, lon2 = ((float(row[key]) + 180.0) % 360.0 - 180.0 for key in ("lon1", "lon2"))
    shape = shapely.Point(lon1, float(row["lat1"]))
    assert measured_m(shape, lon2, float(row["lat2"])) == pytest.approx(float(row["s12_m"]), abs=1e-4)


POSTGIS = json.loads((DATA / "vectors/postgis_geography.json").read_text(encoding="utf-8"))["dwithin"]


@pytest.mark.parametrize("case", POSTGIS, ids=lambda case: case["id"])
def test_within_a_distance_as_postgis_geography_says(case):
    one, other = shapely.from_wkt(case["a"]), shapely.from_wkt(case["b"])
    shape, rest = (other, one) if one.geom_type == "Point" else (one, other)
    places = shapely.get_coordinates(rest)
    least = min(measured_m(shape, lon, lat) for lon, lat in places.tolist())
    assert (least <= case["metres"]) is case["expect"]


LONS = st.one_of(st.floats(-180, 180), st.sampled_from([180.0, -180.0, 179.99999, 0.0]))
LATS = st.one_of(st.floats(-90, 90), st.sampled_from([90.0, -90.0, 89.9999, 0.0]))
SIZES = st.floats(0.5, 5.0).map(lambda power: 10.0**power)


@st.composite
def shapes(draw):
    lon, lat, size = draw(LONS), draw(LATS), draw(SIZES)
    radii = [size * share for share in draw(st.lists(st.floats(0.4, 1.0), min_size=3, max_size=7))]
    kind = draw(st.sampled_from(["point", "points", "line", "outline", "hole", "outlines"]))
    ring = star(lon, lat, radii)
    other = star(*destination(lon, lat, draw(st.floats(0, 360)), 3 * size), radii)
    made = {
        "point": lambda: shapely.Point(lon, lat),
        "points": lambda: shapely.MultiPoint(ring),
        "line": lambda: shapely.LineString(ring),
        "outline": lambda: shapely.Polygon(ring),
        "hole": lambda: shapely.Polygon(ring, [star(lon, lat, [0.15 * size] * 4)]),
        "outlines": lambda: shapely.MultiPolygon([shapely.Polygon(ring), shapely.Polygon(other)]),
    }
    return made[kind]()


@settings(max_examples=150, deadline=None)
@given(shapes(), st.data())
def test_any_shape_at_any_latitude_agrees_with_geographiclib(shape, data):
    corner = data.draw(st.sampled_from(shapely.get_coordinates(shape).tolist()))
    away = 10.0 ** data.draw(st.floats(-2, 6.5))
    lon, lat = destination(*corner, data.draw(st.floats(0, 360)), away)
    assert measured_m(shape, lon, lat) == pytest.approx(footprint_m(lon, lat, shape), abs=CENTIMETRE)


@pytest.mark.parametrize("lat", [0.0, 31.8112, 89.9, 90.0, -90.0])
@pytest.mark.parametrize("lon", [0.0, 118.8, 180.0])
def test_inside_is_nought_and_a_hole_is_outside(lon, lat):
    shape = shapely.Polygon(star(lon, lat, [900.0] * 6), [star(lon, lat, [300.0] * 5)])
    assert measured_m(shape, *destination(lon, lat, 77.0, 600.0)) == 0.0
    assert measured_m(shape, lon, lat) == pytest.approx(footprint_m(lon, lat, shape), abs=CENTIMETRE)
    assert measured_m(shape, lon, lat) > 200.0


def test_parts_split_at_the_antimeridian_are_one_footprint():
    west = shapely.box(179.99, 0.0, 180.0, 0.01)
    east = shapely.box(-180.0, 0.0, -179.99, 0.01)
    shape = shapely.MultiPolygon([west, east])
    assert [measured_m(shape, lon, 0.005) for lon in (179.995, 180.0, -180.0, -179.995)] == [0.0] * 4
    assert measured_m(shape, -179.98, 0.005) == pytest.approx(metres(-179.99, 0.005, -179.98, 0.005), abs=CENTIMETRE)


def test_long_edge_is_a_geodesic_and_no_parallel():
    shape = shapely.Polygon([(0, 60), (20, 60), (20, 50), (0, 50)])
    assert measured_m(shape, 10.0, 60.3) == 0.0
    assert measured_m(shape, 10.0, 50.3) == pytest.approx(footprint_m(10.0, 50.3, shape), abs=CENTIMETRE)


def test_scalar_and_array_places_agree_and_come_back():
    rng = np.random.default_rng(3)
    lons, lats = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500)
    xyz = ecef(lons, lats)
    assert np.allclose(xyz, [ecef_point(lon, lat) for lon, lat in zip(lons, lats, strict=True)], atol=1e-8, rtol=0)
    assert np.allclose(geodetic(xyz), [lons, lats], atol=1e-12, rtol=0)


def test_arcs_from_chords_bound_the_truth():
    rng = np.random.default_rng(4)
    for lon, lat, power in rng.uniform((-180, -90, 0), (180, 90, 7), (200, 3)).tolist():
        away = 10**power
        lon2, lat2 = destination(lon, lat, 360 * rng.random(), away)
        chord = np.linalg.norm(np.subtract(ecef_point(lon, lat), ecef_point(lon2, lat2)))
        assert longest_arc_m(np.array(chord)) >= away - 1e-6
        assert away > 50_000 or abs(arc_m(np.array(chord)) - away) < 0.001


def test_degenerate_edges_are_points():
    assert plane_footprint_m(3.0, 4.0, [[0.0, 0.0, 0.0, 0.0]]) == 5.0

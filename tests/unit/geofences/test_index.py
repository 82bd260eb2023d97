import json
import pickle
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from geodesic_truth import WGS84, destination, edge_m, footprint_m, outline_m, star
from hypothesis import given, settings
from hypothesis import strategies as st
from test_geodesy import LATS, LONS, shapes

from geofences.index import Near, ZoneIndex, cell_of
from geofences.zone import LEAST_DEPTH_M, Zone

PEERS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[3] / "data/vectors/geofence_peers.json").read_text(encoding="utf-8")
    )["cases"]
}
HERE = (119.974, 31.8112)


def a_zone(shape=None, zone_id="z", **rest):
    return Zone(zone_id, zone_id, "court", shape or shapely.Point(HERE), **rest)


def brute(zones, lon, lat):
    return [truth_m(zone, lon, lat) for zone in zones]


def truth_m(zone, lon, lat):
    metres = footprint_m(lon, lat, zone.footprint)
    if metres > 0.0 or zone.standoff_m >= LEAST_DEPTH_M:
        return metres - zone.standoff_m
    return max(-zone.standoff_m - outline_m(lon, lat, zone.footprint), -LEAST_DEPTH_M)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(shapes(), st.sampled_from([5.0, 200.0, 3000.0]), st.sampled_from([0.0, 100.0])),
        min_size=1,
        max_size=3,
    ),
    st.data(),
)
def test_no_zone_within_reach_is_ever_missed(made, data):
    zones = [
        a_zone(shape, f"z{number}", standoff_m=standoff, warning_m=warning)
        for number, (shape, standoff, warning) in enumerate(made)
    ]
    index = ZoneIndex.build(zones)
    about = data.draw(st.sampled_from(zones))
    corner = data.draw(st.sampled_from(shapely.get_coordinates(about.footprint).tolist()))
    away = data.draw(st.one_of(st.floats(0, about.reach_m + 1), st.sampled_from([about.standoff_m, about.reach_m])))
    lon, lat = destination(*corner, data.draw(st.floats(0, 360)), away)
    truth = brute(zones, lon, lat)
    found = {near.zone.id: near.signed_m for near in index.near(lon, lat)}
    _, rows, signed_m = index.near_many(np.array([lon]), np.array([lat]))
    assert {zones[row].id: metres for row, metres in zip(rows, signed_m, strict=True)} == pytest.approx(
        found, abs=0.005
    )
    for zone, expected in zip(zones, truth, strict=True):
        if expected < zone.warning_m - 0.01:
            assert found[zone.id] == pytest.approx(expected, abs=0.01)
        elif expected > zone.warning_m + 0.01:
            assert zone.id not in found
        if abs(expected) > 0.01:
            assert (zone in index.inside(lon, lat)) == (expected < 0)


@settings(max_examples=60, deadline=None)
@given(LONS, LATS, st.floats(0.5, 6.0))
def test_wide_outline_is_covered_everywhere_inside(lon, lat, power):
    size = 10.0**power
    zone = a_zone(shapely.Polygon(star(lon, lat, [size] * 5)), standoff_m=1.0, warning_m=0.0)
    index = ZoneIndex.build([zone])
    for share in (0.0, 0.3, 0.7):
        (near,) = index.near(*destination(lon, lat, 100.0, share * size))
        assert near.zone == zone
        assert -LEAST_DEPTH_M <= near.signed_m <= -1.0


@pytest.mark.parametrize("resolution", [3, 5, 9])
def test_zones_on_pentagons(resolution):
    for cell in h3.get_pentagons(resolution):
        lat, lon = h3.cell_to_latlng(cell)
        index = ZoneIndex.build([a_zone(shapely.Point(lon, lat), standoff_m=4000.0)])
        for azimuth in range(0, 360, 30):
            assert index.near(*destination(lon, lat, azimuth, 4099.9))
            assert not index.near(*destination(lon, lat, azimuth, 4100.1))


def test_cells_wholly_inside_need_no_metres():
    index = ZoneIndex.build([a_zone(shapely.Point(HERE), standoff_m=5_000.0)])
    (level,) = index._levels
    assert any(code & 3 for code in level.codes)


def test_edge_belongs_to_the_inside():
    zone = a_zone(standoff_m=0.0)
    index = ZoneIndex.build([zone])
    assert index.inside(*HERE) == [zone]
    assert index.near(*HERE) == [Near(zone, 0.0)]


@pytest.mark.parametrize(("standoff_m", "expected_m"), [(0.0, -30.0), (10.0, -40.0), (40.0, -50.0), (200.0, -200.0)])
def test_depth_goes_on_into_the_footprint_where_the_standoff_is_short(standoff_m, expected_m):
    yard = shapely.Polygon([destination(*HERE, bearing, 424.264) for bearing in (45.0, 135.0, 225.0, 315.0)])
    zone = a_zone(yard, standoff_m=standoff_m)
    index = ZoneIndex.build([zone])
    at = destination(*HERE, 90.0, 270.0)
    assert index.near(*at) == [Near(zone, pytest.approx(expected_m, abs=0.1))]
    assert index.signed_m("z", *at) == index.nearest(*at).signed_m == pytest.approx(expected_m, abs=0.1)


def test_near_comes_by_signed_metres_and_equals_in_order():
    near, twin, far = a_zone(zone_id="near"), a_zone(zone_id="twin"), a_zone(shapely.Point(119.975, 31.8112), "far")
    found = ZoneIndex.build([far, near, twin]).near(*HERE)
    assert [each.zone.id for each in found] == ["near", "twin", "far"]


def test_empty_index_answers():
    index = ZoneIndex.build([])
    nobody = np.empty(0)
    assert (len(index), index.zones, index.get("z")) == (0, (), None)
    assert (index.near(*HERE), index.inside(*HERE), index.within(*HERE, 1e7), index.nearest(*HERE)) == (
        [],
        [],
        [],
        None,
    )
    assert index.crossed(*HERE, 120.0, 32.0) == []
    assert [len(column) for column in index.near_many(np.array([1.0]), np.array([1.0]))] == [0, 0, 0]
    assert [len(column) for column in ZoneIndex.build([a_zone()]).near_many(nobody, nobody)] == [0, 0, 0]


def test_newest_version_is_got_and_all_are_near():
    old, new = a_zone(standoff_m=100.0), a_zone(version=2)
    index = ZoneIndex.build([new, old])
    assert index.get("z") == new
    assert index.signed_m("z", *HERE) == -200.0
    assert [near.zone.version for near in index.near(*HERE)] == [2, 1]
    with pytest.raises(KeyError):
        index.signed_m("other", *HERE)


def test_batch_agrees_with_one_at_a_time():
    rng = np.random.default_rng(5)
    places = [(119.9 + x, 31.75 + y) for x, y in rng.uniform(0, 0.15, (200, 2))]
    zones = [
        a_zone(shapely.Polygon(star(*at, rng.uniform(20, 150, 3 + n % 60))) if n % 2 else shapely.Point(at), f"z{n}")
        for n, at in enumerate(places)
    ]
    index = ZoneIndex.build(zones)
    lons, lats = 119.9 + rng.uniform(0, 0.15, 3000), 31.75 + rng.uniform(0, 0.15, 3000)
    point, row, signed_m = index.near_many(lons, lats)
    batch = sorted(zip(point.tolist(), row.tolist(), signed_m.tolist(), strict=True))
    single = sorted(
        (number, zones.index(near.zone), near.signed_m)
        for number, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True))
        for near in index.near(lon, lat)
    )
    assert [each[:2] for each in batch] == [each[:2] for each in single]
    assert np.allclose([each[2] for each in batch], [each[2] for each in single], atol=1e-6)


def test_nearest_agrees_with_measuring_all():
    rng = np.random.default_rng(6)
    zones = [
        a_zone(
            shapely.Polygon(star(*at, rng.uniform(0.4, 1, 5) * 10 ** rng.uniform(1, 5))),
            f"z{n}",
            standoff_m=float(rng.choice([0.0, 200.0, 20_000.0])),
        )
        for n, at in enumerate(rng.uniform((100, -50), (140, 50), (60, 2)))
    ]
    index = ZoneIndex.build(zones)
    for lon, lat in rng.uniform((-180, -90), (180, 90), (40, 2)).tolist():
        every = [index.signed_m(zone.id, lon, lat) for zone in zones]
        found = index.nearest(lon, lat)
        assert found.signed_m == pytest.approx(min(every), abs=0.01)
        assert found.zone is zones[int(np.argmin(every))]


@pytest.mark.parametrize("reach_m", [0.0, 10_000.0, 700_000.0])
def test_within_any_reach(reach_m):
    zones = [a_zone(shapely.Point(100.0 + n, 30.0), f"z{n}") for n in range(12)]
    index = ZoneIndex.build(zones)
    expected = {zone.id for zone, signed in zip(zones, brute(zones, 104.0, 30.0), strict=True) if signed <= reach_m}
    assert {near.zone.id for near in index.within(104.0, 30.0, reach_m)} == expected


@settings(max_examples=80, deadline=None)
@given(st.tuples(LONS, LATS), st.floats(0, 360), st.floats(1.0, 4.5), st.floats(0, 1), st.floats(-260, 260))
def test_way_past_a_point_zone(place, azimuth, power, share, aside):
    (lon, lat), length = place, 10.0**power
    start, end = (lon, lat), destination(lon, lat, azimuth, length)
    line = WGS84.InverseLine(start[1], start[0], end[1], end[0])
    at = line.Position(share * line.s13)
    place = destination(at["lon2"], at["lat2"], at["azi2"] + 90, aside)
    zone = a_zone(shapely.Point(place), warning_m=0.0)
    expected = edge_m(*zone.footprint.coords[0], start, end) - 200.0
    found = ZoneIndex.build([zone]).crossed(*start, *end)
    if expected < -0.01:
        assert found[0].signed_m == pytest.approx(expected, abs=0.01)
    elif expected > 0.01:
        assert not found


@settings(max_examples=50, deadline=None)
@given(shapes(), st.floats(0, 360), st.floats(0, 360), st.floats(0, 1500), st.floats(10, 30_000))
def test_way_past_any_shape(shape, towards, azimuth, away, length):
    corner = shapely.get_coordinates(shape)[0].tolist()
    start = destination(*corner, towards, away)
    end = destination(*start, azimuth, length)
    zone = a_zone(shape)
    index = ZoneIndex.build([zone])
    line = WGS84.InverseLine(start[1], start[0], end[1], end[0])
    samples = [line.Position(line.s13 * step / 300) for step in range(301)]
    lons, lats = (np.array([place[key] for place in samples]) for key in ("lon2", "lat2"))
    least = index.measure_many(lons, lats, np.zeros(301, dtype=np.int64)).min()
    found = index.crossed(*start, *end)
    if least <= 0.0:
        assert least - line.s13 / 600 - 0.01 <= found[0].signed_m <= least + 0.01
    else:
        assert all(near.signed_m > least - line.s13 / 600 - 0.01 for near in found)


def test_way_through_a_thin_footprint_is_seen():
    wall = a_zone(shapely.LineString([(119.974, 31.80), (119.974, 31.82)]), standoff_m=0.0)
    assert ZoneIndex.build([wall]).crossed(119.97, 31.81, 119.98, 31.811) == [Near(wall, 0.0)]


def test_way_across_the_antimeridian_and_through_a_hole():
    ring = shapely.Polygon(star(180.0, 10.0, [900.0] * 8), [star(180.0, 10.0, [700.0] * 8)])
    index = ZoneIndex.build([a_zone(ring, standoff_m=100.0)])
    assert not index.crossed(179.999, 10.0, -179.999, 10.0)
    assert index.crossed(179.99, 10.0, -179.99, 10.0)[0].signed_m == -100.0


def peer_zone(fence):
    if "circle" in fence:
        lat, lon = fence["circle"]
        return a_zone(shapely.Point(lon, lat), standoff_m=fence["radius_m"])
    if "box" in fence:
        south, west, north, east = fence["box"]
        return a_zone(shapely.box(west, south, east, north), standoff_m=0.0)
    return a_zone(shapely.Polygon([(lon, lat) for lat, lon in fence["polygon"]]), standoff_m=0.0)


@pytest.mark.parametrize("name", ["circle-contains", "polygon-contains"])
def test_contains_as_peers_do(name):
    index = ZoneIndex.build([peer_zone(PEERS[name]["fence"])])
    for each in PEERS[name]["contains"]:
        lat, lon = each["fix"]
        assert bool(index.inside(lon, lat)) is each["expect"]


@pytest.mark.parametrize("name", ["circle-crossed-by-segment", "polygon-crossed-by-segment"])
def test_crossed_as_peers_say(name):
    index = ZoneIndex.build([peer_zone(PEERS[name]["fence"])])
    for each in PEERS[name]["segments"]:
        (lat1, lon1), (lat2, lon2) = each["from"], each["to"]
        assert bool(index.crossed(lon1, lat1, lon2, lat2)) is each["expect"]


@pytest.mark.parametrize("name", ["circle-enter-exit", "enter-exit-cross-only", "first-fix-inside-box"])
def test_in_and_out_as_peers_say(name):
    case = PEERS[name]
    index = ZoneIndex.build([peer_zone(case["fence"])])
    inside = [bool(index.inside(lon, lat)) for lat, lon in case["fixes"]]
    assert inside == ["enter" in each or each == ["inside"] for each in case["expect"]]


def test_jump_straight_over_a_fence_is_a_crossing():
    case = PEERS["enter-exit-cross-only"]
    (_, (lat1, lon1), (lat2, lon2)) = case["fixes"]
    index = ZoneIndex.build([peer_zone(case["fence"])])
    # That peer draws the way straight on a map of degrees; the geodesic passes 36 km beside the middle.
    assert index.crossed(lon1, lat1, lon2, lat2) == []
    assert index.crossed(9.5, 9.5, 10.5, 10.5)


def test_smaller_of_two_zones_with_one_centre_is_found_beside_the_bigger():
    zones = [
        a_zone(shapely.Point(each["circle"][::-1]), each["name"], standoff_m=each["radius_m"])
        for each in PEERS["two-zones-same-centre"]["zones"]
    ]
    lat, lon = PEERS["two-zones-same-centre"]["fix"]
    assert {zone.id for zone in ZoneIndex.build(zones).inside(lon, lat)} == {"small", "big"}


def test_cell_of_a_place_is_h3s():
    assert cell_of(*HERE) == h3.latlng_to_cell(HERE[1], HERE[0], 9)


def test_index_can_be_sent_to_another_process():
    index = pickle.loads(pickle.dumps(ZoneIndex.build([a_zone()])))  # noqa: S301
    assert [near.zone.id for near in index.near(*HERE)] == ["z"]


@pytest.mark.parametrize("shape", ["point", "outline", "hole"])
@pytest.mark.parametrize("lat", [0.0, 31.8, 64.0])
def test_a_way_is_as_near_as_the_nearest_of_its_places(shape, lat):
    ring = star(119.974, lat, [90.0, 60.0, 80.0, 70.0, 100.0])
    holes = [star(119.974, lat, [20.0] * 4)] if shape == "hole" else []
    zone = a_zone(shapely.Point(119.974, lat) if shape == "point" else shapely.Polygon(ring, holes))
    index = ZoneIndex.build([zone])
    for turn in range(0, 360, 30):
        start, end = destination(119.974, lat, turn, 450.0), destination(119.974, lat, turn + 140.0, 400.0)
        line = WGS84.InverseLine(start[1], start[0], end[1], end[0])
        places = [line.Position(line.s13 * step / 500) for step in range(501)]
        least = min(index.signed_m("z", place["lon2"], place["lat2"]) for place in places)
        assert index.crossed(*start, *end)[0].signed_m == pytest.approx(least, abs=0.02)

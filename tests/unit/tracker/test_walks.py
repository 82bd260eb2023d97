import json
from itertools import islice, pairwise
from math import hypot, sqrt
from pathlib import Path
from random import Random
from statistics import fmean

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely.geometry import shape

from tracker.demo.town import town_of
from tracker.demo.walks import Errand, crowd, itinerary, walk

DATA = Path(__file__).parents[3] / "data"
START_AT = 1_700_000_000.0


def features(name):
    return json.loads((DATA / name).read_text())["features"]


@pytest.fixture(scope="module")
def nanjing():
    roads = [f for f in features("basemap/nanjing_osm.geojson") if f["properties"]["layer"] == "road"]
    return town_of(roads, features("zones/nanjing_osm.geojson"))


def closest_m(fixes):
    """Least geodesic distance to a footprint's vertices and edges, on a plane fine enough for this."""
    zones = shapely.union_all([shape(f["geometry"]) for f in features("zones/nanjing_osm.geojson")])

    def distance_m(fix):
        _, foot = shapely.shortest_line(shapely.points(fix.lon, fix.lat), zones).coords
        return Geodesic.WGS84.Inverse(fix.lat, fix.lon, foot[1], foot[0])["s12"]

    return min(map(distance_m, fixes))


def a_line(*points):
    return {"geometry": {"type": "LineString", "coordinates": [list(point) for point in points]}}


def a_point(lon, lat):
    return {"geometry": {"type": "Point", "coordinates": [lon, lat]}}


def test_the_same_seed_walks_the_same_way(nanjing):
    assert crowd(7, nanjing, START_AT, 120, 3) == crowd(7, nanjing, START_AT, 120, 3)


def test_another_seed_walks_another_way(nanjing):
    assert list(walk(1, nanjing, START_AT, 60)) != list(walk(2, nanjing, START_AT, 60))


def test_a_crowd_has_as_many_visitors_as_asked_each_with_an_id_of_its_own(nanjing):
    tracks = crowd(1, nanjing, START_AT, 30)
    assert len({track.device for track in tracks}) == len(tracks) == 40
    assert all(fix.device == track.device for track in tracks for fix in track.fixes)


def test_fixes_come_about_every_5_s_within_the_time_asked_for(nanjing):
    fixes = list(walk(1, nanjing, START_AT, 600))
    steps = [b.fix_at - a.fix_at for a, b in pairwise(fixes)]
    assert START_AT <= fixes[0].fix_at <= START_AT + 5.4
    assert fixes[-1].fix_at <= START_AT + 600
    assert 4.59 <= min(steps) <= max(steps) <= 5.41


def test_a_tenth_enters_and_a_quarter_passes_near_in_the_first_half_hour(nanjing):
    closest = [closest_m(track.fixes) for track in crowd(1, nanjing, START_AT, 1_800, 20)]
    assert all(distance_m < 150 for distance_m in closest[:2])
    assert all(150 < distance_m < 290 for distance_m in closest[2:7])
    assert all(distance_m > 230 for distance_m in closest[7:])


def test_somebody_is_inside_soon_and_comes_out_again(nanjing):
    fixes = list(walk(1, nanjing, START_AT, 1_800, errand=Errand.ENTER))
    assert closest_m(fixes[:100]) < 200
    assert closest_m(fixes[:3]) > 200
    assert any(closest_m([fix]) > 250 for fix in fixes[100:])


def test_the_true_way_keeps_to_the_roads_at_an_even_pace(nanjing):
    vertices = {tuple(xy) for xy in nanjing.xy}
    stops = list(islice(itinerary(Random(3), nanjing, Errand.EDGE, 1.35), 400))
    assert {(stop.x, stop.y) for stop in stops} <= vertices
    moving = [(a, b) for a, b in pairwise(stops) if (a.x, a.y) != (b.x, b.y)]
    assert all(hypot(b.x - a.x, b.y - a.y) / (b.at_s - a.at_s) == pytest.approx(1.35) for a, b in moving)


def test_between_two_ways_the_visitor_stays_for_minutes(nanjing):
    stops = list(islice(itinerary(Random(3), nanjing, Errand.CLEAR, 1.35), 400))
    stays = [b.at_s - a.at_s for a, b in pairwise(stops) if (a.x, a.y) == (b.x, b.y)]
    assert stays
    assert all(120 <= stay_s <= 480 for stay_s in stays)


def still_phones():
    """Phones on a road of no length to speak of: whatever moves is error."""
    town = town_of([a_line((118.7, 32.0), (118.7000001, 32.0))], [a_point(118.705, 32.0)])
    return [list(walk(seed, town, START_AT, 1_000)) for seed in range(60)]


def test_the_error_is_as_large_as_claimed_and_fades_slowly():
    now, next_ones, five_minutes_on, scales = [], [], [], []
    for fixes in still_phones():
        east_m = [(fix.lon - 118.7) * 94_300 for fix in fixes]
        sigma_m = fmean(fix.accuracy_m for fix in fixes) / 1.05 / 1.51
        scaled = np.array(east_m) / sigma_m
        scales.append(np.mean(scaled**2))
        now.append(scaled[:-60])
        next_ones.append(scaled[1:-59])
        five_minutes_on.append(scaled[60:])
    assert sqrt(fmean(scales)) == pytest.approx(1.0, abs=0.15)
    assert np.mean(np.concatenate(now) * np.concatenate(next_ones)) == pytest.approx(np.exp(-5 / 45), abs=0.2)
    assert abs(np.mean(np.concatenate(now) * np.concatenate(five_minutes_on))) < 0.2


def test_nobody_leaps(nanjing):
    for track in crowd(5, nanjing, START_AT, 600, 10):
        for a, b in pairwise(track.fixes):
            assert Geodesic.WGS84.Inverse(a.lat, a.lon, b.lat, b.lon)["s12"] < 60


def test_metres_of_the_town_are_metres_of_the_earth(nanjing):
    lon, lat = nanjing.to_degrees(1_000.0, 0.0)
    assert Geodesic.WGS84.Inverse(nanjing.lat, nanjing.lon, lat, lon)["s12"] == pytest.approx(1_000, rel=0.006)


def test_who_keeps_clear_takes_the_way_round():
    around = a_line((0, 0), (0, 0.02), (0.02, 0.02), (0.02, 0))
    town = town_of([a_line((0, 0), (0.01, 0), (0.02, 0)), around], [a_point(0.01, 0.0005)])
    start, end = 0, 2
    assert len(town.way(start, end, keep_clear=False)) == 3
    assert len(town.way(start, end, keep_clear=True)) == 4


def test_roads_that_nobody_can_reach_are_left_out():
    town = town_of([a_line((0, 0), (0.01, 0), (0.02, 0)), a_line((1, 1), (1.01, 1))], [a_point(0, 1)])
    assert len(town.xy) == 3


def test_a_town_without_roads_or_without_such_addresses_says_so():
    with pytest.raises(ValueError, match="at least one road"):
        town_of([a_point(0, 0)], [a_point(0, 0)])
    with pytest.raises(ValueError, match="no road lies 320 to 5000 m"):
        list(walk(1, town_of([a_line((0, 0), (0.001, 0))], [a_point(0, 0)]), START_AT, 60))

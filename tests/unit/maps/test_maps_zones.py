import pytest
import shapely
from fake_live import NOW, FakeLiveView, a_court
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, shape

from geofences.schedule import Schedule
from maps.zones import ZoneCache, hours, zone_areas, zone_features, zone_parts

COMPOUND = Polygon(
    [(118.7751698, 32.052008), (118.7751698, 32.0511778), (118.7764562, 32.0513), (118.7764, 32.0521)],
    holes=[[(118.7755, 32.0515), (118.7758, 32.0515), (118.7758, 32.0518)]],
)


def metres_to(footprint, lon, lat):
    """Geodesic metres to the footprint's nearest point, found on its plane (right to millimetres this near)."""
    plane = Geodesic.WGS84

    def flat(point):
        line = plane.Inverse(lat, lon, point[1], point[0])
        return shapely.affinity.rotate(Point(0.0, line["s12"]), -line["azi1"], origin=(0.0, 0.0)).coords[0]

    rings = [[flat(at) for at in ring.coords] for ring in (footprint.exterior, *footprint.interiors)]
    return Point(0.0, 0.0).distance(Polygon(rings[0], rings[1:]))


@pytest.mark.parametrize(("lon", "lat"), [(118.78, 32.05), (0.0, 0.0), (24.0, 69.9), (-179.9999, -45.0)])
def test_every_vertex_of_a_points_edge_is_the_standoff_away(lon, lat):
    edge = zone_parts(a_court(footprint=Point(lon, lat)))["edge"]

    away = [Geodesic.WGS84.Inverse(lat, lon, at[1], at[0])["s12"] for at in edge.exterior.coords]

    assert away == pytest.approx([200.0] * len(away), abs=0.02)


def test_every_vertex_of_a_compounds_edge_is_the_standoff_away():
    edge = zone_parts(a_court(footprint=COMPOUND))["edge"]

    away = [metres_to(COMPOUND, lon, lat) for lon, lat in edge.exterior.coords]

    assert away == pytest.approx([200.0] * len(away), abs=0.05)


def test_between_its_vertices_the_edge_strays_less_than_half_a_metre():
    edge = zone_parts(a_court(footprint=COMPOUND))["edge"]

    away = [
        metres_to(COMPOUND, at.x, at.y)
        for at in (edge.exterior.interpolate(n / 997, normalized=True) for n in range(997))
    ]

    assert min(away) > 199.5
    assert max(away) < 200.05


def test_the_ring_runs_from_the_edge_to_the_warning_distance():
    parts = zone_parts(a_court(footprint=COMPOUND, warning_m=100.0))

    inner, outer = parts["ring"].interiors[0], parts["ring"].exterior

    assert [metres_to(COMPOUND, *at) for at in inner.coords] == pytest.approx([200.0] * len(inner.coords), abs=0.05)
    assert [metres_to(COMPOUND, *at) for at in outer.coords] == pytest.approx([300.0] * len(outer.coords), abs=0.05)


def test_a_zone_at_the_antimeridian_stays_in_one_piece():
    edge = zone_parts(a_court(footprint=Point(179.9995, 10.0)))["edge"]

    west, _, east, _ = edge.bounds
    assert east - west < 0.01
    assert east > 180.0


@given(lon=st.floats(-180, 180), lat=st.floats(-85, 85), standoff_m=st.floats(1, 2000))
def test_the_footprint_comes_back_where_it_was(lon, lat, standoff_m):
    parts = zone_parts(a_court(footprint=Point(lon, lat), standoff_m=standoff_m))

    assert parts["footprint"].distance(Point(lon, lat)) < 1e-6


def test_the_geojson_names_each_part_and_its_metres():
    collection = zone_features([a_court()], NOW)

    assert [feature["properties"]["part"] for feature in collection["features"]] == ["footprint", "edge", "ring"]
    assert {feature["properties"]["standoff_m"] for feature in collection["features"]} == {200.0}
    assert all(shape(feature["geometry"]).is_valid for feature in collection["features"])


def test_a_zone_without_warning_ring_has_none():
    collection = zone_features([a_court(warning_m=0.0)], NOW)

    assert [feature["properties"]["part"] for feature in collection["features"]] == ["footprint", "edge"]


def test_overlapping_zones_are_dissolved_into_one_area():
    near = [a_court(id=str(number), footprint=Point(118.78 + number * 1e-3, 32.05)) for number in range(3)]

    edge, ring = (shape(feature["geometry"]) for feature in zone_areas(near, NOW)["features"])

    assert edge.geom_type == "Polygon"
    assert edge.area == pytest.approx(shapely.union_all([zone_parts(zone)["edge"] for zone in near]).area)
    assert edge.intersection(ring).area == pytest.approx(0.0, abs=1e-15)


def test_without_zones_there_is_no_area():
    assert zone_areas([], NOW)["features"] == []


def test_the_shapes_are_computed_once_a_generation():
    view = FakeLiveView()
    view.put_zones(a_court())
    cache = ZoneCache(view, zone_features)

    first, again = cache.get(), cache.get()
    view.put_zones(a_court(standoff_m=300.0))

    assert first[1] is again[1]
    assert cache.get() != first


DAY_S = 86_400.0
MIDNIGHT = 1_699_977_600.0  # 2023-11-15 in China
OFFICE = Schedule("DTSTART:20230102T083000\nDTEND:20230102T173000\nRRULE:FREQ=DAILY")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"valid_from": MIDNIGHT - 1.0}, None),
        ({"valid_from": MIDNIGHT + DAY_S}, [(MIDNIGHT + DAY_S, MIDNIGHT + 2 * DAY_S)]),
        ({"valid_to": MIDNIGHT - 61.0}, []),
        (
            {"schedule": OFFICE, "valid_to": MIDNIGHT + DAY_S + 9 * 3600},
            [
                (MIDNIGHT + 8.5 * 3600, MIDNIGHT + 17.5 * 3600),
                (MIDNIGHT + DAY_S + 8.5 * 3600, MIDNIGHT + DAY_S + 9 * 3600),
            ],
        ),
    ],
    ids=["always", "begun", "begins tomorrow", "over", "office hours that end"],
)
def test_the_hours_of_a_zone_are_those_of_its_schedule_while_it_is_valid(changes, expected):
    assert hours(a_court(**changes), MIDNIGHT) == expected


def test_a_zone_that_counts_now_counts_since_the_minute_began_by_which_a_page_looks():
    [(opens, _), *_] = hours(a_court(schedule=OFFICE), MIDNIGHT + 10 * 3600 + 59.9)

    assert opens <= MIDNIGHT + 10 * 3600


def test_a_zone_with_hours_is_left_out_of_what_always_counts():
    assert zone_areas([a_court(schedule=OFFICE)], MIDNIGHT)["features"] == []


def test_the_hours_are_worked_out_anew_as_time_goes_by():
    now = [MIDNIGHT]
    view = FakeLiveView()
    view.put_zones(a_court(schedule=OFFICE))
    cache = ZoneCache(view, zone_features, lambda: now[0])

    first = cache.get()
    now[0] += 6 * 3600

    assert cache.get() != first

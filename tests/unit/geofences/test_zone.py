import numpy as np
import pytest
import shapely
from geodesic_truth import star

from geofences.zone import FootprintError, StandoffError, ValidityError, Zone, ZoneError, off_plane, on_plane

BOW_TIE = shapely.Polygon([(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)])


def a_zone(footprint=shapely.Point(119.974, 31.8112), **rest):  # noqa: B008 - a constant
    return Zone("z", "Court", "court", footprint, **rest)


@pytest.mark.parametrize(
    ("footprint", "reason"),
    [
        (shapely.Point(), "empty"),
        (shapely.Polygon(), "empty"),
        (shapely.Point(float("nan"), 1), "not a number"),
        (shapely.Point(float("inf"), 1), "not a number"),
        (shapely.Point(31.8, 119.9), "swapped"),
        (shapely.Point(181.0, 0.0), "Longitude 181"),
        (shapely.Point(1, 2, 3), "heights"),
        (shapely.GeometryCollection([shapely.Point(1, 2)]), "GeometryCollection"),
        (BOW_TIE, "Self-intersection"),
        (shapely.box(-60, -60, 60, 60), "km wide"),
        ("POINT(1 2)", "can't be a str"),
    ],
)
def test_footprints_that_cannot_be_are_refused_with_a_reason(footprint, reason):
    with pytest.raises(FootprintError, match=reason):
        a_zone(footprint)


@pytest.mark.parametrize("metres", [-1.0, float("nan"), float("inf"), 20_000.1])
@pytest.mark.parametrize("name", ["standoff_m", "warning_m"])
def test_metres_out_of_bounds_are_refused(name, metres):
    with pytest.raises(StandoffError, match=name):
        a_zone(**{name: metres})


def test_other_nonsense_is_refused():
    with pytest.raises(ValidityError, match="swap"):
        a_zone(valid_from=10.0, valid_to=10.0)
    with pytest.raises(ValidityError, match="count from 1"):
        a_zone(version=0)
    with pytest.raises(ZoneError, match="needs an id"):
        Zone("", "Court", "court", shapely.Point(0, 0))


@pytest.mark.parametrize("lat", [90.0, -90.0, 89.999])
def test_outline_about_a_pole_is_valid(lat):
    assert a_zone(shapely.Polygon(star(0.0, lat, [5000.0] * 8))).reach_m == 300.0


def test_outline_over_the_antimeridian_is_valid_and_a_bow_tie_there_is_not():
    assert a_zone(shapely.Polygon([(179.9, 0), (-179.9, 0), (-179.9, 1), (179.9, 1)]))
    with pytest.raises(FootprintError, match="broken"):
        a_zone(shapely.Polygon([(179.9, 0), (-179.9, 1), (-179.9, 0), (179.9, 1)]))


@pytest.mark.parametrize(("at", "in_force"), [(9.0, False), (10.0, True), (19.9, True), (20.0, False)])
def test_version_counts_from_its_beginning_until_its_end(at, in_force):
    assert a_zone(valid_from=10.0, valid_to=20.0).in_force(at) is in_force


def test_version_without_bounds_always_counts():
    assert a_zone().in_force(-1e12)


@pytest.mark.parametrize(("lon", "lat"), [(118.8, 32.0), (180.0, 0.0), (0.0, 90.0), (-70.0, -89.0)])
def test_plane_and_back(lon, lat):
    shape = shapely.Polygon(star(lon, lat, [30_000.0, 500.0, 20_000.0]))
    back = off_plane(on_plane(shape, lon, lat), lon, lat)
    there, again = (on_plane(each, lon, lat) for each in (shape, back))
    assert np.abs(shapely.get_coordinates(there) - shapely.get_coordinates(again)).max() < 1e-6

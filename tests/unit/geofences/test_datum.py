import json
from pathlib import Path

import numpy as np
import pytest
from geodesic_truth import metres
from hypothesis import given
from hypothesis import strategies as st

from geofences.datum import DATUMS, EAST, NORTH, SOUTH, WEST, DatumError, convert, in_china, known_datum

VECTORS = json.loads(
    (Path(__file__).parents[3] / "data/vectors/china_datums.json").read_text(encoding="utf-8")
)  # its axis order is lat, lon
PAIRS = VECTORS["wgs84_to_gcj02"]


def swapped(place):
    return place[1], place[0]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["id"])
def test_gcj02_as_published(pair):
    assert convert(*swapped(pair["wgs84"]), "wgs84", "gcj02") == pytest.approx(swapped(pair["gcj02"]), abs=1e-12)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["id"])
def test_gcj02_backwards_to_a_tenth_of_a_millimetre(pair):
    assert convert(*swapped(pair["gcj02"]), "gcj02", "wgs84") == pytest.approx(swapped(pair["wgs84"]), abs=1e-9)


@pytest.mark.parametrize("way", ["bd09_to_gcj02", "gcj02_to_bd09"])
def test_bd09_and_gcj02_as_published(way):
    source, _, target = way.partition("_to_")
    for pair in VECTORS[way]:
        expected = pytest.approx(swapped(pair[target]), abs=pair["tol_deg"])
        assert convert(*swapped(pair[source]), source, target) == expected


@pytest.mark.parametrize("pair", VECTORS["bd09_to_wgs84"], ids=lambda pair: pair["id"])
def test_bd09_to_wgs84_exactly(pair):
    assert convert(*swapped(pair["bd09"]), "bd09", "wgs84") == pytest.approx(swapped(pair["wgs84"]), abs=1e-9)
    assert convert(*swapped(pair["bd09"]), "bd09", "gcj02") == pytest.approx(swapped(pair["gcj02"]), abs=1e-9)


@pytest.mark.parametrize("pair", VECTORS["wrong_in_the_source"]["pairs"], ids=lambda pair: str(pair["bd09"]))
def test_published_fault_is_not_reproduced(pair):
    ours = convert(*swapped(pair["bd09"]), "bd09", "wgs84")
    assert metres(*ours, *swapped(pair["their_wgs84"])) > 10.0


@pytest.mark.parametrize("source", DATUMS)
@pytest.mark.parametrize("target", DATUMS)
def test_there_and_back_all_over_china(source, target):
    rng = np.random.default_rng(1)
    lons, lats = rng.uniform(WEST + 0.1, EAST - 0.1, 20_000), rng.uniform(SOUTH + 0.1, NORTH - 0.1, 20_000)
    back = convert(*convert(lons, lats, source, target), target, source)
    assert np.abs(np.subtract(back, (lons, lats))).max() < 1e-9


def test_the_shift_at_changzhou_is_wider_than_a_zone():
    place = (119.974, 31.8112)
    assert metres(*place, *convert(*place, "wgs84", "gcj02")) == pytest.approx(503, abs=1)
    assert metres(*place, *convert(*place, "wgs84", "bd09")) == pytest.approx(1156, abs=2)


@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(DATUMS), st.sampled_from(DATUMS))
def test_identity_outside_the_box_and_only_there(lon, lat, source, target):
    moved = convert(lon, lat, source, target)
    assert (moved == (lon, lat)) or bool(in_china(lon, lat))


@pytest.mark.parametrize("lon", [WEST, EAST, np.nextafter(WEST, 0), np.nextafter(EAST, 180)])
@pytest.mark.parametrize("way", [("gcj02", "wgs84"), ("bd09", "wgs84"), ("bd09", "gcj02")])
def test_inverse_is_settled_at_the_border(lon, way):
    moved = convert(lon, 40.0, *way)
    assert moved == convert(lon, 40.0, *way)
    if in_china(lon, 40.0):
        assert 100 < metres(lon, 40.0, *moved) < 2000
        beside = convert(lon + (1e-7 if lon == WEST else -1e-7), 40.0, *way)
        assert metres(*moved, *beside) < 0.1
    else:
        assert moved == (lon, 40.0)


def test_floats_give_floats_and_arrays_agree():
    lons, lats = np.array([118.8, 0.0, np.nan]), np.array([32.0, 0.0, 32.0])
    many = convert(lons, lats, "gcj02", "wgs84")
    one = convert(118.8, 32.0, "gcj02", "wgs84")
    assert [type(value) for value in one] == [float, float]
    assert (many[0][0], many[1][0]) == one
    assert lons[0] == 118.8
    assert np.isnan(many[0][2])


def test_undeclared_and_unknown_datums_are_refused_with_the_way_to_declare():
    with pytest.raises(DatumError, match=r"--datum wgs84.*--datum gcj02.*--datum bd09"):
        known_datum(None)
    with pytest.raises(DatumError, match="'mars'"):
        convert(1.0, 2.0, "mars", "wgs84")
    assert known_datum("GCJ02") == "gcj02"

import csv
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from geodesic_truth import metres

from geofences.index import ZoneIndex
from geofences.lookup import covering
from geofences.lookup.cover import RESOLUTIONS, circumradius_m, resolutions_for
from geofences.lookup.crossing import STEP_M
from geofences.lookup.levels import LEAST_RING_M
from geofences.zone import Zone

with (Path(__file__).parents[3] / "data/vectors/h3_cells.csv").open(encoding="utf-8") as _file:
    CELLS = list(csv.DictReader(_file))


def corners_m(cell):
    lat, lon = h3.cell_to_latlng(cell)
    return max(metres(lon, lat, corner[1], corner[0]) for corner in h3.cell_to_boundary(cell))


def test_official_centres_fall_in_their_cells():
    for row in CELLS:
        lon = (float(row["lon"]) + 180.0) % 360.0 - 180.0
        assert h3.latlng_to_cell(float(row["lat"]), lon, int(row["res"])) == int(row["cell"], 16)


@pytest.mark.parametrize("resolution", [0, 1, 2])
def test_no_cell_is_wider_than_the_bound(resolution):
    base = h3.get_res0_cells()
    cells = [cell for each in base for cell in h3.cell_to_children(each, resolution)]
    assert 0.95 < max(map(corners_m, cells)) / circumradius_m(resolution) < 1.0


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_no_sampled_cell_is_wider_than_the_bound(resolution):
    rng = np.random.default_rng(resolution)
    lats, lons = np.degrees(np.arcsin(rng.uniform(-1, 1, 1500))), rng.uniform(-180, 180, 1500)
    cells = {h3.latlng_to_cell(lat, lon, resolution) for lat, lon in zip(lats, lons, strict=True)}
    # The widest cells are those in the middle of the icosahedron's faces.
    faces = {h3.latlng_to_cell(*h3.cell_to_latlng(cell), resolution) for cell in cells}
    assert max(map(corners_m, cells | faces)) < circumradius_m(resolution)


def test_wider_areas_get_coarser_cells_and_covers_stay_small():
    extents = np.array([300.0, 5_000.0, 30_000.0, 200_000.0, 2_500_000.0])
    chosen = resolutions_for(extents)
    assert chosen.tolist() == [9, 9, 7, 5, 3]
    for extent, resolution in zip(extents, chosen.tolist(), strict=True):
        assert np.pi * extent**2 / h3.average_hexagon_area(resolution, "m^2") < 2_000


def test_steps_of_a_way_leave_no_gap_in_the_cover():
    assert STEP_M / 2.0 < LEAST_RING_M


def test_processes_of_their_own_find_the_same_cover(monkeypatch):
    monkeypatch.setattr(covering, "APART_FROM", 2)
    zones = [Zone(f"{n}", "", "court", shapely.Point(118.0 + n, 32.0).buffer(0.001)) for n in range(4)]
    here, apart = ZoneIndex.build(zones), ZoneIndex.build(zones, covering.covers_apart)
    lons, lats = np.meshgrid(np.linspace(117.99, 121.01, 60), np.linspace(31.99, 32.01, 20))
    asked = lons.ravel(), lats.ravel()
    for one, other in zip(here.near_many(*asked), apart.near_many(*asked), strict=True):
        assert np.array_equal(one, other)


def test_without_helpers_the_cover_is_made_here(monkeypatch):
    monkeypatch.setattr(covering, "APART_FROM", 2)
    monkeypatch.setattr(covering.sys, "executable", "/nowhere")
    zones = [Zone(f"{n}", "", "court", shapely.Point(118.0 + n, 32.0)) for n in range(4)]
    assert len(ZoneIndex.build(zones, covering.covers_apart).near(118.0, 32.0)) == 1

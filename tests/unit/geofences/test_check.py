import io
import json
from pathlib import Path

import pytest

from geofences.check import check_points, convert_csv
from geofences.datum import DatumError, convert
from geofences.report import SourceError

ZONES = Path(__file__).parents[3] / "data/zones/nanjing_osm.geojson"


@pytest.fixture
def points(tmp_path):
    def write(content):
        path = tmp_path / "points.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_each_row_gets_its_nearest_zone_in_order(points):
    path = points("name,lat,lon\na,32.0381502,118.7942474\nb,32.0516,118.776\nc,32.2,118.9\n")
    found = list(check_points(ZONES, path))
    assert [(check.row, check.inside) for check in found] == [(0, True), (1, True), (2, False)]
    assert (found[1].zone, found[1].footprint_m, found[1].signed_m) == ("way/156068414", 0.0, -200.0)
    assert found[2].footprint_m == pytest.approx(found[2].signed_m + 200.0)


def test_json_has_exactly_these_members_in_full_precision(points):
    (check,) = check_points(ZONES, points("lon,lat\n118.79,32.03\n"), standoff_m=50.0)
    line = json.loads(check.as_json())
    assert list(line) == ["row", "zone", "signed_m", "footprint_m", "inside"]
    assert line["signed_m"] == check.signed_m == pytest.approx(line["footprint_m"] - 50.0)


def test_without_zones_there_are_no_metres(points, tmp_path):
    empty = tmp_path / "none.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    (check,) = check_points(empty, points("lon,lat\n1,2\n"))
    assert json.loads(check.as_json()) == {
        "row": 0, "zone": None, "signed_m": None, "footprint_m": None, "inside": False,
    }  # fmt: skip


def test_bad_point_names_its_row_and_column(points):
    with pytest.raises(SourceError, match="row 3, lat: 'x' is no number"):
        list(check_points(ZONES, points("lon,lat\n118.7,32\n118.7,x\n")))


def test_feature_that_is_no_zone_stops_the_check_unless_somebody_listens(points, tmp_path):
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type": "FeatureCollection", "features": [null]}', encoding="utf-8")
    path = points("lon,lat\n1,2\n")
    with pytest.raises(SourceError, match="row 1"):
        list(check_points(broken, path))
    heard = []
    assert len(list(check_points(broken, path, on_problem=heard.append))) == 1
    assert [problem.row for problem in heard] == [1]


def test_converted_table_keeps_its_other_columns_and_full_precision():
    given = 'id,lon,note,lat\r\n7,118.8,"a, b",32.05\r\n8,2.35,,48.85\r\n'
    out = io.StringIO()
    assert convert_csv(io.BytesIO(given.encode()), out, "gcj02", "wgs84") == 2
    first, second = out.getvalue().splitlines()[1:]
    lon, lat = convert(118.8, 32.05, "gcj02", "wgs84")
    assert first == f'7,{lon!r},"a, b",{lat!r}'
    assert second == "8,2.35,,48.85"


def test_conversion_refuses_unknown_datums_and_bad_rows():
    with pytest.raises(DatumError):
        convert_csv(io.BytesIO(b"lon,lat\n1,2\n"), io.StringIO(), "mars", "wgs84")
    with pytest.raises(SourceError, match="row 2, lon"):
        convert_csv(io.BytesIO(b"lon,lat\n,2\n"), io.StringIO(), "gcj02", "wgs84")


def test_table_without_rows_stays_a_table():
    out = io.StringIO()
    assert convert_csv(io.BytesIO(b"lon,lat\n"), out, "gcj02", "wgs84") == 0
    assert out.getvalue() == "lon,lat\n"

"""Cells, headings and encodings as people really write them."""

import openpyxl
import pytest
import shapely

from geofences.crs import Declared, frame_of
from geofences.report import RowError, SourceError
from geofences.sources.degrees import degrees_of, grid_of, metres_of
from geofences.sources.files import read_source
from geofences.sources.headings import coordinate_columns
from geofences.sources.reading import Defaults

LON, LAT = 119.974, 31.8112


def read(path, datum="wgs84"):
    return read_source(path, Declared(datum), Defaults("wgs84", source=path.name))


@pytest.fixture
def table(tmp_path):
    def write(content, name="zones.csv", datum="wgs84"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(path, datum)

    return write


@pytest.mark.parametrize(
    "cell",
    [
        "119.974", "119,974", "１１９．９７４", " 119.974° ", "119.974E", "E119.974", "119.974 e", "东经119.974",
        "119°58'26.4\"", "119°58′26.4″E", "119º58’26.4”", "东经119度58分26.4秒", "119 58 26.4", "119:58:26.4E",
        "119°58.44'",
    ],
)  # fmt: skip
def test_degrees_however_they_are_written(cell):
    assert degrees_of(cell, "lon", "EW东西") == pytest.approx(LON, abs=1e-9)


@pytest.mark.parametrize("cell", ["33.2S", "-33.2", "S33°12'", "南纬33度12分", "-33 12 0"])
def test_the_southern_half(cell):
    assert degrees_of(cell, "lat", "NS南北") == pytest.approx(-33.2)


@pytest.mark.parametrize("cell", ["", "x", "nan", "inf", "1e999", "119°61'", "12:34:56:78", "N31.8", "-", "--5", "E1W"])
def test_what_is_no_longitude_names_its_column(cell):
    with pytest.raises(RowError) as refused:
        degrees_of(cell, "lon", "EW东西")
    assert refused.value.field == "lon"
    assert refused.value.finding.mend


def test_grid_metres_with_commas_between_thousands():
    assert grid_of("3,520,700.25", "y") == 3520700.25


@pytest.mark.parametrize(
    ("cell", "metres"), [("150米", 150.0), ("200 m", 200.0), ("1,000", 1000.0), ("0.2km", 200.0), ("３００", 300.0)]
)
def test_lengths_with_their_unit(cell, metres):
    assert metres_of(cell, "standoff_m") == metres


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (["名称", "经度（°）", "纬度（°）"], ("经度（°）", "纬度（°）")),
        (["经度(WGS84)", "纬度(WGS84)"], ("经度(WGS84)", "纬度(WGS84)")),
        (["lng_gcj02", "lat_gcj02", "lng_wgs84", "lat_wgs84"], ("lng_wgs84", "lat_wgs84")),
        (["lon_bd09", "lat_bd09", "lon", "lat"], ("lon", "lat")),
        ([" Longitude ", "LATITUDE"], (" Longitude ", "LATITUDE")),
    ],
)
def test_the_columns_of_the_declared_datum(headings, found):
    assert coordinate_columns(headings, "wgs84") == found


def test_columns_that_say_another_datum_are_refused():
    with pytest.raises(SourceError, match="say --datum gcj02"):
        coordinate_columns(["经度(GCJ-02)", "纬度(GCJ-02)"], "wgs84")


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("coordinates", '"119.974,31.8112"'), ("coordinates", "119.974 31.8112"), ("坐标", "119.974；31.8112"),
        ("经度/纬度", "119.974/31.8112"), ("纬度,经度", '"31.8112,119.974"'), ("latlng", '"31.8112, 119.974"'),
        ("location", '"31.8112N, 119.974E"'), ("坐标", '"119.974,31.8112,12.5"'), ("坐标", "POINT(119.974 31.8112)"),
        ("wkt", "POINT Z (119.974 31.8112 7)"), ("wkt", "POINT M (119.974 31.8112 7)"),
        ("geom", "SRID=4326;POINT(119.974 31.8112)"), ("geom", shapely.to_wkb(shapely.Point(LON, LAT), hex=True)),
        ("geometry", '"{""type"":""Point"",""coordinates"":[119.974,31.8112]}"'), ("坐标", "119.974,31.8112"),
    ],
)  # fmt: skip
def test_a_place_in_one_cell(heading, cell, table):
    (zone,) = table(f'name,"{heading}"\nA,{cell}\n').zones
    assert zone.footprint.coords[:] == [(LON, LAT)]


def test_a_shape_in_another_system_than_declared_is_refused(table):
    (problem,) = table("name,geom\nA,SRID=4549;POINT(497539 3520700)\n").problems
    assert problem.finding.mend == "Say --datum EPSG:4549."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("名称;lon;lat\nA;119,974;31,8112\n", "utf-8"), ("sep=;\nname;lon;lat\nA;119.974;31.8112\n", "utf-8-sig"),
     ("清单\n名称\t经度\t纬度\n派出所\t119.974\t31.8112\n", "utf-16-le"),
     ("名称，经度，纬度\n院，119.974，31.8112", "gbk"),
     ("name,lon,lat,lon,lat\nA,119.974,31.8112,1,2\n", "ascii")],
)  # fmt: skip
def test_separators_encodings_and_repeated_headings(text, encoding, table):
    (zone,) = table(text.encode(encoding)).zones
    assert zone.footprint.coords[:] == [(LON, LAT)]


def test_an_encoding_that_was_guessed_is_said(table):
    assert "GB18030" in str(table("名称,lon,lat\n院,119,31\n".encode("gbk")).notes[0])


def test_a_quote_that_never_ends_spoils_its_own_row_only(table):
    report = table('name,lon,lat\n"A,119.974,31.8112\nB,119.975,31.9\nC,119.976,31.9\n')
    assert [zone.name for zone in report.zones] == ["B", "C"]
    assert [problem.row for problem in report.problems] == [2]


def test_lines_that_end_as_on_old_macs(table):
    assert [zone.name for zone in table("name,lon,lat\rA,119.1,31.1\rB,119.2,31.2\r").zones] == ["A", "B"]


def test_a_curve_is_refused_and_the_next_row_read(table):
    report = table("name;wkt\nA;CIRCULARSTRING(0 0,1 1,2 0)\nB;POINT(119 31)\n")
    assert ([problem.row for problem in report.problems], len(report.zones)) == ([2], 1)


@pytest.mark.parametrize("headings", ["X,Y", "北坐标,东坐标", "northing,easting"])
def test_metres_of_a_grid_with_north_first_as_surveyors_write(headings, table):
    (zone,) = table(f"{headings}\n3520895.4338,497538.1520\n", datum="EPSG:4549").zones
    assert shapely.get_coordinates(zone.footprint)[0] == pytest.approx((119.974, 31.811), abs=1e-7)


@pytest.mark.parametrize("heading", ["Name", "NAME", "单位名称（全称）", "名稱", "全称"])
def test_headings_of_names_however_they_are_written(heading, table):
    assert table(f"{heading},lon,lat\n常州中院,119.1,31.1\n").zones[0].name == "常州中院"


def test_a_cell_of_any_length_and_text_that_no_database_keeps(table):
    report = table(f"name,lon,lat\n{'A' * 200_000},119,31\nB\0,119.1,31\nC,119.975,31.9\n")
    assert [zone.name for zone in report.zones] == ["C"]
    assert [problem.row for problem in report.problems] == [2, 3]


def test_distances_under_chinese_headings(table):
    zones = table("名称,经度,纬度,禁入距离（米）\nA,119,31,150米\nB,119.1,31,\n").zones
    assert [zone.standoff_m for zone in zones] == [150.0, 200.0]


def test_a_place_at_zero_zero_is_doubtful(table):
    assert "0, 0" in str(table("lon,lat\n0,0\n").notes[0])


def test_every_sheet_with_places_is_read_and_two_rows_of_headings_are_one(tmp_path):
    book = openpyxl.Workbook()
    for row in (["禁入区清单"], ["名称", "位置"], [None, "经度", "纬度"], ["A", LON, LAT]):
        book.active.append(row)
    other = book.create_sheet("钟楼区")
    for row in (["名称", "经度", "纬度"], ["B", 119.9, 31.7], ["C", None, None]):
        other.append(row)
    book.create_sheet("说明").append(["text"])
    book.save(tmp_path / "zones.xlsx")
    report = read(tmp_path / "zones.xlsx")
    assert [zone.name for zone in report.zones] == ["A", "B"]
    assert [(problem.file, problem.row) for problem in report.problems] == [("zones.xlsx (钟楼区)", 3)]


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "Gcj 02"])
def test_a_datum_however_it_is_spelled(name):
    assert frame_of(name).name == "gcj02"


def test_chinas_own_system_is_no_doubt_but_an_old_one_is():
    assert not frame_of("EPSG:4490").doubt
    assert not frame_of("EPSG:4549").doubt
    assert frame_of("EPSG:4610").doubt

"""GeoJSON, KML, zips and extracts with something wrong in them: the good rows are kept, the bad one is named."""

import io
import json
import zipfile

import geopandas
import openpyxl
import pytest
import shapely

from geofences.crs import Declared
from geofences.report import SourceError
from geofences.sources.files import read_source
from geofences.sources.reading import Defaults

GOOD = (
    '{"type": "Feature", "properties": {"name": "good"}, "geometry": {"type": "Point", "coordinates": [119.9, 31.8]}}'
)
KML = '<?xml version="1.0" encoding="{}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
MARK = "<Placemark><name>{}</name><Point><coordinates>{}</coordinates></Point></Placemark>"


def read(path, content=None, datum=None):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_source(path, Declared(datum), Defaults("wgs84", source=path.name))


def feature(geometry, properties="{}"):
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'


def point(at):
    return f'{{"type": "Point", "coordinates": {at}}}'


BAD = {
    "not a number": feature(point("[NaN, 31]")),
    "endless": feature(point("[1e999, 31]")),
    "too many digits": feature(point(f"[{'1' * 5000}, 31]")),
    "more digits than a float": feature(point(f"[{'1' * 390}, 31]")),
    "text": feature(point('["119.9", "31.8"]')),
    "half a character": feature(point("[119, 31]"), r'{"name": "\ud800"}'),
    "exchanged": feature(point("[31.8, 119.9]")),
    "null among coordinates": feature('{"type": "Polygon", "coordinates": [[[1, 1], null, [2, 2], [1, 1]]]}'),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_feature_never_loses_the_good_one(kind, tmp_path):
    report = read(tmp_path / "z.geojson", f'{{"type": "FeatureCollection", "features": [{BAD[kind]}, {GOOD}]}}')
    assert [zone.name for zone in report.zones] == ["good"]
    (problem,) = report.problems
    assert (problem.row, bool(problem.finding.reason), bool(problem.finding.mend)) == (1, True, True)


def test_a_height_that_is_no_number_is_dropped(tmp_path):
    report = read(tmp_path / "z.geojson", feature(point("[119.9, 31.8, null]")))
    assert report.zones[0].footprint.coords[:] == [(119.9, 31.8)]
    assert "Heights" in str(report.notes[0])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_geojson_in_an_encoding_it_should_not_have(encoding, tmp_path):
    text = GOOD.replace("good", "城中派出所")
    assert read(tmp_path / "z.geojson", text.encode(encoding)).zones[0].name == "城中派出所"


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\x1e"])
def test_a_feature_a_line(separator, tmp_path):
    assert len(read(tmp_path / "z.geojsonl", separator.join([GOOD, GOOD.replace("31.8", "31.9")])).zones) == 2


def test_a_line_that_is_no_json_never_loses_the_good_ones(tmp_path):
    report = read(tmp_path / "z.geojsonl", f"{GOOD}\n{{broken\n{GOOD}\n")
    assert [problem.row for problem in report.problems] == [2]
    assert len(report.zones) == 2


def test_a_word_in_the_coordinates_of_a_kml_is_not_taken_for_zero(tmp_path):
    bad = MARK.format("a word", "abc,31.8") + MARK.format("a blank", "119.9, 31.8")
    report = read(tmp_path / "z.kml", KML.format("utf-8", MARK.format("greenwich", "0,51.4779")))
    assert [zone.name for zone in report.zones] == ["greenwich"]
    report = read(tmp_path / "z.kml", KML.format("utf-8", bad))
    assert ([problem.row for problem in report.problems], len(report.zones)) == ([1], 1)


@pytest.mark.parametrize("ending", ["", ".gpkg", ".geojson"])
def test_columns_in_capitals_are_known(ending, tmp_path):
    row = {"NAME": ["常州市中级人民法院"], "TYPE": ["法院"], "STANDOFF_M": [150]}
    where = tmp_path / f"z{ending}"
    geopandas.GeoDataFrame(row, geometry=[shapely.Point(119.9, 31.8)], crs=4326).to_file(where)
    (zone,) = read(where).zones
    assert (zone.name, zone.category, zone.standoff_m) == ("常州市中级人民法院", "court", 150.0)


def test_kml_in_gbk_and_coordinates_that_are_none(tmp_path):
    marks = MARK.format("派出所", "119.9,31.8") + MARK.format("坏", "abc,def") + MARK.format("空", "")
    report = read(tmp_path / "z.kml", KML.format("GBK", marks).encode("gbk"))
    assert [zone.name for zone in report.zones] == ["派出所"]
    assert [problem.row for problem in report.problems] == [2, 3]


def test_a_problem_says_in_which_folder_of_a_kml_its_row_is(tmp_path):
    folders = "".join(f"<Folder><name>{name}</name>{MARK.format('x', '31.8,119.9')}</Folder>" for name in "AB")
    problems = read(tmp_path / "z.kml", KML.format("UTF-8", folders)).problems
    assert [problem.file for problem in problems] == ["z.kml (A)", "z.kml (B)"]


def test_a_member_without_a_name_is_passed_over(tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), "x")
        archive.writestr("z.geojson", GOOD)
    assert len(read(tmp_path / "z.zip").zones) == 1


def test_a_read_me_beside_the_zones_of_a_zip_is_passed_over_with_a_note(tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("z.geojson", GOOD)
        archive.writestr("readme.txt", "hello there")
    report = read(tmp_path / "z.zip")
    assert [zone.name for zone in report.zones] == ["good"]
    assert "passed over" in str(report.notes[0])
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "hello there")
    with pytest.raises(SourceError):
        read(tmp_path / "none.zip")


CORNERS = ((0.0, 0.0), (0.01, 0.0), (0.01, 0.01), (0.0, 0.01), (0.002, 0.002), (0.004, 0.002), (0.004, 0.004))
NODES = [f'<node id="{n}" lat="{31.8 + y}" lon="{119.9 + x}"/>' for n, (x, y) in enumerate(CORNERS, start=1)]
POLICE = '<tag k="amenity" v="police"/>'


def way(number, *nodes, tags=""):
    return f'<way id="{number}">{"".join(f"<nd ref={chr(34)}{node}{chr(34)}/>" for node in nodes)}{tags}</way>'


def relation(number, kind, **members):
    listed = "".join(f'<member type="way" ref="{ref[1:]}" role="{role}"/>' for ref, role in members.items())
    return f'<relation id="{number}">{listed}<tag k="type" v="{kind}"/>{POLICE}</relation>'


def test_an_extract_in_any_order_with_what_it_lacks_refused_by_name(tmp_path):
    parts = [
        way(9, 77, 78, tags=POLICE), way(1, 1, 2, 3), way(3, 3, 4, 1), way(2, 5, 6, 7, 5),
        way(7, 1, 2, 3, 1, tags=POLICE),
        *NODES, relation(5, "multipolygon", w1="outer", w3="outer", w2="inner"),
        relation(4, "multipolygon", w99="outer"),
    ]  # fmt: skip
    report = read(tmp_path / "z.osm", f'<?xml version="1.0"?><osm version="0.6">{"".join(parts)}</osm>')
    assert {zone.id: zone.footprint.geom_type for zone in report.zones} == {"relation/5": "Polygon", "way/7": "Polygon"}
    hole = next(zone.footprint for zone in report.zones if zone.id == "relation/5")
    assert len(hole.interiors) == 1
    assert {problem.finding.reason for problem in report.problems} == {
        "The extract has not all of relation/4.", "The extract has not all of way/9.",
    }  # fmt: skip


def test_an_answer_of_overpass_with_a_node_without_place_keeps_the_others(tmp_path):
    elements = [
        {"type": "node", "id": n, "lat": lat, "lon": 119.9, "tags": {"amenity": "police"}}
        for n, lat in enumerate((None, 31.8))
    ]
    report = read(tmp_path / "z.json", json.dumps({"elements": elements}))
    assert [zone.id for zone in report.zones] == ["node/1"]
    assert [problem.row for problem in report.problems] == [1]


def test_a_node_without_a_place_keeps_the_others_of_an_extract(tmp_path):
    court = '<tag k="amenity" v="courthouse"/>'
    nodes = f'<node id="1" version="1">{court}</node><node id="2" version="1" lat="31" lon="119">{court}</node>'
    report = read(tmp_path / "z.osm", f'<osm version="0.6">{nodes}</osm>')
    assert ([problem.row for problem in report.problems], len(report.zones)) == ([1], 1)


@pytest.mark.parametrize("name", ["z.osm", "z.xlsx", "z.zip"])
def test_a_file_that_was_damaged_on_the_way_is_refused(name, tmp_path):
    with pytest.raises(SourceError):
        read(tmp_path / name, damaged(name), datum="wgs84")


def damaged(name):
    """A coordinate with letters behind it; compressed bytes that are none; a zip of a version nobody has."""
    if name == "z.osm":
        return '<osm version="0.6"><node id="1" version="1" lat="31x" lon="119"/></osm>'
    held = io.BytesIO()
    if name == "z.xlsx":
        book = openpyxl.Workbook()
        book.active.append(["lon", "lat"])
        book.save(held)
    else:
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("z.geojson", GOOD)
    data = bytearray(held.getvalue())
    if name == "z.xlsx":
        with zipfile.ZipFile(held) as archive:
            begin = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 30 + len("xl/worksheets/sheet1.xml")
        data[begin : begin + 8] = b"\xff" * 8
    else:
        data[data.index(b"PK\x01\x02") + 6] = 255
    return bytes(data)


def test_a_workbook_that_its_reader_does_not_foresee_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.create_chartsheet()
    book.save(tmp_path / "z.xlsx")
    with pytest.raises(SourceError, match="no workbook"):
        read(tmp_path / "z.xlsx")

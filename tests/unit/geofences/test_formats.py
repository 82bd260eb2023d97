"""Files as people really have them, made here: by geopandas, openpyxl and, for OpenStreetMap's own, by hand."""

import json
import struct
import zipfile
import zlib

import geopandas
import numpy as np
import openpyxl
import pytest
import shapely
from geodesic_truth import metres

from geofences.crs import Declared, frame_of, noted_datum
from geofences.datum import DatumError, convert
from geofences.export import export_zones
from geofences.imports.intake import Wanted, read_sources
from geofences.imports.plan import plan
from geofences.index import ZoneIndex
from geofences.report import SourceError
from geofences.schedule import Schedule
from geofences.sources.columns import where_of
from geofences.sources.files import read_source, read_zones
from geofences.sources.reading import Defaults
from geofences.zone import Zone

COURT = (118.7755, 32.0515)
BLOCK = shapely.box(118.775, 32.051, 118.776, 32.052)
NAMES = ["南京市中级人民法院", "城中派出所"]
KINDS = ["法院", "派出所"]


SHAPES = (BLOCK, shapely.Point(118.79, 32.03))


def frame(shapes=SHAPES, crs="EPSG:4326", **columns):
    columns = columns or {"name": NAMES, "类别": KINDS}
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def read(path, datum=None, where=(), **more):
    wheres = tuple(map(where_of, where))
    return read_source(path, Declared(datum, **more), Defaults("wgs84", source=path.name, where=wheres))


def shapefile(tmp_path, crs="EPSG:4326", encoding="utf-8", shapes=None):
    path = tmp_path / "zones.shp"
    frame([BLOCK, BLOCK] if shapes is None else shapes, name=NAMES, kind=KINDS).to_crs(crs).to_file(
        path, encoding=encoding
    )
    return path


def zipped(tmp_path, *paths, prefix="", name="zones.zip"):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, prefix + path.name)
    return tmp_path / name


def near(zone, place=COURT):
    return metres(*zone.footprint.centroid.coords[0], *place)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:3857", "EPSG:32650"])
@pytest.mark.parametrize("ending", [".shp", ".gpkg", ".fgb"])
def test_any_reference_system_that_a_file_states(crs, ending, tmp_path):
    path = tmp_path / f"zones{ending}"
    frame([BLOCK, BLOCK], name=NAMES, kind=KINDS).to_crs(crs).to_file(path)
    first, second = read(path).zones
    assert near(first) < 5.0
    assert (first.name, second.category) == (NAMES[0], "police")
    assert first.source_datum == ("wgs84" if crs == "EPSG:4326" else crs)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize("page", ["kept", "missing", "wrong"])
def test_shapefile_in_any_chinese_encoding(encoding, page, tmp_path):
    path = shapefile(tmp_path, encoding=encoding)
    if page == "missing":
        path.with_suffix(".cpg").unlink()
    elif page == "wrong":
        path.with_suffix(".cpg").write_text("UTF-8" if encoding != "utf-8" else "ASCII")
    assert [zone.name for zone in read(path).zones] == NAMES


@pytest.mark.parametrize("prefix", ["", "folder/", "../../", "中文/"])
def test_shapefile_in_a_zip_wherever_its_files_stand(prefix, tmp_path):
    shapefile(tmp_path)
    files = [path for path in tmp_path.iterdir() if path.suffix != ".zip"]
    assert len(read(zipped(tmp_path, *files, prefix=prefix)).zones) == 2
    assert not (tmp_path.parent / "zones.shp").exists()


def test_folder_and_a_shapefile_without_index(tmp_path):
    shapefile(tmp_path).with_suffix(".shx").unlink()
    assert len(read(tmp_path).zones) == 2


def test_shapefile_without_reference_system_must_be_told(tmp_path):
    path = shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(DatumError, match="--datum"):
        read(path)
    assert near(read(path, "EPSG:4490").zones[0]) < 1.0


def test_vendors_datum_under_a_false_flag_can_be_declared(tmp_path):
    path = tmp_path / "zones.gpkg"
    frame([shapely.Point(convert(*COURT, "wgs84", "gcj02"))], name=NAMES[:1]).to_file(path)
    report = read(path, "gcj02")
    assert near(report.zones[0]) < 0.01
    assert "as you said" in str(report.notes[0])
    assert near(read(path, "gcj02", weak=True).zones[0]) > 400.0  # meant for the files that state nothing


def test_two_systems_cannot_both_be(tmp_path):
    with pytest.raises(DatumError, match="only one can be"):
        read(shapefile(tmp_path, "EPSG:4547"), "gcj02")


@pytest.mark.parametrize("kmz", [False, True])
def test_kml_with_description_and_height(kmz, tmp_path):
    path = tmp_path / "zones.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        "<name>f</name><Placemark><name>Hôtel de police</name><description>police</description><Point>"
        "<coordinates>7.42,43.73,55</coordinates></Point></Placemark></Folder></Document></kml>"
    )
    report = read(zipped(tmp_path, path, name="zones.kmz") if kmz else path)
    (zone,) = report.zones
    assert (zone.name, zone.category, zone.footprint.coords[0]) == ("Hôtel de police", "police", (7.42, 43.73))
    assert "Heights" in str(report.notes[0])


@pytest.mark.parametrize("heading", [["编号", "名称", "经度", "纬度"], ["ID", "Name", "Longitude", "Latitude"]])
def test_workbook_with_titles_above_its_headings_and_numbers_as_excel_has_them(heading, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("数据")
    for row in (["禁入区清单"], heading, [7, NAMES[1], *COURT], [], [8, "坏", "x", 1]):
        sheet.append(row)
    book.save(tmp_path / "zones.xlsx")
    report = read(tmp_path / "zones.xlsx", "wgs84")
    assert [(zone.id, zone.name) for zone in report.zones] == [("7", NAMES[1])]
    assert [(problem.row, problem.field) for problem in report.problems] == [(5, heading[2])]
    with pytest.raises(DatumError):
        read(tmp_path / "zones.xlsx")


@pytest.mark.parametrize("line", ['"118.7755,32.0515"', '"118°46\'31.8""E, 32°3\'5.4""N"', "[118.7755，32.0515]"])
def test_place_in_one_cell(line, tmp_path):
    path = tmp_path / "zones.csv"
    path.write_text(f"名称,经纬度\n法院,{line}\n", encoding="gbk")
    assert near(read(path, "wgs84").zones[0]) < 1.0


def test_grid_metres_in_a_table_need_their_number(tmp_path):
    path = tmp_path / "zones.csv"
    x, y = shapely.get_coordinates(geopandas.GeoSeries([shapely.Point(COURT)], crs=4326).to_crs(4549))[0]
    path.write_text(f"name,x,y\nA,{x:.4f},{y:.4f}\n")
    assert "EPSG:n" in read(path, "wgs84").problems[0].finding.mend
    assert near(read(path, "EPSG:4549").zones[0]) < 0.01


def test_swapped_row_says_so_and_loses_no_other(tmp_path):
    path = tmp_path / "zones.csv"
    path.write_text("name,lon,lat\nA,32.0516,118.7755\nB,118.7755,32.0516\n")
    report = read(path, "wgs84")
    assert [zone.name for zone in report.zones] == ["B"]
    assert "swapped" in report.problems[0].finding.mend


BAD = {
    "empty": shapely.Polygon(),
    "none": None,
    "flat": shapely.Polygon([(1, 1), (1.001, 1), (1.002, 1)]),
    "spot": shapely.Polygon([(1, 1), (1, 1), (1, 1)]),
    "huge": shapely.box(-170, -80, 170, 80),
    "out of range": shapely.Point(31.8, 119.9),
    "nan": shapely.Point(np.nan, 1.0),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_row_is_refused_and_the_good_ones_stay(kind, tmp_path):
    path = tmp_path / "zones.gpkg"
    frame([BLOCK, BAD[kind], shapely.Point(COURT)], name=["a", "b", "c"]).to_file(path, geometry_type="Unknown")
    report = read(path)
    assert [zone.name for zone in report.zones] == ["a", "c"]
    assert [problem.row for problem in report.problems] == [2]
    assert report.problems[0].finding.reason
    assert len(ZoneIndex.build(report.zones)) == 2


MENDED = {
    "bow tie": shapely.Polygon([(1, 1), (1.001, 1.001), (1.001, 1), (1, 1.001)]),
    "hole outside": shapely.Polygon(shapely.box(1, 1, 1.001, 1.001).exterior, [shapely.box(2, 2, 2.1, 2.1).exterior]),
    "spike": shapely.Polygon([(1, 1), (1.001, 1), (1.001, 1.001), (1.002, 1.002), (1.001, 1.001), (1, 1.001)]),
    "overlapping parts": shapely.MultiPolygon([shapely.box(1, 1, 1.002, 1.002), shapely.box(1.001, 1, 1.003, 1.002)]),
    "heights": shapely.Polygon([(1, 1, 5), (1.001, 1, 5), (1.001, 1.001, 5)]),
    "collection": shapely.GeometryCollection([shapely.Point(1, 1), shapely.box(1, 1, 1.001, 1.001)]),
    "antimeridian": shapely.box(179.999, 1, 180.001, 1.002),
}


@pytest.mark.parametrize("kind", MENDED)
def test_mended_row_is_noted_and_can_be_watched(kind, tmp_path):
    path = tmp_path / "zones.gpkg"
    frame([MENDED[kind]], name=["a"]).to_file(path, geometry_type="Unknown")
    report = read(path)
    assert report.zones
    assert report.notes
    assert not report.problems
    assert len(ZoneIndex.build(plan([*read_sources([path], Wanted())]).added)) >= 1


OSM = """<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">
<node id="1" lat="32.0" lon="118.7"><tag k="amenity" v="police"/><tag k="name" v="城中派出所"/></node>
<node id="2" lat="32.01" lon="118.7"/><node id="3" lat="32.01" lon="118.701"/><node id="4" lat="32.011" lon="118.701"/>
<node id="6" lat="32.02" lon="118.7"><tag k="amenity" v="restaurant"/></node>
<way id="10"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="amenity" v="courthouse"/></way></osm>"""


def test_extract_gives_courts_and_police_unless_told_otherwise(tmp_path):
    path = tmp_path / "city.osm"
    path.write_text(OSM)
    assert [(zone.id, zone.category) for zone in read(path).zones] == [("node/1", "police"), ("way/10", "court")]
    assert [zone.id for zone in read(path, where=["amenity=restaurant"]).zones] == ["node/6"]
    assert [zone.id for zone in read(path, where=["name=*"]).zones] == ["node/1"]


def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def zigzag(number):
    return varint((number << 1) ^ (number >> 63))


def blob(kind, data):
    body = field(2, len(data)) + field(3, zlib.compress(data))
    header = field(1, kind) + field(3, len(body))
    return struct.pack(">I", len(header)) + header + body


def test_extract_as_pbf(tmp_path):
    node = field(1, zigzag_number(7)) + field(2, b"\x01\x03") + field(3, b"\x02\x04")
    node += field(8, zigzag_number(320_000_000)) + field(9, zigzag_number(1_187_000_000))
    words = b"".join(field(1, word) for word in (b"", b"amenity", b"police", b"name", "派出所".encode()))
    block = field(1, words) + field(2, field(1, node))
    data = blob(b"OSMHeader", field(4, b"OsmSchema-V0.6")) + blob(b"OSMData", block)
    path = tmp_path / "city.osm.pbf"
    path.write_bytes(data)
    (zone,) = read(path).zones
    assert (zone.id, zone.name, zone.footprint.coords[0]) == ("node/7", "派出所", (118.7, 32.0))


def zigzag_number(number):
    return (number << 1) ^ (number >> 63)


def test_answer_of_overpass_with_points_ways_and_relations(tmp_path):
    ring = [{"lon": 7.0, "lat": 43.0}, {"lon": 7.001, "lat": 43.0}, {"lon": 7.001, "lat": 43.001}]
    halves = [ring, [ring[2], ring[0]]]
    relation = {"type": "relation", "id": 3, "tags": {"amenity": "police", "type": "multipolygon"}}
    relation["members"] = [
        {"type": "way", "ref": n, "role": "outer", "geometry": half} for n, half in enumerate(halves)
    ]
    elements = [
        {"type": "node", "id": 1, "lon": 7.1, "lat": 43.1, "tags": {"amenity": "police"}},
        {"type": "node", "id": 9, "lon": 7.1, "lat": 43.2},
        {"type": "way", "id": 2, "geometry": [*ring, ring[0]], "tags": {"amenity": "courthouse"}},
        relation,
        {"type": "way", "id": 4, "nodes": [77, 78], "tags": {"amenity": "police"}},
        {"type": "way", "id": 5, "center": {"lon": 7.3, "lat": 43.3}, "tags": {"amenity": "police"}},
    ]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"version": 0.6, "elements": elements}))
    report = read(path)
    assert [(zone.id, zone.footprint.geom_type) for zone in report.zones] == [
        ("node/1", "Point"), ("way/2", "Polygon"), ("relation/3", "Polygon"), ("way/5", "Point"),
    ]  # fmt: skip
    assert "out geom" in report.problems[0].finding.mend
    assert [zone.id for zone in read(path, where=["amenity=courthouse"]).zones] == ["way/2"]


VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/x</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
ENTITY = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY e SYSTEM "file:///etc/passwd">]><kml><name>&e;</name></kml>'


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".kml", ".fgb"])
@pytest.mark.parametrize("content", [VRT, ENTITY, "", "x" * 200])
def test_file_that_is_not_what_its_ending_says_is_refused(ending, content, tmp_path):
    path = tmp_path / f"zones{ending}"
    path.write_text(content)
    with pytest.raises(SourceError):
        read(path)


@pytest.mark.parametrize("ending", [".osm", ".pbf", ".osm.pbf", ".xlsx", ".zip", ".kmz"])
@pytest.mark.parametrize("content", [VRT, ENTITY, "", "x" * 200])
def test_junk_of_other_endings_is_refused(ending, content, tmp_path):
    path = tmp_path / f"zones{ending}"
    path.write_text(content)
    with pytest.raises(SourceError):
        read(path)


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".shp", ".xlsx", ".zip"])
def test_file_cut_short_is_refused_or_gives_what_it_has(ending, tmp_path):
    whole = tmp_path / f"whole{ending}"
    if ending == ".xlsx":
        openpyxl.Workbook().save(whole)
    elif ending == ".zip":
        frame().to_file(tmp_path / "in.gpkg")
        whole = zipped(tmp_path, tmp_path / "in.gpkg")
    else:
        frame([BLOCK, BLOCK]).to_file(whole)
    cut = tmp_path / f"cut{ending}"
    for share in (0.1, 0.5, 0.9):
        cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        (source,) = read_sources([cut], Wanted(datums=("wgs84",)))
        assert source.refused or source.report is not None


def test_exploding_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zones.geojson", b" " * (80 << 20))
    with pytest.raises(SourceError, match="unpack into"):
        read(tmp_path / "bomb.zip")


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".csv"])
def test_exported_zones_are_read_the_same_again(ending, tmp_path):
    hole = shapely.Polygon(BLOCK.exterior, [shapely.box(118.7752, 32.0512, 118.7754, 32.0514).exterior])
    shapes = [
        hole,
        shapely.Point(COURT),
        shapely.MultiPoint([COURT, (118.8, 32.1)]),
        shapely.LineString([COURT, (118.8, 32.1)]),
    ]
    zones = [Zone(f"z/{n}", f'法院, "{n}"', "court", shape, 150.0 + n, 60.0) for n, shape in enumerate(shapes)]
    path = tmp_path / f"out{ending}"
    export_zones(zones, path)
    again = read_zones(path, "wgs84").zones
    assert [(z.id, z.name, z.category, z.standoff_m, z.warning_m) for z in again] == [
        (z.id, z.name, z.category, z.standoff_m, z.warning_m) for z in zones
    ]
    assert all(one.footprint.equals(other.footprint) for one, other in zip(again, zones, strict=True))
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".csv"])
def test_exported_hours_are_read_again_and_change_nothing(ending, tmp_path):
    hours = Schedule("DTSTART:20260105T083000\nDTEND:20260105T173000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU", "Asia/Urumqi")
    zones = [
        Zone("1", "A", "court", shapely.Point(87.6, 43.8), schedule=hours, overrides=("schedule",)),
        Zone("2", "B", "court", shapely.Point(87.7, 43.8)),
    ]
    export_zones(zones, tmp_path / f"z{ending}")
    again = read_zones(tmp_path / f"z{ending}", "wgs84").zones
    assert [zone.schedule for zone in again] == [hours, None]
    sources = read_sources([tmp_path / f"z{ending}"], Wanted(("wgs84",)))
    assert len(plan(sources, zones).unchanged) == 2


def test_words_about_hours_that_are_no_icalendar_are_passed_over(tmp_path):
    (tmp_path / "z.csv").write_text("name,lon,lat,schedule\nA,119,31,Mon-Fri 9-17\n")
    assert read_zones(tmp_path / "z.csv", "wgs84").zones[0].schedule is None


def test_no_zones_can_be_exported_too(tmp_path):
    for ending in (".geojson", ".gpkg", ".csv"):
        export_zones([], tmp_path / f"out{ending}")
        assert read_zones(tmp_path / f"out{ending}", "wgs84").zones == []


def test_filter_that_is_none_is_refused():
    with pytest.raises(SourceError, match="amenity=courthouse"):
        where_of("amenity")


def test_coarse_systems_and_impossible_places_are_said(tmp_path):
    with pytest.raises(DatumError, match="EPSG:99999"):
        frame_of("EPSG:99999")
    path = tmp_path / "zones.csv"
    path.write_text("lon,lat\n2.35,48.85\n")
    assert plan(read_sources([path], Wanted(datums=("EPSG:4490",)))).doubts


def test_degrees_declared_as_metres_of_a_grid_are_doubted(tmp_path):
    path = tmp_path / "zones.csv"
    path.write_text("lon,lat\n119.95,31.78\n119.96,31.79\n")
    (doubt,) = plan(read_sources([path], Wanted(datums=("EPSG:32650",)))).doubts
    assert "look like degrees" in doubt.finding.reason


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("GCJ-02 (computed)", "gcj02"),
        ("points_bd09", "bd09"),
        ("WGS84", "wgs84"),
        ("GCJ-02 to WGS-84", None),
        ("x", None),
    ],
)
def test_words_that_name_a_datum(text, datum):
    assert noted_datum(text) == datum

"""Every code of an import can really come about: a file, a call or a pair of rows for each."""

import io
import json
import zipfile
from dataclasses import replace

import geopandas
import openpyxl
import openpyxl.chart
import pytest
import shapely
from starlette.datastructures import UploadFile

from geofences.codes import Code
from geofences.crs import Declared, Stated, agreed, frame_of
from geofences.datum import convert, known_datum
from geofences.export import export_zones
from geofences.findings import FindingError
from geofences.imports.intake import Wanted, read_sources
from geofences.imports.plan import Source, plan
from geofences.report import Candidate, Problem, Report
from geofences.sources import archives, files, geometry, layers
from geofences.sources.columns import where_of
from geofences.sources.reading import Defaults
from geofences.zone import Zone
from maps.zoning.zone_uploads import safe_name, saved

A_PLAN = (
    'ENGCRS["a plan", EDATUM["a corner"], CS[Cartesian, 2], AXIS["x", east], AXIS["y", north], LENGTHUNIT["metre", 1]]'
)
POINT = {"type": "Point", "coordinates": [119.9, 31.8]}
BOX = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
KML = "<kml><Document>{}</Document></kml>"
MARK = "<Placemark><Point><coordinates>119.9,31.8</coordinates></Point></Placemark>"
OSM = '<osm version="0.6">{}</osm>'


def feature(geometry, **members):
    return json.dumps({"type": "Feature", "properties": {}, "geometry": geometry} | members)


def shape(kind, coordinates, **members):
    return feature({"type": kind, "coordinates": coordinates} | members)


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": [json.loads(each) for each in features]} | members)


def elements(*each):
    return json.dumps({"elements": list(each)})


def a_zip(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return held.getvalue()


def a_book_of_charts():
    book, held = openpyxl.Workbook(), io.BytesIO()
    book.create_chartsheet().add_chart(openpyxl.chart.BarChart())
    book.remove(book.active)
    book.save(held)
    return held.getvalue()


FILES = {
    Code.UNKNOWN_KIND: ("z.doc", "x"),
    Code.FILE_UNREADABLE: ("z.csv", None),
    Code.NO_FILE_OF_ZONES: ("z.zip", a_zip(photo__jpg="x")),
    Code.NOT_AS_ENDING: ("z.gpkg", "x"),
    Code.FILE_PASSED_OVER: ("z.zip", a_zip(z__geojson=feature(POINT), readme__txt="hello")),
    Code.UNKNOWN_ENCODING: ("z.csv", b"lon,lat\n\x81\xff\x81"),
    Code.NOT_UTF8: ("z.csv", "名称,lon,lat\n院,119,31\n".encode("gbk")),
    Code.ARCHIVE_UNREADABLE: ("z.zip", "x"),
    Code.ARCHIVE_TOO_LARGE: ("z.zip", a_zip(z__geojson=b" " * (80 << 20))),
    Code.WORKBOOK_UNREADABLE: ("z.xlsx", "x"),
    Code.WORKBOOK_EMPTY: ("z.xlsx", a_book_of_charts()),
    Code.NO_LAYER: ("z.kml", KML.format("")),
    Code.LAYERS_UNREADABLE: ("z.gpkg", b"SQLite format 3\0" + b"x" * 200),
    Code.UNKNOWN_XML_ENCODING: ("z.kml", '<?xml version="1.0" encoding="mars"?>' + KML.format("")),
    Code.XML_ENTITIES: ("z.kml", "<!DOCTYPE kml>" + KML.format("")),
    Code.NO_KML: ("z.kml", "<gpx/>"),
    Code.EXTRACT_UNREADABLE: ("z.osm", "x"),
    Code.NO_ELEMENTS: ("z.json", '{"elements": 7}'),
    Code.ANSWER_CUT_SHORT: ("z.json", '{"elements": [], "remark": "runtime error: Query timed out"}'),
    Code.NO_JSON: ("z.json", "x"),
    Code.NO_JSON_OBJECT: ("z.json", "[]"),
    Code.NO_FEATURES: ("z.json", '{"type": "FeatureCollection"}'),
    Code.UNKNOWN_TYPE: ("z.json", '{"type": "Topology"}'),
    Code.BARE_GEOMETRY: ("z.json", json.dumps(POINT)),
    Code.USUAL_WHERE: ("z.osm", OSM.format("")),
    Code.TABLE_EMPTY: ("z.csv", ""),
    Code.NO_LON_COLUMN: ("z.csv", "a,lat\n1,2\n"),
    Code.NO_LAT_COLUMN: ("z.csv", "lon,a\n1,2\n"),
    Code.COLUMN_OF_OTHER_DATUM: ("z.csv", "lng_gcj02,lat_gcj02\n1,2\n"),
    Code.UNKNOWN_CRS: ("z.json", collection(crs={})),
    Code.DATUM_IN_NAME: ("z_gcj02.csv", "lon,lat\n119,31\n"),
    Code.DATUM_STATED: ("z.json", collection(crs={"properties": {"name": "EPSG:4490"}})),
    Code.DATUM_CONTRADICTED: ("z.json", collection(datum="gcj02")),
    Code.DEGREES_EMPTY: ("z.csv", "lon,lat\n,31\n"),
    Code.NO_DEGREES: ("z.csv", "lon,lat\nx,31\n"),
    Code.ENDLESS: ("z.csv", "lon,lat\n1e999,31\n"),
    Code.SIXTY: ("z.csv", "lon,lat\n119°61',31\n"),
    Code.NO_LONGITUDE: ("z.csv", "lon,lat\nN31.8,31\n"),
    Code.NO_LATITUDE: ("z.csv", "lon,lat\n119,E31\n"),
    Code.CELL_OUT_OF_RANGE: ("z.csv", "lon,lat\n119,200\n"),
    Code.CELL_SWAPPED: ("z.csv", "lon,lat\n31,119\n"),
    Code.CELL_OF_GRID: ("z.csv", "lon,lat\n497539,3520700\n"),
    Code.NO_METRES: ("z.csv", "lon,lat,standoff_m\n119,31,far\n"),
    Code.NO_SCHEDULE: ("z.csv", "lon,lat,schedule\n119,31,DTSTART:tomorrow\n"),
    Code.SHAPE_EMPTY: ("z.csv", "name,wkt\nA,\n"),
    Code.NO_SHAPE: ("z.csv", "wkt\nPOINT\n"),
    Code.OTHER_SRID: ("z.csv", "wkt\nSRID=4549;POINT(497539 3520700)\n"),
    Code.PAIR_EMPTY: ("z.csv", "name,经纬度\nA,\n"),
    Code.NO_PAIR: ("z.csv", "经纬度\n119\n"),
    Code.ROW_UNREADABLE: ("z.json", elements({"type": "node", "id": 1, "tags": {"amenity": "police"}})),
    Code.NO_FEATURE: ("z.json", collection("7")),
    Code.NO_ELEMENT: ("z.json", elements(7)),
    Code.NO_GEOMETRY: ("z.json", '{"type": "Feature", "properties": {}}'),
    Code.NO_PROPERTIES: ("z.json", feature(POINT, properties=7)),
    Code.BAD_ID: ("z.json", feature(POINT, id=[])),
    Code.ANSWER_INCOMPLETE: ("z.json", elements({"type": "way", "id": 1, "tags": {"amenity": "police"}})),
    Code.EXTRACT_INCOMPLETE: ("z.osm", OSM.format('<way id="1"><nd ref="1"/><tag k="amenity" v="police"/></way>')),
    Code.NO_PLACE: ("z.json", feature(None)),
    Code.BAD_BBOX: ("z.json", feature(POINT, bbox=7)),
    Code.BBOX_DISORDERED: ("z.json", feature(POINT, bbox=[1, 2, 3, 1])),
    Code.BBOX_ELSEWHERE: ("z.json", feature(POINT, bbox=[1, 2, 3, 4])),
    Code.GEOMETRY_NO_OBJECT: ("z.json", feature(7)),
    Code.NO_GEOMETRIES: ("z.json", feature({"type": "GeometryCollection"})),
    Code.UNKNOWN_GEOMETRY: ("z.json", feature({"type": "Circle"})),
    Code.NO_COORDINATES: ("z.json", feature({"type": "Point"})),
    Code.NO_POSITION: ("z.json", shape("Point", ["a", "b"])),
    Code.NO_NUMBERS: (
        "z.kml",
        KML.format("<Placemark><Point><coordinates>abc,def</coordinates></Point></Placemark>"),
    ),
    Code.RING_TOO_SHORT: ("z.json", shape("Polygon", [BOX[:2]])),
    Code.RING_OPEN: ("z.json", shape("Polygon", [BOX[:4]])),
    Code.LINE_EMPTY: ("z.json", shape("LineString", [])),
    Code.POLYGON_EMPTY: ("z.json", shape("Polygon", [])),
    Code.GEOMETRY_EMPTY: ("z.csv", "wkt\nPOINT EMPTY\n"),
    Code.COLLECTION_EMPTY: ("z.json", feature({"type": "GeometryCollection", "geometries": []})),
    Code.COLLECTION_SPLIT: (
        "z.json",
        feature(
            {
                "type": "GeometryCollection",
                "geometries": [POINT, {"type": "LineString", "coordinates": [[119.9, 31.8], [119.9, 31.81]]}],
            }
        ),
    ),
    Code.HEIGHTS_DROPPED: ("z.json", shape("Point", [119.9, 31.8, 7])),
    Code.TOO_MANY_DECIMALS: ("z.json", shape("Point", [119.12345678901, 31.8])),
    Code.PLACE_TWICE: ("z.json", shape("LineString", [[1, 1], [1, 1], [2, 2]])),
    Code.MULTI_OF_ONE: ("z.json", shape("MultiPoint", [[119.9, 31.8]])),
    Code.AT_ZERO: ("z.json", shape("Point", [0, 0])),
    Code.OVER_ANTIMERIDIAN: ("z.json", shape("LineString", [[179, 1], [-179, 1]])),
    Code.HOLES: ("z.json", shape("Polygon", [BOX, [[0.1, 0.1], [0.1, 0.2], [0.2, 0.2], [0.1, 0.1]]])),
    Code.CLOCKWISE: ("z.json", shape("Polygon", [BOX[::-1]])),
    Code.LONGITUDES_WRAPPED: ("z.json", shape("Point", [200, 1])),
    Code.OUTLINE_REPAIRED: ("z.json", shape("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]])),
    Code.TEXT_TOO_LONG: ("z.json", feature(POINT, properties={"name": "x" * 501})),
    Code.CONTROL_CHARACTERS: ("z.json", feature(POINT, properties={"name": "\ud800"})),
    Code.METRES_OUT_OF_RANGE: ("z.json", feature(POINT, properties={"standoff_m": -1})),
    Code.FOOTPRINT_TOO_WIDE: ("z.json", shape("LineString", [[0, 0], [80, 0]])),
    Code.NOT_A_NUMBER: ("z.csv", "wkt\nPOINT(nan 1)\n"),
    Code.LATITUDE_OUT_OF_RANGE: ("z.json", shape("Point", [119, 200])),
    Code.LATITUDE_SWAPPED: ("z.json", shape("Point", [31.8, 119.9])),
    Code.LONGITUDE_OUT_OF_RANGE: ("z.json", shape("Point", [999, 1])),
    Code.ID_TWICE: (
        "z.json",
        collection(feature(POINT, id=1), shape("Point", [119.8, 31.8]).replace("{", '{"id": 1,', 1)),
    ),
    Code.LOOKS_TURNED: ("z.csv", "lon,lat\n43.8,87.6\n"),
    Code.FAR_BUT_FOR_ORDER: ("z.csv", "lon,lat\n" + "87.6,43.8\n" * 6 + "43.8,87.6\n"),
    Code.SAME_SPOT: ("z.csv", "name,lon,lat\n甲法院,119,31\n乙派出所,119,31\n"),
}
"""What a file says that is declared to be in WGS-84."""


def codes_of(path, datums=("wgs84",), known=(), **options):
    result = plan(read_sources([path], Wanted(datums=datums, **options)), known)
    found = [*result.refused, *result.notes, *result.doubts]
    return {each.finding.code for each in found} | {each.refused.code for each in result.sources if each.refused}


@pytest.mark.parametrize("code", FILES, ids=lambda code: code.code)
def test_a_file_for_which_the_code_stands(code, tmp_path):
    name, content = FILES[code]
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert code.code in codes_of(tmp_path / name)


LIMITED = {
    Code.FILE_TOO_LARGE: (files, "MAX_TEXT_BYTES", "z.csv", "lon,lat\n119,31\n"),
    Code.TOO_MANY_CORNERS: (geometry, "MAX_CORNERS", "z.json", shape("Polygon", [BOX])),
    Code.TOO_MANY_ROWS: (layers, "MAX_ROWS", "z.kml", KML.format(MARK + MARK)),
}
"""What is beyond a limit, here 1."""


@pytest.mark.parametrize("code", LIMITED, ids=lambda code: code.code)
def test_a_limit_for_which_the_code_stands(code, tmp_path, monkeypatch):
    module, limit, name, content = LIMITED[code]
    monkeypatch.setattr(module, limit, 1)
    (tmp_path / name).write_text(content)
    assert code.code in codes_of(tmp_path / name)


GRID = {
    Code.GRID_EMPTY: "x,y\n,3520700\n",
    Code.NORTH_FIRST: "x,y\n3520700,497539\n",
    Code.NO_GRID_NUMBER: "x,y\nx,3520700\n",
    Code.NO_MEANING_THERE: "x,y\n1e30,1e30\n",
}
"""Tables declared to be in metres of a map grid."""


@pytest.mark.parametrize("code", GRID, ids=lambda code: code.code)
def test_a_grid_for_which_the_code_stands(code, tmp_path):
    (tmp_path / "z.csv").write_text(GRID[code])
    assert code.code in codes_of(tmp_path / "z.csv", ("EPSG:4549",))


def zone(at=(118.79, 32.04), zone_id="a", name="", category="court", footprint=None, **more):
    return Zone(zone_id, name, category, shapely.Point(at) if footprint is None else footprint, **more)


def row(at, name="", file="b.csv", datum="wgs84", own="", number=1):
    made = replace(zone(at, own or f"{file}-{number}", name), source=file, source_datum=datum)
    return Candidate(made, number, own, frozenset({name} if name else ()))


def named(*places, shift=lambda at: at):
    return [row(shift(at), str(number), number=number) for number, at in enumerate(places)]


MONACO = tuple((7.4 + n / 100, 43.7) for n in range(3))
PLACES = tuple((118.7 + n / 50, 32.0) for n in range(3))


def planned(*rows, known=(), datum="wgs84"):
    result = plan([Source("b.csv", Report(list(rows), datum=datum))], known)
    return [*result.doubts, *result.refused, *result.notes][0].finding


def against(shift, known_at=PLACES, places=None):
    known = [zone(at, f"k{number}", str(number)) for number, at in enumerate(known_at)]
    return planned(*named(*(places or known_at), shift=shift), known=known)


def off_outline():
    outline = replace(row((0, 0), "x", own="way/1").zone, footprint=shapely.box(118.79, 32.04, 118.791, 32.041))
    return planned(Candidate(outline, 1, "way/1"), row((118.792, 32.0405), own="way/1", number=2))


def cut_short(tmp):
    whole = geopandas.GeoDataFrame({"name": ["x"] * 50}, geometry=[shapely.box(*range(4))] * 50, crs=4326)
    whole.to_file(tmp / "z.fgb", SPATIAL_INDEX="NO")
    data = (tmp / "z.fgb").read_bytes()
    (tmp / "z.fgb").write_bytes(data[: len(data) // 2])
    return layers.read_layers(tmp / "z.fgb", Declared("wgs84"), Defaults("wgs84"))


def left_out(tmp):
    (tmp / "z.csv").write_text("lon,lat\n119,31\n")
    (source,) = read_sources([tmp / "z.csv"], Wanted(("wgs84",), (where_of("amenity=police"),)))
    return source.report.notes[0].finding


def overflowing(tmp):
    with zipfile.ZipFile(io.BytesIO(a_zip(z__csv="lon,lat"))) as archive:
        return archives.copied(archive, archive.infolist()[0], tmp / "z.csv", 3)


def kept():
    read = Report(problems=[Problem(2, "lon", Code.DEGREES_EMPTY(), "b.csv")])
    return plan([Source("b.csv", read)], [replace(zone(), source="b.csv")], replace_source=True).notes[0].finding


def sent_twice():
    with saved([UploadFile(io.BytesIO(), filename="z.csv")] * 2):
        pass


CALLS = {
    Code.SENT_TWICE: lambda _: sent_twice(),
    Code.ARCHIVE_LIES: overflowing,
    Code.LAYER_UNREADABLE: cut_short,
    Code.GEOMETRY_UNREADABLE: lambda _: layers.shape_of(b"x"),
    Code.NOTHING_MATCHES: left_out,
    Code.DATUM_FOR_NO_FILE: lambda _: read_sources([], Wanted(("z.csv=gcj02",))),
    Code.LOOKS_SWAPPED: lambda _: against(lambda at: (at[1], at[0]), known_at=MONACO),
    Code.KNOWN_LOOK_LIKE_DATUM: lambda _: against(
        lambda at: at, known_at=[convert(*at, "wgs84", "gcj02") for at in PLACES], places=PLACES
    ),
    Code.ID_OF_ANOTHER: lambda _: planned(row((118.8, 32.04), own="1"), row((118.9, 32.04), own="1", file="c.csv")),
    Code.NOT_WRITABLE: lambda tmp: export_zones([], tmp / "z.doc"),
    Code.NO_FILE_NAME: lambda _: safe_name(".."),
    Code.BAD_WHERE: lambda _: where_of("x"),
    Code.NO_DATUM: lambda _: known_datum(None),
    Code.UNKNOWN_DATUM: lambda _: known_datum("mars"),
    Code.UNKNOWN_SYSTEM: lambda _: frame_of("EPSG:99999"),
    Code.NO_WAY_TO_WGS84: lambda _: frame_of(A_PLAN),
    Code.COARSE_WAY: lambda _: frame_of("EPSG:4230").doubt,
    Code.UNSURE_WAY: lambda _: frame_of("EPSG:4610").doubt,
    Code.DATUM_INSISTED: lambda _: agreed(Stated("gcj02", "note"), Declared("wgs84", trusted=True), None)[1],
    Code.DATUM_DECLARED: lambda _: agreed(Stated("wgs84", "crs", firm=False), Declared("gcj02"), None)[1],
    Code.OUTSIDE_CHINA: lambda _: planned(row((2.35, 48.85), datum="gcj02"), datum="gcj02"),
    Code.OUTSIDE_AREA: lambda _: planned(row((2.35, 48.85), datum="EPSG:4490"), datum="EPSG:4490"),
    Code.DEGREES_OF_GRID: lambda _: planned(row((112.5126, 0.0003), datum="EPSG:32650"), datum="EPSG:32650"),
    Code.LOOKS_LIKE_DATUM: lambda _: against(lambda at: convert(*at, "wgs84", "gcj02")),
    Code.LOOKS_SHIFTED: lambda _: against(lambda at: (at[0], at[1] + 0.005)),
    Code.KEPT_FOR_REFUSED: lambda _: kept(),
    Code.ID_IN_FORCE: lambda _: planned(row((118.8, 32.04), own="a"), known=[zone()]),
    Code.POINT_OFF_OUTLINE: lambda _: off_outline(),
    Code.OUTLINE_BROKEN: lambda _: zone(footprint=shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])),
    Code.NO_ID: lambda _: zone(zone_id=""),
    Code.BAD_VERSION: lambda _: zone(version=0),
    Code.ENDS_BEFORE_IT_BEGINS: lambda _: zone(valid_from=2.0, valid_to=1.0),
    Code.NO_FOOTPRINT_KIND: lambda _: zone(footprint=shapely.GeometryCollection([shapely.Point(1, 2)])),
    Code.FOOTPRINT_EMPTY: lambda _: zone(footprint=shapely.Point()),
    Code.FOOTPRINT_HIGH: lambda _: zone(footprint=shapely.Point(1, 2, 3)),
}


@pytest.mark.parametrize("code", CALLS, ids=lambda code: code.code)
def test_a_call_for_which_the_code_stands(code, tmp_path):
    try:
        found = CALLS[code](tmp_path)
    except FindingError as error:
        found = error.finding
    assert found.code == code.code


def test_every_code_is_tried():
    assert {*FILES, *LIMITED, *GRID, *CALLS} == set(Code)

import json
from pathlib import Path

import pytest
import shapely
from geodesic_truth import metres

from geofences.datum import DatumError
from geofences.index import ZoneIndex
from geofences.sources.files import SourceError, read_zones, write_geojson
from geofences.zone import Zone

DATA = Path(__file__).parents[3] / "data"
CASES = [json.loads(line) for line in (DATA / "malformed/geojson_cases.jsonl").read_text(encoding="utf-8").splitlines()]
# RFC 7946 asks readers not to refuse rings that wind the other way; the sentence that says so is a note.
READ_ALL_THE_SAME = {"invalid_exterior_not_ccw", "invalid_interior_not_cw"}
WITHOUT_A_PLACE = {
    "valid_feature_null_geometry",
    "valid_featurecollection_empty_features",
    "valid_geometry_geometrycollection_empty_geometries",
}


@pytest.fixture
def written(tmp_path):
    def write(content, name="zones.geojson"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members})


def feature(geometry=None, **properties):
    place = geometry or {"type": "Point", "coordinates": [119.974, 31.8112]}
    return {"type": "Feature", "properties": properties, "geometry": place}


def outcome(path):
    try:
        report = read_zones(path, "wgs84")
    except SourceError:
        return "refuse", None
    if report.problems:
        return "refuse", report
    return ("warn or repair" if report.notes else "accept"), report


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_doubtful_geojson_is_refused_noted_or_read(case, written):
    found, report = outcome(written(case["text"]))
    name = case["name"]
    if name in READ_ALL_THE_SAME:
        assert found == "warn or repair"
        assert report.zones
    elif case["expect"] == "refuse":
        assert found == "refuse"
    elif case["expect"] == "accept":
        assert found in ("accept", "warn or repair")
        assert bool(report.zones) is (name not in WITHOUT_A_PLACE)
    elif name == "problematic_outside_lat_lon_boundaries":
        assert "km wide" in str(report.problems[0])  # wrapped, it would span a third of the earth
    else:
        assert found == "warn or repair"


def test_problems_say_row_field_reason_and_mend(written):
    broken = feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]})
    report = read_zones(written(collection(feature(name="good"), broken, feature(standoff_m="far"))), "wgs84")
    assert [zone.name for zone in report.zones] == ["good"]
    assert [(problem.row, problem.field) for problem in report.problems] == [(2, "coordinates"), (3, "standoff_m")]
    assert (
        str(report.problems[0])
        == "zones.geojson, row 2, coordinates: A ring is not closed. Repeat its first place at its end."
    )


@pytest.mark.parametrize("name", ["zones.geojson", "zones.csv"])
def test_undeclared_datum_is_refused_with_the_way_to_declare_it(name, written):
    content = "lon,lat\n119.974,31.8112\n" if name.endswith("csv") else collection(feature())
    with pytest.raises(DatumError, match="--datum wgs84"):
        read_zones(written(content, name), None)


def test_csv_has_no_datum_even_where_geojson_has(written):
    assert read_zones(written(collection(feature())), None, rfc7946=True).zones
    with pytest.raises(DatumError):
        read_zones(written("lon,lat\n1,2\n", "zones.csv"), None, rfc7946=True)


def test_declaration_within_the_file_counts(written):
    report = read_zones(written(collection(feature(), datum="gcj02")), None)
    assert report.zones[0].source_datum == "gcj02"
    assert metres(*report.zones[0].footprint.coords[0], 119.974, 31.8112) == pytest.approx(503, abs=2)


def test_shifted_file_becomes_the_true_one():
    true = {zone.id: zone for zone in read_zones(DATA / "zones/nanjing_osm.geojson", "wgs84").zones}
    shifted = read_zones(DATA / "zones/nanjing_osm_gcj02.geojson", "gcj02").zones
    assert {zone.id for zone in shifted} == set(true)
    for zone in shifted:
        pairs = zip(
            shapely.get_coordinates(zone.footprint), shapely.get_coordinates(true[zone.id].footprint), strict=True
        )
        assert max(metres(*one, *other) for one, other in pairs) < 0.001


def test_spreadsheet_with_chinese_headings():
    zones = read_zones(DATA / "zones/nanjing_osm_points_gcj02.csv", "gcj02").zones
    assert [zone.id for zone in zones] == [str(number) for number in range(1, 8)]
    assert {zone.category for zone in zones} == {"court", "police"}
    assert zones[2].name == "南京市中级人民法院"
    assert zones[0].footprint.coords[0] == pytest.approx((118.7942474, 32.0381502), abs=1e-7)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_separators_and_line_ends(encoding, separator, written):
    lines = [["编号", "名称", "类别", "经度", "纬度"], ["7", "城中派出所", "派出所", "119.95", "31.78"]]
    content = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    (zone,) = read_zones(written(content, "zones.csv"), "wgs84").zones
    assert (zone.id, zone.name, zone.category) == ("7", "城中派出所", "police")
    assert zone.footprint.coords[0] == (119.95, 31.78)


@pytest.mark.parametrize("headings", ["lon,lat", "Longitude,Latitude", "lng,LAT", "x,y", "经度,纬度"])
def test_headings_for_places(headings, written):
    (zone,) = read_zones(written(f"{headings}\n119.95,31.78\n", "zones.csv"), "wgs84").zones
    assert zone.footprint.coords[0] == (119.95, 31.78)


def test_one_bad_row_never_loses_the_good_ones(written):
    rows = ["name,lon,lat", "a,119.9,31.8", "b,,31.8", "c,31.8,119.9", "d,nan,1", "", 'e,"119.9",31.9', "f,1"]
    report = read_zones(written("\n".join(rows), "zones.csv"), "wgs84")
    assert [zone.name for zone in report.zones] == ["a", "e"]
    assert [(problem.row, problem.field) for problem in report.problems] == [
        (3, "lon"),
        (4, "lat"),
        (5, "lon"),
        (8, "lat"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "empty"), ("a,b\n1,2\n", "No column for longitude"), ("lon,b\n1,2\n", "No column for latitude")],
)
def test_tables_without_places_are_refused(content, reason, written):
    with pytest.raises(SourceError, match=reason):
        read_zones(written(content, "zones.csv"), "wgs84")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe{", b"[" * 100_000, b'{"type": NaN}'])
def test_what_is_no_geojson_is_refused(content, written):
    with pytest.raises(SourceError):
        read_zones(written(content), "wgs84")


def test_unknown_kind_of_file_is_refused(written):
    with pytest.raises(SourceError, match="GeoJSON or CSV"):
        read_zones(written("x", "zones.docx"), "wgs84")


def test_english_courts_that_share_a_place_stay_apart():
    report = read_zones(DATA / "zones/england_courts.csv", "wgs84")
    assert len({zone.id for zone in report.zones}) == len(report.zones) == 405
    assert {zone.category for zone in report.zones} >= {"court"}
    assert not report.problems


@pytest.mark.parametrize(("name", "count"), [("monaco_2016_osm", 15), ("charlotte_police", 15), ("nanjing_osm", 7)])
def test_real_files_are_read_whole(name, count):
    report = read_zones(DATA / f"zones/{name}.geojson", None, rfc7946=True)
    assert (len(report.zones), report.problems) == (count, [])
    assert len(ZoneIndex.build(report.zones)) == count


def test_ids_come_from_the_feature_the_properties_or_the_place(written):
    named = feature() | {"id": 5}
    osm = feature(osm_type="way", osm_id=9)
    other = feature({"type": "Point", "coordinates": [1.0, 2.0]})
    path = written(collection(named, named, osm, feature(source_id="s"), feature(), other))
    ids = [zone.id for zone in read_zones(path, "wgs84").zones]
    assert ids[:4] == ["5", "5#2", "way/9", "s"]
    assert ids[4] != ids[5]
    assert ids == [zone.id for zone in read_zones(path, "wgs84").zones]


def test_metres_of_a_feature_are_honoured(written):
    path = written(collection(feature(standoff_m=50, ring="30"), feature()))
    first, second = read_zones(path, "wgs84", standoff_m=500.0).zones
    assert (first.standoff_m, first.warning_m) == (50.0, 30.0)
    assert (second.standoff_m, second.warning_m) == (500.0, 100.0)


def test_repaired_outline_keeps_its_ground(written):
    tie = [[[119.97, 31.81], [119.98, 31.82], [119.98, 31.81], [119.97, 31.82], [119.97, 31.81]]]
    report = read_zones(written(collection(feature({"type": "Polygon", "coordinates": tie}))), "wgs84")
    index = ZoneIndex.build(report.zones)
    assert "Repaired" in report.notes[0].finding.reason
    assert index.signed_m(report.zones[0].id, 119.9705, 31.815) == -200.0
    assert index.signed_m(report.zones[0].id, 119.975, 31.819) > -200.0


def test_collection_becomes_a_zone_for_each_kind(written):
    mixed = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": [1, 1]},
            {"type": "Point", "coordinates": [2, 2]},
            {"type": "LineString", "coordinates": [[1, 0], [2, 0]]},
        ],
    }
    zones = read_zones(written(collection(feature(mixed) | {"id": "c"})), "wgs84").zones
    assert [(zone.id, zone.footprint.geom_type) for zone in zones] == [("c", "MultiPoint"), ("c#2", "LineString")]


def test_written_zones_read_the_same_again(written):
    outline = shapely.Polygon([(119.97, 31.81), (119.98, 31.81), (119.98, 31.82)])
    zones = [
        Zone("a", "法院", "court", shapely.Point(119.974, 31.8112), 150.0, 60.0),
        Zone("b", "", "police", outline),
    ]
    again = read_zones(written(write_geojson(zones)), None).zones
    for zone, other in zip(zones, again, strict=True):
        assert other.footprint.equals(zone.footprint)
        assert (other.id, other.name, other.category) == (zone.id, zone.name, zone.category)
        assert (other.standoff_m, other.warning_m) == (zone.standoff_m, zone.warning_m)


def test_declaring_a_chinese_datum_where_it_means_nothing_is_noted(written):
    report = read_zones(written("lon,lat\n2.35,48.85\n", "zones.csv"), "gcj02")
    assert report.notes[0].field == "datum"

import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import gpxpy
import pyogrio
import pytest

from tests.builders import a_fix, a_zone
from tracker.past.replay import Past, PastTrack, Window, is_late, pieces, to_edges_m
from tracker.past.track_files import FIELDS, FORMATS, GX, KML, track_file

BEGAN = 1_700_000_000.0


def a_past(*tracks):
    """Each track's fixes belong to a visitor of their own."""
    names = ["王芳", "李伟"]
    made = tuple(
        PastTrack(n, name, tuple(fixes)) for n, (name, fixes) in enumerate(zip(names, tracks, strict=False), 7)
    )
    return Past(Window(tuple(track.visitor_id for track in made), BEGAN, BEGAN + 3600), made)


def fixes_at(*seconds, **changes):
    return [a_fix()._replace(fix_at=BEGAN + each, received_at=BEGAN + each + 1.0, **changes) for each in seconds]


def test_a_gap_splits_the_track():
    found = [[fix.fix_at - BEGAN for fix in piece] for piece in pieces(fixes_at(0, 60, 240, 421, 422))]

    assert found == [[0, 60, 240], [421, 422]]


def test_another_phone_splits_the_track():
    assert len(list(pieces(fixes_at(0, device="a") + fixes_at(1, device="b")))) == 2


@pytest.mark.parametrize(("lag_s", "late"), [(59.0, False), (61.0, True)])
def test_a_fix_that_came_long_after_it_was_measured_is_late(lag_s, late):
    assert is_late(a_fix()._replace(fix_at=BEGAN, received_at=BEGAN + lag_s)) is late


def test_each_fix_is_measured_from_the_zones_of_its_own_time():
    fixes = fixes_at(0, 10, 20)
    zone = a_zone(at=(fixes[0].lon, fixes[0].lat))
    first = replace(zone, standoff_m=200.0, valid_from=BEGAN + 10, valid_to=BEGAN + 20)
    second = replace(zone, standoff_m=300.0, version=2, valid_from=BEGAN + 20)

    found = to_edges_m(fixes, (first, second))

    assert found == [None, pytest.approx(-200.0), pytest.approx(-300.0)]


def test_the_gpx_is_read_back_with_its_visitors_times_and_gaps():
    fixes = fixes_at(0, 10, 600)

    book = gpxpy.parse(track_file(a_past(fixes, fixes_at(5)), "gpx").content)

    first, second = book.tracks
    assert [len(segment.points) for segment in first.segments] == [2, 1]
    assert [len(segment.points) for segment in second.segments] == [1]
    assert second.name.startswith("李伟")
    point = first.segments[0].points[0]
    assert (point.longitude, point.latitude) == (fixes[0].lon, fixes[0].lat)
    assert point.time.timestamp() == BEGAN


def test_the_geojson_has_longitude_first_and_a_line_for_each_piece():
    fixes = fixes_at(0, 10, 600, 610)

    features = json.loads(track_file(a_past(fixes), "geojson").content)["features"]

    assert [each["geometry"]["type"] for each in features] == ["Point"] * 4 + ["LineString"] * 2
    assert features[0]["geometry"]["coordinates"] == [fixes[0].lon, fixes[0].lat]
    assert features[0]["properties"]["fix_at"] == "2023-11-14T22:13:20.000Z"
    assert {each["properties"]["visitor"] for each in features} == {"王芳"}


def test_the_csv_has_a_row_for_each_fix_and_marks_the_late():
    late = fixes_at(10)[0]._replace(received_at=BEGAN + 500)

    text = track_file(a_past([*fixes_at(0), late], fixes_at(3)), "csv").content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == FIELDS
    assert [(row["visitor"], row["late"]) for row in rows] == [("王芳", "False"), ("王芳", "True"), ("李伟", "False")]


def test_the_csv_holds_no_formula():
    text = track_file(a_past(fixes_at(0, device="=HYPERLINK(1)")), "csv").content.decode("utf-8-sig")

    assert next(csv.DictReader(io.StringIO(text)))["device"] == "'=HYPERLINK(1)"


def test_the_kml_has_times_and_places_in_pairs_and_interpolates_nothing():
    fixes = fixes_at(0, 10, 600)

    root = ET.fromstring(track_file(a_past(fixes), "kml").content)  # noqa: S314  our own

    tracks = root.findall(f".//{{{GX}}}MultiTrack/{{{GX}}}Track")
    assert [len(each.findall(f"{{{KML}}}when")) for each in tracks] == [2, 1]
    assert [each.text for each in tracks[0].findall(f"{{{GX}}}coord")] == [f"{f.lon} {f.lat} 0" for f in fixes[:2]]
    assert root.find(f".//{{{GX}}}interpolate").text == "0"


def test_the_kml_is_read_by_another_program(tmp_path):
    (tmp_path / "track.kml").write_bytes(track_file(a_past(fixes_at(0, 10, 20)), "kml").content)

    found = pyogrio.read_dataframe(tmp_path / "track.kml")

    assert list(found["Name"]) == ["王芳"]


def test_the_mf_json_has_a_prism_for_each_piece_and_says_nothing_between_fixes():
    fixes = fixes_at(0, 10, 600)

    book = json.loads(track_file(a_past(fixes, fixes_at(5)), "mfjson").content)

    first, second = book["features"]
    prisms = first["temporalGeometry"]["prisms"]
    assert [len(each["datetimes"]) for each in prisms] == [len(each["coordinates"]) for each in prisms] == [2, 1]
    assert {each["interpolation"] for each in prisms} == {"Discrete"}
    assert prisms[0]["coordinates"][0] == [fixes[0].lon, fixes[0].lat]
    assert first["time"] == ["2023-11-14T22:13:20.000Z", "2023-11-14T22:23:20.000Z"]
    assert second["properties"]["visitor"] == "李伟"


def test_the_times_of_a_prism_grow_though_two_places_share_a_second():
    (one,) = fixes_at(10)
    same = one._replace(lon=one.lon + 1e-4)

    (feature,) = json.loads(track_file(a_past([*fixes_at(0), one, same]), "mfjson").content)["features"]

    times = [each["datetimes"] for each in feature["temporalGeometry"]["prisms"]]
    assert [len(each) for each in times] == [2, 1]


def test_the_mf_json_leaves_out_what_is_unknown():
    fixes = [*fixes_at(0, accuracy_m=8.0), *fixes_at(10, accuracy_m=None)]

    (feature,) = json.loads(track_file(a_past(fixes), "mfjson").content)["features"]

    accuracy = next(each for each in feature["temporalProperties"] if "accuracy_m" in each)
    assert (accuracy["datetimes"], accuracy["accuracy_m"]["values"]) == (["2023-11-14T22:13:20.000Z"], [8.0])


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_past_is_a_file_of_each_kind(form):
    assert b"118." not in track_file(a_past([]), form).content

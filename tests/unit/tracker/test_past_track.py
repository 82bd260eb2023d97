import csv
import io
import json
from dataclasses import replace

import gpxpy
import pytest

from tests.builders import a_fix, a_zone
from tracker.replay import PastShift, PastTrack, is_late, pieces, to_edges_m
from tracker.track_files import FIELDS, track_file

BEGAN = 1_700_000_000.0


def a_track(*fixes, zones=()):
    return PastTrack(PastShift(7, "王芳", BEGAN, BEGAN + 3600), fixes, zones, ())


def fixes_at(*seconds, **changes):
    return [replace(a_fix(), fix_at=BEGAN + each, received_at=BEGAN + each + 1.0, **changes) for each in seconds]


def test_a_gap_splits_the_track():
    found = [[fix.fix_at - BEGAN for fix in piece] for piece in pieces(fixes_at(0, 60, 240, 421, 422))]

    assert found == [[0, 60, 240], [421, 422]]


def test_another_phone_splits_the_track():
    assert len(list(pieces(fixes_at(0, device="a") + fixes_at(1, device="b")))) == 2


@pytest.mark.parametrize(("lag_s", "late"), [(59.0, False), (61.0, True)])
def test_a_fix_that_came_long_after_it_was_measured_is_late(lag_s, late):
    assert is_late(replace(a_fix(), fix_at=BEGAN, received_at=BEGAN + lag_s)) is late


def test_each_fix_is_measured_from_the_zones_of_its_own_time():
    fixes = fixes_at(0, 10, 20)
    zone = a_zone(at=(fixes[0].lon, fixes[0].lat))
    first = replace(zone, standoff_m=200.0, valid_from=BEGAN + 10, valid_to=BEGAN + 20)
    second = replace(zone, standoff_m=300.0, version=2, valid_from=BEGAN + 20)

    found = to_edges_m(a_track(*fixes, zones=(first, second)))

    assert found == [None, pytest.approx(-200.0), pytest.approx(-300.0)]


def test_the_gpx_is_read_back_with_its_times_and_gaps():
    fixes = fixes_at(0, 10, 600)

    book = gpxpy.parse(track_file(a_track(*fixes), "gpx").content)

    (track,) = book.tracks
    assert [len(segment.points) for segment in track.segments] == [2, 1]
    first = track.segments[0].points[0]
    assert (first.longitude, first.latitude) == (fixes[0].lon, fixes[0].lat)
    assert first.time.timestamp() == BEGAN


def test_the_geojson_has_longitude_first_and_a_line_for_each_piece():
    fixes = fixes_at(0, 10, 600, 610)

    features = json.loads(track_file(a_track(*fixes), "geojson").content)["features"]

    assert [each["geometry"]["type"] for each in features] == ["Point"] * 4 + ["LineString"] * 2
    assert features[0]["geometry"]["coordinates"] == [fixes[0].lon, fixes[0].lat]
    assert features[0]["properties"]["fix_at"] == "2023-11-14T22:13:20.000Z"


def test_the_csv_has_a_row_for_each_fix_and_marks_the_late():
    late = replace(fixes_at(10)[0], received_at=BEGAN + 500)

    text = track_file(a_track(*fixes_at(0), late), "csv").content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == FIELDS
    assert [row["late"] for row in rows] == ["False", "True"]


def test_the_csv_holds_no_formula():
    text = track_file(a_track(*fixes_at(0, device="=HYPERLINK(1)")), "csv").content.decode("utf-8-sig")

    assert next(csv.DictReader(io.StringIO(text)))["device"] == "'=HYPERLINK(1)"


def test_an_empty_track_is_an_empty_file_of_each_kind():
    assert gpxpy.parse(track_file(a_track(), "gpx").content).tracks[0].segments == []
    assert json.loads(track_file(a_track(), "geojson").content)["features"] == []
    assert to_edges_m(a_track()) == []

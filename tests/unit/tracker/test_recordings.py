import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tracker.recordings import CsvColumns, RecordingError, device_name, read

TRACKS = Path(__file__).parents[3] / "data" / "tracks"


def only(path, **options):
    tracks = read(path, **options)
    assert len(tracks) == 1
    return tracks[0]


def a_file(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "timed", "untimed", "first"),
    [
        ("cerknicko-jezero", 296, 0, "2010-08-05T14:23:59+00:00"),
        ("gpx1.1_with_all_fields", 1, 0, "2013-01-01T12:00:04+00:00"),
        ("issue-13", 29, 0, "2015-01-01T11:35:02+00:00"),
        ("korita-zbevnica", 513, 358, "2010-10-03T09:36:30+00:00"),
        ("test2", 2, 0, "1970-01-01T00:00:00.001+00:00"),
        ("track-with-empty-segment", 9, 0, "2013-07-06T17:26:26+00:00"),
        ("track_with_speed", 3, 0, "2009-03-02T14:05:52+00:00"),
    ],
)
def test_a_gpx_gives_its_timed_points_and_counts_the_others(name, timed, untimed, first):
    track = only(TRACKS / "gpx" / f"{name}.gpx")
    assert (track.device, len(track.fixes), track.untimed) == (device_name(name), timed, untimed)
    assert track.fixes[0].fix_at == datetime.fromisoformat(first).timestamp()


def test_every_gpx_at_hand_is_read_or_refused_with_a_sentence():
    refused = {}
    for path in TRACKS.glob("gpx/*.gpx"):
        try:
            read(path)
        except RecordingError as error:
            refused[path.name] = str(error)
    assert refused == {
        "track_with_dilution_errors.gpx": "track_with_dilution_errors.gpx: none of its 1 points has a time; "
        "give the seconds between two points with --spacing-s",
        "unicode_with_bom.gpx": "unicode_with_bom.gpx: no track point in it (routes and waypoints are no recording)",
    }


def test_gpx_speed_and_height_are_metres_and_dilution_is_no_accuracy():
    fix = only(TRACKS / "gpx" / "track_with_speed.gpx").fixes[0]
    assert (fix.speed_mps, fix.altitude_m) == (1.2, 48.962041)
    diluted = only(TRACKS / "gpx" / "track_with_dilution_errors.gpx", spacing_s=1).fixes[0]
    assert diluted.accuracy_m is None


def test_with_a_spacing_untimed_points_come_that_long_apart_and_end_at_the_first_timed_one():
    track = only(TRACKS / "gpx" / "korita-zbevnica.gpx", spacing_s=5)
    times = [fix.fix_at for fix in track.fixes]
    first_timed = datetime.fromisoformat("2010-10-03T09:36:30+00:00").timestamp()
    assert (len(times), track.untimed, times[358], times[357], times[0]) == (
        871,
        0,
        first_timed,
        first_timed - 5,
        first_timed - 358 * 5,
    )


def test_fixes_of_one_moment_keep_their_order():
    track = only(TRACKS / "gpx" / "issue-13.gpx")
    assert len({fix.fix_at for fix in track.fixes}) == 1
    assert [fix.lon for fix in track.fixes[:3]] == [29.08910865, 29.0892053, 29.08929845]


@pytest.mark.parametrize(
    ("name", "rows", "repeats", "steps_back"),
    [
        ("phone_android_a_nanjing", 555, 7, 0),
        ("phone_android_b_nanjing", 660, 3, 0),
        ("phone_ios_a_nanjing", 260, 0, 2),
    ],
)
def test_phone_logs_are_read_in_stored_order(name, rows, repeats, steps_back):
    fixes = only(TRACKS / f"{name}.jsonl").fixes
    steps = [b.fix_at - a.fix_at for a, b in pairwise(fixes)]
    assert (len(fixes), steps.count(0), sum(step < 0 for step in steps)) == (rows, repeats, steps_back)


def test_a_phone_log_s_fields_are_carried_over():
    stored = json.loads((TRACKS / "phone_android_b_nanjing.jsonl").read_text().splitlines()[2])
    fix = only(TRACKS / "phone_android_b_nanjing.jsonl").fixes[2]
    assert (fix.fix_at, fix.lon, fix.lat) == (stored["ts"], stored["lon"], stored["lat"])
    assert (fix.accuracy_m, fix.altitude_m, fix.speed_mps) == (stored["acc"], stored["alt"], stored["speed"])
    assert (fix.heading_deg, fix.built_at) == (stored["bearing"], stored["saved_at"])


def test_minus_one_on_ios_is_unknown():
    fix = only(TRACKS / "phone_ios_a_nanjing.jsonl").fixes[0]
    assert (fix.speed_mps, fix.heading_deg) == (None, None)


def test_the_munich_car_s_times_carry_their_zone():
    fixes = only(TRACKS / "munich_car_15s.json").fixes
    assert len(fixes) == 80
    assert fixes[0].fix_at == datetime.fromisoformat("2014-09-10T04:54:07+00:00").timestamp()
    assert (fixes[0].lon, fixes[0].lat) == (11.564388282625075, 48.16350662940509)


def test_local_times_without_a_zone_are_refused_with_the_way_out():
    with pytest.raises(RecordingError, match="Asia/Shanghai"):
        read(TRACKS / "shenzhen_taxi_2014_sample.csv")


def test_local_times_are_read_in_the_zone_they_are_said_to_be_in():
    track = only(TRACKS / "shenzhen_taxi_2014_sample.csv", zone="Asia/Shanghai")
    assert (track.device, len(track.fixes)) == ("shenzhen_taxi_2014_sample-1", 14)
    assert track.fixes[0].fix_at == datetime.fromisoformat("2014-10-22T15:39:17+00:00").timestamp()
    assert track.fixes[0].speed_mps == 7.5


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(RecordingError, match="no IANA time zone"):
        read(TRACKS / "shenzhen_taxi_2014_sample.csv", zone="Beijing time")


def test_a_csv_s_columns_are_declared_and_its_devices_kept_apart(tmp_path):
    text = "who,x,y,when,err\na b,118.7,32.0,1700000000,5\nc,118.8,32.1,2023-11-14T22:13:25Z,0\n"
    columns = CsvColumns("x", "y", "when", device="who", accuracy_m="err", speed_kmh=None)
    tracks = read(a_file(tmp_path, "log.csv", "\ufeff" + text), columns=columns)
    assert [track.device for track in tracks] == ["log-a-b", "log-c"]
    assert [(t.fixes[0].fix_at, t.fixes[0].accuracy_m) for t in tracks] == [(1.7e9, 5.0), (1.7e9 + 5, None)]


def test_one_name_cannot_stand_for_several_devices(tmp_path):
    text = "id,lon,lat,time\n1,118.7,32.0,1700000000\n2,118.8,32.1,1700000000\n"
    with pytest.raises(RecordingError, match="2 devices"):
        read(a_file(tmp_path, "log.csv", text), device="phone-1")


def test_a_track_takes_the_name_it_is_given():
    track = only(TRACKS / "shenzhen_taxi_2014_sample.csv", zone="Asia/Shanghai", device="phone-1")
    assert (track.device, track.fixes[0].device) == ("phone-1", "phone-1")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.txt", "", "a recording is one of"),
        ("a.csv", "id,lon,lat\n1,2,3\n", "line 1: the column 'time' is missing; it has id, lon, lat. Name the columns"),
        ("a.csv", "id,x,y,time\n", "line 1: the column 'lon' and 'lat' is missing"),
        ("a.csv", "id,lon,lat,time\n1,2\n", "line 2: a value is missing or of another type"),
        ("a.csv", "id,lon,lat,time\n1,2,5,1700000000\n1,2,95,1700000000\n", "line 3: a position is out of range"),
        ("a.csv", "id,lon,lat,time\n1,nan,5,1700000000\n", "line 2: a position is out of range"),
        ("a.csv", "id,lon,lat,time\n1,east,5,1700000000\n", "line 2: lon is 'east', which is no number"),
        ("a.csv", "id,lon,lat,time\n1,2,5,noon\n", "line 2: 'noon' is no time; write 2023-11-14T22:13:25Z"),
        ("a.csv", "id,lon,lat,time,speed\n1,2,5,1700000000,fast\n", "line 2: speed is 'fast', which is no number"),
        ("a.csv", "", "it is empty; its first line names the columns lon, lat, time"),
        ("a.csv", "id,lon,lat,time\n", "no track point"),
        ("a.jsonl", '{"ts": 1}\n', "line 1: 'lon' is missing"),
        ("a.jsonl", "\n[1]\n", "line 2: a value is missing or of another type"),
        ("a.jsonl", "{\n", "line 1: no JSON from column 2 on"),
        ("a.json", "[\n{", "no JSON from line 2, column 2 on"),
        ("a.json", '{"point": 1}', "it is no JSON array"),
        ("a.json", '[{"point": "118, 32", "time": "2020-01-01T00:00:00Z"}]', r"object 1: .*POINT\(lon lat\)"),
        ("a.gpx", "<gpx><trk>", "it is no GPX file .*Error parsing XML.*; export it again"),
    ],
)
def test_a_broken_recording_is_refused_with_its_name_the_place_and_a_sentence(tmp_path, name, text, sentence):
    with pytest.raises(RecordingError, match=rf"^{name}: .*{sentence}"):
        read(a_file(tmp_path, name, text))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_text_that_is_not_utf_8_is_refused_with_the_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes("id,lon,lat,time\n外访,".encode("gbk"))
    with pytest.raises(RecordingError, match=rf"^{name}: line 2: byte 0xcd is no UTF-8; save it as UTF-8"):
        read(path)


@pytest.mark.parametrize("spacing_s", [0.0, -5.0, float("nan")])
def test_a_spacing_is_above_zero(spacing_s):
    with pytest.raises(RecordingError, match="--spacing-s"):
        read(TRACKS / "gpx" / "korita-zbevnica.gpx", spacing_s=spacing_s)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("phone_a", "phone_a"), ("外访 1", "1"), ("a/b+c#", "a-b-c"), ("", "recording"), ("x" * 99, "x" * 64)],
)
def test_a_device_id_is_made_of_any_name(text, expected):
    assert device_name(text) == expected

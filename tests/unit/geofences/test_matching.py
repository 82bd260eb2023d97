import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from geodesic_truth import metres

from geofences.codes import Code
from geofences.datum import convert
from geofences.imports.intake import Wanted, read_sources
from geofences.imports.plan import Source, plan
from geofences.report import Candidate, Problem, Report
from geofences.schedule import Schedule
from geofences.sources.columns import comparable
from geofences.zone import Zone

ZONES = Path(__file__).parents[3] / "data/zones"
HERE = (118.79, 32.04)
METRE_LON, METRE_LAT = 1.0 / 94_500.0, 1.0 / 110_900.0


def at(east_m, north_m):
    return HERE[0] + east_m * METRE_LON, HERE[1] + north_m * METRE_LAT


def point(east_m=0.0, north_m=0.0):
    return shapely.Point(at(east_m, north_m))


def block(west_m, south_m, east_m, north_m):
    return shapely.box(*at(west_m, south_m), *at(east_m, north_m))


def a_row(shape, name="", own="", category="police", *, file="a.geojson", row=1, datum="wgs84", stated=(), **more):
    zone = Zone(own or f"{file}-{row}", name, category, shape, source=file, source_datum=datum, **more)
    return Candidate(zone, row, own, frozenset(filter(None, [comparable(name)])), frozenset(stated))


def planned(*rows, known=(), file="a.geojson", **options):
    datum = rows[0].zone.source_datum if rows else "wgs84"
    return plan([Source(file, Report(list(rows), datum=datum))], known, **options)


def shown(result):
    return len(result.added), len(result.changed), len(result.unchanged)


def test_point_on_the_corner_of_its_own_outline_is_one_zone_with_the_outline():
    result = planned(a_row(point(10, 10), "城中派出所"), a_row(block(10, 10, 40, 40), row=2))
    (zone,) = result.added
    assert (zone.name, zone.footprint.geom_type) == ("城中派出所", "Polygon")
    assert [row for _, row, _ in result.merged[0].rows] == [1, 2]


def test_touching_outlines_of_one_compound_become_one_outline_of_the_same_ground():
    result = planned(a_row(block(0, 0, 20, 20)), a_row(block(20, 0, 40, 20), row=2), a_row(block(0, 20, 20, 40), row=3))
    (zone,) = result.added
    assert zone.footprint.geom_type == "Polygon"
    assert zone.footprint.area == pytest.approx(3 * block(0, 0, 20, 20).area, rel=1e-4)


def test_the_same_place_four_times_is_one_zone():
    rows = [a_row(point(), "Police Station", row=1), a_row(point(3, 0), "POLICE  station", row=2)]
    rows += [a_row(point(0, 4), "", row=3), a_row(point(), "police-station", row=4)]
    assert shown(planned(*rows)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("one", "other", "zones"),
    [
        (("County Court", "court"), ("Crown Court", "court"), 2),
        (("", "court"), ("", "police"), 2),
        (("", "other"), ("", "police"), 1),
        (("Court", "court"), ("", "court"), 1),
    ],
)
def test_different_names_or_kinds_at_one_place_are_kept_apart_and_said(one, other, zones):
    rows = [a_row(point(), name, category=kind, row=n) for n, (name, kind) in enumerate((one, other), 1)]
    result = planned(*rows)
    assert len(result.added) == zones
    assert bool(result.notes) is (zones == 2)


def test_unnamed_outline_between_two_names_does_not_bring_them_together():
    rows = [
        a_row(block(0, 0, 20, 20), "A"),
        a_row(block(20, 0, 40, 20), "", row=2),
        a_row(block(40, 0, 60, 20), "B", row=3),
    ]
    assert sorted(zone.name for zone in planned(*rows).added) == ["A", "B"]


@pytest.mark.parametrize(("apart_m", "zones"), [(14, 1), (16, 2), (240, 2)])
def test_unnamed_points_are_one_place_within_15_m(apart_m, zones):
    assert len(planned(a_row(point()), a_row(point(apart_m), row=2)).added) == zones


@pytest.mark.parametrize(("apart_m", "zones"), [(240, 1), (260, 2)])
def test_points_of_one_name_are_one_place_within_250_m(apart_m, zones):
    rows = [a_row(point(), "Court", category="court"), a_row(point(apart_m), "Court", category="court", row=2)]
    added = planned(*rows).added
    assert len(added) == zones
    assert sum(len(shapely.get_parts(zone.footprint)) for zone in added) == 2


def test_largest_standoff_of_merged_rows_counts():
    result = planned(a_row(point(), "A"), a_row(point(), "A", row=2, standoff_m=300.0))
    assert result.added[0].standoff_m == 300.0


def test_of_two_rows_of_one_place_the_longer_hours_count():
    hours = Schedule("DTSTART:20260105T083000\nDTEND:20260105T173000\nRRULE:FREQ=DAILY")
    rows = a_row(point(), "A", stated=["schedule"], schedule=hours), a_row(point(5), "A", row=2)
    assert planned(*rows).added[0].schedule is None
    assert planned(rows[0]).added[0].schedule == hours


def test_point_that_became_an_outline_changes_the_zone_and_keeps_its_id():
    known = a_row(point(10, 10), "城中派出所", "7", file="old.csv").zone
    (change,) = planned(a_row(block(0, 0, 30, 30), "城中派出所", "way/1"), known=[known]).changed
    assert (change.zone.id, change.zone.footprint.geom_type) == ("7", "Polygon")
    assert "shape" in change.what


def test_outline_is_not_given_up_for_a_point_in_it():
    known = a_row(block(0, 0, 30, 30), "A", "way/1").zone
    assert shown(planned(a_row(point(15, 15), "A", "7", file="b.csv"), known=[known], file="b.csv")) == (0, 0, 1)


def test_same_id_counts_though_name_and_place_changed():
    known = a_row(point(), "Old", "way/1").zone
    (change,) = planned(a_row(point(300), "New", "way/1"), known=[known]).changed
    assert set(change.what) == {"shape", "name"}


def test_number_that_stands_twice_does_not_bring_two_names_together():
    result = planned(
        a_row(point(), "钟楼法院", "0"), a_row(point(900), "天宁法院", "0", row=2), a_row(point(1800), "", "0", row=3)
    )
    assert {zone.name for zone in result.added} >= {"钟楼法院", "天宁法院"}


def test_new_order_of_a_number_that_stands_twice_renames_nothing():
    rows = a_row(point(), "钟楼法院", "0"), a_row(point(900), "天宁法院", "0", row=2)
    known = planned(*(replace(row, zone=replace(row.zone, id=f"0#{row.row}")) for row in rows)).added
    assert shown(planned(*reversed(rows), known=[replace(known[0], id="0"), known[1]])) == (0, 0, 2)


def test_one_number_at_one_spot_is_one_place_whatever_its_names():
    result = planned(a_row(point(), "常州市中级人民法院", "5"), a_row(point(5), "常州中院", "5", row=2))
    assert len(result.added) == 1


def test_number_of_another_file_is_another_place():
    known = a_row(point(), "A", "1", file="a.csv").zone
    result = planned(a_row(point(900), "B", "1", file="b.csv"), known=[known], file="b.csv")
    assert shown(result) == (0, 0, 0)
    assert "--prefix" in result.refused[0].finding.mend
    assert len(planned(a_row(point(900), "B", "1", file="b.csv"), known=[known], file="b.csv", prefix="b/").added) == 1


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (a_row(point(5), "常州市中级人民法院", "1", file="2027.csv"), ("shape", "name")),
        (a_row(point(900), "常州中院", "1", file="2027.csv"), ("shape",)),
    ],
    ids=["another name at its spot", "its name at another spot"],
)
def test_number_of_another_file_is_the_zone_in_force_if_spot_or_name_agree(row, what):
    known = a_row(point(), "常州中院", "1", file="2026.csv").zone
    (change,) = planned(row, known=[known], file="2027.csv").changed
    assert (change.zone.id, change.what) == ("1", what)


def test_two_names_of_one_number_in_two_new_files_stay_two():
    rows = a_row(point(), "A", "1", file="a.csv"), a_row(point(5), "B", "1", file="b.csv")
    assert len(planned(*rows).added) == 2


def test_standoff_edited_by_hand_survives_an_import_that_says_nothing_of_it():
    known = replace(a_row(point(), "A", "way/1").zone, standoff_m=350.0)
    assert shown(planned(a_row(point(), "A", "way/1"), known=[known])) == (0, 0, 1)
    (change,) = planned(a_row(point(), "A", "way/1", stated=["standoff_m"]), known=[known]).changed
    assert change.what == ("standoff",)


def test_zones_of_the_same_file_end_only_when_asked():
    gone, kept = a_row(point(), "A", "way/1").zone, a_row(point(900), "B", "way/2").zone
    row = a_row(point(900), "B", "way/2")
    assert planned(row, known=[gone, kept]).removed == []
    assert planned(row, known=[gone, kept], replace_source=True).removed == [gone]


def test_a_file_with_refused_rows_ends_no_zone():
    gone = a_row(point(), "A", "1").zone
    read = Report([a_row(point(900), "B", "2")], [Problem(3, "lon", Code.DEGREES_EMPTY(), "a.geojson")])
    result = plan([Source("a.geojson", read)], [gone], replace_source=True)
    assert (result.removed, [note.finding.code for note in result.notes]) == ([], ["kept_for_refused"])


def test_two_zones_in_force_are_never_brought_together():
    known = [a_row(point(), own="way/1").zone, a_row(point(2), own="way/2").zone]
    assert shown(planned(a_row(point(1), own="way/3"), known=known)) == (0, 1, 0)


@pytest.mark.parametrize(
    ("really", "declared"), [("gcj02", "wgs84"), ("bd09", "wgs84"), ("bd09", "gcj02"), ("wgs84", "gcj02")]
)
def test_wrong_datum_is_doubted_and_the_right_one_named(really, declared):
    known, rows = [], []
    for number, name in enumerate(["A", "B", "C"]):
        known.append(a_row(point(number * 2_000), name, f"way/{number}").zone)
        raw = convert(*at(number * 2_000, 0), "wgs84", really)
        rows.append(
            a_row(shapely.Point(convert(*raw, declared, "wgs84")), name, row=number, file="b.csv", datum=declared)
        )
    (doubt,) = planned(*rows, known=known, file="b.csv").doubts
    assert (doubt.probably, doubt.declared) == (really, declared)
    assert planned(*rows, known=known, file="b.csv", trusted={"b.csv"}).doubts == []


def test_places_that_merely_moved_are_not_doubted():
    known = [a_row(point(number * 2_000), str(number), f"way/{number}").zone for number in range(3)]
    rows = [a_row(point(n * 2_000 + m), str(n), f"way/{n}") for n, m in enumerate((500, -450, 20))]
    assert planned(*rows, known=known).doubts == []


def test_swapped_columns_are_doubted_beside_known_zones():
    known = [a_row(shapely.Point(7.4 + n / 100, 43.7), str(n), f"way/{n}").zone for n in range(3)]
    rows = [a_row(shapely.Point(43.7, 7.4 + n / 100), str(n), file="b.csv") for n in range(3)]
    assert "exchanged" in planned(*rows, known=known, file="b.csv").doubts[0].finding.reason


def test_rows_with_exchanged_columns_are_refused_where_the_others_tell():
    courts = [a_row(shapely.Point(-1.5 + n / 10, 51.5), f"c{n}", row=n) for n in range(1, 9)]
    result = planned(*courts, a_row(shapely.Point(51.5, -1.4), "turned", row=9))
    assert [(problem.row, problem.finding.code) for problem in result.refused] == [(9, "far_but_for_order")]


def test_a_place_far_from_all_others_stands():
    courts = [a_row(shapely.Point(-1.5 + n / 10, 51.5), f"c{n}", row=n) for n in range(1, 9)]
    assert not planned(*courts, a_row(shapely.Point(36.8, -1.3), "Nairobi", row=9)).refused


def test_chinese_datum_outside_china_is_doubted():
    assert "in China" in planned(a_row(shapely.Point(2.35, 48.85), datum="gcj02")).doubts[0].finding.reason


def test_four_files_of_the_same_places_do_not_double_them():
    names = ["nanjing_osm.geojson", "nanjing_osm.gpkg", "nanjing_osm.kml", "nanjing_osm_polygons.zip"]
    paths = [ZONES / name for name in [*names, "nanjing_osm_points_gcj02.csv", "nanjing_osm_gcj02.geojson"]]
    alone = plan(read_sources(paths[:1], Wanted()))
    together = plan(read_sources(paths, Wanted(datums=("gcj02",))))
    assert [zone.id for zone in together.added] == [zone.id for zone in alone.added]
    assert together.doubts == []
    for one, other in zip(alone.added, together.added, strict=True):
        assert metres(*one.footprint.centroid.coords[0], *other.footprint.centroid.coords[0]) < 0.01


@pytest.mark.parametrize("order", [1, -1])
def test_importing_again_changes_nothing(order):
    paths = [ZONES / name for name in ("nanjing_osm.geojson", "nanjing_osm.gpkg", "nanjing_osm.kml")][::order]
    known = plan(read_sources(paths, Wanted())).added
    for path in [*paths, ZONES / "nanjing_osm_gcj02.geojson"]:
        result = plan(read_sources([path], Wanted()), known)
        assert shown(result) == (0, 0, 3)


@pytest.mark.parametrize(("declared", "probably"), [("wgs84", "gcj02"), ("bd09", "gcj02")])
def test_real_points_in_the_wrong_datum_stop(declared, probably):
    known = plan(read_sources([ZONES / "nanjing_osm.geojson"], Wanted())).added
    points = read_sources([ZONES / "nanjing_osm_points_gcj02.csv"], Wanted(datums=(declared,)))
    assert plan(points, known).doubts[0].probably == probably


def test_note_of_a_file_against_the_option_is_refused_unless_insisted():
    path = ZONES / "nanjing_osm_gcj02.geojson"
    (source,) = read_sources([path], Wanted(datums=("wgs84",)))
    assert "says gcj02" in str(source.refused)
    (source,) = read_sources([path], Wanted(datums=("wgs84",), trusted=frozenset({path.name})))
    assert source.report.datum == "wgs84"


def test_every_row_of_england_is_kept_for_no_two_names_agree():
    result = plan(read_sources([ZONES / "england_courts.csv"], Wanted(datums=("wgs84",))))
    assert (len(result.added), result.merged, result.refused) == (405, [], [])
    assert len(result.notes) >= 70


def test_datum_of_one_file_by_its_name(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": [
                {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": HERE}}]})
        )  # fmt: skip
    paths = [tmp_path / "a.geojson", tmp_path / "b.geojson"]
    assert [s.report.datum for s in read_sources(paths, Wanted(datums=("b.geojson=gcj02",)))] == ["wgs84", "gcj02"]

"""What Tile38, Traccar and Home Assistant expect, beside what KeepClear finds: each case agrees, or differs.

The reasons stand in docs/detection.md, and nowhere else.
"""

import json
import re
from pathlib import Path

import pytest
import shapely

from geofences.index import ZoneIndex
from geofences.schedule import Schedule
from geofences.zone import Zone
from tests.builders import NINE, a_fix, a_walk, a_zone
from tracker.admission import Limits, Refusal, admit
from tracker.detection import Recording, detect
from tracker.incursion import Kind
from tracker.shift import Enrolment, Shift

ROOT = Path(__file__).parents[3]
CASES = {case["id"]: case for case in json.loads((ROOT / "data/vectors/geofence_peers.json").read_text())["cases"]}
ROW = re.compile(
    r"^\| `([a-z0-9-]+)` \| (Tile38|Traccar|Home Assistant) \| (agrees|differs) \| (\S.*\S) \|$", re.MULTILINE
)
TABLE = {case: (peer, verdict) for case, peer, verdict, _ in ROW.findall((ROOT / "docs/detection.md").read_text())}
PROJECTS = {"tidwall/tile38": "Tile38", "traccar/traccar": "Traccar", "home-assistant/core": "Home Assistant"}
OFFICE = Schedule("DTSTART:20260105T080000\nDTEND:20260105T180000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU", "Asia/Shanghai")


def zone_of(fence, **options):
    """A fence as a zone: a circle is a point and its standoff; the fences have no warning ring."""
    usual = {"standoff_m": fence.get("radius_m", 0.0), "warning_m": 0.0} | options
    if "circle" in fence:
        shape = shapely.Point(fence["circle"][::-1])
    elif "box" in fence:
        south, west, north, east = fence["box"]
        shape = shapely.box(west, south, east, north)
    else:
        shape = shapely.Polygon([(lon, lat) for lat, lon in fence["polygon"]])
    return Zone("fence", "fence", "court", shape, **usual)


def found(zone, *stays, accuracy_m=5.0):
    """What detection finds: (kind, confirmed) of fixes every 10 s; a stay is a place (lat, lon) and how many fixes."""
    recording, index = Recording(), ZoneIndex.build([zone])
    places = [(lon, lat) for (lat, lon), many in stays for _ in range(many)]
    for step, place in enumerate(places):
        recording.add(a_fix(at_s=10.0 * step, place=place, accuracy_m=accuracy_m))
    return [
        (each.incursion.kind, each.incursion.confirmed_at is not None) for each in detect(recording, lambda _at: index)
    ]


def test_every_case_has_a_verdict_and_a_reason():
    assert {case: PROJECTS[CASES[case]["peer"].split()[0]] for case in CASES} == {
        case: peer for case, (peer, _) in TABLE.items()
    }


@pytest.mark.parametrize("case", ["circle-enter-exit", "first-fix-inside-box"])
def test_one_fix_inside_is_no_entry_and_a_minute_of_them_is(case):
    zone = zone_of(CASES[case]["fence"])
    inside, outside = CASES[case]["fixes"]
    index = ZoneIndex.build([zone])
    assert [bool(index.inside(lon, lat)) for lat, lon in (inside, outside)] == [True, False]
    assert not any(confirmed for _, confirmed in found(zone, (inside, 1), (outside, 1)))
    assert (Kind.ENTRY, True) in found(zone, (inside, 6), (outside, 6))
    assert TABLE[case][1] == "differs"


@pytest.mark.parametrize("case", ["enter-exit-cross-only", "enter-exit-cross-all"])
def test_a_jump_over_a_fence_is_never_told(case):
    first, *jump = CASES[case]["fixes"]
    zone = zone_of(CASES[case]["fence"])
    assert not any(confirmed for _, confirmed in found(zone, *[(place, 1) for place in jump]))
    (lat1, lon1), (lat2, lon2) = jump
    assert ZoneIndex.build([zone]).crossed(lon1, lat1, lon2, lat2) == []  # the geodesic passes 36 km beside it
    assert ZoneIndex.build([zone]).inside(first[1], first[0])
    across = a_walk([150.0, 100.0, 50.0], zone=a_zone()), a_walk([-450.0], zone=a_zone(), from_s=40.0, speed_mps=20.0)
    recording, index = Recording(), ZoneIndex.build([a_zone()])
    for fix in (*across[0], *across[1]):
        recording.add(fix)
    kinds = {each.incursion.kind: each.incursion.confirmed_at for each in detect(recording, lambda _at: index)}
    assert kinds.get(Kind.PASS_THROUGH) is None
    assert TABLE[case][1] == "differs"


@pytest.mark.parametrize("case", ["circle-contains", "polygon-contains"])
def test_what_holds_a_fix(case):
    index = ZoneIndex.build([zone_of(CASES[case]["fence"])])
    assert [bool(index.inside(each["fix"][1], each["fix"][0])) for each in CASES[case]["contains"]] == [True, False]
    assert TABLE[case][1] == "agrees"


@pytest.mark.parametrize("case", ["circle-crossed-by-segment", "polygon-crossed-by-segment"])
def test_what_a_line_crosses(case):
    index = ZoneIndex.build([zone_of(CASES[case]["fence"])])
    lines = [(*each["from"][::-1], *each["to"][::-1]) for each in CASES[case]["segments"]]
    assert [bool(index.crossed(*line)) for line in lines] == [True, False]
    assert TABLE[case][1] == "agrees"


@pytest.mark.parametrize(("accuracy_m", "confirmed"), [(49.0, True), (51.0, True), (101.0, False)])
def test_accuracy_counts_against_the_edge_and_not_against_the_size(accuracy_m, confirmed):
    case = CASES["accuracy-worse-than-zone"]
    place = case["fixes_with_accuracy"][0]["fix"]
    small = zone_of(case["fence"])
    assert not any(sure for _, sure in found(small, (place, 1), accuracy_m=accuracy_m))
    large = zone_of({**case["fence"], "radius_m": 200})
    assert any(sure for _, sure in found(large, (place, 30), accuracy_m=accuracy_m)) is confirmed
    assert TABLE["accuracy-worse-than-zone"][1] == "differs"


def test_a_vague_fix_neither_enters_nor_leaves():
    case = CASES["accuracy-worse-than-zone"]
    zone, recording = a_zone(), Recording()
    inside = a_walk([-150.0] * 12, zone=zone)
    vague = a_walk([400.0] * 6, zone=zone, from_s=120.0, accuracy_m=150.0)
    for fix in (*inside, *vague, *a_walk([-150.0] * 6, zone=zone, from_s=180.0)):
        recording.add(fix)
    index = ZoneIndex.build([zone])
    stays = [each.incursion for each in detect(recording, lambda _at: index) if each.incursion.confirmed_at]
    assert len(stays) == 1
    assert case["fixes_with_accuracy"][2]["expect"] == "stays entered"


def test_of_two_zones_about_one_centre_both_count():
    case = CASES["two-zones-same-centre"]
    zones = [a_zone(each["name"], at=each["circle"][::-1], standoff_m=each["radius_m"]) for each in case["zones"]]
    lat, lon = case["fix"]
    assert {zone.id for zone in ZoneIndex.build(zones).inside(lon, lat)} == {"small", "big"}
    assert TABLE["two-zones-same-centre"][1] == "differs"


def test_a_zone_that_does_not_count_now_is_not_entered():
    case = CASES["passive-zone-ignored"]
    monday_night = a_zone(schedule=OFFICE)
    assert not monday_night.in_force(1_767_628_800.0)  # 2026-01-06 00:00 in Shanghai
    assert case["expect"] is None
    assert TABLE["passive-zone-ignored"][1] == "agrees"


def test_a_fix_from_the_future_is_refused():
    on_shift = Enrolment(1, "phone-1", 1, consented=True, shifts=(Shift(1, NINE),))
    now, future = a_fix(at_s=60.0), a_fix(at_s=4e9, lag_s=60.0 - 4e9)
    assert admit(now, on_shift, Limits()) == on_shift.shifts[0]
    assert admit(future, on_shift, Limits()) is Refusal.CLOCK_AHEAD
    assert TABLE["future-fix-dropped"][1] == "agrees"


@pytest.mark.parametrize("case", ["moving-then-stopped", "short-halt-is-no-stop"])
@pytest.mark.parametrize("walk", [[-100.0] * 20, [-100.0, -110.0] * 10], ids=["standing", "walking about"])
def test_a_stay_is_a_stay_moving_or_not(case, walk):
    zone = a_zone()
    index, recording = ZoneIndex.build([zone]), Recording()
    for fix in a_walk(walk, zone=zone):
        recording.add(fix)
    assert [each.incursion.kind for each in detect(recording, lambda _at: index)] == [Kind.DWELL]
    assert TABLE[case][1] == "differs"

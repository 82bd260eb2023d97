"""What each situation ends in: the rules of detection as tables."""

import pytest

from tests.builders import COURT, NINE, FakeZones, a_fix, a_place, a_walk, a_zone
from tracker.incursion import Certainty, End, Incursion, Kind, begin, finish, fold
from tracker.settle import Folded, always, refold

COURT_ZONE = a_zone()
ZONES = FakeZones(COURT_ZONE)
IN, FAR = -80.0, 1000.0
ARRIVING = [400.0, 280.0, 150.0, 50.0, IN, IN]
LEAVING = [-10.0, 50.0, 150.0, 280.0, 400.0]


def folded(fixes, zones=ZONES):
    return refold(begin(NINE), fixes, always(zones))


def only(incursions) -> Incursion:
    (incursion,) = incursions
    return incursion


def story(incursions):
    """Each incursion as (kind, began, confirmed, dwell, exit, rule), in seconds of the shift."""
    since = [
        [at if at is None else round(at - NINE) for at in (i.began_at, i.confirmed_at, i.dwell_at, i.exit_at)]
        for i in incursions
    ]
    return [(i.kind, *at, i.ended) for i, at in zip(incursions, since, strict=True)]


def belief(result: Folded) -> str:
    """What the state holds of its only zone."""
    if not result.state.stays:
        return "forgotten"
    (stay,) = result.state.stays
    if stay.record.ended:
        return "left"
    return "inside" if stay.record.confirmed_at else "uncertain" if stay.log_odds > -2.944 else "clear"


def test_far_from_every_zone_nothing_is_found():
    assert folded(a_walk([1000, 900, 800, 700])).incursions == ()


def test_a_visit_is_one_record_with_all_its_times():
    result = folded(a_walk([*ARRIVING, *[IN] * 13, *LEAVING]))
    assert story(result.incursions) == [(Kind.DWELL, 30, 50, 170, 200, End.EXIT)]
    visit = only(result.incursions)
    assert visit.first_possible_at == NINE + 40
    assert visit.certainty is Certainty.CONFIRMED
    assert visit.closest_m == pytest.approx(IN, abs=1e-6)
    assert visit.closest_accuracy_m == 5.0


def test_a_walk_through_the_ring_is_an_approach():
    result = folded(a_walk([190, 140, 80, 30, 80, 140, 190]))
    assert story(result.incursions) == [(Kind.APPROACH, 20, None, None, 50, End.LEFT_RING)]
    assert only(result.incursions).certainty is Certainty.UNCERTAIN


def test_one_fix_is_never_proof():
    result = folded(a_walk([150, 50, -200, 50, 150]))
    assert only(result.incursions).kind is Kind.APPROACH
    assert only(result.incursions).p_inside < 0.5


def test_one_fix_never_clears_what_was_confirmed():
    assert belief(folded(a_walk([*ARRIVING, IN, 90]))) == "inside"


def test_a_shift_that_starts_inside_is_confirmed_by_its_second_fix():
    assert story(folded(a_walk([IN, IN, IN])).incursions) == [(Kind.ENTRY, 0, 10, None, None, None)]


def test_midnight_ends_nothing():
    before_midnight = 1_700_063_950.0  # 2023-11-15 15:59:10 UTC is 23:59:10 in Shanghai
    result = folded(a_walk([*ARRIVING, *[IN] * 20], start=before_midnight))
    assert only(result.incursions).ended is None
    assert only(result.incursions).kind is Kind.DWELL


@pytest.mark.parametrize(
    ("closed_s", "exit_s"),
    [
        pytest.param(60, 60, id="at once"),
        pytest.param(170, 170, id="after a short silence"),
        pytest.param(3600, 50, id="after a long one: with the last fix"),
    ],
)
def test_a_shift_that_ends_inside_closes_the_incursion(closed_s, exit_s):
    state = folded(a_walk(ARRIVING)).state
    step = finish(state, NINE + closed_s, ZONES)
    assert story(step.incursions) == [(Kind.ENTRY, 30, 50, None, exit_s, End.SHIFT_END)]
    assert step.state.stays == ()


def test_a_finished_shift_takes_no_more_fixes():
    with pytest.raises(ValueError, match="settle"):
        fold(finish(begin(), NINE, ZONES).state, a_fix(), ZONES)


PREVIOUS = {"nobody": [], "clear": [80, 80], "inside": [IN] * 4, "left": [*[IN] * 4, -10, *[60] * 4]}


@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        ("nobody", {199: "uncertain", 200: "uncertain", 201: "clear"}),
        ("clear", {199: "uncertain", 200: "uncertain", 201: "clear"}),
        ("inside", {199: "inside", 200: "inside", 201: "inside"}),
        ("left", {199: "uncertain", 200: "uncertain", 201: "left"}),
    ],
)
@pytest.mark.parametrize("distance_m", [199, 200, 201])
@pytest.mark.parametrize("accuracy_m", [1.0, 3.0, 4.5])
def test_about_the_edge_with_a_good_phone(distance_m, accuracy_m, previous, expected):
    fixes = a_walk([*PREVIOUS[previous], *[distance_m - 200.0] * 4], accuracy_m=accuracy_m)
    assert belief(folded(fixes)) == expected[distance_m]


@pytest.mark.parametrize("previous", ["nobody", "clear", "inside", "left"])
@pytest.mark.parametrize("distance_m", [199, 200, 201])
@pytest.mark.parametrize("accuracy_m", [20.0, 65.0, 100.0])
def test_about_the_edge_a_vague_phone_confirms_and_clears_nothing(distance_m, accuracy_m, previous):
    before = a_walk(PREVIOUS[previous])
    about = a_walk([distance_m - 200.0] * 4, from_s=len(before) * 10, accuracy_m=accuracy_m)
    now = belief(folded([*before, *about]))
    assert now == "inside" if previous == "inside" else now in {"clear", "uncertain", "left"}


@pytest.mark.parametrize("accuracy_m", [None, 0.0, -1.0, 100.1, 5000.0, float("nan")])
@pytest.mark.parametrize("previous", PREVIOUS)
def test_an_unknown_accuracy_neither_confirms_nor_clears(accuracy_m, previous):
    before = folded(a_walk(PREVIOUS[previous]))
    fixes = a_walk([IN, IN, FAR, FAR], from_s=100, accuracy_m=accuracy_m)
    after = refold(before.state, fixes, always(ZONES))
    assert after.incursions == ()
    assert after.state.stays == before.state.stays
    assert after.state.last == before.state.last


def test_jitter_at_the_edge_is_one_incursion():
    edge = [-30, -25, 12, -8, 15, -20, 5, -12, 18, -3, 19, -15, 8, -9]
    result = folded(a_walk([150, 50, *edge * 5, 150, 280, 400]))
    assert only(result.incursions).kind is Kind.DWELL


def test_jitter_beyond_the_edge_confirms_nothing():
    result = folded(a_walk([150, *[25, 15, 30, -5, 22, 12, 28, -8, 35] * 10, 150, 280, 400]))
    assert only(result.incursions).kind is Kind.APPROACH


def test_jitter_at_the_outer_edge_of_the_ring_is_one_approach():
    assert len(folded(a_walk([150, *[95, 105, 98, 112, 90] * 6, 200])).incursions) == 1


def test_who_comes_back_within_a_minute_never_left():
    result = folded(a_walk([*ARRIVING, *[30] * 2, *[IN] * 5, *LEAVING]))
    assert story(result.incursions) == [(Kind.ENTRY, 30, 50, None, 140, End.EXIT)]


def test_who_comes_back_later_enters_again():
    result = folded(a_walk([*ARRIVING, *[30] * 10, *[IN] * 5, *LEAVING]))
    assert [i.kind for i in result.incursions] == [Kind.ENTRY, Kind.ENTRY]
    assert [i.ended for i in result.incursions] == [End.EXIT, End.EXIT]


def test_fixes_a_second_apart_are_one_witness():
    burst = a_walk([IN] * 5, every_s=1.0)
    assert belief(folded([*a_walk([80], from_s=-10), *burst])) == "uncertain"
    assert belief(folded([*a_walk([80], from_s=-10), *a_walk([IN] * 5)])) == "inside"


def test_of_two_places_at_one_instant_the_first_in_order_counts():
    twice = sorted([a_fix(IN, 50), a_fix(FAR, 50)], key=lambda fix: fix.key)
    alone = folded([*a_walk(ARRIVING[:5]), twice[0]])
    both = folded([*a_walk(ARRIVING[:5]), *twice])
    assert both.incursions == alone.incursions
    assert both.state.last == alone.state.last


@pytest.mark.parametrize("again", [a_fix(IN, 10), a_fix(IN, 9.0)])
def test_fixes_must_ascend(again):
    state = folded([a_fix(IN, 10)]).state
    with pytest.raises(ValueError, match="ascending"):
        fold(state, again, ZONES)


def test_a_leap_of_a_slow_phone_counts_for_nothing():
    walking = a_walk([280] * 3, speed_mps=1.2)
    glitch = a_walk([-100, -100], from_s=30, speed_mps=1.0)
    back = a_walk([280] * 3, from_s=50, speed_mps=1.2)
    assert folded([*walking, *glitch, *back]).incursions == ()


def test_a_leap_that_no_vehicle_makes_counts_for_nothing():
    assert folded(a_walk([3000, 3000, IN, IN, 3000])).incursions == ()


def test_a_leap_that_stays_is_believed_in_the_end():
    result = folded(a_walk([5000, 5000, *[IN] * 6], speed_mps=0.5))
    assert story(result.incursions) == [(Kind.ENTRY, 50, 60, None, None, None)]


def test_a_line_through_the_zone_is_a_pass_through():
    fixes = [a_fix(400, 0, bearing_deg=90), a_fix(400, 60, bearing_deg=270)]
    passed = only(folded(fixes).incursions)
    assert story([passed]) == [(Kind.PASS_THROUGH, 0, None, None, 60, End.NEXT_FIX)]
    assert passed.certainty is Certainty.UNCERTAIN
    assert passed.closest_m == pytest.approx(-200, abs=5)


def test_a_line_with_a_fix_inside_is_no_pass_through():
    fixes = [a_fix(400, 0), a_fix(-100, 30), a_fix(400, 60, bearing_deg=270)]
    assert [i.kind for i in folded(fixes).incursions] == [Kind.APPROACH]


def test_short_steps_never_ask_for_crossings():
    zones = FakeZones(COURT_ZONE)
    folded(a_walk(range(1000, 400, -40)), zones)
    assert zones.crossings_asked == 0


@pytest.mark.parametrize(
    ("speed_mps", "silent_s", "expected"),
    [
        pytest.param(1.4, 119, [], id="no silence"),
        pytest.param(1.4, 900, [Kind.GAP], id="could have walked there and back"),
        pytest.param(0.0, 900, [], id="stood still"),
        pytest.param(None, 900, [Kind.GAP], id="speed unknown: walking is assumed"),
        pytest.param(1.4, 500, [], id="too short to go there and back"),
    ],
)
def test_silence_with_a_zone_in_reach_is_a_gap(speed_mps, silent_s, expected):
    fixes = [a_fix(500, 0, speed_mps=speed_mps), a_fix(500, silent_s, speed_mps=speed_mps)]
    gaps = folded(fixes).incursions
    assert [gap.kind for gap in gaps] == expected
    assert all(gap.certainty is Certainty.UNCERTAIN for gap in gaps)


def test_silence_while_known_to_be_inside_is_no_gap():
    fixes = [*a_walk(ARRIVING), a_fix(50, 2000), a_fix(400, 2010), a_fix(500, 2020)]
    assert [i.kind for i in folded(fixes).incursions] == [Kind.ENTRY]


def test_silence_until_the_end_of_the_shift_is_a_gap():
    state = folded([a_fix(500, 0, speed_mps=1.4)]).state
    step = finish(state, NINE + 900, ZONES)
    assert story(step.incursions) == [(Kind.GAP, 0, None, None, 900, End.SHIFT_END)]


def test_vague_fixes_do_not_break_a_silence():
    vague = a_walk([500] * 30, every_s=30, from_s=1, accuracy_m=None)
    gaps = folded([a_fix(500, 0), *vague, a_fix(500, 905)]).incursions
    assert [gap.kind for gap in gaps] == [Kind.GAP]


@pytest.mark.parametrize("longitude", [180.0, -180.0, 179.999, -179.999])
def test_a_zone_on_the_dateline_is_like_any_other(longitude):
    zone = a_zone(at=(longitude, -17.0))
    result = folded(a_walk([*ARRIVING, *LEAVING], zone=zone), FakeZones(zone))
    assert story(result.incursions) == [(Kind.ENTRY, 30, 50, None, 70, End.EXIT)]


def test_overlapping_zones_are_judged_each_by_its_own_standoff():
    zones = FakeZones(COURT_ZONE, a_zone("police", standoff_m=50.0, warning_m=30.0))
    found = {i.zone: i.kind for i in folded(a_walk([*ARRIVING, IN, IN]), zones).incursions}
    assert found == {"court": Kind.ENTRY}
    found = {i.zone: i.kind for i in folded(a_walk([*ARRIVING, -120, -120, -180, -180]), zones).incursions}
    assert found == {"court": Kind.ENTRY, "police": Kind.ENTRY}


def in_versions(fixes, *, changed_s, after):
    """Fold with the court until a moment and with other zones from then on."""
    return refold(begin(NINE), fixes, lambda at: ZONES if at < NINE + changed_s else after)


def test_a_zone_that_disappears_closes_the_incursion():
    result = in_versions(a_walk([*ARRIVING, *[IN] * 5]), changed_s=75, after=FakeZones())
    assert story(result.incursions) == [(Kind.ENTRY, 30, 50, None, 80, End.ZONE_CHANGED)]
    assert result.state.stays == ()


def test_a_zone_that_disappears_is_noticed_by_a_vague_fix_too():
    fixes = [*a_walk(ARRIVING), a_fix(IN, 60, accuracy_m=None)]
    assert in_versions(fixes, changed_s=55, after=FakeZones()).state.stays == ()


def test_an_edited_zone_ends_one_incursion_and_begins_another():
    result = in_versions(a_walk([*ARRIVING, *[IN] * 5]), changed_s=75, after=FakeZones(a_zone(version=2)))
    assert story(result.incursions) == [
        (Kind.ENTRY, 30, 50, None, 80, End.ZONE_CHANGED),
        (Kind.ENTRY, 80, 90, None, None, None),
    ]
    assert [i.zone_version for i in result.incursions] == [1, 2]


def test_a_version_that_expires_closes_the_incursion_at_that_moment():
    zones = FakeZones(a_zone(valid_to=NINE + 75))
    result = folded(a_walk([*ARRIVING, *[IN] * 5]), zones)
    assert story(result.incursions) == [(Kind.ENTRY, 30, 50, None, 75, End.ZONE_CHANGED)]


def test_a_zone_that_becomes_valid_around_somebody_is_like_a_start_inside():
    zones = FakeZones(a_zone(valid_from=NINE + 15))
    assert story(folded(a_walk([IN] * 5), zones).incursions) == [(Kind.ENTRY, 20, 30, None, None, None)]


def test_a_fix_in_the_middle_of_a_point_zone_is_the_deepest():
    assert only(folded([a_fix(place=COURT), a_fix(IN, 10)]).incursions).closest_m == pytest.approx(-200.0)


def test_folding_depends_on_no_other_field_of_the_fix():
    place = a_place(IN)
    early, late = a_fix(place=place, lag_s=1), a_fix(place=place, lag_s=86400)
    assert fold(begin(), early, ZONES) == fold(begin(), late, ZONES)

import base64
import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.payload import BadPayload, Fault, Ignored, Parsed, encode, parse
from tracker.fix import Fix
from tracker.word import Why

DATA = Path(__file__).parents[3] / "data"
AT = 1_700_000_000.0
LOCATION = {"_type": "location", "lon": 118.79, "lat": 32.04, "tst": 1_700_000_000}


def cases(path):
    return [json.loads(line) for line in (DATA / path).read_text().splitlines()]


def payload_of(case):
    if "b64" in case:
        return base64.b64decode(case["b64"])
    return base64.b64decode(case["repeat_b64"]) * case["repeat_times"] + base64.b64decode(case["tail_b64"])


def read(message, **options):
    return parse(orjson.dumps(message), "d1", AT, **options)


def location(**fields):
    return LOCATION | fields


def only_fix(**fields):
    parsed = read(location(**fields))
    assert (len(parsed.fixes), parsed.ignored, parsed.bad) == (1, (), ())
    return parsed.fixes[0]


def fates(parsed):
    return len(parsed.fixes), [i.reason for i in parsed.ignored], [b.reason for b in parsed.bad]


def test_a_full_location_becomes_a_fix_in_our_units():
    message = location(
        acc=15, alt=440, vel=36, cog=271, batt=46, created_at=1_700_000_009, t="u", mock=True, seq=7, lo=5
    )
    assert read(message).fixes == (
        Fix("d1", 1.7e9, 118.79, 32.04, AT, 15.0, 440.0, 10.0, 271.0, 46.0, 1_700_000_009.0, "u", True, 7, 5),
    )


def test_a_minimal_location_claims_nothing_else():
    assert read(LOCATION) == Parsed((Fix("d1", 1.7e9, 118.79, 32.04, AT),), notes=[])


@pytest.mark.parametrize("case", cases("vectors/owntracks_samples.jsonl"), ids=lambda case: case["id"])
def test_owntracks_samples(case):
    parsed = parse(orjson.dumps(case["payload"]), "agent7", AT)
    assert len(parsed.fixes) == (1 if case["expect"].startswith("accept") else 0)
    assert not parsed.bad


@pytest.mark.parametrize("case", cases("malformed/json_cases.jsonl"), ids=lambda case: case["name"])
def test_no_json_case_is_a_fix_and_refused_json_is_reported(case):
    parsed = parse(payload_of(case), "d1", AT)
    assert not parsed.fixes
    assert parsed.bad or parsed.ignored or case["name"] == "y_array_empty.json" or payload_of(case).strip() == b"[]"
    if case["expect"] == "must be refused" and payload_of(case):
        assert {bad.reason for bad in parsed.bad} <= {Fault.JSON, Fault.UTF8, Fault.TOO_LARGE}
        assert parsed.bad


@pytest.mark.parametrize(
    "kind",
    ["lwt", "transition", "waypoint", "waypoints", "status", "card", "cmd", "steps", "beacon", "configuration",
     "dump", "request"],
)  # fmt: skip
def test_owntracks_side_messages_are_ignored_by_name_even_with_a_position(kind):
    assert fates(read(location(_type=kind))) == (0, [kind], [])


def test_unknown_types_are_ignored_without_repeating_what_they_say():
    assert read({"_type": "32.04,118.79"}).ignored == [Ignored("unknown_type")]


def test_a_retained_message_is_never_a_fix():
    assert fates(read(LOCATION, retained=True)) == (0, ["retained"], [])


def test_an_empty_payload_clears_a_retained_message_and_is_ignored():
    assert fates(parse(b"", "d1", AT)) == (0, ["empty"], [])


def test_a_ping_is_no_fix_because_its_time_is_not_the_position_s():
    assert fates(read(location(t="p"))) == (0, ["ping"], [])


def test_a_ping_s_seq_is_kept_so_that_the_phone_may_forget_it():
    assert read(location(t="p", seq=9, lo=4)).ignored == [Ignored("ping", 0, 9, 4)]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\x00{}", Fault.JSON),
        (b"{} {}", Fault.JSON),
        (b"#owntracks{}", Fault.JSON),
        (b"\xef\xbb\xbf{}", Fault.JSON),
        (b"   ", Fault.JSON),
        (b'{"_type":"location","lon":NaN,"lat":1,"tst":1700000000}', Fault.JSON),
        (b'{"_type":"location","lon":1,"lat":-Infinity,"tst":1700000000}', Fault.JSON),
        (b'{"_type":"location","lon":1,"lat":1,"tst":1e999}', Fault.JSON),
        (b"[" * 1_100 + b"]" * 1_100, Fault.JSON),
        (b'{"_type":"loc\xffation"}', Fault.UTF8),
        (b"\xff\xfe{\x00}\x00", Fault.UTF8),
        (b"[" + b" " * 65_536 + b"]", Fault.TOO_LARGE),
        (b"null", Fault.NOT_OBJECT),
        (b"17", Fault.NOT_OBJECT),
        (b'"location"', Fault.NOT_OBJECT),
        (b"[" + b"0," * 1_000 + b"0]", Fault.TOO_MANY),
        (b"{}", Fault.NO_TYPE),
        (b'{"_type":null}', Fault.NO_TYPE),
        (b'{"_type":["location"]}', Fault.NO_TYPE),
        (b'{"_type":"encrypted","data":"c2VjcmV0"}', Fault.ENCRYPTED),
    ],
)
def test_what_is_no_message_is_bad_with_its_reason(payload, reason):
    assert fates(parse(payload, "d1", AT)) == (0, [], [reason])


def test_json_may_have_blanks_round_it():
    assert fates(parse(b"\r\n\t " + orjson.dumps(LOCATION) + b"\n", "d1", AT)) == (1, [], [])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"lat": None}, Fault.POSITION_MISSING),
        ({"lon": None}, Fault.POSITION_MISSING),
        ({"lat": "32.04"}, Fault.POSITION),
        ({"lon": True}, Fault.POSITION),
        ({"lon": [118.79]}, Fault.POSITION),
        ({"lat": 90.000001}, Fault.POSITION),
        ({"lon": -180.000001}, Fault.POSITION),
        ({"lat": 2**70}, Fault.POSITION),
        ({"lon": 0, "lat": 0}, Fault.NULL_ISLAND),
        ({"lon": -0.0, "lat": 0.0}, Fault.NULL_ISLAND),
        ({"tst": None}, Fault.TIME),
        ({"tst": "1700000000"}, Fault.TIME),
        ({"tst": True}, Fault.TIME),
        ({"tst": 0}, Fault.CLOCK),
        ({"tst": -1}, Fault.CLOCK),
        ({"tst": 1_420_070_399}, Fault.CLOCK),
        ({"tst": 4_102_444_800}, Fault.CLOCK),
        ({"tst": 1_700_000_000_000}, Fault.CLOCK),
        ({"tst": 2**64}, Fault.CLOCK),
    ],
)
def test_a_location_that_cannot_be_true_is_bad_with_its_reason(fields, reason):
    payload = json.dumps(location(**fields)).encode()
    assert fates(parse(payload, "d1", AT)) == (0, [], [reason])


@pytest.mark.parametrize("fields", [{"lat": 90}, {"lat": -90}, {"lon": 180}, {"lon": -180}, {"lat": 0}, {"lon": 0}])
def test_the_edges_of_the_world_are_positions(fields):
    assert only_fix(**fields)


def test_milliseconds_are_named_in_the_detail():
    assert "milliseconds" in read(location(tst=1_700_000_000_000)).bad[0].detail


def test_a_fix_ahead_of_the_clock_is_left_to_admission():
    assert only_fix(tst=AT + 86_400).fix_at == AT + 86_400


def test_times_are_held_to_the_microsecond():
    assert only_fix(tst=1456175166.1429612, created_at=1456175167.12345678).fix_at == 1456175166.142961


def test_whole_coordinates_become_floats_and_minus_zero_is_zero():
    fix = only_fix(lon=-0.0, lat=48)
    assert (str(fix.lon), str(fix.lat)) == ("0.0", "48.0")


@pytest.mark.parametrize("acc", [None, 0, 0.0, -1, -5, "15", True, [], 1e9])
def test_an_accuracy_that_says_nothing_is_unknown(acc):
    assert only_fix(acc=acc).accuracy_m is None


@pytest.mark.parametrize(
    ("field", "value", "attribute"),
    [
        ("alt", "high", "altitude_m"),
        ("alt", 2**80, "altitude_m"),
        ("vel", -2, "speed_mps"),
        ("vel", True, "speed_mps"),
        ("cog", 361, "heading_deg"),
        ("batt", 101, "battery_pct"),
        ("created_at", 0, "built_at"),
        ("t", "\x00", "trigger"),
        ("t", 7, "trigger"),
        ("t", "a" * 9, "trigger"),
        ("seq", -7, "seq"),
        ("seq", 1.0, "seq"),
        ("seq", True, "seq"),
        ("seq", "1", "seq"),
        ("seq", 2**53, "seq"),
        ("seq", 2**70, "seq"),
    ],
)
def test_an_optional_field_that_cannot_be_true_is_left_out_and_noted(field, value, attribute):
    parsed = parse(json.dumps(location(**{field: value})).encode(), "d1", AT)
    assert (getattr(parsed.fixes[0], attribute), parsed.notes) == (None, [field])


@pytest.mark.parametrize(("field", "attribute"), [("vel", "speed_mps"), ("cog", "heading_deg"), ("acc", "accuracy_m")])
def test_minus_one_is_how_ios_says_unknown_and_no_fault(field, attribute):
    parsed = read(location(**{field: -1}))
    assert (getattr(parsed.fixes[0], attribute), parsed.notes) == (None, [])


@pytest.mark.parametrize("lo", [-1, 8, "5", 5.0, False])
def test_a_bad_lo_does_not_cost_the_seq(lo):
    parsed = read(location(seq=7, lo=lo))
    assert (parsed.fixes[0].seq, parsed.fixes[0].oldest_held, parsed.notes) == (7, None, ["lo"])


def test_lo_without_seq_means_nothing():
    parsed = read(location(lo=3))
    assert (parsed.fixes[0].oldest_held, parsed.notes) == (None, ["seq"])


def test_a_bad_payload_keeps_its_seq_so_that_the_phone_need_not_send_it_for_ever():
    assert read(location(tst=0, seq=7, lo=5)).bad == [BadPayload(Fault.CLOCK, "tst is before 2015", 0, 7, 5, 0.0)]


def test_of_a_key_given_twice_the_last_counts():
    payload = b'{"_type":"location","lat":1,"lat":32.04,"lon":118.79,"tst":1700000000}'
    assert parse(payload, "d1", AT).fixes[0].lat == 32.04


def test_in_an_array_the_good_pass_and_the_bad_are_reported_by_index():
    parsed = read([LOCATION, 5, {"_type": "lwt"}, location(tst=0), [LOCATION], location(tst=1_700_000_005)])
    assert [fix.fix_at for fix in parsed.fixes] == [1_700_000_000, 1_700_000_005]
    assert [(bad.index, bad.reason) for bad in parsed.bad] == [(1, "not_object"), (3, "clock"), (4, "not_object")]
    assert [(message.index, message.reason) for message in parsed.ignored] == [(2, "lwt")]


def test_an_empty_array_is_nothing():
    assert fates(parse(b"[]", "d1", AT)) == (0, [], [])


@given(st.sampled_from([{"lat": 93.123456}, {"tst": 0}, {"lat": "32.654321"}, {"_type": None}]))
def test_no_detail_quotes_a_position(fields):
    bad = read(location(lon=118.987654) | fields).bad[0]
    assert not any(number in bad.detail for number in ("93.123456", "32.654321", "118.987654", "32.04"))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
LOCATIONS = st.fixed_dictionaries(
    {"_type": st.just("location")},
    optional={
        key: st.floats() | st.integers() | JSON
        for key in ("lon", "lat", "tst", "acc", "alt", "vel", "cog", "batt", "created_at", "t", "mock", "seq", "lo")
    },
)


def assert_storable(fix):
    assert -180 <= fix.lon <= 180
    assert -90 <= fix.lat <= 90
    assert fix.accuracy_m is None or fix.accuracy_m > 0
    assert fix.fix_at == round(fix.fix_at, 6)
    assert fix.trigger is None or fix.trigger.isalnum()


@given(st.binary())
def test_no_bytes_raise(payload):
    parse(payload, "d1", AT)


@given(JSON | LOCATIONS | st.lists(LOCATIONS))
def test_no_json_raises_and_every_fix_can_be_stored(message):
    for fix in parse(json.dumps(message).encode(), "d1", AT).fixes:
        assert_storable(fix)


FIXES = st.builds(
    Fix,
    device=st.just("d1"),
    fix_at=st.floats(1.5e9, 2e9).map(lambda at: round(at, 6)),
    lon=st.floats(-180, 180).filter(bool),
    lat=st.floats(-90, 90).filter(bool),
    received_at=st.just(AT),
    accuracy_m=st.none() | st.floats(1, 5000),
    altitude_m=st.none() | st.floats(-400, 8848),
    speed_mps=st.none() | st.floats(0, 100),
    heading_deg=st.none() | st.floats(0, 360),
    battery_pct=st.none() | st.floats(0, 100),
    built_at=st.none() | st.just(1.6e9),
    trigger=st.none() | st.just("u"),
    mock=st.none() | st.booleans(),
    seq=st.just(9),
    oldest_held=st.none() | st.integers(0, 9),
    sos=st.booleans(),
    monotonic_s=st.none() | st.floats(0, 1e7),
    satellites=st.none() | st.integers(0, 60),
    why=st.sampled_from(Why),
)


@given(FIXES)
def test_what_is_encoded_is_read_back(fix):
    parsed = parse(orjson.dumps(encode(fix)), "d1", AT)
    assert parsed.notes == []
    back = parsed.fixes[0]
    assert back.key == fix.key
    assert encode(back).keys() == encode(fix).keys()
    assert back.speed_mps == (None if fix.speed_mps is None else pytest.approx(fix.speed_mps))

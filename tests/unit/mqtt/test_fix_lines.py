"""A file of fixes is read line by line; a bad line is named and costs no good one."""

import orjson
import pytest

from mqtt.fix_lines import Junk, read_fixes
from tracker.fix import Fix

GOOD = {"_type": "location", "device": "a", "tst": 1_700_000_000, "lat": 32.0, "lon": 118.0, "acc": 5, "vel": 36}


def read(*messages):
    return list(read_fixes(orjson.dumps(message) + b"\r\n" for message in messages))


def test_a_line_is_a_fix_of_its_device():
    (fix,) = read(GOOD)
    assert isinstance(fix, Fix)
    assert (fix.device, fix.fix_at, fix.lon, fix.accuracy_m, fix.speed_mps) == ("a", 1.7e9, 118.0, 5.0, 10.0)


def test_the_type_may_be_left_out():
    assert read({key: value for key, value in GOOD.items() if key != "_type"}) == read(GOOD)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"device": None}, "device"),
        ({"device": 7}, "device"),
        ({"tst": "noon"}, "time"),
        ({"lat": 91}, "position"),
        ({"lon": None}, "position_missing"),
        ({"_type": "lwt"}, "no location"),
        ({"t": "p"}, "no location"),
    ],
)
def test_junk_is_named_with_its_line(change, reason):
    good, junk = read(GOOD, GOOD | change)
    assert isinstance(good, Fix)
    assert isinstance(junk, Junk)
    assert str(junk).startswith("line 2: ")
    assert reason in junk.reason


@pytest.mark.parametrize("line", [b"junk", b"[1]", b"7", b"{", b'{"device":"a"', b"\xff\xfe", b"null"])
def test_what_is_no_object_is_junk(line):
    assert [type(read) for read in read_fixes([line, b"  \n", orjson.dumps(GOOD)])] == [Junk, Fix]


def test_a_mark_before_the_first_line_costs_no_fix():
    assert isinstance(next(read_fixes([b"\xef\xbb\xbf" + orjson.dumps(GOOD)])), Fix)

"""What phones say of a silence: our own app, OwnTracks' status and last will, and hints in a location."""

import orjson
import pytest

from mqtt.arrivals import read
from mqtt.status import why_of
from tracker.word import Why, Word

AT = 1_700_000_000.0
LOCATION = {"_type": "location", "lon": 118.79, "lat": 32.04, "tst": 1_700_000_000}


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"_type": "lwt", "tst": 1}, Why.CONNECTION_LOST),
        ({"_type": "status", "off": "airplane"}, Why.AIRPLANE),
        ({"_type": "status", "off": "because"}, None),
        ({"_type": "status", "off": ["airplane"]}, None),
        ({"_type": "status", "android": {"loc": 0, "ps": 0, "bo": 0, "hib": 0}}, None),
        ({"_type": "status", "android": {"loc": -1}}, None),
        ({"_type": "status", "android": {"loc": -2, "ps": 1}}, Why.PERMISSION),
        ({"_type": "status", "android": {"loc": -4}}, Why.PERMISSION),
        ({"_type": "status", "android": {"loc": 0, "bo": 1}}, Why.POWER_SAVE),
        ({"_type": "status", "android": "loc"}, None),
        ({"_type": "status", "android": {"loc": "-4"}}, None),
        (
            {"_type": "status", "iOS": {"locationManagerAuthorizationStatus": "kCLAuthorizationStatusDenied"}},
            Why.PERMISSION,
        ),
        (
            {
                "_type": "status",
                "iOS": {"locationManagerAuthorizationStatus": "kCLAuthorizationStatusAuthorizedAlways"},
            },
            None,
        ),
        ({"_type": "waypoint", "android": {"loc": -4}}, None),
    ],
    ids=str,
)
def test_reasons_of_side_messages(message, why):
    assert why_of(message["_type"], message) == why


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, None),
        ({"batt": 10, "bs": 1}, Why.BATTERY),
        ({"batt": 10}, Why.BATTERY),
        ({"batt": 11, "bs": 1}, None),
        ({"batt": 3, "bs": 2}, None),
        ({"batt": 3, "bs": 3}, None),
        ({"conn": "o"}, Why.OFFLINE),
        ({"conn": "w"}, None),
        ({"batt": 3, "conn": "o"}, Why.BATTERY),
        ({"batt": 3, "off": "killed"}, Why.KILLED),
        ({"off": "nonsense", "conn": ["o"], "bs": {}}, None),
    ],
    ids=str,
)
def test_reasons_of_a_location(fields, why):
    (fix,) = read("phone-1", orjson.dumps(LOCATION | fields), AT).fixes
    assert fix.why == why


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (LOCATION, None),
        (LOCATION | {"t": "p"}, Word(AT, alive=True)),
        ({"_type": "lwt", "tst": 1}, Word(AT, why=Why.CONNECTION_LOST)),
        ([LOCATION, {"_type": "status", "off": "shutdown"}], Word(AT, why=Why.SHUTDOWN)),
        ({"_type": "waypoints"}, None),
        ({"_type": "location", "lon": 0, "lat": 0, "tst": 1_700_000_000}, None),
    ],
    ids=str,
)
def test_only_a_ping_says_that_a_phone_without_a_new_position_lives(payload, word):
    assert read("phone-1", orjson.dumps(payload), AT).word == word


def test_a_last_will_that_the_broker_kept_says_nothing_of_now():
    assert read("phone-1", orjson.dumps({"_type": "lwt", "tst": 1}), AT, retained=True).word is None

from dataclasses import replace

import pytest
import shapely

from geofences.policy import Policy
from geofences.sources.reading import Defaults, Reader
from geofences.zone import ZoneError
from tests.builders import a_zone
from tests.unit.geofences.test_matching import a_row, planned, point

POLICE = {"police": Policy("police", 150.0, 50.0)}


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 501, "a\x07"])
def test_text_that_no_database_keeps_is_no_name(text):
    with pytest.raises(ZoneError):
        replace(a_zone(), name=text)


def test_a_cell_of_several_lines_is_one_name():
    reader = Reader(Defaults("wgs84"))
    reader.add(1, shapely.Point(118.0, 32.0), {"name": "Court\n(east)"})
    assert reader.report.zones[0].name == "Court (east)"


def test_metres_that_a_file_states_win_over_the_policy_and_the_plan_says_so():
    rows = [a_row(point(), "A", stated=("standoff_m",), standoff_m=300.0, overrides=("standoff_m",))]
    rows += [a_row(point(5_000), "B", row=2)]
    found = planned(*rows, policies=POLICE).added
    assert [(zone.standoff_m, zone.warning_m, zone.overrides) for zone in found] == [
        (300.0, 50.0, ("standoff_m",)),
        (150.0, 50.0, ()),
    ]


def test_a_row_fills_what_it_states():
    reader = Reader(Defaults("wgs84"))
    reader.add(1, shapely.Point(118.0, 32.0), {"standoff_m": "300"})
    assert reader.report.zones[0].overrides == ("standoff_m",)

"""What a zone that is being drawn would be: metres on the ellipsoid, the datum it is drawn in, its hours."""

import pytest
from geographiclib.geodesic import Geodesic
from shapely.geometry import shape

from geofences.datum import convert
from geofences.policy import Policy
from geofences.schedule import Schedule
from maps.problems import Problem
from maps.zoning.zone_models import Hours, Preview, Sketch
from maps.zoning.zone_preview import preview_of
from tests.builders import a_zone
from tracker.errors import NotFoundError

HERE = (118.79, 32.04)
PLACE = {"type": "Point", "coordinates": list(HERE)}
MONDAY_8H = 1_772_409_600.0
"""2026-03-02 08:00 in Shanghai."""
WORK = Hours(text="DTSTART:20240101T090000\nDTEND:20240101T170000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")


class Book:
    """One zone and the policies."""

    def __init__(self, *zones, **policies):
        self.zones, self.rules = zones, policies

    def page(self, query, _after, _limit):
        return [zone for zone in self.zones if zone.id == query.zone_id]

    def policies(self):
        return self.rules


def seen(book=None, site=(200.0, 100.0), **sketch):
    return Preview.model_validate(preview_of(book or Book(), Sketch(**sketch), site, MONDAY_8H))


def metres_away(part, place=HERE):
    ring = shape(part.model_dump()).exterior.coords
    return [Geodesic.WGS84.Inverse(place[1], place[0], lat, lon)["s12"] for lon, lat in ring]


def test_the_edge_of_a_point_is_the_site_s_standoff_away():
    answer = seen(geometry=PLACE)
    assert metres_away(answer.parts["edge"]) == pytest.approx([200.0] * 65, abs=0.02)
    assert (answer.standoff_m, answer.warning_m, answer.opens) == (200.0, 100.0, None)


def test_what_is_drawn_on_a_shifted_map_comes_back_in_wgs84():
    drawn = {"type": "Point", "coordinates": list(convert(*HERE, "wgs84", "gcj02"))}
    answer = seen(geometry=drawn, datum="gcj02")
    assert answer.geometry.coordinates == pytest.approx(HERE, abs=1e-9)


def test_the_standoff_is_what_lets_the_edge_reach_a_place():
    there = Geodesic.WGS84.Direct(HERE[1], HERE[0], 70.0, 312.4)
    assert seen(geometry=PLACE, reaches=(there["lon2"], there["lat2"])).standoff_m == 312.0


@pytest.mark.parametrize(("given", "metres"), [({}, 500.0), ({"standoff_m": 50}, 50.0), ({"category": "other"}, 200.0)])
def test_without_metres_of_its_own_a_new_zone_follows_its_category(given, metres):
    book = Book(court=Policy("court", 500.0))
    assert seen(book, geometry=PLACE, **({"category": "court"} | given)).standoff_m == metres


def test_a_change_is_previewed_upon_the_zone_that_stands():
    book = Book(a_zone("court", standoff_m=300.0))
    answer = seen(book, zone_id="court", warning_m=10)
    assert (answer.standoff_m, answer.warning_m) == (300.0, 10.0)
    with pytest.raises(NotFoundError):
        seen(book, zone_id="police")


def test_hours_are_worked_out_for_a_week():
    answer = seen(geometry=PLACE, schedule=WORK)
    assert answer.opens[0] == (MONDAY_8H + 3600.0, MONDAY_8H + 9 * 3600.0)
    assert len(answer.opens) == 5
    scheduled = Book(a_zone("court", schedule=Schedule(WORK.text)))
    assert seen(scheduled, zone_id="court", schedule=None).opens is None


@pytest.mark.parametrize("geometry", [None, {"type": "Polygon", "coordinates": [[[1, 1], [1, 1], [1, 1], [1, 1]]]}])
def test_a_shape_that_is_none_is_refused(geometry):
    with pytest.raises((ValueError, Problem)):
        seen(geometry=geometry)

from tests.builders import NINE
from tracker.demo.run import demo_zones


def test_the_demo_has_the_zones_that_an_import_would_make():
    zones = demo_zones(NINE)
    assert len(zones) == 3  # a court, an intermediate court, and one police compound of four outlines and a point
    assert {zone.valid_from for zone in zones} == {NINE - 86_400.0}
    assert {zone.category for zone in zones} == {"court", "police"}

"""Many zones: an edit builds an index of what it changed, a large import one in the background."""

from dataclasses import replace
from threading import Event

from geofences.index import ZoneIndex
from tests.builders import NINE, a_zone
from tests.eventually import eventually
from tracker.zones.history import ZoneHistory

MANY = [a_zone(f"zone-{n}", at=(118.0 + n * 0.01, 32.0), valid_from=NINE) for n in range(1000)]
SOON = NINE + 100.0
ENDED = replace(MANY[0], valid_to=SOON)
EDITED = replace(MANY[0], version=2, standoff_m=50.0, valid_from=SOON)


class Builder:
    """Builds as asked and remembers how many zones each index held; `gate` keeps indexes in the making waiting."""

    def __init__(self):
        self.built = []
        self.gate = Event()
        self.gate.set()

    def __call__(self, zones):
        kept = tuple(zones)
        self.built.append(len(kept))
        self.gate.wait(20)
        return ZoneIndex.build(kept)


def test_an_edit_builds_no_index_of_all():
    builder = Builder()
    before = ZoneHistory(MANY, build=builder)
    before.at(NINE)
    after = before.after([ENDED, EDITED])
    assert (after.at(SOON - 1).get("zone-0").standoff_m, after.at(SOON).get("zone-0").standoff_m) == (200.0, 50.0)
    assert builder.built == [1000, 1]


def test_while_a_large_import_is_prepared_the_zones_before_it_are_asked_without_waiting():
    builder = Builder()
    before = ZoneHistory(MANY, build=builder)
    before.at(NINE)
    builder.gate.clear()
    more = [replace(zone, id=f"more/{zone.id}", valid_from=SOON) for zone in MANY]
    after = before.after(more)
    assert len(after.at(SOON - 1)) == 1000
    builder.gate.set()
    assert len(after.at(SOON)) == 2000
    assert len(after.at(SOON - 1)) == 1000
    eventually(lambda: len(builder.built) == 3)
    assert builder.built == [1000, 1000, 2000]  # the layer, then a flat one aside


def test_the_next_edit_after_a_large_import_costs_its_own_size_only():
    builder = Builder()
    first = ZoneHistory(MANY, build=builder)
    first.at(NINE)
    second = first.after(replace(zone, id=f"more/{zone.id}", valid_from=SOON) for zone in MANY)
    second.at(SOON)
    eventually(lambda: len(builder.built) == 3)
    third = second.after([ENDED, EDITED])
    assert (len(third.at(SOON)), third.at(SOON).get("zone-0").standoff_m) == (2000, 50.0)
    assert builder.built == [1000, 1000, 2000, 1]


def test_a_retired_zone_is_gone_from_its_last_moment_on():
    after = ZoneHistory(MANY).after([ENDED])
    assert (len(after.at(SOON - 1)), len(after.at(SOON))) == (1000, 999)

"""What the benchmark does to fixes on their way, and that detection does not care."""

import numpy as np
import pytest

from bench.detection.arrival import ORDERS, in_order, received, same_in_any_order
from geofences.index import ZoneIndex
from tests.builders import a_walk, a_zone

WALK = a_walk(
    [400, 250, 150, 50, -50, *[-90] * 20, 50, 150, 250, 400, *[900] * 20, 400, 150, -60, -80, -90, -90, 50, 400]
)
INDEX = ZoneIndex.build([a_zone()])


@pytest.mark.parametrize("name", ORDERS)
def test_every_order_brings_each_fix(name):
    sent = ORDERS[name](WALK, np.random.default_rng(1))
    assert {fix.key for fix in sent} == {fix.key for fix in WALK}


def test_the_orders_end_in_the_same_incursions():
    assert all(same_in_any_order(WALK, INDEX, np.random.default_rng(2)).values())


def test_a_fix_that_never_came_makes_a_difference():
    assert received(WALK[:10], INDEX) != in_order(WALK, INDEX) != []

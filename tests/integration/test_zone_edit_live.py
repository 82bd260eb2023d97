"""Zones are edited while fixes stream in: each fix is judged by the version of its own moment, and none is lost."""

import time
from contextlib import contextmanager
from threading import Event, Thread

from geofences.policy import Edit
from tests.builders import a_walk, a_zone
from tests.eventually import eventually
from tracker.fix import Fix
from tracker.store.zones import edit_zone
from tracker.zones.record import Signature

DEVICE = "phone-1"
EDITS = (250.0, 150.0, 300.0)
EVERY_S = 0.1
JUDGED = """
SELECT zone_version, extract(epoch FROM first_possible_at)::float8 FROM incursion WHERE NOT retracted
ORDER BY first_possible_at"""


@contextmanager
def streaming(spy):
    """Fixes well within the court, ten a second, from now on; gives those that the broker has."""
    sent: list[Fix] = []
    stop = Event()
    (inside,) = a_walk([-80.0])

    def stream():
        while not stop.wait(EVERY_S):
            sent.append(inside._replace(device=DEVICE, fix_at=round(time.time(), 3)))
            spy.report(sent[-1])

    thread = Thread(target=stream, name="stream")
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()


def test_edits_are_picked_up_under_a_constant_stream_and_no_fix_is_lost(running):
    running.enrol(DEVICE)
    running.put_zones(a_zone(valid_from=time.time() - 7200.0))
    with streaming(running.spy()) as sent:
        eventually(lambda: running.rows(JUDGED))
        begins = {}
        for version, standoff_m in enumerate(EDITS, start=2):
            edited = edit_zone(running.admin, "court", Edit(standoff_m=standoff_m), Signature("anna", "a test"))
            begins[version] = edited.valid_from
            eventually(lambda version=version: running.rows(JUDGED)[-1][0] == version)
    running.wait_stored(DEVICE, len({fix.fix_at for fix in sent}))
    first = {version: min(fix.fix_at for fix in sent if fix.fix_at >= at) for version, at in begins.items()}
    judged = dict(running.rows(JUDGED))
    assert {version: round(judged[version], 3) for version in begins} == first

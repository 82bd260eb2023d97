import asyncio
import json
from dataclasses import asdict

import pytest
from fake_live import NOW, FakeLiveView, a_court, a_device, an_alert

from maps import live
from maps.live import LiveHub
from tracker.answers.triage import Stage, Subject, Triage
from tracker.live import AT_EASE
from tracker.people.roles import EVERYBODY, Scope


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Bench:
    """A hub whose readings are made by the test, and the events that one page gets from it."""

    def __init__(self):
        self.view, self.clock = FakeLiveView(), Clock()
        self.hub = LiveHub(self.view, clock=self.clock)

    def read(self, after_s=1.0):
        self.clock.now += after_s
        self.hub.take(self.hub.read())

    def put(self, *rows):
        self.view.put(*rows, changed_at=self.clock.now)

    async def page(self, events, last_event_id=None):
        """The next events of a page that opens now, after the first beat, as (name, id, body)."""
        stream = self.hub.stream(last_event_id=last_event_id)
        await anext(stream)
        return [unpack(await anext(stream)) for _ in range(events)]


def unpack(event):
    return event.event, event.id, json.loads(event.data)


@pytest.fixture
def bench():
    return Bench()


def test_a_page_starts_with_a_snapshot(bench):
    bench.view.put_zones(a_court())
    bench.put(a_device(), an_alert())
    bench.read()

    [(name, event_id, body)] = asyncio.run(bench.page(1))

    assert name == "snapshot"
    assert event_id
    assert [row["device"] for row in body["devices"]] == ["phone-1"]
    assert [row["id"] for row in body["alerts"]] == ["incursion-1"]
    assert body["zones"] == 2


def test_what_changes_follows_as_a_diff(bench):
    async def scene():
        bench.put(a_device())
        bench.read()
        stream = bench.hub.stream()
        await anext(stream)
        await anext(stream)
        following = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        bench.put(a_device(state="inside", zone="court"))
        bench.read()
        return unpack(await following)

    name, _, body = asyncio.run(scene())

    assert name == "diff"
    assert [(row["device"], row["state"]) for row in body["devices"]] == [("phone-1", "inside")]


def test_a_page_that_returns_gets_what_it_missed_in_one_diff(bench):
    bench.put(a_device("a"))
    bench.read()
    [(_, seen, _)] = asyncio.run(bench.page(1))
    bench.put(a_device("a", state="approach"))
    bench.read()
    bench.put(a_device("a", state="inside"), a_device("b"))
    bench.read()

    [(name, event_id, body)] = asyncio.run(bench.page(1, seen))

    assert name == "diff"
    assert event_id != seen
    assert [(row["device"], row["state"]) for row in body["devices"]] == [("a", "inside"), ("b", "clear")]


def test_a_page_that_missed_nothing_gets_nothing_again(bench, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.0)
    bench.read()
    [(_, seen, _)] = asyncio.run(bench.page(1))

    [(name, event_id, body)] = asyncio.run(bench.page(1, seen))

    assert (name, event_id, body["delayed_s"]) == ("beat", None, 0.0)


def test_every_page_first_hears_what_time_it_is(bench):
    async def first():
        return unpack(await anext(bench.hub.stream()))

    assert asyncio.run(first()) == ("beat", None, {"at": NOW, "delayed_s": None, "hearing": asdict(AT_EASE)})


@pytest.mark.parametrize("stale", ["", "nonsense", "ffffffff-1", "-1", "٣"])
def test_an_id_of_another_process_gets_a_snapshot(bench, stale):
    bench.read()

    [(name, _, _)] = asyncio.run(bench.page(1, stale))

    assert name == "snapshot"


@pytest.mark.parametrize("number", ["99", "9" * 5000, "-5", "0x1", "٣", "²", ""])
def test_a_number_that_was_never_given_gets_a_snapshot(bench, number):
    bench.read()
    [(_, known, _)] = asyncio.run(bench.page(1))

    [(name, _, _)] = asyncio.run(bench.page(1, f"{known.rpartition('-')[0]}-{number}"))

    assert name == "snapshot"


def test_a_page_behind_the_ring_gets_a_snapshot(bench):
    bench.put(a_device())
    bench.read()
    [(_, seen, _)] = asyncio.run(bench.page(1))
    for step in range(live.RING_SIZE + 1):
        bench.put(a_device(battery_pct=step / 10))
        bench.read()

    [(name, _, _)] = asyncio.run(bench.page(1, seen))

    assert name == "snapshot"


def test_new_zones_are_told_under_the_old_id_and_before_the_diff(bench):
    bench.read()
    [(_, seen, _)] = asyncio.run(bench.page(1))
    bench.view.put_zones(a_court())
    bench.read()

    (first, first_id, body), (second, second_id, _) = asyncio.run(bench.page(2, seen))

    assert (first, first_id, body) == ("zones", seen, {"generation": 2})
    assert second == "diff"
    assert second_id != seen


def test_before_the_first_reading_a_page_hears_that_nothing_is_known(bench, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.0)
    [(name, _, body)] = asyncio.run(bench.page(1))

    assert (name, body["delayed_s"]) == ("beat", None)


def test_while_the_store_is_away_the_beat_says_how_old_the_picture_is(bench, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.0)
    bench.read()
    [(_, seen, _)] = asyncio.run(bench.page(1))
    bench.view.broken = True
    bench.clock.now += 42.0

    with pytest.raises(ConnectionError):
        bench.hub.read()
    [(name, _, body)] = asyncio.run(bench.page(1, seen))

    assert (name, body["delayed_s"]) == ("beat", 42.0)


def test_rows_that_commit_late_are_read(bench):
    bench.read()
    late = bench.clock.now - live.OVERLAP_S + 1.0
    bench.view.put(a_device(), changed_at=late)

    bench.read()

    assert asyncio.run(bench.page(1))[0][2]["devices"]


def test_everything_is_read_anew_each_minute(bench):
    bench.read()
    bench.view.put(a_device(), changed_at=bench.clock.now - 1000.0)
    bench.read()
    assert not asyncio.run(bench.page(1))[0][2]["devices"]

    bench.read(after_s=live.COMPLETE_EVERY_S)

    assert asyncio.run(bench.page(1))[0][2]["devices"]


def test_closing_ends_a_stream_that_waits(bench):
    async def scene():
        bench.read()
        stream = bench.hub.stream()
        await anext(stream)
        await anext(stream)
        rest = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        bench.hub.close()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(rest, live.BEAT_S)

    asyncio.run(scene())


def test_the_thread_reads_and_recovers_after_the_store_was_away(bench):
    async def scene():
        bench.view.broken = True
        bench.hub.start()
        stream = bench.hub.stream()
        first = unpack(await anext(stream))
        bench.put(a_device())
        bench.view.broken = False
        names = [first[0]]
        while names[-1] != "snapshot":
            names.append(unpack(await anext(stream))[0])
        bench.hub.close()
        return names

    assert asyncio.run(asyncio.wait_for(scene(), 30.0))[0] == "beat"


def test_calls_are_those_that_nobody_has_answered_the_oldest_first(bench):
    answered = Triage(Subject.SOS, version=1, stage=Stage.ACKNOWLEDGED)
    bench.put(an_alert("sos-1", kind="sos"), an_alert("sos-2", kind="sos", first_possible_at=NOW - 90))
    bench.put(an_alert("sos-3", kind="sos", triage=answered), an_alert("entry"))
    bench.read()

    assert [row.id for row in bench.hub.calls(EVERYBODY)] == ["sos-2", "sos-1"]


def test_calls_are_those_of_ones_teams(bench):
    bench.put(an_alert("sos-1", kind="sos", team=1), an_alert("sos-2", kind="sos", team=2))
    bench.read()

    assert [row.id for row in bench.hub.calls(Scope(frozenset({2})))] == ["sos-2"]

"""Silences through the pipeline on the store in memory: told once, whoever looks, and settled by what comes late."""

from dataclasses import replace

import pytest

from mqtt.topics import shard_of
from tests.builders import NINE, a_fix, a_zone
from tests.fakes import FakeStore
from tracker.admission import Limits
from tracker.alert import AlertKind, Audience
from tracker.batch import Arrival
from tracker.pipeline import Pipeline
from tracker.ports import StoreUnavailableError
from tracker.shift import Enrolment, Shift
from tracker.silence import Over
from tracker.word import Why, Word

PHONE = "phone-1"
SHARDS = {shard_of(PHONE)}
ON_SHIFT = Enrolment(1, PHONE, 1, consented=True, shifts=(Shift(1, NINE - 600),))


class House:
    """A store with one visitor on shift, and a worker that listens to them."""

    def __init__(self):
        self.store = FakeStore()
        self.store.enrol(ON_SHIFT)
        self.restart()
        self.look(-600)

    def restart(self):
        self.pipeline = Pipeline(self.store, Limits())

    def look(self, at_s, shards=SHARDS, held_back=()):
        """One look so many seconds after nine, and every 20 s before it, as a worker that stays up has them."""
        return [
            (alert.kind, alert.audience, alert.at - NINE)
            for alert in self.pipeline.look_out(shards, held_back, NINE + at_s).alerts
        ]

    def stay_up(self, from_s, to_s):
        return [told for at_s in range(from_s, to_s + 1, 20) for told in self.look(at_s)]

    def send(self, *fixes):
        return self.pipeline.process([Arrival(fix.device, fix.received_at, [fix]) for fix in fixes])

    def say(self, at_s, **word):
        self.pipeline.process([Arrival(PHONE, NINE + at_s, word=Word(NINE + at_s, **word))])

    def silence(self):
        """The newest one."""
        return max(self.store.tables.silences.values(), key=lambda each: each.id, default=None)


@pytest.fixture
def house():
    made = House()
    made.send(a_fix(lag_s=0.0, speed_mps=1.4))
    return made


RED = (AlertKind.SILENCE, Audience.SUPERVISOR, 900.0)


def test_red_is_told_once_whoever_looks_and_after_a_restart(house):
    assert house.stay_up(-600, 880) == []
    assert house.look(900) == [RED]
    house.restart()
    assert house.stay_up(900, 1800) == []


def test_a_look_that_was_not_committed_is_repeated(house):
    house.stay_up(-600, 880)
    house.store.fail_commits = 1
    with pytest.raises(StoreUnavailableError):
        house.look(900)
    assert house.look(901) == [(AlertKind.SILENCE, Audience.SUPERVISOR, 901.0)]


def test_who_was_told_hears_that_it_is_over_and_who_was_not_does_not(house):
    house.stay_up(-600, 600)
    house.send(a_fix(at_s=601, lag_s=0.0))
    assert house.look(620) == []
    assert house.stay_up(640, 1600) == [(AlertKind.SILENCE, Audience.SUPERVISOR, 1520.0)]
    house.send(a_fix(at_s=1610, lag_s=0.0))
    assert house.look(1620) == [(AlertKind.HEARD, Audience.SUPERVISOR, 1610.0)]


def test_what_could_have_been_entered_grows_with_the_silence(house):
    house.store.put_zones([a_zone(), a_zone("far", at=(118.9, 32.04))])
    house.send(a_fix(950.0, at_s=10, lag_s=0.0, speed_mps=1.4))
    house.stay_up(-600, 640)
    assert house.silence().reached == ()
    house.stay_up(660, 760)  # at 1.4 m/s, 950 m take 679 s
    assert [(each.zone, round(each.away_m)) for each in house.silence().reached] == [("court", 950)]


def test_a_shift_without_any_position_is_a_silence_without_zones():
    house = House()
    house.store.put_zones([a_zone()])
    assert house.stay_up(-600, 300) == [(AlertKind.SILENCE, Audience.SUPERVISOR, 300.0)]
    assert (house.silence().since, house.silence().reached) == (NINE - 600, ())


def test_it_ends_with_the_shift_and_nobody_is_told(house):
    house.stay_up(-600, 1000)
    house.store.enrol(replace(ON_SHIFT, shifts=(Shift(1, NINE - 600, NINE + 1010),)))
    assert house.stay_up(1020, 3000) == []
    assert (house.silence().over, house.silence().ended_at) == (Over.SHIFT_END, NINE + 1010)


def test_a_worker_that_was_away_begins_anew(house):
    house.stay_up(-600, 200)
    assert house.stay_up(3000, 3280) == []
    assert house.silence() is None
    house.stay_up(3300, 3300)
    assert (house.silence().since, house.silence().judged_from) == (NINE, NINE + 3000)


def test_a_shard_that_is_not_listened_to_is_left_alone(house):
    house.stay_up(-600, 200)
    assert [told for at_s in range(220, 2000, 20) for told in house.look(at_s, shards=set())] == []
    assert house.silence() is None


def test_who_spoke_and_was_held_back_by_us_is_not_silent(house):
    house.stay_up(-600, 280)
    assert house.look(300, held_back={PHONE}) == []
    assert house.silence() is None


def test_a_backlog_settles_it(house):
    house.stay_up(-600, 1000)
    house.send(a_fix(at_s=1010, lag_s=0.0))
    house.look(1020)
    assert not house.silence().filled
    house.send(*[a_fix(at_s=at_s, lag_s=1030.0 - at_s) for at_s in range(60, 1000, 60)])
    assert house.silence().filled


def test_a_backlog_that_came_with_the_first_word_settles_it_at_once(house):
    house.stay_up(-600, 1000)
    house.send(*[a_fix(at_s=at_s, lag_s=1010.0 - at_s) for at_s in range(60, 1020, 60)])
    assert house.look(1020) == [(AlertKind.HEARD, Audience.SUPERVISOR, 1010.0)]
    assert (house.silence().over, house.silence().filled) == (Over.HEARD, True)


def test_a_ping_is_a_word_and_a_reason_is_not(house):
    house.stay_up(-600, 280)
    house.say(290, alive=True)
    house.stay_up(300, 580)
    assert house.silence() is None
    house.say(585, why=Why.PERMISSION)
    house.stay_up(600, 600)
    assert (house.silence().since, house.silence().why) == (NINE + 290, Why.PERMISSION)


def test_a_fix_that_announces_why_it_is_the_last_explains_what_follows(house):
    house.send(a_fix(at_s=10, lag_s=0.0)._replace(why=Why.BATTERY))
    house.stay_up(-600, 320)
    assert house.silence().why is Why.BATTERY


def test_what_a_phone_said_before_its_newest_position_explains_nothing(house):
    house.say(5, why=Why.CONNECTION_LOST)
    house.send(a_fix(at_s=10, lag_s=0.0))
    house.stay_up(-600, 320)
    assert house.silence().why is None


@pytest.mark.parametrize("change", [{"consented": False}, {"shifts": ()}, {"revoked": True}])
def test_of_who_may_not_be_tracked_no_word_is_kept(house, change):
    house.store.enrol(replace(ON_SHIFT, **change))
    house.restart()
    house.say(10, alive=True, why=Why.AIRPLANE)
    assert house.store.tables.words == {}


def test_a_visitor_with_two_phones_is_heard_by_either(house):
    house.store.enrol(replace(ON_SHIFT, device_id=2, device="phone-2"))
    for at_s in range(0, 1800, 60):
        house.send(a_fix(at_s=at_s, lag_s=0.0)._replace(device="phone-2"))
        house.look(at_s, shards={shard_of(PHONE), shard_of("phone-2")})
    assert house.silence() is None

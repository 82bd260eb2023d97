"""An edit doesn't relabel the past: stored fixes judged again by the zones as they were known at a moment."""

import json
import time

import pytest
from shapely import Point
from typer.testing import CliRunner

from geofences.policy import Edit
from mqtt.topics import shard_of
from tests.builders import COURT, WGS84, a_walk, a_zone
from tests.eventually import eventually
from tracker.admission import Limits
from tracker.batch import Arrival
from tracker.cli import cli
from tracker.pipeline import Pipeline
from tracker.store.connection import connect
from tracker.store.people import People
from tracker.store.postgres import PostgresStore
from tracker.store.zones import edit_zone, put_zones, retire_zones
from tracker.zones.record import Signature

ANNA = Signature("anna", "the court has moved")
INSIDE = [150, 50, *[-80] * 12]
AWAY = WGS84.fwd(*COURT, 270.0, 5000.0)[:2]


def move(admin):
    edit_zone(admin, "court", Edit(footprint=Point(AWAY)), ANNA)


def shrink(admin):
    edit_zone(admin, "court", Edit(standoff_m=20.0), ANNA)


def retire(admin):
    retire_zones(admin, ["court"], ANNA)


class Office:
    """One phone, one zone, and the command."""

    def __init__(self, url):
        self.url = url
        self.admin = connect(url, "test", fenced=False)
        self.began = round(time.time()) - 1800.0
        put_zones(self.admin, [a_zone(valid_from=self.began)], "test")
        people = People(self.admin)
        visitor = people.add_visitor("Li", consented=True)
        people.add_device("phone-1", visitor, platform="android", shard=shard_of("phone-1"), secret="s")
        people.open_shift(visitor, self.began)

    def walk(self, start):
        """Into the zone, judged as it comes."""
        fixes = [fix._replace(received_at=time.time()) for fix in a_walk(INSIDE, every_s=5.0, start=start)]
        with PostgresStore(self.url, "test", fenced=False, late_s=86_400.0) as store:
            arrived = [Arrival("phone-1", fix.received_at, [fix]) for fix in fixes]
            assert Pipeline(store, Limits(ahead_s=600.0)).process(arrived).stored == len(fixes)

    def replay(self, as_of):
        """Exit code and report."""
        asked = ["replay", "--as-of", as_of, "--device", "phone-1", "--json"]
        done = CliRunner().invoke(cli, asked, env={"KEEPCLEAR_DATABASE_URL": self.url})
        return done.exit_code, json.loads(done.output)

    def edited(self, change):
        """Change the zone; returns a moment before it, once it is valid."""
        before = time.time()
        eventually(lambda: time.time() > before + 0.05)
        change(self.admin)
        ask = "SELECT max(coalesce(valid_to, valid_from)) < clock_timestamp() FROM zone_version"
        eventually(lambda: self.admin.execute(ask).fetchone()[0])
        return str(before)


@pytest.fixture
def office(database_url):
    made = Office(database_url)
    yield made
    made.admin.close()


@pytest.mark.parametrize("change", [move, shrink, retire])
def test_an_edit_relabels_nothing_and_new_fixes_meet_the_new_version(office, change):
    office.walk(office.began + 60)
    before = office.edited(change)
    for as_of in ("now", before):
        code, report = office.replay(as_of)
        assert (code, report["agrees"], report["shifts"][0]["recorded"]) == (0, True, 1)
    office.walk(round(time.time()) + 1.0)  # whole seconds: what is stored has microseconds
    assert office.replay("now")[0] == 0
    code, report = office.replay(before)
    assert code == 1
    causes = {difference["cause"] for difference in report["shifts"][0]["differences"]}
    assert causes <= {"not_yet_known", "end_not_yet_known"}


def test_a_zone_put_on_record_afterwards_is_named_as_the_cause(office):
    office.walk(office.began + 60)
    put_zones(office.admin, [a_zone("late", valid_from=office.began)], "anna")
    code, report = office.replay("now")
    (difference,) = report["shifts"][0]["differences"]
    assert (code, difference["zone"], difference["recorded"], difference["cause"]) == (1, "late", None, "known_later")


def test_fixes_that_have_expired_are_said_and_prove_nothing(office):
    office.walk(office.began + 60)
    office.admin.execute("DELETE FROM fix")
    code, report = office.replay("now")
    assert (code, report["agrees"], report["shifts"][0]["differences"]) == (3, False, [])
    assert report["shifts"][0]["fixes_missing_at"]


def test_it_writes_nothing(office):
    office.walk(office.began + 60)
    query = "SELECT t::text, i::text, r::text FROM track t, incursion i, incursion_revision r"
    before = office.admin.execute(query).fetchall()
    office.replay("now")
    assert office.admin.execute(query).fetchall() == before != []


def test_an_unclear_question_is_refused():
    for arguments in (["replay"], ["replay", "--as-of", "now", __file__]):
        assert CliRunner().invoke(cli, arguments).exit_code == 2

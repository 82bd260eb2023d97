"""Every revision of an incursion stays, as it was when the next one replaced it."""

from tracker.incursion import Incursion, Kind
from tracker.settle import Action, Change, Stored
from tracker.store.connection import connect
from tracker.store.incursions import write_incursions
from tracker.store.people import People

ID = "0b8a2d0e-6e0f-4d0c-9c55-0b6a3c1d2e3f"
SEEN = Incursion("court", 1, Kind.APPROACH, 100.0, 100.0, 100.0, 0.1, 50.0, 5.0, fixes=1)


def a_change(action, before, after):
    return Change(action, before, after, (), None)


def test_a_revision_keeps_what_the_one_before_had_grown_to(database_url):
    first = Stored(ID, 1, retracted=False, incursion=SEEN)
    grown = first._replace(incursion=SEEN._replace(fixes=9, closest_m=12.5))
    retracted = grown._replace(revision=2, retracted=True)
    with connect(database_url, "test", fenced=False) as connection:
        people = People(connection)
        visitor = people.add_visitor("Li", consented=True)
        device = people.add_device("phone-1", visitor, platform="android", shard=0, secret="s")
        key = (device, people.open_shift(visitor, 50.0))
        for change in (
            a_change(Action.NEW, None, first),
            a_change(Action.GROWN, first, grown),
            a_change(Action.RETRACTED, grown, retracted),
        ):
            write_incursions(connection, [(key, change)])
        kept = connection.execute(
            "SELECT revision, (content->>'fixes')::int, retracted FROM incursion_revision ORDER BY revision"
        ).fetchall()
    assert kept == [(1, 9, False), (2, 9, True)]

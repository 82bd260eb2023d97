"""Zone versions on a real database: immutable, signed, dated a moment ahead, and read in parts."""

import time
from math import inf

import psycopg
import pytest
from houses import HOUR_AGO

from geofences.allowed import allowed
from geofences.index import ZoneIndex
from geofences.policy import Edit, Policy
from geofences.schedule import Schedule
from tests.builders import a_zone
from tracker.errors import NotFoundError
from tracker.ports import ZoneCursor
from tracker.store.neighbourhood import Neighbourhood
from tracker.store.zones import LEAD_S, edit_zone, put_policy, retire_zones, standing, zone_records
from tracker.zones.record import Signature

ANNA = Signature("anna", "new gate", "li wei")
HOURS = Schedule("DTSTART:20260105T083000\nDURATION:PT9H\nRRULE:FREQ=DAILY", "Europe/Berlin")


@pytest.fixture
def admin(postgis):
    postgis.put_zones(a_zone(valid_from=HOUR_AGO), a_zone("police", valid_from=HOUR_AGO))
    return postgis.admin


def test_an_edit_is_a_version_with_who_why_and_who_approved(admin):
    edit_zone(admin, "court", Edit(standoff_m=250.0, schedule=HOURS), ANNA)
    old, new = zone_records(admin, "court")
    assert (new.zone.version, new.zone.standoff_m, new.zone.schedule, new.signature) == (2, 250.0, HOURS, ANNA)
    assert (old.zone.standoff_m, old.zone.valid_to) == (200.0, new.zone.valid_from)


def test_an_edit_is_valid_a_moment_after_it_is_recorded(admin):
    before = time.time()
    zone = edit_zone(admin, "court", Edit(standoff_m=250.0), ANNA)
    assert zone.valid_from > before + LEAD_S * 0.9


def test_two_edits_in_a_row_follow_each_other(admin):
    versions = [edit_zone(admin, "court", Edit(standoff_m=metres), ANNA) for metres in (250.0, 260.0)]
    assert versions[0].valid_from < versions[1].valid_from
    assert [record.zone.version for record in zone_records(admin, "court")] == [1, 2, 3]


def test_an_edit_of_the_name_alone_judges_as_before(admin):
    edit_zone(admin, "court", Edit(standoff_m=250.0), ANNA)
    renamed = edit_zone(admin, "court", Edit(name="New name"), ANNA)
    assert (renamed.version, renamed.judges_like(2), renamed.judges_like(1)) == (3, True, False)


def test_an_edit_that_changes_nothing_writes_nothing(admin):
    assert edit_zone(admin, "court", Edit(name="court"), ANNA).version == 1


def test_a_zone_that_is_not_there_cannot_be_edited(admin):
    with pytest.raises(NotFoundError):
        edit_zone(admin, "nobody", Edit(name="x"), ANNA)


def test_a_retired_zone_says_who_and_why_and_stands_no_more(admin):
    assert retire_zones(admin, ["court"], ANNA) == 1
    (record,) = zone_records(admin, "court")
    assert (record.ended_by, record.ended_why) == ("anna", "new gate")
    assert set(standing(admin)) == {"police"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE zone_version SET standoff_m = 1",
        "UPDATE zone_version SET footprint = ST_GeogFromText('POINT(1 1)')",
        "UPDATE zone_version SET reason = 'another'",
    ],
)
def test_a_version_that_is_written_never_changes(admin, statement):
    with pytest.raises(psycopg.IntegrityError, match="never changes"):
        admin.execute(statement)


def test_a_version_that_ended_stays_ended(admin):
    retire_zones(admin, ["court"], ANNA)
    with pytest.raises(psycopg.IntegrityError, match="never changes"):
        admin.execute("UPDATE zone_version SET valid_to = NULL WHERE zone_id = 'court'")


def test_a_policy_makes_versions_of_the_zones_that_it_changes(admin):
    edit_zone(admin, "police", Edit(standoff_m=400.0), ANNA)
    assert put_policy(admin, Policy("court", 300.0, 80.0), ANNA) == 2
    found = {zone_id: (zone.version, zone.standoff_m, zone.warning_m) for zone_id, zone in standing(admin).items()}
    assert found == {"court": (2, 300.0, 80.0), "police": (3, 400.0, 80.0)}
    assert put_policy(admin, Policy("court", 300.0, 80.0), ANNA) == 0


def test_a_new_zone_follows_the_policy_of_its_category(postgis, admin):
    put_policy(admin, Policy("court", 300.0, 80.0, HOURS), ANNA)
    postgis.put_zones(a_zone("new"))
    zone = standing(admin, ["new"])["new"]
    assert (zone.standoff_m, zone.schedule, zone.overrides) == (300.0, HOURS, ())


def test_only_what_was_written_since_is_read_again(postgis, admin):
    with postgis.store.transaction() as transaction:
        seen = transaction.revisions()["zones"]
    edit_zone(admin, "court", Edit(standoff_m=250.0), ANNA)
    with postgis.store.transaction() as transaction:
        changed = {(zone.id, zone.version, zone.valid_to is None) for zone in transaction.zones(seen)}
        assert changed == {("court", 1, False), ("court", 2, True)}
        assert len(transaction.zones()) == 3


@pytest.mark.parametrize("limit", [1, 2, None])
def test_what_was_written_since_is_read_in_pages_and_says_from_when_it_counts(postgis, admin, limit):
    with postgis.store.transaction() as transaction:
        seen = transaction.revisions()["zones"]
        assert transaction.zones_differ_from(seen) == inf
    retire_zones(admin, ["police"], ANNA)
    ends = zone_records(admin, "police")[-1].zone.valid_to
    edit_zone(admin, "court", Edit(standoff_m=250.0), ANNA)
    cursor, read = ZoneCursor(seen + 1), []
    with postgis.store.transaction() as transaction:
        assert transaction.zones_differ_from(seen) == ends
        while (page := transaction.zone_page(cursor, limit))[0]:
            read, cursor = read + page[0], page[1]
    assert sorted((zone.id, zone.version) for zone in read) == [("court", 1), ("court", 2), ("police", 1)]


def test_the_record_says_when_an_end_was_recorded_and_lets_nobody_say_otherwise(admin):
    began = time.time()
    retire_zones(admin, ["court"], ANNA)
    ended_at, valid_to = admin.execute(
        "SELECT extract(epoch FROM ended_at)::float8, extract(epoch FROM valid_to)::float8 FROM zone_version "
        "WHERE zone_id = 'court'"
    ).fetchone()
    assert began - 1.0 < ended_at < valid_to
    with pytest.raises(psycopg.IntegrityError):
        admin.execute("UPDATE zone_version SET ended_at = now() - interval '1 year' WHERE zone_id = 'police'")


@pytest.mark.parametrize("count", [1, 40])
def test_whether_a_place_is_allowed_needs_no_more_than_its_neighbourhood(postgis, count):
    """Discs 300 m apart: of 200 m each the way out is sideways, of 3 km each it is longer than the first look."""
    for standoff_m in (200.0, 3_000.0):
        prefix = f"{standoff_m:.0f}"
        chain = [
            a_zone(f"{prefix}/{n}", at=(118.8 + n * 0.003, 32.05), standoff_m=standoff_m, valid_from=HOUR_AGO)
            for n in range(count)
        ]
        postgis.put_zones(*chain)
        now, place = time.time(), (118.8 + 0.0015 * count, 32.0501)
        everything = ZoneIndex.build(standing(postgis.admin).values())
        assert allowed(Neighbourhood(postgis.admin, *place, now), *place, now) == allowed(everything, *place, now)


def test_a_version_that_ends_soon_still_forbids(admin):
    edit_zone(admin, "court", Edit(standoff_m=250.0), ANNA)
    now, place = time.time(), a_zone().footprint.coords[0]
    assert allowed(Neighbourhood(admin, *place, now), *place, now).out is not None

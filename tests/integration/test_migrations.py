"""Every migration on a database with rows in it, up and down: what was there stays, what is new has its meaning."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.sql import SQL, Identifier
from sqlalchemy import create_engine

from tracker.store.connection import conninfo
from tracker.store.migrate import MIGRATIONS, upgrade
from tracker.store.models import Base

POPULATE = """
INSERT INTO account (username, password_hash) VALUES ('anna', 'x');
INSERT INTO visitor (name, consented_at) VALUES ('Li', '2026-01-01Z'), ('Wu', NULL);
INSERT INTO device (name, visitor_id, platform, shard) VALUES ('p1', 1, 'android', 3), ('p2', 2, 'symbian', 4);
INSERT INTO shift (visitor_id, opened_at, closed_at) VALUES (1, '2026-01-01 08:00Z', '2026-01-01 16:00Z');
CREATE TABLE fix_20260101 PARTITION OF fix FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2026-01-02 00:00+00');
INSERT INTO fix (device_id, fix_at, position, shift_id, h3_cell, received_at)
  VALUES (1, '2026-01-01 09:00Z', 'POINT(118.79 32.04)', 1, 7, '2026-01-01 09:00:01Z');
INSERT INTO zone_version (zone_id, version, name, category, footprint, standoff_m, warning_m, valid_from, valid_to,
                          source, source_datum, recorded_by)
  VALUES ('court', 1, 'Court', 'court', 'POINT(118.8 32.04)', 200, 100, '2026-01-01Z', '2026-01-05Z', '', 'wgs84', 'a'),
         ('court', 2, 'Court', 'court', 'POINT(118.8 32.04)', 250, 100, '2026-01-05Z', NULL, '', 'wgs84', 'b'),
         ('gone', 1, 'Gone', 'jail', 'POINT(118.8 32.0)', 200, 100, '2026-01-01Z', '2026-01-09Z', '', 'wgs84', 'a');
INSERT INTO track (device_id, shift_id, version, fix_at, lon, lat, received_at, state, fold)
  VALUES (1, 1, 1, '2026-01-01 09:00Z', 118.79, 32.04, '2026-01-01 09:00:01Z', 'inside', '{}');
INSERT INTO incursion (id, device_id, shift_id, zone_id, zone_version, kind, certainty, first_possible_at, p_inside,
                       content, revision, retracted)
  VALUES ('00000000-0000-0000-0000-000000000001', 1, 1, 'court', 1, 'entry', 'confirmed', '2026-01-01 09:00Z', 0.99,
          '{}', 1, false);
INSERT INTO incursion_revision (incursion_id, revision, content, retracted)
  VALUES ('00000000-0000-0000-0000-000000000001', 1, '{}', false);
INSERT INTO alert (dedup_key, incursion_id, device_id, kind, audience, happened_at, revision, content)
  VALUES ('k1', '00000000-0000-0000-0000-000000000001', 1, 'entry', 'visitor', '2026-01-01 09:00Z', 1, '{}');
INSERT INTO acknowledgement (device_id, version, ledger) VALUES (1, 1, '{}');
INSERT INTO declared_loss (device_id, first_seq, last_seq) VALUES (1, 5, 9);
INSERT INTO quarantine (received_at, reason, detail, size_bytes) VALUES ('2026-01-01Z', 'not_json', '', 3);
INSERT INTO refusal (device, day, reason, count, last_at) VALUES ('p2', '2026-01-01Z', 'no_consent', 4, '2026-01-01Z');
"""


class Case(NamedTuple):
    """What a migration means to rows that are there.

    `asked`, `answered`: a query and its rows after the way up. `written`: what only the new schema takes; `refused`:
    what it no longer takes. `left`, `leaves`: a query and its rows after the way down, with all that written.
    """

    asked: str
    answered: list[tuple[Any, ...]]
    written: str = ""
    refused: tuple[str, ...] = ()
    left: str = "SELECT 1"
    leaves: tuple[tuple[Any, ...], ...] = ((1,),)


CASES = {
    "0001": Case(asked="SELECT count(*) FROM visitor", answered=[(0,)]),
    "0002": Case(
        asked="SELECT count(*) FROM excuse",
        answered=[(0,)],
        written="INSERT INTO excuse (visitor_id, from_at, cause, approved_by) VALUES (1, now(), 'party', 'anna')",
        refused=(
            "INSERT INTO excuse (visitor_id, from_at, to_at, cause, approved_by) VALUES (1, now(), 'epoch', '', '')",
        ),
        left="SELECT to_regclass('excuse')::text, count(*) FROM visitor",
        leaves=((None, 2),),
    ),
    "0003": Case(
        asked="SELECT zone_id, version, alike_since, recorded_at = valid_from, overrides, reason FROM zone_version "
        "ORDER BY 1, 2",
        answered=[("court", 1, 1, True, [], ""), ("court", 2, 2, True, [], ""), ("gone", 1, 1, True, [], "")],
        written="INSERT INTO zone_policy (category, version, standoff_m, warning_m, valid_from, recorded_by, reason) "
        "VALUES ('court', 1, 300, 50, now(), 'anna', 'rule 7')",
        refused=("UPDATE zone_version SET standoff_m = 1 WHERE version = 2", "UPDATE zone_version SET valid_to = NULL"),
        left="SELECT zone_id, version, standoff_m, recorded_by FROM zone_version ORDER BY 1, 2",
        leaves=(("court", 1, 200.0, "a"), ("court", 2, 250.0, "b"), ("gone", 1, 200.0, "a")),
    ),
    "0004": Case(
        asked="SELECT dedup_key, incursion_id IS NULL FROM alert",
        answered=[("k1", False)],
        written="INSERT INTO alert (dedup_key, device_id, kind, audience, happened_at, revision, content) "
        "VALUES ('sos', 1, 'sos', 'supervisor', now(), 1, '{}')",
        left="SELECT dedup_key FROM alert",
        leaves=(("k1",),),
    ),
    "0005": Case(
        asked="SELECT zone_id, version, ended_at = valid_to, written FROM zone_version ORDER BY 1, 2",
        answered=[("court", 1, True, 0), ("court", 2, None, 0), ("gone", 1, True, 0)],
        written="UPDATE zone_version SET valid_to = now() + interval '1 s', ended_by = 'anna' WHERE valid_to IS NULL",
        refused=("UPDATE zone_version SET ended_at = now()", "UPDATE zone_version SET written = 7"),
        left="SELECT zone_id, version, ended_by FROM zone_version ORDER BY 1, 2",
        leaves=(("court", 1, None), ("court", 2, "anna"), ("gone", 1, None)),
    ),
    "0006": Case(
        asked="SELECT name, platform FROM device ORDER BY id",
        answered=[("p1", "android"), ("p2", "ios")],
        refused=("UPDATE device SET platform = 'symbian'",),
        left="UPDATE device SET platform = 'symbian' WHERE name = 'p2' RETURNING platform",
        leaves=(("symbian",),),
    ),
    "0007": Case(
        asked="SELECT f.monotonic_s, f.satellites, t.plausibility FROM fix f, track t",
        answered=[(None, None, None)],
        written="UPDATE fix SET monotonic_s = 1.5, satellites = 9",
        left="SELECT h3_cell FROM fix",
        leaves=((7,),),
    ),
    "0008": Case(
        asked="SELECT stage, triage.content->>'reason', act, done_by FROM triage JOIN triage_deed USING (alert_id)",
        answered=[("closed", "earlier", "close", "keepclear")],
        refused=("UPDATE triage_deed SET done_by = 'anna'", "DELETE FROM triage_deed", "TRUNCATE triage_deed"),
        left="SELECT to_regclass('triage')::text, to_regclass('triage_deed')::text",
        leaves=((None, None),),
    ),
    "0009": Case(
        asked="SELECT planned_at = created_at FROM alert",
        answered=[(True,)],
        written="INSERT INTO delivery (dedup_key, recipient, why) VALUES ('k1', 'anna', 'told')",
        refused=("INSERT INTO delivery (dedup_key, recipient, why) VALUES ('k1', 'anna', 'told')",),
        left="SELECT to_regclass('delivery')::text, count(*) FROM alert",
        leaves=((None, 1),),
    ),
    "0010": Case(
        asked="SELECT count(*) FROM alert_shown",
        answered=[(0,)],
        written="INSERT INTO alert_shown (alert_id, device_id, shown_to) VALUES ('x', 1, 'anna')",
        left="SELECT to_regclass('alert_shown')::text",
        leaves=((None,),),
    ),
    "0011": Case(  # accounts keep what they could do; a visitor is in no team
        asked="SELECT username, all_teams, team_id, array_agg(role ORDER BY role) FROM account, account_role, visitor "
        "WHERE visitor.id = 1 GROUP BY 1, 2, 3",
        answered=[("anna", True, None, ["supervisor", "zone_editor"])],
        written="INSERT INTO team (name) VALUES ('north'); UPDATE visitor SET team_id = 1 WHERE id = 1; "
        "INSERT INTO account (username) VALUES ('ben'); INSERT INTO account_team VALUES (2, 1); "
        "INSERT INTO look (account_id, username, visitor_id, from_at, to_at, purpose) "
        "VALUES (1, 'anna', 1, '2026-01-01Z', '2026-01-02Z', 'case 7'); "
        "INSERT INTO deed (username, what, subject) VALUES ('anna', 'team_added', 'north')",
        refused=(
            "UPDATE look SET purpose = 'another'",
            "DELETE FROM deed",
            "INSERT INTO look SELECT 9, now(), 1, 'anna', 1, now(), now(), ' '",
        ),
        left="SELECT to_regclass('team')::text, username FROM account",
        leaves=((None, "anna"),),
    ),
    "0012": Case(  # the reader role may count what was turned away, and never sees a payload
        asked="SELECT has_column_privilege('keepclear_reader', 'quarantine', 'reason', 'SELECT'), "
        "has_column_privilege('keepclear_reader', 'quarantine', 'payload', 'SELECT')",
        answered=[(True, False)],
        left="SELECT has_any_column_privilege('keepclear_reader', 'quarantine', 'SELECT')",
        leaves=((False,),),
    ),
    "0013": Case(
        asked="SELECT count(*) FROM log_in_try",
        answered=[(0,)],
        written="INSERT INTO log_in_try (key) VALUES ('k')",
        refused=("INSERT INTO log_in_try (key) VALUES ('k')",),
        left="SELECT to_regclass('log_in_try')::text",
        leaves=((None,),),
    ),
    "0014": Case(
        asked="SELECT username, oidc_issuer, oidc_subject FROM account",
        answered=[("anna", None, None)],
        written="UPDATE account SET oidc_issuer = 'https://id.example', oidc_subject = '1'",
        refused=(
            "INSERT INTO account (username, oidc_issuer, oidc_subject) VALUES ('ben', 'https://id.example', '1')",
            "UPDATE account SET oidc_issuer = NULL",
        ),
        left="SELECT count(*) FROM information_schema.columns WHERE column_name LIKE 'oidc%'",
        leaves=((0,),),
    ),
    "0015": Case(
        "SELECT (SELECT count(*) FROM silence), (SELECT count(*) FROM track WHERE why IS NULL)",
        [(0, 1)],
        written="INSERT INTO silence (shift_id, device_id, since, judged_from, red_at, listed_at) "
        "VALUES (1, 1, '2026-01-01 09:00Z', '2026-01-01 09:00Z', '2026-01-01 09:15Z', '2026-01-01 09:15Z'); "
        "INSERT INTO triage (alert_id, device_id, silence_id, version, stage, content) "
        "VALUES ('silence-1', 1, 1, 1, 'acknowledged', '{}'); "
        "INSERT INTO triage_deed VALUES ('silence-1', 1, 'acknowledge', 'anna', now(), '{}'); "
        "INSERT INTO alert (dedup_key, silence_id, device_id, kind, audience, happened_at, revision, content) "
        "VALUES ('silence-1:silence', 1, 1, 'silence', 'supervisor', '2026-01-01 09:15Z', 1, '{}'); "
        "INSERT INTO delivery (dedup_key, recipient, why) VALUES ('silence-1:silence', 'anna', 'told')",
        refused=(
            (
                "INSERT INTO silence (shift_id, device_id, since, judged_from, listed_at) "
                "VALUES (1, 1, '2026-01-01 10:00Z', '2026-01-01 10:00Z', '2026-01-01 10:00Z')"
            ),
            (
                "INSERT INTO triage (alert_id, device_id, silence_id, incursion_id, version, stage, content) "
                "VALUES ('x', 1, 1, '00000000-0000-0000-0000-000000000001', 1, 'new', '{}')"
            ),
            "DELETE FROM triage_deed WHERE alert_id = 'silence-1'",
        ),
        left="SELECT alert_id FROM triage WHERE alert_id LIKE 'silence-%' UNION ALL SELECT alert_id FROM triage_deed "
        "WHERE alert_id LIKE 'silence-%' UNION ALL SELECT dedup_key FROM delivery UNION ALL "
        "SELECT dedup_key FROM alert WHERE kind = 'silence'",
        leaves=(),
    ),
    "0017": Case(
        asked="SELECT count(*) FROM track_export",
        answered=[(0,)],
        written="INSERT INTO track_export "
        "(account_id, username, visitors, from_at, to_at, form, purpose, fixes, two_people) "
        "VALUES (1, 'anna', '{1}', 'epoch', now(), 'csv', 'complaint', 30, true)",
        refused=(
            "DELETE FROM track_export",
            "UPDATE track_export SET decided_at = now(), decider_id = 1, decided_by = 'anna', approved = true",
            "UPDATE track_export SET approved = true",
        ),
        left="SELECT to_regclass('track_export')::text",
        leaves=((None,),),
    ),
    "0018": Case(
        asked="SELECT count(*) FROM visit",
        answered=[(0,)],
        written="INSERT INTO visit (visitor_id, case_ref, from_at, to_at) VALUES (1, 'A-1', 'epoch', now())",
        refused=(
            "INSERT INTO visit (visitor_id, case_ref, from_at, to_at) VALUES (1, 'A-1', now(), 'epoch')",
            "INSERT INTO visit (visitor_id, case_ref, from_at, to_at) VALUES (-1, 'A-1', 'epoch', now())",
        ),
        left="SELECT to_regclass('visit')::text",
        leaves=((None,),),
    ),
    "0019": Case(
        asked="SELECT count(planned_by), count(cancelled_by) FROM visit",
        answered=[(0, 0)],
        written="INSERT INTO visit (visitor_id, case_ref, from_at, to_at, planned_by) "
        "VALUES (1, 'A-2', 'epoch', now(), 'anna')",
        refused=("UPDATE visit SET cancelled_by = 'anna' WHERE cancelled_at IS NULL",),
        left="SELECT case_ref FROM visit",
        leaves=(("A-2",),),
    ),
}


class House:
    """A database that is brought to one revision after another."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        self.connection = psycopg.connect(conninfo(url), autocommit=True)

    def to(self, revision: str) -> None:
        with self._engine.connect() as connection:
            move = command.downgrade if revision == "base" or revision < self.at() else command.upgrade
            move(config(connection), revision)
            connection.commit()

    def at(self) -> str:
        if self.ask("SELECT to_regclass('alembic_version')::text") == [(None,)]:
            return ""
        found = self.ask("SELECT version_num FROM alembic_version")
        return found[0][0] if found else ""

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def populate(self) -> None:
        self.connection.execute(POPULATE)

    def counts(self) -> dict[str, int]:
        """Rows of the tables of the first schema."""
        names = [row.split("(")[0].strip() for row in POPULATE.split("INSERT INTO ")[1:]]
        count = SQL("SELECT count(*) FROM {}")
        return {name: self.connection.execute(count.format(Identifier(name))).fetchall()[0][0] for name in names}

    def close(self) -> None:
        self.connection.close()
        self._engine.dispose()


def config(connection: Any = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def revisions() -> list[str]:
    """All of them, the first one first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


@contextmanager
def at_revision(url: str, revision: str) -> Iterator[House]:
    """A populated database at a revision."""
    house = House(url)
    house.to("0001")
    house.populate()
    house.to(revision)
    yield house
    house.close()


def test_every_migration_has_a_case() -> None:
    assert sorted(CASES) == revisions()


@pytest.mark.parametrize("revision", revisions()[1:])
def test_rows_survive_a_migration_up_and_down(empty_database_url, revision):
    case, before = CASES[revision], revisions()[revisions().index(revision) - 1]
    with at_revision(empty_database_url, before) as house:
        counted = house.counts()
        house.to(revision)
        assert house.counts() == counted
        assert house.ask(case.asked) == case.answered
        if case.written:
            house.connection.execute(case.written)
        for statement in case.refused:
            with pytest.raises(psycopg.IntegrityError):
                house.connection.execute(statement)
        house.to(before)
        assert tuple(house.ask(case.left)) == case.leaves
        assert house.counts() == counted
        house.to(revision)
        assert house.counts() == counted


def test_a_populated_database_goes_all_the_way_up_and_down(empty_database_url):
    with at_revision(empty_database_url, revisions()[-1]) as house:
        counted = house.counts()
        house.to("0001")
        assert house.counts() == counted
        house.to("base")
        assert house.ask("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'"
                         "::regnamespace AND relname NOT IN ('spatial_ref_sys', 'alembic_version')") == []  # fmt: skip


def test_the_service_brings_a_populated_database_up_to_date(empty_database_url):
    with at_revision(empty_database_url, "0001") as house:
        counted = house.counts()
        upgrade(create_engine(empty_database_url))
        assert (house.at(), house.counts()) == (revisions()[-1], counted)


def test_the_tables_that_the_code_knows_are_those_of_the_newest_schema(database_url):
    house = House(database_url)
    query = "SELECT column_name::text, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = '{}'"
    for table in Base.metadata.sorted_tables:
        there = dict(house.ask(query.format(table.name)))
        assert {column.name: bool(column.nullable) for column in table.columns} == there, table.name
    house.close()

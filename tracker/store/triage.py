"""What people do about alerts, on PostGIS: a row of the state, and every deed beside it."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from tracker.answers.finding import Finding
from tracker.answers.triage import Act, Deed, Reason, Stage, Subject, Triage, step
from tracker.answers.triage_book import StaleTriageError
from tracker.errors import NotFoundError
from tracker.people.roles import GRANTS, Action, Scope
from tracker.store.excuses import DEVICES_AGAIN, SHOW_AGAIN, WITHDRAW
from tracker.store.reader import reading, walled

ALERT_ID = re.compile(r"(?P<kind>sos|silence)-(?P<number>[0-9]{1,18})|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIND_INCURSION = """
SELECT id AS incursion_id, NULL AS excuse_id, NULL AS silence_id, device_id FROM incursion
WHERE id = CAST(:id AS uuid)"""
FIND_SILENCE = """
SELECT NULL AS incursion_id, NULL AS excuse_id, id AS silence_id, device_id FROM silence
WHERE id = CAST(:id AS bigint) AND red_at IS NOT NULL"""
# A call names the device that raised it; one that a person recorded has any device of its visitor.
FIND_CALL = """
SELECT NULL AS incursion_id, e.id AS excuse_id, NULL AS silence_id, d.id AS device_id
FROM excuse e JOIN device d USING (visitor_id)
WHERE e.cause = 'sos' AND e.id = CAST(:id AS bigint) ORDER BY d.name = e.approved_by DESC, d.id LIMIT 1"""
FINDING = {"sos": FIND_CALL, "silence": FIND_SILENCE, None: FIND_INCURSION}
STATE = text("SELECT content FROM triage WHERE alert_id = :id")
SAVE = text("""
INSERT INTO triage AS t (alert_id, device_id, incursion_id, excuse_id, silence_id, version, stage, content)
VALUES (:id, :device_id, CAST(:incursion_id AS uuid), CAST(:excuse_id AS bigint), CAST(:silence_id AS bigint),
        :version, :stage, CAST(:content AS jsonb))
ON CONFLICT (alert_id) DO UPDATE SET version = excluded.version, stage = excluded.stage, content = excluded.content,
  changed_at = now() WHERE t.version = excluded.version - 1 RETURNING 1""")
ADD_DEED = text("""
INSERT INTO triage_deed (alert_id, version, act, done_by, done_at, content)
VALUES (:id, :version, :act, :by, to_timestamp(:at), CAST(:content AS jsonb))""")
DEEDS = text("""
SELECT act, done_by AS by, extract(epoch FROM done_at)::float8 AS at, content FROM triage_deed
WHERE alert_id = :id ORDER BY version""")
# Whoever may answer, in the order of their names: of everybody's alerts, or of some team's that is asked for.
PEOPLE = text("""
SELECT username FROM account a WHERE deactivated_at IS NULL
  AND EXISTS (SELECT FROM account_role r WHERE r.account_id = a.id AND r.role = ANY(:roles))
  AND (all_teams OR :everybody
       OR EXISTS (SELECT FROM account_team t WHERE t.account_id = a.id AND t.team_id = ANY(:teams)))
ORDER BY username""")
# The cause of an excuse that covers the incursion `i` of a device `d` at the moment at which it is told, as in
# `tracker.alert`: one for tomorrow hides nobody who is inside now. Then its zones, and how far it goes.
EXCUSED = """(SELECT e.cause FROM excuse e
        WHERE e.visitor_id = d.visitor_id AND e.withdrawn_at IS NULL AND coalesce(e.zone_id, i.zone_id) = i.zone_id
          AND coalesce(i.confirmed_at, i.first_possible_at) BETWEEN e.from_at AND coalesce(e.to_at, 'infinity')
          AND NOT EXISTS (SELECT FROM alert a WHERE a.incursion_id = i.id AND a.kind = 'overstay')
        ORDER BY e.id LIMIT 1)"""
SEEN_UNTIL = "coalesce(extract(epoch FROM i.exit_at)::float8, (i.content->>'last_fix_at')::float8)"
ZONES = """(SELECT array_agg(DISTINCT o.zone_id ORDER BY o.zone_id) FROM incursion o
        WHERE o.device_id = i.device_id AND o.shift_id = i.shift_id AND o.confirmed_at IS NOT NULL
          AND NOT o.retracted)"""
FOUND = text(f"""
SELECT i.confirmed_at IS NOT NULL AS confirmed, extract(epoch FROM i.first_possible_at)::float8 AS first_possible_at,
       {SEEN_UNTIL} AS seen_until, i.exit_at IS NOT NULL AS over, coalesce(i.closest_m, 0)::float8 AS closest_m,
       i.retracted, {EXCUSED} IS NOT NULL AS excused, {ZONES} AS zones
FROM incursion i JOIN device d ON d.id = i.device_id WHERE i.id = CAST(:id AS uuid)""")  # noqa: S608  constants only
TEAM = text("SELECT team_id FROM visitor v JOIN device d ON d.visitor_id = v.id WHERE d.id = :device_id")
DETAILS = ("text", "to", "until", "reason", "found")


class PostgresTriage:
    """What each method promises stands at `tracker.answers.triage_book.TriageBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def do(self, scope: Scope, alert_id: str, deed: Deed, seen: int) -> Triage:  # noqa: D102
        with self._engine.begin() as connection:
            with walled(connection, scope):
                alert = find(connection, alert_id)
            state = read(connection, alert_id)
            if state.version != seen:
                raise StaleTriageError(state)
            deed = replace(deed, found=found_now(connection, alert["incursion_id"]))
            after = step(state, deed)
            if deed.to is not None and deed.to not in people(connection, team_of(connection, alert)):
                what = f"There is nobody called {deed.to} who may answer this alert."
                raise NotFoundError(what, "Assign it to a supervisor of the visitor's team.")
            save(connection, alert_id, alert, after)
            add_deed(connection, alert_id, after.version, deed)
            if after.subject is Subject.SOS and after.stage is Stage.CLOSED and deed.act is Act.CLOSE:
                end_call(connection, alert["excuse_id"], deed.by)
        return after

    def history(self, scope: Scope, alert_id: str) -> tuple[Triage, Sequence[Deed]]:  # noqa: D102
        with reading(self._engine, scope) as connection:
            find(connection, alert_id)
            found = connection.execute(DEEDS, {"id": alert_id}).mappings()
            return read(connection, alert_id), [to_deed(**row) for row in found]

    def people(self, scope: Scope) -> Sequence[str]:  # noqa: D102
        with self._engine.connect() as connection:
            return people(connection, scope)


def find(connection: Connection, alert_id: str) -> dict[str, Any]:
    """The incursion, the call or the silence, and the device, that an alert is about."""
    named = ALERT_ID.fullmatch(alert_id)
    query = FINDING[named["kind"]] if named else ""
    found = named and connection.execute(text(query), {"id": named["number"] or alert_id}).mappings().first()
    if not found:
        raise NotFoundError(f"There is no alert {alert_id}.", "The live page has those there are.")
    return dict(found)


def read(connection: Connection, alert_id: str) -> Triage:
    """The state of an alert; that of one that nobody touched is new."""
    content = connection.execute(STATE, {"id": alert_id}).scalar()
    return Triage(subject_of(alert_id)) if content is None else to_triage(content)


def subject_of(alert_id: str) -> Subject:
    """What an alert is about, by its id; an incursion's has no prefix."""
    prefix = alert_id.partition("-")[0]
    return Subject(prefix) if prefix in (Subject.SOS, Subject.SILENCE) else Subject.INCURSION


def found_now(connection: Connection, incursion_id: object) -> Finding | None:
    """What detection says of an incursion at this moment; of a call for help, nothing."""
    found = connection.execute(FOUND, {"id": incursion_id}).mappings().first() if incursion_id else None
    return to_finding(dict(found)) if found else None


def save(connection: Connection, alert_id: str, alert: dict[str, Any], after: Triage) -> None:
    """Write the state unless somebody else did since it was read: then theirs is raised."""
    content = orjson.dumps(asdict(after)).decode()
    row = {"id": alert_id, **alert, "version": after.version, "stage": after.stage, "content": content}
    if connection.execute(SAVE, row).first() is None:
        raise StaleTriageError(read(connection, alert_id))


def add_deed(connection: Connection, alert_id: str, version: int, deed: Deed) -> None:
    """Write a deed, which nothing changes afterwards."""
    content = {name: value for name in DETAILS if (value := getattr(deed, name))}
    row = {"id": alert_id, "version": version, "act": deed.act, "by": deed.by, "at": deed.at}
    connection.execute(ADD_DEED, row | {"content": orjson.dumps(content).decode()})


def end_call(connection: Connection, excuse_id: int, by: str) -> None:
    """From now on zones alarm again about the visitor; a call that has ended by itself stays as it is."""
    driver: Any = connection.connection.driver_connection
    if driver.execute(WITHDRAW, (by, excuse_id)).rowcount:
        driver.execute(SHOW_AGAIN, (excuse_id,))
        driver.execute(DEVICES_AGAIN, (excuse_id,))


def people(connection: Connection, scope: Scope) -> list[str]:
    """The names of those who may answer alerts about somebody of the scope."""
    roles = [role.value for role in GRANTS[Action.ANSWER_ALERTS]]
    given = {"roles": roles, "everybody": scope.everybody, "teams": sorted(scope.teams)}
    return list(connection.execute(PEOPLE, given).scalars())


def team_of(connection: Connection, alert: dict[str, Any]) -> Scope:
    """Whose alert it is: the team of its visitor, or of nobody."""
    team = connection.execute(TEAM, {"device_id": alert["device_id"]}).scalar()
    return Scope(frozenset() if team is None else frozenset({team}))


def to_finding(content: dict[str, Any] | None) -> Finding | None:
    """The inverse of `asdict`."""
    return Finding(**{**content, "zones": tuple(content["zones"] or ())}) if content else None


def to_triage(content: dict[str, Any]) -> Triage:
    """The inverse of `asdict`; states of before findings were kept have none."""
    reason = Reason(content["reason"]) if content["reason"] else None
    decoded = {"subject": Subject(content["subject"]), "stage": Stage(content["stage"]), "reason": reason}
    return Triage(**{**content, **decoded, "found": to_finding(content.get("found"))})


def to_deed(act: str, by: str, at: float, content: dict[str, Any]) -> Deed:
    """A row of DEEDS."""
    reason = Reason(content["reason"]) if "reason" in content else None
    to, until, found = content.get("to"), content.get("until"), to_finding(content.get("found"))
    return Deed(Act(act), by, at, content.get("text", ""), to, until, reason, found)

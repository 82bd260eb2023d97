"""Zone versions in and out. A version never changes once it is written; an edit writes the next one.

A change is valid from a moment after it is recorded, so that no worker has judged a fix of that moment before it
could know: `LEAD_S`, and after an import of more than `LARGE` zones `LEAD_A_ZONE_S` more for every zone there then is,
because the workers read and cover what is new beside their work.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import Any, LiteralString

import shapely
from psycopg import Connection

from geofences.imports.plan import Plan
from geofences.policy import Edit, Policy, edited, imported, under
from geofences.schedule import Schedule
from geofences.zone import Zone, judge_alike
from tracker.errors import NotFoundError
from tracker.ports import ZoneCursor
from tracker.store.connection import Row, rows
from tracker.store.policies import add_policy, policies
from tracker.zones.record import Signature, ZoneRecord

LEAD_S = 1.0
LEAD_A_ZONE_S = 3e-4
LARGE = 500
GONE = "no longer in its source"
COLUMNS: LiteralString = """
SELECT zone_id, version, name, category, ST_AsBinary(footprint::geometry), standoff_m, warning_m,
       extract(epoch FROM valid_from)::float8, extract(epoch FROM valid_to)::float8, source, source_datum,
       schedule, time_zone, overrides, alike_since,
       recorded_by, reason, approver, extract(epoch FROM recorded_at)::float8, ended_by, ended_why,
       extract(epoch FROM ended_at)::float8
FROM zone_version """
OF_ZONE = 15
"""So many of the columns are the zone itself."""
VERSIONS: LiteralString = (
    COLUMNS + "WHERE coalesce(valid_to, 'infinity') > now() - make_interval(secs => %s) AND touched > %s "
    "ORDER BY zone_id, version"
)
PAGE: LiteralString = (
    COLUMNS.replace("FROM zone_version", ", touched FROM zone_version")
    + "WHERE coalesce(valid_to, 'infinity') > now() - make_interval(secs => %s)"
    " AND touched >= %s AND (touched, zone_id, version) > (%s, %s, %s) ORDER BY touched, zone_id, version LIMIT %s"
)
DIFFER_FROM: LiteralString = """
SELECT extract(epoch FROM min(CASE WHEN written > %(since)s THEN valid_from ELSE valid_to END))::float8
FROM zone_version WHERE touched > %(since)s"""
STANDING: LiteralString = (
    COLUMNS + "WHERE valid_to IS NULL AND (%s::text[] IS NULL OR zone_id = ANY(%s)) ORDER BY zone_id"
)
RECORDS: LiteralString = COLUMNS + "WHERE zone_id = ANY(%s) ORDER BY zone_id, version"
END = """
UPDATE zone_version SET valid_to = to_timestamp(%s), ended_by = %s, ended_why = %s
WHERE zone_id = ANY(%s) AND valid_to IS NULL"""
LAST = """
SELECT zone_id, max(version), extract(epoch FROM max(greatest(valid_from, valid_to)))::float8
FROM zone_version WHERE zone_id = ANY(%s) GROUP BY zone_id"""
STAGE = """
CREATE TEMP TABLE IF NOT EXISTS new_zone (
  zone_id text, version int, name text, category text, footprint bytea, standoff_m float8, warning_m float8,
  source text, source_datum text, schedule text, time_zone text, overrides text[], alike_since int,
  valid_from float8) ON COMMIT DELETE ROWS"""
FILL = "COPY new_zone FROM STDIN (FORMAT BINARY)"
TYPES = ("text", "int4", "text", "text", "bytea", "float8", "float8", "text", "text", "text", "text", "text[]", "int4",
         "float8")  # fmt: skip
ADD = """
INSERT INTO zone_version (zone_id, version, name, category, footprint, standoff_m, warning_m, source, source_datum,
                          schedule, time_zone, overrides, alike_since, valid_from, recorded_by, reason, approver)
SELECT zone_id, version, name, category, ST_GeomFromWKB(footprint, 4326)::geography, standoff_m, warning_m, source,
       source_datum, schedule, time_zone, overrides, alike_since, to_timestamp(valid_from), %s, %s, %s FROM new_zone"""


def zone_versions(connection: "Connection[Row]", past_s: float = 0.0, since: int = 0) -> list[Zone]:
    """All versions valid now, later, or in the last `past_s` seconds, that were written after revision `since`."""
    return [to_zone(row) for row in rows(connection, VERSIONS, past_s, since)]


def zone_page(
    connection: "Connection[Row]", past_s: float, after: ZoneCursor, limit: int | None
) -> tuple[list[Zone], ZoneCursor]:
    """The same in the order in which they were written or ended, from a place in it on, and where this page ends."""
    found = rows(connection, PAGE, past_s, after.revision, *after, limit)
    last = ZoneCursor(found[-1][-1], found[-1][0], found[-1][1]) if found else after
    return [to_zone(row) for row in found], last


def differ_from(connection: "Connection[Row]", revision: int) -> float:
    """From which moment on (UTC seconds) the zones differ from those of a revision; infinity if they don't."""
    moment: float | None = connection.execute(DIFFER_FROM, {"since": revision}).fetchall()[0][0]
    return inf if moment is None else moment


def standing(connection: "Connection[Row]", zone_ids: Sequence[str] | None = None) -> dict[str, Zone]:
    """The newest version of each zone that is not retired, by id: all of them, or those asked for."""
    wanted = None if zone_ids is None else list(zone_ids)
    return {row[0]: to_zone(row) for row in rows(connection, STANDING, wanted, wanted)}


def zone_records(connection: "Connection[Row]", zone_id: str) -> list[ZoneRecord]:
    """Every version of a zone, the first one first; empty if there never was one."""
    return records_of(connection, [zone_id])


def records_of(connection: "Connection[Row]", zone_ids: Sequence[str]) -> list[ZoneRecord]:
    """Every version of these zones, by id and version."""
    return [
        ZoneRecord(to_zone(row), Signature(*row[OF_ZONE : OF_ZONE + 3]), *row[OF_ZONE + 3 :])
        for row in rows(connection, RECORDS, list(zone_ids))
    ]


def to_zone(row: Row) -> Zone:
    """A row of `COLUMNS`. It was checked when it was written."""
    zone_id, version, name, category, footprint, standoff_m, warning_m, begins, ends, source, datum, *rest = row
    schedule, time_zone, overrides, alike_since = rest[:4]
    return Zone.known(
        id=zone_id, version=version, name=name, category=category, footprint=shapely.from_wkb(footprint),
        standoff_m=standoff_m, warning_m=warning_m, valid_from=begins, valid_to=ends, source=source,
        source_datum=datum, schedule=Schedule(schedule, time_zone) if schedule else None, overrides=tuple(overrides),
        alike_since=alike_since,
    )  # fmt: skip


def put_zones(
    connection: "Connection[Row]", zones: Iterable[Zone], recorded_by: str, why: str = "", approver: str | None = None
) -> int:
    """Write a new version of every zone that is new or differs from the one that stands; returns how many.

    A new zone's own `valid_from` counts; everything else begins a moment from now. What was set by hand, and the
    policy of the category, stay as `geofences.policy.imported` says.
    """
    with connection.transaction():
        begin_edit(connection)
        given, rules = list(zones), policies(connection)
        known = standing(connection, [zone.id for zone in given])
        wanted = [imported(zone, known.get(zone.id), rules.get(zone.category)) for zone in given]
        return len(write(connection, wanted, known, Signature(recorded_by, why, approver)))


def carry_out(connection: "Connection[Row]", planned: Plan, signature: Signature) -> None:
    """Write what an import plans, as a whole: new zones and versions, and the end of those gone from their source."""
    with connection.transaction():
        put_zones(connection, planned.zones, signature.by, signature.why, signature.approver)
        ended = [zone.id for zone in planned.removed]
        retire_zones(connection, ended, replace(signature, why=signature.why or GONE))


def edit_zone(connection: "Connection[Row]", zone_id: str, edit: Edit, signature: Signature) -> Zone:
    """Write the next version of a zone; the zone as it stands if the edit changes nothing.

    Raises:
        NotFoundError: no zone of this id stands.
        ZoneError: the zone would be none.
    """
    with connection.transaction():
        begin_edit(connection)
        known = standing(connection, [zone_id])
        if zone_id not in known:
            raise NotFoundError(f"There is no zone {zone_id}.", "`keepclear zones list` has those in force.")
        zone = known[zone_id]
        policy = policies(connection).get(edit.category or zone.category)
        written = write(connection, [edited(zone, edit, policy)], known, signature)
        return written[0] if written else zone


def retire_zones(connection: "Connection[Row]", zone_ids: Sequence[str], signature: Signature) -> int:
    """End the version that stands of each; returns how many there were."""
    with connection.transaction():
        begin_edit(connection)
        at = effective(connection, list(zone_ids))
        why = (at, signature.by, signature.why, list(zone_ids))
        return connection.execute(END, why).rowcount


def put_policy(connection: "Connection[Row]", policy: Policy, signature: Signature) -> int:
    """Write the next version of a policy and of every zone of its category that it changes; returns how many zones."""
    with connection.transaction():
        begin_edit(connection)
        add_policy(connection, policy, signature)
        known = {zone_id: zone for zone_id, zone in standing(connection).items() if zone.category == policy.category}
        return len(write(connection, [under(zone, policy) for zone in known.values()], known, signature))


def begin_edit(connection: "Connection[Row]") -> None:
    """One editor at a time; whoever reads is not kept waiting."""
    connection.execute("LOCK TABLE zone_version IN SHARE ROW EXCLUSIVE MODE")


def effective(connection: "Connection[Row]", zone_ids: Sequence[str]) -> float:
    """From when a change of these zones is valid: soon, and after all that was said of them before."""
    now: float = rows(connection, "SELECT extract(epoch FROM clock_timestamp())::float8")[0][0]
    said: list[float] = [moment for _, _, moment in rows(connection, LAST, list(zone_ids))]
    large = len(zone_ids) > LARGE
    there: int = rows(connection, "SELECT count(*) FROM zone_version WHERE valid_to IS NULL")[0][0] if large else 0
    lead_s = LEAD_S + (LEAD_A_ZONE_S * (there + len(zone_ids)) if large else 0.0)
    return max([now + lead_s, *(moment + 0.001 for moment in said)])


def write(
    connection: "Connection[Row]", wanted: Iterable[Zone], known: dict[str, Zone], signature: Signature
) -> list[Zone]:
    """Write the next version of what is new or differs; returns those versions."""
    changed = [zone for zone in wanted if zone.id not in known or differs(zone, known[zone.id])]
    ids = [zone.id for zone in changed]
    last = {zone_id: version for zone_id, version, _ in rows(connection, LAST, ids)}
    at = effective(connection, ids)
    made = [next_version(zone, known.get(zone.id), last.get(zone.id, 0) + 1, at) for zone in changed]
    connection.execute(END, (at, None, None, ids))
    connection.execute(STAGE)
    with connection.cursor() as cursor, cursor.copy(FILL) as copy:
        copy.set_types(TYPES)
        for zone in made:
            copy.write_row(staged(zone))
    connection.execute(ADD, (signature.by, signature.why, signature.approver))
    connection.execute("TRUNCATE new_zone")
    return made


def next_version(zone: Zone, known: Zone | None, version: int, at: float) -> Zone:
    """The zone as it is written: numbered, dated, and continuing an earlier version that judges alike."""
    alike = known is not None and judge_alike(zone, known)
    begins = zone.valid_from if version == 1 and zone.valid_from is not None else at
    alike_since = (known.alike_since or known.version) if known is not None and alike else version
    return replace(zone, version=version, valid_from=begins, valid_to=None, alike_since=alike_since)


def staged(zone: Zone) -> tuple[Any, ...]:
    """A row of `new_zone`."""
    hours = (None, None) if zone.schedule is None else (zone.schedule.text, zone.schedule.time_zone)
    return (zone.id, zone.version, zone.name, zone.category, shapely.to_wkb(zone.footprint), zone.standoff_m,
            zone.warning_m, zone.source, zone.source_datum, *hours, list(zone.overrides), zone.alike_since,
            zone.valid_from)  # fmt: skip


def differs(left: Zone, right: Zone) -> bool:
    """Whether an edit changed anything that judges a fix, names the place or says who decides."""
    facts = [(z.name, z.category, z.overrides) for z in (left, right)]
    return facts[0] != facts[1] or not judge_alike(left, right)

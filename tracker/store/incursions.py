"""Incursions with all their revisions."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from psycopg import Connection

from tracker.incursion import Incursion
from tracker.ports import TrackKey
from tracker.settle import Change, Stored
from tracker.store.connection import Row, rows

READ = """
SELECT i.device_id, i.shift_id, i.id::text, i.revision, i.retracted, i.content
FROM incursion i JOIN unnest(%s::int[], %s::bigint[]) AS w(device_id, shift_id) USING (device_id, shift_id)
ORDER BY i.device_id, i.shift_id, i.first_possible_at, i.id"""
COLUMNS = (
    "id uuid, device_id int, shift_id bigint, zone_id text, zone_version int, kind text, certainty text, "
    "first_possible_at float8, confirmed_at float8, exit_at float8, p_inside float8, closest_m float8, content jsonb, "
    "revision int, retracted boolean, why text, begins boolean, ends jsonb"
)
WRITE = f"""
WITH v AS (SELECT * FROM jsonb_to_recordset(%s::jsonb) AS v({COLUMNS})), written AS (
  INSERT INTO incursion AS i (id, device_id, shift_id, zone_id, zone_version, kind, certainty, first_possible_at,
    confirmed_at, exit_at, p_inside, closest_m, content, revision, retracted, why)
  SELECT id, device_id, shift_id, zone_id, zone_version, kind, certainty, to_timestamp(first_possible_at),
    to_timestamp(confirmed_at), to_timestamp(exit_at), p_inside, closest_m, content, revision, retracted, why FROM v
  ON CONFLICT (id) DO UPDATE SET zone_version = excluded.zone_version, kind = excluded.kind,
    certainty = excluded.certainty, first_possible_at = excluded.first_possible_at,
    confirmed_at = excluded.confirmed_at, exit_at = excluded.exit_at, p_inside = excluded.p_inside,
    closest_m = excluded.closest_m, content = excluded.content, revision = excluded.revision,
    retracted = excluded.retracted, why = excluded.why, changed_at = now()
  RETURNING i.id)
INSERT INTO incursion_revision (incursion_id, revision, content, retracted, why)
SELECT id, revision, content, retracted, why FROM v WHERE begins
UNION ALL SELECT id, revision - 1, ends, false, NULL FROM v WHERE ends IS NOT NULL
ON CONFLICT (incursion_id, revision) DO UPDATE SET content = excluded.content"""  # noqa: S608  constants only


def stored_incursions(
    connection: "Connection[Row]", tracks: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[Stored]]:
    """All incursions of these (device id, shift id), retracted ones too."""
    found: dict[tuple[int, int], list[Stored]] = {}
    for device_id, shift_id, id_, revision, retracted, content in rows(
        connection, READ, [pair[0] for pair in tracks], [pair[1] for pair in tracks]
    ):
        stored = Stored(id_, revision, retracted, Incursion.from_json(content))
        found.setdefault((device_id, shift_id), []).append(stored)
    return found


def write_incursions(connection: "Connection[Row]", changes: Iterable[tuple[TrackKey, Change]]) -> None:
    """Write the changes of tracks; a growth is written over, a revision is kept beside the old one.

    The newest revision grows in `incursion` alone; `incursion_revision` has it as it began, and as it ended once
    another follows.
    """
    values = [incursion_row(key, change) for key, change in changes]
    connection.execute(WRITE, (orjson.dumps(values).decode(),))


def incursion_row(key: TrackKey, change: Change) -> dict[str, Any]:
    """A change as one JSON object of WRITE."""
    after, incursion, before = change.after, change.after.incursion, change.before
    begins = before is None or before.revision != after.revision
    device_id, shift_id = key
    return {
        "id": after.id, "device_id": device_id, "shift_id": shift_id, "zone_id": incursion.zone,
        "zone_version": incursion.zone_version, "kind": incursion.kind, "certainty": incursion.certainty,
        "first_possible_at": incursion.first_possible_at, "confirmed_at": incursion.confirmed_at,
        "exit_at": incursion.exit_at, "p_inside": incursion.p_inside, "closest_m": incursion.closest_m,
        "content": incursion.to_json(), "revision": after.revision, "retracted": after.retracted, "why": change.why,
        "begins": begins, "ends": before.incursion.to_json() if before and begins else None,
    }  # fmt: skip

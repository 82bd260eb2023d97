"""Who is listened to, what phones said besides positions, and silences, in and out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, LiteralString

import orjson
from psycopg import Connection

from tracker.silence import Over, Reached, Silence, Watch
from tracker.store.connection import Row, rows
from tracker.word import Why, Word

DEAF_AFTER_S = 30.0
"""An interruption of listening that is longer makes every silence count anew."""
HEAR = """
INSERT INTO contact AS c (device_id, alive_at, why, why_at)
SELECT device_id, to_timestamp(alive_at), why, to_timestamp(why_at)
FROM jsonb_to_recordset(%s::jsonb) AS v(device_id int, alive_at float8, why text, why_at float8) ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET alive_at = greatest(excluded.alive_at, c.alive_at),
  why = CASE WHEN excluded.why_at IS NULL THEN c.why ELSE excluded.why END,
  why_at = coalesce(excluded.why_at, c.why_at), changed_at = now()"""
LISTEN = """
INSERT INTO listening AS l (shard, since, seen_at)
SELECT shard, to_timestamp(%(now)s), to_timestamp(%(now)s) FROM unnest(%(shards)s::int[]) AS shard ORDER BY shard
ON CONFLICT (shard) DO UPDATE SET seen_at = greatest(excluded.seen_at, l.seen_at),
  since = CASE WHEN excluded.seen_at - l.seen_at > make_interval(secs => %(deaf_after_s)s) THEN excluded.since
               ELSE l.since END
RETURNING shard, extract(epoch FROM since)::float8"""
SILENCE: LiteralString = """
o.shift_id, o.device_id, extract(epoch FROM o.since)::float8, extract(epoch FROM o.judged_from)::float8, o.why, o.id,
extract(epoch FROM o.red_at)::float8, o.together, o.reached, extract(epoch FROM o.listed_at)::float8,
extract(epoch FROM o.ended_at)::float8, o.over, o.filled"""
WATCHES: LiteralString = f"""
WITH watched AS (SELECT id FROM shift WHERE closed_at IS NULL UNION SELECT shift_id FROM silence WHERE ended_at IS NULL)
SELECT DISTINCT ON (s.id) d.id, d.name, d.shard,
       extract(epoch FROM greatest(t.received_at, c.alive_at, s.opened_at))::float8,
       CASE WHEN c.why_at >= coalesce(t.received_at, s.opened_at) THEN c.why ELSE t.why END,
       CASE WHEN s.closed_at <= to_timestamp(%s) THEN extract(epoch FROM s.closed_at)::float8 END,
       v.consented_at IS NULL OR d.revoked_at IS NOT NULL, s.id, e.name, {SILENCE}
FROM watched w JOIN shift s ON s.id = w.id JOIN visitor v ON v.id = s.visitor_id
LEFT JOIN silence o ON o.shift_id = s.id AND o.ended_at IS NULL
LEFT JOIN device e ON e.id = o.device_id
JOIN device d ON d.visitor_id = v.id AND (d.revoked_at IS NULL OR d.id = o.device_id)
LEFT JOIN track t ON t.device_id = d.id AND t.shift_id = s.id
LEFT JOIN contact c ON c.device_id = d.id
ORDER BY s.id, d.revoked_at IS NOT NULL, greatest(t.received_at, c.alive_at) DESC NULLS LAST, d.id DESC"""  # noqa: S608
COLUMNS = (
    "shift_id bigint, device_id int, since float8, judged_from float8, why text, id bigint, red_at float8, "
    "together boolean, reached jsonb, listed_at float8, ended_at float8, over text, filled boolean"
)
BEGIN = f"""
INSERT INTO silence (shift_id, device_id, since, judged_from, why, red_at, together, reached, listed_at)
SELECT shift_id, device_id, to_timestamp(since), to_timestamp(judged_from), why, to_timestamp(red_at), together,
       reached, to_timestamp(listed_at)
FROM jsonb_to_recordset(%s::jsonb) AS v({COLUMNS}) ON CONFLICT DO NOTHING RETURNING shift_id, id"""  # noqa: S608
CHANGE = f"""
UPDATE silence s SET judged_from = to_timestamp(v.judged_from), why = v.why, red_at = to_timestamp(v.red_at),
  together = v.together, reached = v.reached, listed_at = to_timestamp(v.listed_at),
  ended_at = to_timestamp(v.ended_at), over = v.over, filled = v.filled,
  changed_at = CASE WHEN (s.why, s.red_at, s.together, s.reached, s.ended_at, s.filled) IS DISTINCT FROM
    (v.why, to_timestamp(v.red_at), v.together, v.reached, to_timestamp(v.ended_at), v.filled)
    THEN now() ELSE s.changed_at END
FROM jsonb_to_recordset(%s::jsonb) AS v({COLUMNS})
WHERE s.id = v.id AND (s.ended_at IS NULL OR v.filled AND NOT s.filled) RETURNING s.id"""  # noqa: S608
FILLABLE: LiteralString = f"""
SELECT d.name, {SILENCE} FROM silence o JOIN device d ON d.id = o.device_id
WHERE o.shift_id = ANY(%s) AND o.ended_at IS NOT NULL AND NOT o.filled"""  # noqa: S608
FIX_ATS = """
SELECT extract(epoch FROM fix_at)::float8 FROM fix
WHERE shift_id = %s AND fix_at > to_timestamp(%s) AND fix_at < to_timestamp(%s)
  AND device_id IN (SELECT d.id FROM device d JOIN shift s USING (visitor_id) WHERE s.id = %s)"""


def hear(connection: "Connection[Row]", words: Mapping[int, Word]) -> None:
    """Keep the newest words of devices."""
    values = [
        {
            "device_id": device_id, "alive_at": word.at if word.alive else None, "why": word.why,
            "why_at": None if word.why is None else word.at,
        }
        for device_id, word in words.items()
    ]  # fmt: skip
    connection.execute(HEAR, (orjson.dumps(values).decode(),))


def listen(connection: "Connection[Row]", shards: Collection[int], now: float) -> dict[int, float]:
    """Since when each of these shards has been listened to without a break."""
    given = {"shards": list(shards), "now": now, "deaf_after_s": DEAF_AFTER_S}
    return dict(connection.execute(LISTEN, given).fetchall())


def watches(connection: "Connection[Row]", now: float) -> list[Watch]:
    """Every open shift, and those whose silence goes on."""
    return [watch(*row) for row in rows(connection, WATCHES, now)]


def watch(
    device_id: int, device: str, shard: int, heard_at: float, why: str | None, closed_at: float | None, untracked: bool,
    shift_id: int, silent_device: str | None, *silence: Any,
) -> Watch:  # fmt: skip
    """A row of WATCHES."""
    going_on = None if silent_device is None else to_silence(silent_device, *silence)
    over = Over.SHIFT_END if closed_at is not None else Over.UNTRACKED if untracked else None
    return Watch(
        shift_id, device_id, device, shard, heard_at, None, Why(why) if why else None, over, closed_at, going_on
    )  # fmt: skip


def to_silence(
    device: str, shift_id: int, device_id: int, since: float, judged_from: float, why: str | None, id_: int,
    red_at: float | None, together: bool, reached: list[list[Any]], listed_at: float, ended_at: float | None,
    over: str | None, filled: bool,
) -> Silence:  # fmt: skip
    """The columns of SILENCE with the device's name."""
    return Silence(
        shift_id, device_id, device, since, judged_from, Why(why) if why else None, id_, red_at, together,
        tuple(Reached(*each) for each in reached), listed_at, ended_at, Over(over) if over else None, filled,
    )  # fmt: skip


def save_silences(connection: "Connection[Row]", silences: Sequence[Silence]) -> list[Silence]:
    """Write them; returns those that were written, each with its number."""
    begun = [silence for silence in silences if silence.id is None]
    changed = [silence for silence in silences if silence.id is not None]
    numbers: dict[int, int] = dict(rows(connection, BEGIN, plain(begun))) if begun else {}
    written = {id_ for (id_,) in rows(connection, CHANGE, plain(changed))} if changed else set()
    return [silence.numbered(numbers[silence.shift_id]) for silence in begun if silence.shift_id in numbers] + [
        silence for silence in changed if silence.id in written
    ]


def plain(silences: Sequence[Silence]) -> str:
    """As the recordset of BEGIN and CHANGE."""
    return orjson.dumps([silence.to_json() for silence in silences]).decode()


def fillable(connection: "Connection[Row]", shift_ids: Collection[int]) -> list[Silence]:
    """Silences of these shifts that are over and not filled."""
    return [to_silence(*row) for row in rows(connection, FILLABLE, list(shift_ids))]


def fix_ats(connection: "Connection[Row]", shift_id: int, since: float, until: float) -> list[float]:
    """When a shift's positions within a span were measured."""
    return [at for (at,) in rows(connection, FIX_ATS, shift_id, since, until, shift_id)]

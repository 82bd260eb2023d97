"""Where each device stands in each shift, and which sequence numbers are durable."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from psycopg import Connection

from tracker.acknowledgement import SeqLedger
from tracker.fix import Fix
from tracker.incursion import FoldState
from tracker.plausibility import Plausibility
from tracker.ports import Acknowledged, LiveState, StaleTrackError, Track, TrackKey
from tracker.shift import Enrolment, Shift
from tracker.store.connection import Row, rows
from tracker.store.incursions import stored_incursions
from tracker.word import Why

COLUMNS = (
    "version bigint, fix_at float8, lon float8, lat float8, received_at float8, accuracy_m float8, speed_mps float8, "
    "heading_deg float8, battery_pct float8, state text, zone_id text, signed_m float8, fold jsonb, "
    "plausibility jsonb, finished boolean, why text"
)
READ = """
SELECT t.device_id, t.shift_id, t.version, extract(epoch FROM t.fix_at)::float8, t.lon, t.lat,
       extract(epoch FROM t.received_at)::float8, t.accuracy_m, t.speed_mps, t.heading_deg, t.battery_pct, t.fold,
       t.finished, t.plausibility, t.why
FROM track t JOIN unnest(%s::int[], %s::bigint[]) AS w(device_id, shift_id) USING (device_id, shift_id)"""
WRITE = f"""
INSERT INTO track AS t (device_id, shift_id, version, fix_at, lon, lat, received_at, accuracy_m, speed_mps, heading_deg,
                        battery_pct, state, zone_id, signed_m, fold, plausibility, finished, why)
SELECT device_id, shift_id, version + 1, to_timestamp(fix_at), lon, lat, to_timestamp(received_at), accuracy_m,
       speed_mps, heading_deg, battery_pct, state, zone_id, signed_m, fold, plausibility, finished, why
FROM jsonb_to_recordset(%s::jsonb) AS v(device_id int, shift_id bigint, {COLUMNS}) ORDER BY device_id, shift_id
ON CONFLICT (device_id, shift_id) DO UPDATE SET
  version = excluded.version, fix_at = excluded.fix_at, lon = excluded.lon, lat = excluded.lat,
  received_at = excluded.received_at, accuracy_m = excluded.accuracy_m, speed_mps = excluded.speed_mps,
  heading_deg = excluded.heading_deg, battery_pct = excluded.battery_pct, state = excluded.state,
  zone_id = excluded.zone_id, signed_m = excluded.signed_m, fold = excluded.fold,
  plausibility = excluded.plausibility, finished = excluded.finished, why = excluded.why,
  changed_at = now()
WHERE t.version = excluded.version - 1"""  # noqa: S608  constants only
UNFINISHED = """
SELECT d.name, t.device_id, t.shift_id
FROM track t JOIN shift s ON s.id = t.shift_id JOIN device d ON d.id = t.device_id
WHERE NOT t.finished AND s.closed_at < now() AND d.shard = ANY(%s) LIMIT 500"""
READ_ACKNOWLEDGED = "SELECT device_id, version, ledger FROM acknowledgement WHERE device_id = ANY(%s)"
WRITE_ACKNOWLEDGED = """
INSERT INTO acknowledgement AS a (device_id, version, ledger)
SELECT device_id, version + 1, ledger
FROM jsonb_to_recordset(%s::jsonb) AS v(device_id int, version bigint, ledger jsonb) ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET version = excluded.version, ledger = excluded.ledger
WHERE a.version = excluded.version - 1"""


def read_tracks(connection: "Connection[Row]", wanted: Collection[tuple[Enrolment, Shift]]) -> dict[TrackKey, Track]:
    """The tracks that exist, with their incursions."""
    asked = {(enrolment.device_id, shift.id): (enrolment.device, shift) for enrolment, shift in wanted}
    found = rows(connection, READ, [device_id for device_id, _ in asked], [shift_id for _, shift_id in asked])
    stored = stored_incursions(connection, [(row[0], row[1]) for row in found]) if found else {}
    tracks = {}
    for row in found:
        key = (row[0], row[1])
        device, shift = asked[key]
        fold, incursions = FoldState.from_json(row[11]), tuple(stored.get(key, ()))
        doubts = Plausibility.from_json(row[13])
        tracks[key] = Track(row[0], shift, row[2], newest_fix(device, row), fold, incursions, row[12], doubts)
    return tracks


def newest_fix(device: str, row: Row) -> Fix:
    """The newest fix of a track as its row keeps it."""
    return Fix(device=device, fix_at=row[3], lon=row[4], lat=row[5], received_at=row[6], accuracy_m=row[7],
               speed_mps=row[8], heading_deg=row[9], battery_pct=row[10], why=row[14] and Why(row[14]))  # fmt: skip


def write_tracks(connection: "Connection[Row]", tracks: Sequence[tuple[Track, LiveState]]) -> None:
    """Insert or update, each only if its version is the one that was read.

    Raises:
        StaleTrackError: somebody else wrote one of them.
    """
    cursor = connection.execute(WRITE, (orjson.dumps([track_row(*pair) for pair in tracks]).decode(),))
    if cursor.rowcount != len(tracks):
        raise StaleTrackError("a track changed since it was read")


def track_row(track: Track, live: LiveState) -> dict[str, Any]:
    """A track as one JSON object of WRITE."""
    newest = track.newest
    assert newest is not None  # noqa: S101  a track begins with its first fix
    return {
        "device_id": track.device_id, "shift_id": track.shift.id, "version": track.version,
        "fix_at": newest.fix_at, "lon": newest.lon, "lat": newest.lat, "received_at": newest.received_at,
        "accuracy_m": newest.accuracy_m, "speed_mps": newest.speed_mps, "heading_deg": newest.heading_deg,
        "battery_pct": newest.battery_pct, "state": live.state, "zone_id": live.zone, "signed_m": live.signed_m,
        "fold": track.fold.to_json(), "plausibility": track.plausibility.to_json(), "finished": track.finished,
        "why": newest.why,
    }  # fmt: skip


def unfinished(connection: "Connection[Row]", shards: Collection[int]) -> list[tuple[str, TrackKey]]:
    """(device, track) whose shift has closed and which are not closed themselves."""
    return [(name, (device_id, shift_id)) for name, device_id, shift_id in rows(connection, UNFINISHED, list(shards))]


def read_acknowledged(connection: "Connection[Row]", device_ids: Collection[int]) -> dict[int, Acknowledged]:
    """Durable sequence numbers by device."""
    found = rows(connection, READ_ACKNOWLEDGED, list(device_ids))
    return {device_id: Acknowledged(device_id, version, SeqLedger.load(ledger)) for device_id, version, ledger in found}


def write_acknowledged(
    connection: "Connection[Row]", ledgers: Sequence[Acknowledged], losses: Mapping[int, Sequence[tuple[int, int]]]
) -> None:
    """Write the ledgers under the same version rule, and the declared losses."""
    values = [{"device_id": a.device_id, "version": a.version, "ledger": a.ledger.dump()} for a in ledgers]
    cursor = connection.execute(WRITE_ACKNOWLEDGED, (orjson.dumps(values).decode(),))
    if cursor.rowcount != len(ledgers):
        raise StaleTrackError("an acknowledgement changed since it was read")
    for device_id, ranges in losses.items():
        for first, last in ranges:
            connection.execute(
                "INSERT INTO declared_loss (device_id, first_seq, last_seq) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (device_id, first, last),
            )

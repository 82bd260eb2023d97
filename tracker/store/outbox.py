"""The outbox: alerts that are durable before anybody is told, and told until the broker has them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from psycopg import Connection

from tracker.alert import RENOTICES, Alert, AlertKind, Audience
from tracker.incursion import Incursion
from tracker.silence import Silence
from tracker.store.connection import Row, rows

ADD = """
INSERT INTO alert (dedup_key, incursion_id, silence_id, device_id, kind, audience, happened_at, revision, content)
SELECT dedup_key, incursion_id, silence_id, device_id, kind, audience, to_timestamp(happened_at), revision, content
FROM jsonb_to_recordset(%s::jsonb) AS v(dedup_key text, incursion_id uuid, silence_id bigint, device_id int, kind text,
                                        audience text, happened_at float8, revision int, content jsonb)
WHERE kind <> ALL(%s) OR EXISTS (SELECT FROM alert t WHERE (t.incursion_id, t.audience) = (v.incursion_id, v.audience))
ON CONFLICT (dedup_key) DO NOTHING RETURNING dedup_key"""
UNPUBLISHED = """
SELECT d.name, a.kind, a.audience, extract(epoch FROM a.happened_at)::float8, a.incursion_id::text, a.revision,
       a.content
FROM alert a JOIN device d ON d.id = a.device_id
WHERE a.published_at IS NULL AND a.created_at < now() - make_interval(secs => %s) AND d.shard = ANY(%s)
ORDER BY a.created_at LIMIT 1000"""


def add_alerts(connection: "Connection[Row]", alerts: Sequence[Alert], device_ids: Mapping[str, int]) -> list[Alert]:
    """Put alerts into the outbox; returns those that were not there.

    That something was wrong is told only to an audience that was told of the incursion at all (it may be excused).
    """
    values = [
        {
            "dedup_key": alert.dedup_key, "incursion_id": alert.incursion_id,
            "silence_id": alert.silence and alert.silence.id, "device_id": device_ids[alert.device],
            "kind": alert.kind, "audience": alert.audience, "happened_at": alert.at, "revision": alert.revision,
            "content": content_of(alert),
        }
        for alert in alerts
    ]  # fmt: skip
    added = {row[0] for row in rows(connection, ADD, orjson.dumps(values).decode(), list(RENOTICES))}
    return [alert for alert in alerts if alert.dedup_key in added]


def unpublished(connection: "Connection[Row]", shards: Collection[int], older_than_s: float) -> list[Alert]:
    """Alerts of these shards that nobody has published for so long, oldest first."""
    found = rows(connection, UNPUBLISHED, older_than_s, list(shards))
    return [to_alert(*row) for row in found]


def content_of(alert: Alert) -> dict[str, Any]:
    """What an alert is about, as its row keeps it; a call for help is about nothing else."""
    about = alert.incursion or alert.silence
    return about.to_json() if about else {}


def to_alert(
    device: str, kind: str, audience: str, at: float, incursion_id: str | None, revision: int, content: dict[str, Any]
) -> Alert:
    """A row of the outbox."""
    incursion = Incursion.from_json(content) if incursion_id else None
    silence = Silence.from_json(content) if content and not incursion_id else None
    return Alert(device, AlertKind(kind), Audience(audience), at, incursion_id, revision, incursion, silence)


def mark_published(connection: "Connection[Row]", dedup_keys: Iterable[str]) -> None:
    """The broker has these."""
    connection.execute(
        "UPDATE alert SET published_at = now() WHERE dedup_key = ANY(%s) AND published_at IS NULL", (list(dedup_keys),)
    )

"""The alerts of the live map: incursions and calls for help, with what people did about them."""

from typing import Any

from sqlalchemy import text

from tracker.live import LiveAlert
from tracker.store.triage import to_triage

OPEN_FOR_DAYS = 30
"""How long an alert that nobody answered stays on the page; the reports have it for ever."""
MOST_OPEN = 1000
ALERTS = text("""
WITH recent AS (
  SELECT id FROM incursion WHERE changed_at >= to_timestamp(:since) ORDER BY changed_at DESC LIMIT :limit
), triaged AS (
  SELECT incursion_id AS id FROM triage WHERE incursion_id IS NOT NULL AND :since > 0
    AND changed_at >= to_timestamp(:since)
), waiting AS (
  SELECT i.id FROM incursion i LEFT JOIN triage t ON t.incursion_id = i.id
  WHERE :since = 0 AND i.changed_at > now() - make_interval(days => :days) AND i.confirmed_at IS NOT NULL
    AND NOT i.retracted AND t.stage IS DISTINCT FROM 'closed' ORDER BY i.changed_at DESC LIMIT :most_open
)
SELECT i.id::text, d.name AS device, v.name AS visitor, i.zone_id AS zone, coalesce(z.name, i.zone_id) AS zone_name,
       CASE WHEN i.exit_at IS NOT NULL AND i.kind IN ('entry', 'dwell') THEN 'exit' ELSE i.kind END AS kind,
       extract(epoch FROM i.first_possible_at)::float8 AS first_possible_at,
       extract(epoch FROM i.confirmed_at)::float8 AS confirmed_at, extract(epoch FROM i.exit_at)::float8 AS exit_at,
       i.p_inside, i.closest_m, i.revision, i.retracted, i.why,
       extract(epoch FROM greatest(i.changed_at, t.changed_at))::float8 AS changed_at,
       (SELECT e.cause FROM excuse e
        WHERE e.visitor_id = d.visitor_id AND e.withdrawn_at IS NULL AND coalesce(e.zone_id, i.zone_id) = i.zone_id
          AND tstzrange(e.from_at, e.to_at, '[]') && tstzrange(i.first_possible_at, i.exit_at, '[]')
          AND NOT EXISTS (SELECT FROM alert a WHERE a.incursion_id = i.id AND a.kind = 'overstay')
        ORDER BY e.id LIMIT 1) AS excused,
       (SELECT extract(epoch FROM max(a.created_at))::float8 FROM alert a
        WHERE a.incursion_id = i.id AND a.audience = 'supervisor') AS told_at, t.content AS triage,
       v.team_id AS team
FROM incursion i JOIN device d ON d.id = i.device_id JOIN visitor v ON v.id = d.visitor_id
LEFT JOIN triage t ON t.incursion_id = i.id
LEFT JOIN zone_version z ON z.zone_id = i.zone_id AND z.version = i.zone_version
WHERE i.id IN (SELECT id FROM recent UNION SELECT id FROM triaged UNION SELECT id FROM waiting)""")
# A call's own row: no zone, and it ends when it is closed or after its time.
CALLS = text("""
SELECT 'sos-' || e.id AS id, d.name AS device, v.name AS visitor, '' AS zone, '' AS zone_name, 'sos' AS kind,
       extract(epoch FROM e.from_at)::float8 AS first_possible_at,
       extract(epoch FROM e.from_at)::float8 AS confirmed_at,
       CASE WHEN least(e.withdrawn_at, e.to_at) <= now()
         THEN extract(epoch FROM least(e.withdrawn_at, e.to_at))::float8 END AS exit_at,
       1.0::float8 AS p_inside, 0.0::float8 AS closest_m, 1 AS revision, false AS retracted, NULL AS why,
       extract(epoch FROM greatest(e.recorded_at, e.withdrawn_at, t.changed_at))::float8 AS changed_at,
       NULL AS excused, extract(epoch FROM e.recorded_at)::float8 AS told_at, t.content AS triage,
       v.team_id AS team
FROM excuse e JOIN visitor v ON v.id = e.visitor_id LEFT JOIN triage t ON t.excuse_id = e.id
JOIN LATERAL (SELECT d.name FROM device d WHERE d.visitor_id = e.visitor_id
              ORDER BY d.name = e.approved_by DESC, d.id LIMIT 1) d ON true
WHERE e.cause = 'sos' AND e.recorded_at > now() - make_interval(days => :days)
  AND (t.stage IS DISTINCT FROM 'closed' OR t.changed_at > now() - interval '1 day')
ORDER BY e.id DESC LIMIT :most_open""")


def live_alert(*, triage: dict[str, Any] | None, **row: Any) -> LiveAlert:
    """A row of ALERTS or CALLS."""
    return LiveAlert(**row, triage=None if triage is None else to_triage(triage))

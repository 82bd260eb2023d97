"""The alerts of the live map: incursions and calls for help, with what people did about them, and what is new since."""

from dataclasses import replace
from typing import Any

from sqlalchemy import text

from tracker.answers.finding import Finding
from tracker.answers.triage import news
from tracker.live import LiveAlert, LiveReached, LiveSilence
from tracker.store.triage import EXCUSED, SEEN_UNTIL, ZONES, to_triage

OPEN_FOR_DAYS = 30
"""How long an alert that nobody answered stays on the page; the reports have it for ever."""
MOST_OPEN = 1000
MOST_SILENT = 5000
ALERTS = text(f"""
WITH recent AS (
  SELECT id FROM incursion WHERE changed_at >= to_timestamp(:since) ORDER BY changed_at DESC LIMIT :limit
), told AS (
  SELECT id FROM incursion WHERE :since > 0 AND changed_at >= to_timestamp(:since) AND confirmed_at IS NOT NULL
), triaged AS (
  SELECT incursion_id AS id FROM triage WHERE incursion_id IS NOT NULL AND :since > 0
    AND changed_at >= to_timestamp(:since)
), put_off AS (
  SELECT t.incursion_id AS id FROM triage t JOIN incursion i USING (device_id)
  WHERE :since > 0 AND t.content->>'snoozed_until' IS NOT NULL AND i.changed_at >= to_timestamp(:since)
    AND t.incursion_id IS NOT NULL
), touched AS (
  SELECT i.id FROM triage t JOIN incursion i ON i.id = t.incursion_id
  WHERE :since = 0 AND t.stage = 'closed' AND i.changed_at > t.changed_at
    AND i.changed_at > now() - make_interval(days => :days) ORDER BY i.changed_at DESC LIMIT :most_open
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
       {EXCUSED} AS excused,
       (SELECT extract(epoch FROM max(a.created_at))::float8 FROM alert a
        WHERE a.incursion_id = i.id AND a.audience = 'supervisor') AS told_at, t.content AS triage,
       v.team_id AS team, {SEEN_UNTIL} AS seen_until, CASE WHEN t.stage IS NOT NULL THEN {ZONES} END AS zones
FROM incursion i JOIN device d ON d.id = i.device_id JOIN visitor v ON v.id = d.visitor_id
LEFT JOIN triage t ON t.incursion_id = i.id
LEFT JOIN zone_version z ON z.zone_id = i.zone_id AND z.version = i.zone_version
WHERE i.id IN (SELECT id FROM recent UNION SELECT id FROM told UNION SELECT id FROM triaged
               UNION SELECT id FROM waiting UNION SELECT id FROM put_off UNION SELECT id FROM touched)""")  # noqa: S608  constants only
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

# A silence's own row: amber until `confirmed_at`; those that are over stay for a day if somebody was told.
SILENCES = text("""
WITH wanted AS (
  SELECT id FROM silence WHERE :since = 0 AND ended_at IS NULL
  UNION SELECT id FROM silence WHERE :since = 0 AND red_at IS NOT NULL AND changed_at > now() - interval '1 day'
  UNION SELECT id FROM silence WHERE :since > 0 AND changed_at >= to_timestamp(:since)
  UNION SELECT silence_id FROM triage
        WHERE :since > 0 AND silence_id IS NOT NULL AND changed_at >= to_timestamp(:since)
)
SELECT 'silence-' || o.id AS id, d.name AS device, v.name AS visitor, '' AS zone, '' AS zone_name, 'silence' AS kind,
       extract(epoch FROM o.since)::float8 AS first_possible_at, extract(epoch FROM o.red_at)::float8 AS confirmed_at,
       extract(epoch FROM o.ended_at)::float8 AS exit_at, 0.5::float8 AS p_inside, 0.0::float8 AS closest_m,
       1 AS revision, false AS retracted, NULL AS why,
       extract(epoch FROM greatest(o.changed_at, t.changed_at))::float8 AS changed_at, NULL AS excused,
       extract(epoch FROM o.red_at)::float8 AS told_at, t.content AS triage, v.team_id AS team,
       o.why AS reason, extract(epoch FROM o.judged_from)::float8 AS judged_from, o.together, o.reached,
       o.over, o.filled
FROM silence o JOIN device d ON d.id = o.device_id JOIN visitor v ON v.id = d.visitor_id
LEFT JOIN triage t ON t.silence_id = o.id
WHERE o.id IN (SELECT id FROM wanted) ORDER BY o.id DESC LIMIT :most_open""")


def live_silence(
    *, triage: dict[str, Any] | None, reason: str | None, judged_from: float, together: bool, reached: list[list[Any]],
    over: str | None, filled: bool, **row: Any,
) -> LiveAlert:  # fmt: skip
    """A row of SILENCES."""
    zones = tuple(LiveReached(*each) for each in reached)
    about = LiveSilence(reason, judged_from, together, zones, over, filled)
    return LiveAlert(**row, triage=None if triage is None else to_triage(triage), silence=about)


def live_alert(
    *, triage: dict[str, Any] | None, seen_until: float | None = None, zones: list[str] | None = None, **row: Any
) -> LiveAlert:
    """A row of ALERTS or CALLS; a call has no finding."""
    state = None if triage is None else to_triage(triage)
    alert = LiveAlert(**row, triage=state)
    return alert if seen_until is None else replace(alert, news=news(state, finding(alert, seen_until, zones or [])))


def finding(alert: LiveAlert, seen_until: float, zones: list[str]) -> Finding:
    """What detection says now, as it is kept with a decision."""
    return Finding(
        alert.confirmed_at is not None, alert.first_possible_at, seen_until, alert.exit_at is not None,
        alert.closest_m or 0.0, alert.retracted, alert.excused is not None, tuple(sorted(zones)),
    )  # fmt: skip

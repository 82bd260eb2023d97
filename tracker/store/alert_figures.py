"""The figures of alerts, counted in the database."""

from typing import Any

from sqlalchemy import Connection, Engine, text

from tracker.alert_figures import Dead, Delay, Figures, Precision
from tracker.roles import Scope
from tracker.store.reader import reading
from tracker.store.triage import ALERT_ID
from tracker.triage import UPHELD, Reason

SHOWN = text("""
INSERT INTO alert_shown (alert_id, device_id, shown_to)
SELECT id::text, device_id, :by FROM incursion WHERE id = ANY(CAST(:incursions AS uuid[]))
UNION ALL
SELECT 'sos-' || e.id, min(d.id), :by FROM excuse e JOIN device d USING (visitor_id)
WHERE e.cause = 'sos' AND e.id = ANY(CAST(:calls AS bigint[])) GROUP BY e.id
ON CONFLICT DO NOTHING""")
# An incursion that supervisors were told of, with the first moment of each kind.
TOLD = """
SELECT i.id, i.kind, i.first_possible_at, i.confirmed_at, t.stage, t.content, i.retracted, i.exit_at,
       (SELECT min(a.created_at) FROM alert a WHERE a.incursion_id = i.id AND a.audience = 'supervisor') AS told_at,
       (SELECT s.shown_at FROM alert_shown s WHERE s.alert_id = i.id::text) AS shown_at,
       to_timestamp((t.content->>'acknowledged_at')::float8) AS acknowledged_at
FROM incursion i LEFT JOIN triage t ON t.incursion_id = i.id
WHERE i.confirmed_at > now() - make_interval(days => :days) AND coalesce(t.content->>'reason', '') <> 'earlier'"""
OPEN = text(f"""
SELECT count(*) FILTER (WHERE stage IS NULL OR stage = 'new') AS waiting,
       count(*) FILTER (WHERE stage IN ('acknowledged', 'assigned')) AS in_hand
FROM ({TOLD}) told WHERE NOT retracted AND told_at IS NOT NULL""")  # noqa: S608  constants only
CALLS = text("""
SELECT count(*) FROM excuse e LEFT JOIN triage t ON t.excuse_id = e.id
WHERE e.cause = 'sos' AND e.recorded_at > now() - make_interval(days => :days)
  AND t.stage IS DISTINCT FROM 'closed'""")
DELAY = """
SELECT count(x), percentile_cont(0.5) WITHIN GROUP (ORDER BY x), percentile_cont(0.95) WITHIN GROUP (ORDER BY x)
FROM (SELECT extract(epoch FROM {later} - {earlier})::float8 AS x FROM ({source}) s) d"""
CLOSED = text(f"""
SELECT kind, content->>'reason', count(*) FROM ({TOLD}) told WHERE stage = 'closed' GROUP BY 1, 2 ORDER BY 1
""")  # noqa: S608  constants only
TRACKS = """
SELECT t.received_at, t.fix_at FROM track t JOIN shift s ON s.id = t.shift_id WHERE s.closed_at IS NULL"""
SILENT = text(f"""
SELECT count(*) FILTER (WHERE received_at < now() - make_interval(secs => :silent_after_s)), count(*)
FROM ({TRACKS}) open""")  # noqa: S608  constants only

DEAD = text("""
SELECT recipient, count(*), (array_agg(last_error ORDER BY dead_at DESC))[1] FROM delivery
WHERE dead_at IS NOT NULL AND delivered_at IS NULL GROUP BY 1 ORDER BY 1""")


class PostgresAlertFigures:
    """What each method promises stands at `tracker.alert_figures.AlertFigures`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def figures(self, scope: Scope, days: int, silent_after_s: float) -> Figures:  # noqa: D102
        given = {"days": days}
        with reading(self._engine, scope) as connection:
            waiting, in_hand = connection.execute(OPEN, given).one()
            silent, on_shift = connection.execute(SILENT, {"silent_after_s": silent_after_s}).one()
            return Figures(
                days, waiting, in_hand, connection.execute(CALLS, given).scalar_one(),
                delay(connection, TOLD, "first_possible_at", "confirmed_at", given),
                delay(connection, TOLD, "confirmed_at", "told_at", given),
                delay(connection, TOLD, "told_at", "shown_at", given),
                delay(connection, TOLD, "told_at", "acknowledged_at", given),
                precision(connection, given), silent, on_shift,
                delay(connection, TRACKS, "fix_at", "received_at", {}),
                tuple(Dead(*row) for row in connection.execute(DEAD)),
            )  # fmt: skip

    def shown(self, scope: Scope, alert_ids: list[str], by: str) -> None:  # noqa: D102
        named = [found for each in alert_ids if (found := ALERT_ID.fullmatch(each))]
        calls = [int(each["call"]) for each in named if each["call"]]
        incursions = [each.string for each in named if not each["call"]]
        with reading(self._engine, scope) as connection:
            connection.execute(SHOWN, {"by": by, "incursions": incursions, "calls": calls})


def delay(connection: Connection, source: str, earlier: str, later: str, given: dict[str, Any]) -> Delay:
    """The delay between two moments of a source's rows."""
    query = DELAY.format(source=source, earlier=earlier, later=later)
    return Delay(*connection.execute(text(query), given).one())


def precision(connection: Connection, given: dict[str, Any]) -> tuple[Precision, ...]:
    """How the closed alerts of each kind were found to be."""
    counts: dict[str, list[int]] = {}
    for kind, reason, count in connection.execute(CLOSED, given):
        place = 0 if reason in UPHELD else 1 if reason == Reason.FALSE_ALARM else 2
        counts.setdefault(kind, [0, 0, 0])[place] += count
    return tuple(Precision(kind, *found) for kind, found in counts.items())

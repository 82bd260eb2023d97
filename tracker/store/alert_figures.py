"""The figures of alerts, counted in the database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from tracker.answers.alert_figures import (
    AGE_LIMITS_S,
    Channel,
    Delay,
    Delays,
    Figures,
    Group,
    Open,
    Reason,
    Silent,
    Span,
    filled,
    period_keys,
)
from tracker.answers.triage import REFUTED, UPHELD
from tracker.answers.triage import Reason as ClosedFor
from tracker.people.roles import Scope
from tracker.store.live_alerts import OPEN_FOR_DAYS
from tracker.store.reader import reading, walled
from tracker.store.triage import ALERT_ID

MOST_ZONES = 20
MOST_SILENT = 50
SHOWN = text("""
INSERT INTO alert_shown (alert_id, device_id, shown_to)
SELECT id::text, device_id, :by FROM incursion WHERE id = ANY(CAST(:incursions AS uuid[]))
UNION ALL
SELECT 'sos-' || e.id, min(d.id), :by FROM excuse e JOIN device d USING (visitor_id)
WHERE e.cause = 'sos' AND e.id = ANY(CAST(:calls AS bigint[])) GROUP BY e.id
UNION ALL
SELECT 'silence-' || id, device_id, :by FROM silence WHERE red_at IS NOT NULL AND id = ANY(CAST(:silences AS bigint[]))
ON CONFLICT DO NOTHING""")
# Incursions that supervisors were told of, and calls for help, each with the first moment of every step. Who is told is
# told of a change: the index on changed_at narrows first.
INCURSIONS = """
SELECT 'incursion' AS subject, i.kind, i.zone_id, i.device_id, i.first_possible_at AS crossed_at, i.confirmed_at,
       i.exit_at, i.retracted, a.told_at, a.warned_at, s.shown_at, t.stage, t.content
FROM incursion i
CROSS JOIN LATERAL (SELECT min(created_at) FILTER (WHERE audience = 'supervisor') AS told_at,
                           min(published_at) FILTER (WHERE audience = 'visitor') AS warned_at
                    FROM alert WHERE incursion_id = i.id) a
LEFT JOIN alert_shown s ON s.alert_id = i.id::text
LEFT JOIN triage t ON t.incursion_id = i.id
WHERE a.told_at IS NOT NULL AND i.changed_at > now() - make_interval(days => :days)"""
CALLS = """
SELECT 'sos', 'sos', NULL, d.id, e.from_at, e.from_at, NULL::timestamptz, false, e.recorded_at, NULL::timestamptz,
       s.shown_at, t.stage, t.content
FROM excuse e
CROSS JOIN LATERAL (SELECT min(id) AS id FROM device WHERE visitor_id = e.visitor_id) d
LEFT JOIN alert_shown s ON s.alert_id = 'sos-' || e.id
LEFT JOIN triage t ON t.excuse_id = e.id
WHERE e.cause = 'sos' AND d.id IS NOT NULL AND e.recorded_at > now() - make_interval(days => :days)"""
ALERTS = f"""
SELECT *, to_timestamp((content->>'acknowledged_at')::float8) AS acknowledged_at, content->>'reason' AS reason
FROM ({INCURSIONS} UNION ALL {CALLS}) everything WHERE coalesce(content->>'reason', '') <> 'earlier'"""  # noqa: S608
# Silences that go on are open alerts; how true they are is no question, so they are in no other figure.
SILENCES = """
SELECT 'silence' AS kind, o.red_at AS told_at, t.stage FROM silence o LEFT JOIN triage t ON t.silence_id = o.id
WHERE o.red_at IS NOT NULL AND o.ended_at IS NULL AND t.stage IS DISTINCT FROM 'closed'"""
OPEN = text(f"""
SELECT kind,
       width_bucket(extract(epoch FROM now() - told_at)::float8, CAST(:limits AS float8[])), coalesce(stage, 'new') = 'new', count(*)
FROM (SELECT CASE WHEN exit_at IS NOT NULL THEN 'left' ELSE kind END AS kind, told_at, stage FROM ({ALERTS}) alerts
      WHERE NOT retracted AND stage IS DISTINCT FROM 'closed' UNION ALL {SILENCES}) waiting GROUP BY 1, 2, 3""")  # noqa: S608, E501  constants only
STEPS = {
    "warned_after_crossing": ("crossed_at", "warned_at"),
    "confirmed_after_crossing": ("crossed_at", "confirmed_at"),
    "told_after_confirmed": ("confirmed_at", "told_at"),
    "shown_after_told": ("told_at", "shown_at"),
    "acknowledged_after_told": ("told_at", "acknowledged_at"),
    "acknowledged_after_crossing": ("crossed_at", "acknowledged_at"),
}
DELAY = """count({x}), percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY {x})"""
LASTED = [f"extract(epoch FROM {later} - {earlier})::float8" for earlier, later in STEPS.values()]
SETS = {"subjects": "subject", "kinds": "kind", "zones": "zone_id", "platforms": "platform", "periods": "period"}
# One look at the rows serves all groupings; calls for help have a row of their own and are in no other grouping.
GROUPS = text(f"""
WITH alerts AS (
  SELECT a.*, d.platform,
         to_char(date_trunc(:by, a.told_at AT TIME ZONE :time_zone), 'YYYY-MM-DD') AS period
  FROM ({ALERTS}) a JOIN device d ON d.id = a.device_id
  WHERE a.told_at > now() - make_interval(days => :days)
)
SELECT grouping(kind, zone_id, platform, period) AS of, coalesce(kind, zone_id, platform, period, subject) AS key,
       count(*), count(*) FILTER (WHERE stage = 'closed' AND reason = ANY(:upheld)),
       count(*) FILTER (WHERE stage = 'closed' AND reason = ANY(:refuted)),
       count(*) FILTER (WHERE stage = 'closed' AND NOT reason = ANY(:said)),
       count(*) FILTER (WHERE retracted), {", ".join(DELAY.format(x=each) for each in LASTED)}
FROM alerts GROUP BY GROUPING SETS ((subject), (subject, kind), (subject, zone_id), (subject, platform),
                                    (subject, period))
HAVING subject = 'incursion' OR grouping(zone_id, platform, period) = 7
ORDER BY 1, 3 DESC, 2""")  # noqa: S608  constants only
BITS = {0b1111: "subjects", 0b0111: "kinds", 0b1011: "zones", 0b1101: "platforms", 0b1110: "periods"}
ZONE_NAMES = text("""
SELECT DISTINCT ON (zone_id) zone_id, name FROM zone_version WHERE zone_id = ANY(:zones)
ORDER BY zone_id, version DESC""")
TRACKS = """
SELECT t.received_at, t.fix_at FROM track t JOIN shift s ON s.id = t.shift_id WHERE s.closed_at IS NULL"""
LAG = DELAY.format(x="extract(epoch FROM received_at - fix_at)::float8")
ON_SHIFT = text(f"""
SELECT (SELECT count(*) FROM shift WHERE closed_at IS NULL), (SELECT count(*) FROM silence WHERE ended_at IS NULL),
       {LAG} FROM ({TRACKS}) tracks""")  # noqa: S608  constants only
SILENT = text("""
SELECT v.name, d.name, extract(epoch FROM o.since)::float8, CASE WHEN o.red_at IS NULL THEN 'amber' ELSE 'red' END,
       o.why
FROM silence o JOIN device d ON d.id = o.device_id JOIN visitor v ON v.id = d.visitor_id WHERE o.ended_at IS NULL
ORDER BY o.since LIMIT :most""")
REFUSALS = text("""
SELECT reason, sum(count)::int, extract(epoch FROM max(last_at))::float8 FROM refusal
WHERE last_at > now() - make_interval(days => :days) GROUP BY 1 ORDER BY 2 DESC, 1""")
QUARANTINE = text("""
SELECT reason, count(*), extract(epoch FROM max(received_at))::float8 FROM quarantine
WHERE received_at > now() - make_interval(days => :days) GROUP BY 1 ORDER BY 2 DESC, 1""")
CHANNELS = text("""
SELECT recipient, count(delivered_at) FILTER (WHERE recent), count(*) FILTER (WHERE delivered_at IS NULL AND dead_at IS NULL),
       count(*) FILTER (WHERE delivered_at IS NULL AND dead_at IS NOT NULL),
       coalesce((array_agg(last_error ORDER BY coalesce(dead_at, created_at) DESC)
                 FILTER (WHERE delivered_at IS NULL AND last_error <> ''))[1], '')
FROM (SELECT *, created_at > now() - make_interval(days => :days) AS recent FROM delivery) d
WHERE recent OR delivered_at IS NULL GROUP BY 1 ORDER BY 4 DESC, 1""")  # noqa: E501
TEAMS = text("SELECT id, name FROM team WHERE :everybody OR id = ANY(:teams) ORDER BY name")
DEAD = text("SELECT dedup_key FROM delivery WHERE dead_at IS NOT NULL AND delivered_at IS NULL AND recipient = :to")
RETRY = text("""
UPDATE delivery SET dead_at = NULL, attempts = 0, next_at = now() WHERE dead_at IS NOT NULL AND delivered_at IS NULL
  AND recipient = :to AND dedup_key = ANY(:keys)""")


class PostgresAlertFigures:
    """What each method promises stands at `tracker.answers.alert_figures.AlertFigures`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def figures(self, scope: Scope, span: Span) -> Figures:  # noqa: D102
        with reading(self._engine, scope) as connection:
            found = groups(connection, span)
            on_shift, silent_visitors, lag_count, lag = connection.execute(ON_SHIFT).one()
            days = {"days": span.days}
            return Figures(
                open=still_open(connection),
                subjects=tuple(found["subjects"]), kinds=tuple(found["kinds"]),
                zones=named(connection, found["zones"][:MOST_ZONES]), platforms=tuple(found["platforms"]),
                periods=filled(found["periods"], period_keys(span, datetime.now(UTC))),
                on_shift=on_shift, silent_visitors=silent_visitors, ingest_lag=delay(lag_count, lag),
                silent=tuple(Silent(*row) for row in connection.execute(SILENT, {"most": MOST_SILENT})),
                refusals=tuple(Reason(*row) for row in connection.execute(REFUSALS, days)),
                quarantine=tuple(Reason(*row) for row in connection.execute(QUARANTINE, days)),
                channels=tuple(Channel(*row) for row in connection.execute(CHANNELS, days)),
            )  # fmt: skip

    def teams(self, scope: Scope) -> Sequence[tuple[int, str]]:  # noqa: D102
        given = {"everybody": scope.everybody, "teams": sorted(scope.teams)}
        with reading(self._engine, scope) as connection:
            return [(number, name) for number, name in connection.execute(TEAMS, given)]

    def shown(self, scope: Scope, alert_ids: list[str], by: str) -> None:  # noqa: D102
        known = [found for each in alert_ids if (found := ALERT_ID.fullmatch(each))]
        calls, silences = (
            [int(each["number"]) for each in known if each["kind"] == kind] for kind in ("sos", "silence")
        )
        incursions = [each.string for each in known if not each["kind"]]
        with reading(self._engine, scope) as connection:
            connection.execute(SHOWN, {"by": by, "incursions": incursions, "calls": calls, "silences": silences})

    def retry(self, scope: Scope, recipient: str) -> int:  # noqa: D102
        with self._engine.begin() as connection:
            with walled(connection, scope):
                keys = list(connection.execute(DEAD, {"to": recipient}).scalars())
            return connection.execute(RETRY, {"to": recipient, "keys": keys}).rowcount


def still_open(connection: Connection) -> tuple[Open, ...]:
    """What waits and what is in hand, by kind and by age."""
    counts: dict[str, tuple[list[int], list[int]]] = {}
    for kind, age, waits, count in connection.execute(OPEN, {"limits": list(AGE_LIMITS_S), "days": OPEN_FOR_DAYS}):
        classes = [0] * (len(AGE_LIMITS_S) + 1)
        waiting, in_hand = counts.setdefault(kind, (classes, list(classes)))
        (waiting if waits else in_hand)[age] += count
    return tuple(Open(kind, tuple(waiting), tuple(in_hand)) for kind, (waiting, in_hand) in sorted(counts.items()))


def groups(connection: Connection, span: Span) -> dict[str, list[Group]]:
    """The groups of each grouping, those with the most alerts first."""
    found: dict[str, list[Group]] = {name: [] for name in SETS}
    given = {
        "days": span.days, "by": span.by, "time_zone": span.time_zone,
        "upheld": reasons(UPHELD), "refuted": reasons(REFUTED), "said": reasons(UPHELD | REFUTED),
    }  # fmt: skip
    for of, key, told, upheld, refuted, undecided, retracted, *measured in connection.execute(GROUPS, given):
        delays = Delays(*in_pairs(measured))
        found[BITS[of]].append(Group(key, key, told, upheld, refuted, undecided, retracted, delays))
    return found


def reasons(some: Iterable[ClosedFor]) -> list[str]:
    """As they are stored."""
    return sorted(each.value for each in some)


def in_pairs(measured: Sequence[Any]) -> Iterator[Delay]:
    """Delays from columns of counts and percentiles in turn."""
    return (delay(*pair) for pair in zip(measured[::2], measured[1::2], strict=True))


def delay(count: int, percentiles: Sequence[float] | None) -> Delay:
    """A pair of columns of DELAY."""
    return Delay(count, *percentiles) if percentiles else Delay()


def named(connection: Connection, zones: Sequence[Group]) -> tuple[Group, ...]:
    """Zones by their newest names."""
    keys = [each.key for each in zones]
    names = {row.zone_id: row.name for row in connection.execute(ZONE_NAMES, {"zones": keys})}
    return tuple(replace(each, name=names.get(each.key) or each.key) for each in zones)

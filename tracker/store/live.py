"""What the live map reads: the newest state of open shifts and the newest incursions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, TextClause, text

from geofences.zone import Zone
from tracker.live import Hearing, LiveAlert, LiveDevice, LiveSignal
from tracker.people.roles import EVERYBODY
from tracker.silence import USUAL, Thresholds
from tracker.store.live_alerts import (
    ALERTS,
    CALLS,
    MOST_OPEN,
    MOST_SILENT,
    OPEN_FOR_DAYS,
    SILENCES,
    live_alert,
    live_silence,
)
from tracker.store.reader import reading
from tracker.store.silences import DEAF_AFTER_S
from tracker.store.zones import standing

DEVICES = text("""
SELECT d.name AS device, v.name AS visitor, t.lon, t.lat, t.accuracy_m, t.heading_deg, t.speed_mps, t.battery_pct,
       extract(epoch FROM t.fix_at)::float8 AS fix_at, extract(epoch FROM t.received_at)::float8 AS received_at,
       t.state, t.zone_id AS zone, t.signed_m, t.shift_id, s.closed_at IS NULL AS on_shift,
       t.plausibility, extract(epoch FROM greatest(t.received_at, c.alive_at))::float8 AS heard_at,
       (SELECT extract(epoch FROM min(e.from_at))::float8 FROM excuse e WHERE e.visitor_id = v.id AND e.cause = 'sos'
        AND e.withdrawn_at IS NULL AND coalesce(e.to_at, 'infinity') > now()) AS sos_at, v.team_id AS team,
       extract(epoch FROM s.opened_at)::float8 AS shift_at,
       (SELECT p.case_ref FROM visit p WHERE p.visitor_id = v.id AND p.cancelled_at IS NULL AND p.from_at <= now()
        AND p.to_at > now() ORDER BY p.from_at DESC, p.id DESC LIMIT 1) AS visit
FROM track t JOIN device d ON d.id = t.device_id JOIN visitor v ON v.id = d.visitor_id JOIN shift s ON s.id = t.shift_id
LEFT JOIN contact c ON c.device_id = d.id
WHERE CASE WHEN :since = 0 THEN s.closed_at IS NULL
      ELSE t.changed_at >= to_timestamp(:since) OR s.closed_at >= to_timestamp(:since)
        OR s.closed_at IS NULL AND c.changed_at >= to_timestamp(:since) END""")
# A service that has not looked for so long does not listen. A shard that has long been left is no longer asked for.
HEARING = text("""
SELECT min(seen_at) > now() - make_interval(secs => :deaf_after_s) AS listening,
       extract(epoch FROM max(since))::float8 AS since
FROM listening WHERE seen_at > (SELECT max(seen_at) FROM listening) - interval '1 hour'""")


def live_device(*, plausibility: dict[str, Any] | None, **row: Any) -> LiveDevice:
    """A row of DEVICES with the signals of its shift."""
    known = plausibility or {"score": 0, "reasons": []}
    signals = tuple(LiveSignal(*reason) for reason in known["reasons"])
    return LiveDevice(**row, doubt=known["score"], signals=signals)


class PostgresLiveView:
    """The live map's view of the database, as the reader role; `maps.feed` gives each page its teams' part."""

    def __init__(self, engine: Engine, thresholds: Thresholds = USUAL) -> None:
        self._engine = engine
        self._thresholds = thresholds

    def devices(self, changed_since: float) -> Sequence[LiveDevice]:
        """Tracks of open shifts, or what changed since then (a shift that closed included)."""
        return [live_device(**row) for row in self._all(DEVICES, since=changed_since)]

    def alerts(self, changed_since: float, limit: int) -> Sequence[LiveAlert]:
        """The newest incursions that changed since then, those that wait, and the calls of these days."""
        given = {"days": OPEN_FOR_DAYS, "most_open": MOST_OPEN}
        found = self._all(ALERTS, since=changed_since, limit=limit, **given) + self._all(CALLS, **given)
        silences = self._all(SILENCES, since=changed_since, most_open=MOST_SILENT)
        return [live_alert(**row) for row in found] + [live_silence(**row) for row in silences]

    def hearing(self) -> Hearing:
        """Whether every shard is listened to, and since when all of them are."""
        (row,) = self._all(HEARING, deaf_after_s=DEAF_AFTER_S)
        rule = self._thresholds
        return Hearing(row["listening"] is not False, row["since"], rule.amber_s, rule.red_s)

    def zones(self) -> Sequence[Zone]:
        """The newest version of each zone that is not retired, at all hours."""
        with reading(self._engine, EVERYBODY) as connection:
            return list(standing(connection.connection.driver_connection).values())  # type: ignore[arg-type]  # psycopg's

    def zone_generation(self) -> int:
        """The counter that a trigger moves with every change of a zone."""
        found = self._all(text("SELECT value FROM revision WHERE kind = 'zones'"))
        return int(found[0]["value"]) if found else 0

    def _all(self, query: TextClause, **parameters: Any) -> list[dict[str, Any]]:
        with reading(self._engine, EVERYBODY) as connection:
            return [dict(row) for row in connection.execute(query, parameters).mappings()]

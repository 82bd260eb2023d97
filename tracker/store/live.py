"""What the live map reads: the newest state of open shifts and the newest incursions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, TextClause, text

from geofences.zone import Zone
from tracker.live import LiveAlert, LiveDevice, LiveSignal
from tracker.roles import EVERYBODY
from tracker.store.live_alerts import ALERTS, CALLS, MOST_OPEN, OPEN_FOR_DAYS, live_alert
from tracker.store.reader import reading
from tracker.store.zones import standing

DEVICES = text("""
SELECT d.name AS device, v.name AS visitor, t.lon, t.lat, t.accuracy_m, t.heading_deg, t.speed_mps, t.battery_pct,
       extract(epoch FROM t.fix_at)::float8 AS fix_at, extract(epoch FROM t.received_at)::float8 AS received_at,
       t.state, t.zone_id AS zone, t.signed_m, t.shift_id, s.closed_at IS NULL AS on_shift,
       t.plausibility,
       (SELECT extract(epoch FROM min(e.from_at))::float8 FROM excuse e WHERE e.visitor_id = v.id AND e.cause = 'sos'
        AND e.withdrawn_at IS NULL AND coalesce(e.to_at, 'infinity') > now()) AS sos_at, v.team_id AS team
FROM track t JOIN device d ON d.id = t.device_id JOIN visitor v ON v.id = d.visitor_id JOIN shift s ON s.id = t.shift_id
WHERE CASE WHEN :since = 0 THEN s.closed_at IS NULL
      ELSE t.changed_at >= to_timestamp(:since) OR s.closed_at >= to_timestamp(:since) END""")


def live_device(*, plausibility: dict[str, Any] | None, **row: Any) -> LiveDevice:
    """A row of DEVICES with the signals of its shift."""
    known = plausibility or {"score": 0, "reasons": []}
    signals = tuple(LiveSignal(*reason) for reason in known["reasons"])
    return LiveDevice(**row, doubt=known["score"], signals=signals)


class PostgresLiveView:
    """The live map's view of the database, as the reader role; `maps.feed` gives each page its teams' part."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def devices(self, changed_since: float) -> Sequence[LiveDevice]:
        """Tracks of open shifts, or what changed since then (a shift that closed included)."""
        return [live_device(**row) for row in self._all(DEVICES, since=changed_since)]

    def alerts(self, changed_since: float, limit: int) -> Sequence[LiveAlert]:
        """The newest incursions that changed since then, those that wait, and the calls of these days."""
        given = {"days": OPEN_FOR_DAYS, "most_open": MOST_OPEN}
        found = self._all(ALERTS, since=changed_since, limit=limit, **given) + self._all(CALLS, **given)
        return [live_alert(**row) for row in found]

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

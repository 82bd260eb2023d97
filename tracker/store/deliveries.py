"""Deliveries on PostgreSQL: planned from the outbox, leased for an attempt, delivered or dead. Each call is atomic."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from psycopg import Connection

from tracker.alert import Alert
from tracker.answers.rota import Watcher
from tracker.people.roles import GRANTS, Action, Role, Scope
from tracker.store.connection import Row, rows
from tracker.store.outbox import to_alert
from tracker.store.triage import EXCUSED

PLANNED_WITHIN = "24 hours"
"""An alert that is older when channels are first configured is old news."""
TEAM = "(SELECT v.team_id FROM device d JOIN visitor v ON v.id = d.visitor_id WHERE d.id = a.device_id)"
UNPLANNED = f"""
SELECT a.dedup_key, a.kind, a.incursion_id, a.silence_id, extract(epoch FROM now())::float8, {TEAM} FROM alert a
WHERE a.planned_at IS NULL AND a.audience = 'supervisor' AND a.created_at > now() - interval '{PLANNED_WITHIN}'
ORDER BY a.created_at, a.revision LIMIT 200 FOR UPDATE SKIP LOCKED"""  # noqa: S608  constants only
TOLD = """
SELECT DISTINCT d.recipient FROM delivery d JOIN alert a USING (dedup_key)
WHERE a.incursion_id = %s OR a.silence_id = %s"""
PLANNED = "UPDATE alert SET planned_at = now() WHERE dedup_key = ANY(%s)"
ADD = """
INSERT INTO delivery (dedup_key, recipient, why) SELECT %s, unnest(%s::text[]), %s ON CONFLICT DO NOTHING"""
# Nobody has answered: no deed about it, none that acknowledges, no excuse; what was told still stands. Help first.
WAITING = f"""
SELECT a.dedup_key, a.kind, extract(epoch FROM now() - a.created_at)::float8, extract(epoch FROM now())::float8,
       ARRAY(SELECT d.recipient FROM delivery d WHERE d.dedup_key = a.dedup_key), {TEAM}
FROM alert a JOIN device d ON d.id = a.device_id LEFT JOIN incursion i ON i.id = a.incursion_id
LEFT JOIN excuse x ON i.id IS NULL AND x.visitor_id = d.visitor_id AND x.cause = 'sos'
  AND a.happened_at BETWEEN x.from_at AND x.to_at
LEFT JOIN triage t ON t.incursion_id = i.id OR t.excuse_id = x.id
WHERE a.audience = 'supervisor' AND a.kind = ANY(%s) AND a.planned_at > now() - interval '24 hours'
  AND NOT coalesce(i.retracted, false) AND (t.alert_id IS NULL OR t.stage = 'new') AND {EXCUSED} IS NULL
ORDER BY a.kind = 'sos' DESC, a.created_at LIMIT 1000"""  # noqa: S608  constants only
LEASE = """
UPDATE delivery d SET attempts = attempts + 1, next_at = now() + make_interval(secs => %s)
FROM (SELECT dedup_key, recipient FROM delivery WHERE delivered_at IS NULL AND dead_at IS NULL AND next_at <= now()
      ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED) due
WHERE (d.dedup_key, d.recipient) = (due.dedup_key, due.recipient)
RETURNING d.dedup_key, d.recipient, d.why, d.attempts, extract(epoch FROM d.created_at)::float8"""
CONTENT = """
SELECT e.name, a.kind, a.audience, extract(epoch FROM a.happened_at)::float8, a.incursion_id::text, a.revision,
       a.content, v.name, coalesce((SELECT z.name FROM zone_version z WHERE z.zone_id = a.content->>'zone'
                                    ORDER BY z.version DESC LIMIT 1), a.content->>'zone', '')
FROM alert a JOIN device e ON e.id = a.device_id JOIN visitor v ON v.id = e.visitor_id WHERE a.dedup_key = %s"""
RENEW = """
UPDATE delivery SET next_at = now() + make_interval(secs => %s) WHERE delivered_at IS NULL AND dead_at IS NULL
  AND (dedup_key, recipient) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"""
DELIVERED = "UPDATE delivery SET delivered_at = now(), last_error = '' WHERE dedup_key = %s AND recipient = %s"
FAILED = """
UPDATE delivery SET last_error = %s, next_at = now() + make_interval(secs => coalesce(%s, 0)),
  dead_at = CASE WHEN %s::float8 IS NULL THEN now() END WHERE dedup_key = %s AND recipient = %s"""
WATCHERS = """
SELECT username, all_teams, ARRAY(SELECT team_id FROM account_team t WHERE t.account_id = a.id), bool_or(role = %s)
FROM account a JOIN account_role r ON r.account_id = a.id
WHERE deactivated_at IS NULL AND role = ANY(%s) GROUP BY a.id"""
TEAMS = """
SELECT DISTINCT v.team_id, t.name FROM visitor v LEFT JOIN team t ON t.id = v.team_id ORDER BY v.team_id"""
LIST = """
SELECT dedup_key, recipient, why, attempts, last_error, extract(epoch FROM created_at)::float8,
       extract(epoch FROM dead_at)::float8
FROM delivery WHERE delivered_at IS NULL AND (dead_at IS NOT NULL OR NOT %s) ORDER BY created_at DESC LIMIT %s"""
RETRY = """
UPDATE delivery SET dead_at = NULL, attempts = 0, next_at = now() WHERE dead_at IS NOT NULL AND recipient = %s"""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is ours to attempt for a while, with what it says. Times are seconds UTC."""

    dedup_key: str
    recipient: str
    why: str
    attempts: int
    created_at: float
    alert: Alert
    visitor: str
    zone: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A delivery that is still tried, or dead since `dead_at`."""

    dedup_key: str
    recipient: str
    why: str
    attempts: int
    last_error: str
    created_at: float
    dead_at: float | None


Chooser = Callable[[str, int | None, float, Sequence[str]], Sequence[str]]
Escalator = Callable[[str, int | None, float, float, Sequence[str]], Sequence[str]]


class Deliveries:
    """One connection's view; any number of processes may work at once."""

    def __init__(self, connection: "Connection[Row]") -> None:
        self._connection = connection

    def watchers(self) -> dict[str, Watcher]:
        """Active accounts that may answer alerts, by user name."""
        given = Role.TEAM_LEAD.value, [role.value for role in GRANTS[Action.ANSWER_ALERTS]]
        found = rows(self._connection, WATCHERS, *given)
        return {name: Watcher(Scope(frozenset(teams), all_teams), leads) for name, all_teams, teams, leads in found}

    def teams(self) -> dict[int | None, str]:
        """Teams that have visitors, by id; None with an empty name if some visitors have none."""
        return {team: name or "" for team, name in rows(self._connection, TEAMS)}

    def plan(self, choose: Chooser) -> int:
        """Decide for each new alert who is told: `choose(kind, team, now, told before)` names them. How many."""
        with self._connection.transaction():
            found = rows(self._connection, UNPLANNED)
            for key, kind, incursion_id, silence_id, now, team in found:
                told = [name for (name,) in rows(self._connection, TOLD, incursion_id, silence_id)]
                self._connection.execute(ADD, (key, list(choose(kind, team, now, told)), "told"))
            self._connection.execute(PLANNED, ([row[0] for row in found],))
        return len(found)

    def escalate(self, kinds: Sequence[str], choose: Escalator) -> int:
        """Tell more people of what nobody answers: `choose(kind, team, waiting_s, now, told)`. How many more."""
        added = 0
        with self._connection.transaction():
            for key, kind, waiting_s, now, told, team in rows(self._connection, WAITING, list(kinds)):
                if more := list(choose(kind, team, waiting_s, now, told)):
                    added += self._connection.execute(ADD, (key, more, "escalated")).rowcount
        return added

    def lease(self, lease_s: float, limit: int) -> Iterator[Leased]:
        """Take deliveries that are due; whoever dies meanwhile loses them to the next after `lease_s`."""
        for key, recipient, why, attempts, created_at in rows(self._connection, LEASE, lease_s, limit):
            (*parts, visitor, zone) = rows(self._connection, CONTENT, key)[0]
            yield Leased(key, recipient, why, attempts, created_at, to_alert(*parts), visitor, zone)

    def renew(self, some: Iterable[Leased], lease_s: float) -> None:
        """Hold deliveries whose attempts still last for `lease_s` from now on."""
        held = [(each.dedup_key, each.recipient) for each in some]
        if held:
            keys, recipients = zip(*held, strict=True)
            self._connection.execute(RENEW, (lease_s, list(keys), list(recipients)))

    def delivered(self, leased: Leased) -> None:
        """The recipient has it."""
        self._connection.execute(DELIVERED, (leased.dedup_key, leased.recipient))

    def failed(self, leased: Leased, error: str, again_in_s: float | None) -> None:
        """Try again in so many seconds; None: never."""
        self._connection.execute(FAILED, (error, again_in_s, again_in_s, leased.dedup_key, leased.recipient))

    def undelivered(self, *, dead_only: bool, limit: int = 200) -> list[Undelivered]:
        """What no recipient has, the newest first."""
        return [Undelivered(*row) for row in rows(self._connection, LIST, dead_only, limit)]

    def retry(self, recipient: str) -> int:
        """Try a recipient's dead deliveries again, from the first attempt. Returns how many."""
        return self._connection.execute(RETRY, (recipient,)).rowcount

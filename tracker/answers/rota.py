"""Who is told of an alert outside the pages, at once and when nobody answers: pure functions over clock and rota."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from geofences.schedule import Schedule
from tracker.alert import RENOTICES, AlertKind
from tracker.people.roles import EVERYBODY, Scope

NEVER_QUIET = frozenset({AlertKind.ENTRY, AlertKind.OVERSTAY, AlertKind.SOS, *RENOTICES})
"""What no rule of anybody keeps from being told."""
ESCALATED = frozenset({AlertKind.ENTRY, AlertKind.OVERSTAY, AlertKind.SOS})
"""What goes on to the next person while nobody has answered."""
FOLLOWING = frozenset({*RENOTICES, AlertKind.HEARD})
"""What only those are told who were told of what it follows."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody, or a system, that is told by a channel.

    `level`: 0 is told at once, 1 after the first span without an answer, and so on. `on_call`: the hours in which
    they are told (None: always). `quiet`: kinds they don't want; those in `NEVER_QUIET` are told all the same.
    `account`: the user name whose teams bound what they hear; none: they hear of everybody, which is `scope`.
    """

    name: str
    level: int = 0
    on_call: Schedule | None = None
    quiet: frozenset[str] = frozenset()
    account: str | None = None
    scope: Scope = EVERYBODY

    def hears(self, kind: str, at: float) -> bool:
        """Whether they are told of a kind of alert at a moment (seconds UTC)."""
        return self.wants(kind) and (self.on_call is None or self.on_call.active(at))

    def wants(self, kind: str) -> bool:
        """Whether they want a kind of alert, or can't be spared it."""
        return kind in NEVER_QUIET or kind not in self.quiet


@dataclass(frozen=True, slots=True)
class Watcher:
    """An account that may answer alerts: whose, and whether they are passed on to it."""

    scope: Scope
    leads: bool = False


def covering(
    kind: str, team: int | None, rota: Sequence[Recipient], watchers: Mapping[str, Watcher]
) -> list[Recipient]:
    """Those who may hear of somebody of a team; team leads one level further up.

    A call for help that no team covers is told to everybody: better the wrong supervisor than none.
    """
    known = [placed(each, watchers) for each in rota if each.account is None or each.account in watchers]
    found = [each for each in known if each.scope.sees(team)]
    return known if not found and kind == AlertKind.SOS else found


def uncovered(
    teams: Iterable[int | None], rota: Sequence[Recipient], watchers: Mapping[str, Watcher]
) -> list[int | None]:
    """The teams (None: visitors of none) of whose entries nobody would be told."""
    return [team for team in teams if not covering(AlertKind.ENTRY, team, rota, watchers)]


def placed(recipient: Recipient, watchers: Mapping[str, Watcher]) -> Recipient:
    """A recipient with what their account says at present."""
    if recipient.account is None:
        return recipient
    watcher = watchers[recipient.account]
    return replace(recipient, scope=watcher.scope, level=recipient.level + watcher.leads)


def told_at_once(kind: str, at: float, rota: Sequence[Recipient], told_before: Collection[str]) -> list[Recipient]:
    """Who is told now: the lowest level that is on call; that something told was wrong, whoever was told it.

    Nobody on call at all means everybody, for what is never quiet: an entry or a call for help always finds somebody.
    """
    if kind in FOLLOWING:
        return [each for each in rota if each.name in told_before and each.wants(kind)]
    hearing = [each for each in rota if each.hears(kind, at)]
    lowest = min((each.level for each in hearing), default=0)
    found = [each for each in hearing if each.level == lowest]
    return list(rota) if not found and kind in NEVER_QUIET else found


def escalated_to(
    kind: str, waiting_s: float, at: float, rota: Sequence[Recipient], told: Collection[str], after_s: float
) -> list[Recipient]:
    """Who is told next of an alert that nobody has answered for so long; each step of `after_s` adds a level.

    Levels that have nobody on call are passed over: after n steps those of the n + 1 lowest levels have been told.
    """
    if kind not in ESCALATED or waiting_s < after_s:
        return []
    on_call = [each for each in rota if each.hears(kind, at)]
    reached = sorted({each.level for each in on_call})[: 1 + int(waiting_s // after_s)]
    return [each for each in on_call if each.level in reached and each.name not in told]

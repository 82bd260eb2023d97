"""Who may do what: the one table of roles and actions. Routes declare their action, see `maps.entrance.permission`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; an account may have several."""

    VISITOR = "visitor"
    SUPERVISOR = "supervisor"
    TEAM_LEAD = "team_lead"
    """A supervisor whom alerts are passed on to while nobody answers."""
    REVIEWER_1 = "reviewer_1"
    REVIEWER_2 = "reviewer_2"
    REVIEWER_3 = "reviewer_3"
    ZONE_EDITOR = "zone_editor"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """What a route does for its caller."""

    ENTER = "enter"
    """Log in, read a page's frame, ask whether the process lives: no log-in is needed."""
    SEND_FIXES = "send_fixes"
    """A phone, which shows its own credentials: no account may."""
    OWN_ACCOUNT = "own_account"
    READ_ZONES = "read_zones"
    EDIT_ZONES = "edit_zones"
    SEE_VISITORS = "see_visitors"
    """Names and present places of the people of one's teams."""
    ANSWER_ALERTS = "answer_alerts"
    """Acknowledge, assign, comment and close the alerts of the people of one's teams; their figures."""
    EXCUSE = "excuse"
    """Allow the people of one's teams to be in a zone, and take that back."""
    PLAN_VISITS = "plan_visits"
    """See what is planned for the people of one's teams, plan visits and take them back."""
    READ_TRACKS = "read_tracks"
    """Past places of the people of one's teams; each look is logged with its purpose."""
    APPROVE_EXPORTS = "approve_exports"
    """Agree that somebody else takes past places as a file; shows who, whose, when and what for, and no place."""
    READ_OWN_LOOKS = "read_own_looks"
    AUDIT = "audit"
    """Who looked at whom, and who changed which right."""
    MANAGE_PEOPLE = "manage_people"
    """Accounts, roles, teams, visitors and phones; no places."""


WITHOUT_ACCOUNT = frozenset({Action.ENTER, Action.SEND_FIXES})
WATCHERS = frozenset({Role.SUPERVISOR, Role.TEAM_LEAD})
REVIEWERS = frozenset({Role.REVIEWER_1, Role.REVIEWER_2, Role.REVIEWER_3})
GRANTS: dict[Action, frozenset[Role]] = {
    Action.ENTER: frozenset(),
    Action.SEND_FIXES: frozenset(),
    Action.OWN_ACCOUNT: frozenset(Role),
    Action.READ_ZONES: frozenset(Role),
    Action.EDIT_ZONES: frozenset({Role.ZONE_EDITOR}),
    Action.SEE_VISITORS: WATCHERS,
    Action.ANSWER_ALERTS: WATCHERS,
    Action.EXCUSE: WATCHERS,
    Action.PLAN_VISITS: WATCHERS,
    Action.READ_TRACKS: WATCHERS | REVIEWERS,
    Action.APPROVE_EXPORTS: frozenset({Role.TEAM_LEAD, Role.REVIEWER_1, Role.PRIVACY_OFFICER}),
    Action.READ_OWN_LOOKS: frozenset({Role.VISITOR}),
    Action.AUDIT: frozenset({Role.PRIVACY_OFFICER}),
    Action.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
}


def granted(roles: Iterable[Role], action: Action) -> bool:
    """Whether any of the roles may do it."""
    return not GRANTS[action].isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose people somebody may see: those of some teams, or everybody, in a team or not."""

    teams: frozenset[int] = frozenset()
    everybody: bool = False

    def sees(self, team: int | None) -> bool:
        """Whether people of a team (None: of no team) are within the scope."""
        return self.everybody or team in self.teams

    @property
    def setting(self) -> str:
        """As the database's setting `keepclear.teams` has it: `*`, or numbers with commas."""
        return "*" if self.everybody else ",".join(map(str, sorted(self.teams)))


EVERYBODY = Scope(everybody=True)


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who is logged in. `visitor_id`: the field visitor they are, if they are one."""

    account_id: int
    username: str
    roles: frozenset[Role]
    scope: Scope
    session_id: int
    visitor_id: int | None = None

    def may(self, action: Action) -> bool:
        """Whether the table grants it."""
        return granted(self.roles, action)

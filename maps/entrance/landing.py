"""Where somebody's work is: the page that `/` is for them."""

from tracker.people.roles import Action, Principal

LIVE_MAP = "/"
WORK = ((Action.SEE_VISITORS, LIVE_MAP), (Action.EDIT_ZONES, "/zones"), (Action.READ_TRACKS, "/replay"))
"""The first that is granted counts."""


def landing(principal: Principal) -> str:
    """The path of their page; who has no work on a map comes to their account."""
    return next((page for action, page in WORK if principal.may(action)), "/account")

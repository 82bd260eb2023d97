"""Who may do what: one function a class of action, and nothing but these decides. Each gives the account's name."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyCookie

from maps.parts import User

SESSION_COOKIE = "kc_session"
session = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="The session that POST /login opens.")


def may_read_zones(user: User) -> str:
    """Whoever is logged in."""
    return user


def may_edit_zones(user: User) -> str:
    """Whoever is logged in."""
    return user


def may_answer_alerts(user: User) -> str:
    """Whoever is logged in."""
    return user


ZoneReader = Annotated[str, Depends(may_read_zones)]
ZoneEditor = Annotated[str, Depends(may_edit_zones)]
AlertHandler = Annotated[str, Depends(may_answer_alerts)]

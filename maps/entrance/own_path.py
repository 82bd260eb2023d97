"""Where to go after the log-in: a path of our own, never another host."""

import re
from urllib.parse import quote

OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}")


def safe_next(target: str | None) -> str:
    """Where to go after the log-in: a path of our own, never another host."""
    return target if target and OWN_PATH.fullmatch(target) else "/"


def way_in(target: str) -> str:
    """The address of the log-in that leads on to a path of our own."""
    return "/login" if target == "/" else f"/login?next={quote(target, safe='/')}"

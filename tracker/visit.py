"""A visit (外访): when a visitor is meant to be where, known by its case reference alone.

No third party is a subject here: whom the visit goes to, and their address, stand in the case file and nowhere else.
"""

import re
from dataclasses import dataclass

from tracker.errors import KeepClearError

LONGEST_CASE = 60
LONGEST_S = 31 * 86_400.0
_CASE = re.compile(r"[\w ()（）〔〕\[\]/#.-]*\d[\w ()（）〔〕\[\]/#.-]*")


class VisitRefusedError(KeepClearError):
    """A visit can't be planned like that."""


class CaseRefusedError(VisitRefusedError):
    """It is no case reference."""


class SpanRefusedError(VisitRefusedError):
    """It ends before it begins, or lasts too long."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One planned visit. Times in seconds UTC; it lasts from `from_at` until just before `to_at`.

    `planned_by`: an account, or what stood for one; empty where nobody wrote it down.
    """

    id: int
    visitor_id: int
    case: str
    from_at: float
    to_at: float
    planned_by: str


def checked_case(case: str) -> str:
    """The case reference, trimmed: a reference has a number in it, and a name has none.

    Raises:
        CaseRefusedError: it is empty, too long, or looks like anything but a reference.
    """
    trimmed = case.strip()
    if len(trimmed) > LONGEST_CASE or not _CASE.fullmatch(trimmed):
        what = f"{case!r} is no case reference."
        do = f"Give the file's number, e.g. (2026)外访第101号: at most {LONGEST_CASE} letters, digits, brackets or -/#."
        raise CaseRefusedError(what, do)
    return trimmed


def check_span(from_at: float, to_at: float) -> None:
    """A visit ends after it begins, within 31 days; SpanRefusedError otherwise."""
    if not 0.0 < to_at - from_at <= LONGEST_S:
        raise SpanRefusedError("A visit must end after it begins, within 31 days.", "Give another beginning or end.")

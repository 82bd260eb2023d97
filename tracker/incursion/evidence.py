"""From where a phone is believed to be to the log-odds of being inside a zone, as told."""

import math
from typing import NamedTuple

SAME_ERROR_S = 8.0
"""Fixes closer together than this are the same error: the second is no second witness."""
DEPTH_MARGIN_M = 14.0
"""The edge is taken to be this much further in: an entry of 30 m is to be found, a graze is not to be guessed."""
ENTRY_SIGMAS = 0.8
EXIT_SIGMAS = 1.65
"""Deviations of the belief from the (moved) edge that amount to P = 0.95 and P = 0.05."""
P95_SIGMAS = 1.645
MOST_SIGMAS = 3.1
PLAIN_SIGMAS = MOST_SIGMAS / P95_SIGMAS
LINGER_S = 50.0
LINGER_EVERY_S = 90.0
LINGER_SIGMAS = 3.0
LINGERING_ENTRY_SIGMAS = 3.0
"""Whoever lingers at the edge draws a new error again and again, and one of them will be large: it takes more then."""
SLACK_M = 1.0


class Evidence(NamedTuple):
    """What the fixes say of one zone.

    `agreed_s`: for how long they have been on the side of the edge (`inside` or not) on which the last is.
    `lingered_s`: since when it has been possible that somebody is inside who is not known to be. `first`: nothing was
    believed before this fix.
    """

    inside: bool
    agreed_s: float
    lingered_s: float
    first: bool


def log_odds(evidence: Evidence, believed_m: float, sigma_m: float) -> float:
    """Log-odds of being inside. One fix is never proof: a side is taken once fixes agree for a while."""
    sigmas = -(believed_m + DEPTH_MARGIN_M) / sigma_m
    inside, agreed_s, lingered_s, first = evidence
    agreed = agreed_s >= SAME_ERROR_S
    if sigmas > 0.0 and not (inside and agreed):
        sigmas = 0.0
    if sigmas < -1.0 and (inside or not (agreed or first)):
        sigmas = -1.0
    scaled = sigmas * P95_SIGMAS / (entry_sigmas(lingered_s) if sigmas > 0.0 else EXIT_SIGMAS)
    inside_p = 0.5 * math.erfc(-min(max(scaled, -MOST_SIGMAS), MOST_SIGMAS) / math.sqrt(2.0))
    return math.log(inside_p / (1.0 - inside_p))


def entry_sigmas(lingered_s: float) -> float:
    """How many deviations beyond the (moved) edge confirm an entry."""
    if lingered_s <= LINGER_S:
        return ENTRY_SIGMAS
    return min(
        ENTRY_SIGMAS + LINGER_SIGMAS * math.log1p((lingered_s - LINGER_S) / LINGER_EVERY_S), LINGERING_ENTRY_SIGMAS
    )


def is_plain(evidence: Evidence, signed_m: float, off_m: float, sigma_m: float) -> bool:
    """Whether a fix is so far out or in that up to `off_m` more or less give the same log-odds: nobody need measure."""
    if signed_m > 0.0:
        return signed_m - off_m - SLACK_M > PLAIN_SIGMAS * EXIT_SIGMAS * sigma_m - DEPTH_MARGIN_M
    deep_m = PLAIN_SIGMAS * entry_sigmas(evidence.lingered_s) * sigma_m + DEPTH_MARGIN_M
    return -signed_m - off_m - SLACK_M > deep_m

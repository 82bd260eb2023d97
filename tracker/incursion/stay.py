"""One device and one zone: two states (out, in), folded fix by fix into a record that grows."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from geofences.index import Near
from geofences.zone import Zone
from tracker.incursion.evidence import Evidence, is_plain, log_odds
from tracker.incursion.record import End, Incursion, Kind

CONFIRM_P = 0.95
CLEAR_P = 0.05
STILL_P = 0.5
"""Whoever was confirmed inside has dwelt there while that is no less likely than not."""
CLEAR_ABOVE = math.log(CLEAR_P / (1.0 - CLEAR_P))
CLEAR_LOG_ODDS = math.log(0.02 / 0.98)
DWELL_S = 120.0
REJOIN_S = 60.0
"""Whoever returns within this time of leaving never left: it is one stay."""


class Zones(Protocol):
    """The zones to judge by, one version of each; `geofences.index.ZoneIndex` is one.

    Versions that are not in force at the time of a fix may be among them; they are passed over.
    """

    def near(self, lon: float, lat: float) -> Sequence[Near]:
        """Zones whose standoff or warning ring holds the point."""

    def within(self, lon: float, lat: float, reach_m: float) -> Sequence[Near]:
        """Zones whose edge is at most so far away, or which hold the point."""

    def crossed(self, lon1: float, lat1: float, lon2: float, lat2: float) -> Sequence[Near]:
        """Zones that the line between two points enters, with its smallest signed distance."""

    def signed_m(self, zone_id: str, lon: float, lat: float) -> float:
        """Exact signed metres to the edge of a zone at any distance."""

    def get(self, zone_id: str) -> Zone | None:
        """The version of a zone."""


class Anchor(NamedTuple):
    """The parts of a usable fix that detection remembers (seconds UTC, degrees, metres, m/s)."""

    at: float
    lon: float
    lat: float
    accuracy_m: float
    speed_mps: float | None


class Witness(NamedTuple):
    """A usable fix as evidence: by how much the phone errs along one axis, and whether all before it is forgotten.

    `off_m`: from the fix to where the phone is believed to be. `believed_m`: that place's signed metres to a zone.
    """

    here: Anchor
    sigma_m: float
    off_m: float
    first: bool
    believed_m: Callable[[str], float]


class Stay(NamedTuple):
    """A zone in memory: its record, the log-odds of being inside, since when every fix was beyond the edge or within.

    After an exit the record is closed and the stay lingers until the device has left the warning ring, so
    that who walks along the edge is not announced again with every fix.
    """

    record: Incursion
    log_odds: float = CLEAR_LOG_ODDS
    outside_since: float | None = None
    inside_since: float | None = None


class Advance(NamedTuple):
    """A stay after one fix (None: out of memory) and its record if the fix touched it."""

    stay: Stay | None
    incursion: Incursion | None


def advance(stay: Stay | None, zone: Zone, signed_m: float, witness: Witness) -> Advance:
    """Fold one usable fix, measured against a zone's edge, into the stay there (None: there is none yet)."""
    here = witness.here
    stay = stay or Stay(_begin(zone, here, signed_m))
    inside = outside = None
    if signed_m > 0.0:
        outside = here.at if stay.outside_since is None else stay.outside_since
    else:
        inside = here.at if stay.inside_since is None or witness.first else stay.inside_since
    odds = _log_odds(stay, signed_m, witness, here.at - (inside or outside or here.at))
    now = _Moment(here, signed_m, _p(stay.log_odds), _p(odds), outside, zone)
    record = _grow(stay.record, now) if stay.record.ended is None else _return(stay.record, now)
    touched = None if record is stay.record else record
    if record.ended is not None and now.gone:
        return Advance(None, touched)
    return Advance(Stay(record, odds, outside, inside), touched)


def _log_odds(stay: Stay, signed_m: float, witness: Witness, agreed_s: float) -> float:
    record, sigma_m = stay.record, witness.sigma_m
    waiting = record.confirmed_at is None and stay.log_odds > CLEAR_ABOVE
    lingered_s = witness.here.at - record.first_possible_at if waiting else 0.0
    evidence = Evidence(signed_m <= 0.0, agreed_s, lingered_s, witness.first)
    plain = is_plain(evidence, signed_m, witness.off_m, sigma_m)
    return log_odds(evidence, signed_m if plain else witness.believed_m(record.zone), sigma_m)


class _Moment(NamedTuple):
    """What one fix says about one zone, after folding."""

    here: Anchor
    signed_m: float
    p_before: float
    p: float
    outside_since: float | None
    zone: Zone

    @property
    def margin_m(self) -> float:
        """How far beyond an edge is surely beyond it."""
        return max(0.1 * self.zone.standoff_m, 20.0)

    @property
    def gone(self) -> bool:
        """Clearly out of the warning ring."""
        return self.p <= CLEAR_P and self.signed_m > self.zone.warning_m + self.margin_m


def _p(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _begin(zone: Zone, here: Anchor, signed_m: float) -> Incursion:
    at, accuracy_m = here.at, here.accuracy_m
    return Incursion(zone.id, zone.version, Kind.APPROACH, at, at, at, 0.0, signed_m, accuracy_m, fixes=0)


def _grow(record: Incursion, now: _Moment) -> Incursion:
    return _close(_promote(_see(record, now), now), now)


def _see(record: Incursion, now: _Moment) -> Incursion:
    closer = now.signed_m < record.closest_m
    risen = record.confirmed_at is None and now.p_before <= CLEAR_P < now.p
    return Incursion(  # by hand: `replace` costs three times as much, and this runs for every fix near a zone
        record.zone,
        record.zone_version,
        record.kind,
        record.began_at,
        now.here.at if risen else record.first_possible_at,
        now.here.at,
        max(record.p_inside, now.p),
        now.signed_m if closer else record.closest_m,
        now.here.accuracy_m if closer else record.closest_accuracy_m,
        record.fixes + 1,
        record.confirmed_at,
        record.dwell_at,
        record.exit_at,
        record.ended,
    )


def _promote(record: Incursion, now: _Moment) -> Incursion:
    at, confirmed_at = now.here.at, record.confirmed_at
    if confirmed_at is None:
        return record if now.p < CONFIRM_P else record._replace(kind=Kind.ENTRY, confirmed_at=at)
    if record.dwell_at is None and at - confirmed_at >= DWELL_S and now.p >= STILL_P and now.signed_m <= 0.0:
        return record._replace(kind=Kind.DWELL, dwell_at=at)
    return record


def _close(record: Incursion, now: _Moment) -> Incursion:
    if record.confirmed_at is None:
        return record._replace(exit_at=now.here.at, ended=End.LEFT_RING) if now.gone else record
    if now.p <= CLEAR_P and now.signed_m > now.margin_m:
        return record._replace(exit_at=now.outside_since, ended=End.EXIT)
    return record


def _return(record: Incursion, now: _Moment) -> Incursion:
    """After an exit: surely back at once is the same incursion, back later is a new one, else nothing."""
    away_s = now.here.at - (record.exit_at or record.last_fix_at)
    if now.p > CLEAR_P and away_s > REJOIN_S:
        return _grow(_begin(now.zone, now.here, now.signed_m), now)
    if now.p >= CONFIRM_P:
        return _grow(record._replace(exit_at=None, ended=None), now)
    return record

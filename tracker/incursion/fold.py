"""Fixes of one device in one shift -> incursions: a pure fold, fix by fix, in canonical order.

Two states per zone with bounded evidence (`stay`); leaps and vague fixes count for nothing (`motion`); what
the time between two fixes leaves open is listed (`silence`).
"""

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

from geofences.containment import sigma_m
from geofences.index import Near
from geofences.zone import Zone
from tracker.fix import Fix
from tracker.incursion.belief import Belief, Seen, first_belief, next_belief
from tracker.incursion.motion import LEAPS_MAX, Drift, drift_of, is_leap, moved_m, moved_on, usable
from tracker.incursion.record import End, Incursion
from tracker.incursion.silence import CROSSING_MIN_M, GAP_AFTER_S, between, until
from tracker.incursion.state import FoldState, marked
from tracker.incursion.stay import Anchor, Stay, Witness, Zones, advance


class Step(NamedTuple):
    """The state after a fix and the incursions it touched, as they are now."""

    state: FoldState
    incursions: tuple[Incursion, ...] = ()


def begin(opened_at: float = 0.0, platform: str = "android") -> FoldState:
    """The state at the start of a shift (seconds UTC); no fix of the shift may be older.

    `platform` (android, ios, browser) says what the phone's accuracy means, see `geofences.containment`.
    """
    return FoldState(begun_at=opened_at, platform=platform)


def fold(state: FoldState, fix: Fix, zones: Zones) -> Step:
    """Fold one fix, given the zone versions in force at its time.

    Raises:
        ValueError: the fix is not after the last one in canonical order, or the shift was finished.
    """
    key = fix.key
    if (state.key is not None and key <= state.key) or state.finished_at is not None:
        raise ValueError("fixes are folded in ascending order up to the end of the shift; settle late ones")
    stays, ended = _in_force(state.stays, fix.fix_at, zones) if state.stays else ((), ())
    here, last = usable(fix), state.last
    if here is None or (last is not None and here.at <= last.at):
        return Step(state._replace(key=key, stays=stays), ended)
    distance_m = moved_m(last, here) if last else 0.0
    if last and distance_m > last.accuracy_m + here.accuracy_m and _is_doubtful(state, last, here, distance_m):
        return Step(state._replace(key=key, leaps=state.leaps + 1, leapt=here, stays=stays), ended)
    near = zones.near(here.lon, here.lat)
    near = [found for found in near if found.zone.in_force(here.at)] if near else ()
    folded, drift, belief, touched = stays, None, None, tuple[Incursion, ...]()
    if near or stays:
        drift = _drift(state, here, distance_m)
        belief = _belief(state, here, drift)
        folded, touched = _advance_all(stays, near, _witness(here, belief, zones), zones)
    silent: list[Incursion] = []
    if last and (distance_m >= CROSSING_MIN_M or here.at - last.at > GAP_AFTER_S):
        silent = between(last, here, distance_m, zones, _confirmed(stays))
    alone = state.key is None or state.key[0] < here.at
    scatter = belief.scatter if belief else state.scatter
    clear_at = marked(state.clear_at, here.at, scatter) if alone and not folded else state.clear_at
    after = FoldState(
        state.begun_at, state.platform, key, here, 0, None,
        drift if folded else None, belief if folded else None, folded, clear_at, None, scatter,
    )  # fmt: skip
    return Step(after, (*ended, *silent, *touched)) if ended or silent or touched else Step(after)


def _is_doubtful(state: FoldState, last: Anchor, here: Anchor, distance_m: float) -> bool:
    """Whether the fix is a leap that is not yet believed."""
    silent_s = here.at - (state.leapt or last).at
    if state.leaps >= LEAPS_MAX or not is_leap(last, here, distance_m, silent_s, state.drift):
        return False
    return state.leapt is None or not moved_on(last, state.leapt, here)


def finish(state: FoldState, at: float, zones: Zones) -> Step:
    """Close a shift at a moment (seconds UTC): whatever is open ends there.

    Where nothing had been heard for more than 120 s, it ends with the last fix: silence proves no stay.
    """
    if state.finished_at is not None:
        return Step(state)
    silent = until(state.last, at, zones, _confirmed(state.stays)) if state.last else []
    stays, overtaken = _in_force(state.stays, at, zones)
    open_records = (stay.record for stay in stays if stay.record.ended is None)
    ended = tuple(_ended(record, _heard_until(record, at), End.SHIFT_END) for record in open_records)
    return Step(state._replace(stays=(), finished_at=at), (*overtaken, *ended, *silent))


def _heard_until(record: Incursion, at: float) -> float:
    return at if at - record.last_fix_at <= GAP_AFTER_S else record.last_fix_at


def _drift(state: FoldState, here: Anchor, distance_m: float) -> Drift | None:
    """How the phone moves by this fix; None where the old place was wrong, or there was none."""
    last = state.last
    if last is None or state.leaps >= LEAPS_MAX:
        return None
    on_the_way = state.leapt and is_leap(last, here, distance_m, here.at - state.leapt.at, state.drift)
    return drift_of(state.drift, last, here) if not on_the_way else drift_of(None, state.leapt or last, here)


def _belief(state: FoldState, here: Anchor, drift: Drift | None) -> Belief:
    """Where the phone is believed to be after this fix."""
    since_s = here.at - state.last.at if state.last else 0.0
    drift_mps = hypot(*drift) if drift else None
    seen = Seen(here.lon, here.lat, sigma_m(here.accuracy_m, state.platform), since_s, here.speed_mps, drift_mps)
    if state.belief is None or state.leaps >= LEAPS_MAX:
        return first_belief(seen, state.scatter)
    return next_belief(state.belief, seen)


def _witness(here: Anchor, belief: Belief, zones: Zones) -> Witness:
    def believed_m(zone_id: str) -> float:
        return zones.signed_m(zone_id, *belief.place)

    return Witness(here, belief.sigma_m, belief.off_m, belief.step_s == 0.0, believed_m)


def _advance_all(
    stays: tuple[Stay, ...], near: Sequence[Near], witness: Witness, zones: Zones
) -> tuple[tuple[Stay, ...], tuple[Incursion, ...]]:
    """Fold a fix into every zone that is near or in memory, by zone id."""
    remembered = {stay.record.zone: stay for stay in stays}
    around = {found.zone.id: (found.zone, found.signed_m) for found in near}
    folded, touched = [], []
    for zone_id in sorted(remembered.keys() | around.keys()):
        zone, signed_m = around.get(zone_id) or _far(zone_id, witness.here, zones)
        stay, incursion = advance(remembered.get(zone_id), zone, signed_m, witness)
        folded += [stay] if stay else []
        touched += [incursion] if incursion else []
    return tuple(folded), tuple(touched)


def _far(zone_id: str, here: Anchor, zones: Zones) -> tuple[Zone, float]:
    zone = zones.get(zone_id)
    if zone is None:
        raise LookupError(f"zone {zone_id} is in memory but not in force")
    return zone, zones.signed_m(zone_id, here.lon, here.lat)


def _in_force(stays: tuple[Stay, ...], at: float, zones: Zones) -> tuple[tuple[Stay, ...], tuple[Incursion, ...]]:
    """Forget stays whose zone no longer judges as it did or is closed; their open incursions end there and then."""
    kept, ended = [], []
    for stay in stays:
        record, zone = stay.record, zones.get(stay.record.zone)
        rule = _overtaken(record, zone, at)
        if rule is None:
            kept.append(stay)
        elif record.ended is None:
            moment = _overtaken_at(record, zone, at)
            ended.append(_ended(record, min(_heard_until(record, at), moment), rule))
    return tuple(kept), tuple(ended)


def _overtaken(record: Incursion, zone: Zone | None, at: float) -> End | None:
    """The rule by which an edit or the schedule ends an incursion; None while it goes on."""
    if zone is None or not zone.valid_at(at) or not zone.judges_like(record.zone_version):
        return End.ZONE_CHANGED
    if zone.schedule is None:
        return None
    closed_at = zone.schedule.next_change(record.last_fix_at)
    return End.OFF_SCHEDULE if closed_at is not None and closed_at <= at else None


def _overtaken_at(record: Incursion, zone: Zone | None, at: float) -> float:
    """When that happened, after the last fix and at the latest at `at`; for a retired zone nobody knows better."""
    if zone is None:
        return at
    moments = [zone.valid_to, None if zone.judges_like(record.zone_version) else zone.valid_from]
    if zone.schedule is not None:
        moments.append(zone.schedule.next_change(record.last_fix_at))
    return min((moment for moment in moments if moment is not None and record.last_fix_at < moment <= at), default=at)


def _ended(record: Incursion, at: float, rule: End) -> Incursion:
    return record._replace(exit_at=at, ended=rule)


def _confirmed(stays: tuple[Stay, ...]) -> set[str]:
    """Zones in which the device is known to be: what happens between two fixes there is no news."""
    open_records = (stay.record for stay in stays if stay.record.ended is None)
    return {record.zone for record in open_records if record.confirmed_at is not None}

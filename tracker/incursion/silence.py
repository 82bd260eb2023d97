"""What may have happened between two fixes: the line crosses a zone, or a zone was within reach."""

from collections.abc import Collection, Sequence

from geofences.index import Near
from geofences.zone import Zone
from tracker.incursion.motion import silence_reach_m
from tracker.incursion.record import End, Incursion, Kind
from tracker.incursion.stay import Anchor, Zones

CROSSING_MIN_M = 50.0
"""A shorter line cuts less than 2 m off a 200 m zone: within the error of any phone."""
GAP_AFTER_S = 120.0
GAP_REACH_MAX_M = 1000.0
"""After a long silence everything is within reach; a list of half the city tells nobody anything."""
NO_EVIDENCE_P = 0.5


def between(start: Anchor, end: Anchor, moved_m: float, zones: Zones, known: Collection[str]) -> list[Incursion]:
    """Pass-throughs or gaps between two successive fixes, neither of them inside.

    `known`: zones whose confirmed incursion covers this time. Zones count that are in force at its end.
    """
    line = (start.lon, start.lat, end.lon, end.lat)
    crossed = zones.crossed(*line) if moved_m >= CROSSING_MIN_M else []
    if end.at - start.at > GAP_AFTER_S:
        found = _gaps(start, end, moved_m, crossed, zones)
    else:
        found = _pass_throughs(start, end, crossed, zones)
    return [incursion for incursion in found if incursion.zone not in known]


def until(start: Anchor, finished_at: float, zones: Zones, known: Collection[str]) -> list[Incursion]:
    """Gaps between the last fix and the end of the shift."""
    if finished_at - start.at <= GAP_AFTER_S:
        return []
    end = start._replace(at=finished_at)
    return [
        _record(Kind.GAP, zone, start, end, signed_m)._replace(ended=End.SHIFT_END, fixes=1, last_fix_at=start.at)
        for zone, signed_m in reached(start, finished_at, zones, known)
    ]


def reached(start: Anchor, now: float, zones: Zones, known: Collection[str]) -> list[Near]:
    """Zones that could have been entered since the last fix, at the last known speed; those in force by now."""
    reach_m = min(silence_reach_m(start, now - start.at), GAP_REACH_MAX_M)
    nearby = zones.within(start.lon, start.lat, reach_m)
    return [near for near in nearby if near.zone.id not in known and near.zone.in_force(now) and near.signed_m > 0.0]


def _pass_throughs(start: Anchor, end: Anchor, crossed: Sequence[Near], zones: Zones) -> list[Incursion]:
    return [
        _record(Kind.PASS_THROUGH, zone, start, end, deepest_m)
        for zone, deepest_m in crossed
        if zone.in_force(end.at) and min(_signed_m(zone, start, end, zones)) > 0.0
    ]


def _gaps(start: Anchor, end: Anchor, moved_m: float, crossed: Sequence[Near], zones: Zones) -> list[Incursion]:
    """Zones the phone could have touched on its way, and those on the straight line whatever its speed."""
    reach_m = silence_reach_m(start, end.at - start.at, moved_m)
    nearby = zones.within(start.lon, start.lat, min(reach_m, GAP_REACH_MAX_M))
    on_line = {zone.id for zone, _ in crossed}
    found = []
    for zone in {zone.id: zone for zone, _ in (*crossed, *nearby)}.values():
        there_m, back_m = _signed_m(zone, start, end, zones)
        reached = zone.id in on_line or there_m + back_m <= reach_m
        if reached and zone.in_force(end.at) and min(there_m, back_m) > 0.0:
            found.append(_record(Kind.GAP, zone, start, end, min(there_m, back_m)))
    return found


def _signed_m(zone: Zone, start: Anchor, end: Anchor, zones: Zones) -> tuple[float, float]:
    there_m = zones.signed_m(zone.id, start.lon, start.lat)
    return there_m, zones.signed_m(zone.id, end.lon, end.lat)


def _record(kind: Kind, zone: Zone, start: Anchor, end: Anchor, closest_m: float) -> Incursion:
    return Incursion(
        zone=zone.id,
        zone_version=zone.version,
        kind=kind,
        began_at=start.at,
        first_possible_at=start.at,
        last_fix_at=end.at,
        p_inside=NO_EVIDENCE_P,
        closest_m=closest_m,
        closest_accuracy_m=max(start.accuracy_m, end.accuracy_m),
        fixes=2,
        exit_at=end.at,
        ended=End.NEXT_FIX,
    )

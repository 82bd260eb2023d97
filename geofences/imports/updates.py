"""What a zone in force becomes when new rows mean the same place, and in which fields two versions differ. Pure."""

from dataclasses import replace
from typing import Any

import shapely

from geofences.report import Candidate
from geofences.zone import Zone, on_plane

SAME_SHAPE_M = 0.1
INSIDE_M = 15.0
"""A point so near an outline counts as lying on it."""


def updated(whole: Candidate, before: Candidate) -> Zone:
    """The zone in force as the new rows have it; what they don't say stays as it is."""
    old, new = before.zone, whole.zone
    kept = keeps_shape(whole, before)
    return replace(
        old,
        name=new.name or old.name,
        category=old.category if new.category == "other" else new.category,
        footprint=old.footprint if kept else new.footprint,
        standoff_m=new.standoff_m if "standoff_m" in whole.stated else old.standoff_m,
        warning_m=new.warning_m if "warning_m" in whole.stated else old.warning_m,
        schedule=new.schedule if "schedule" in whole.stated else old.schedule,
        source=old.source if kept else new.source,
        source_datum=old.source_datum if kept else new.source_datum,
        valid_from=None,
        valid_to=None,
        overrides=tuple(sorted(whole.stated)),
    )


def keeps_shape(whole: Candidate, before: Candidate) -> bool:
    """Whether the shape in force stays: the new one is the same, or a poorer view of it from elsewhere."""
    old, new = before.zone.footprint, whole.zone.footprint
    lon, lat = shapely.get_coordinates(old)[0]
    flat_old, flat_new = on_plane(old, lon, lat), on_plane(new, lon, lat)
    if _same_shape(flat_old, flat_new):
        return True
    poorer = shapely.get_dimensions(new) < shapely.get_dimensions(old)
    elsewhere = whole.zone.source != before.zone.source and whole.source_id != before.source_id
    within = flat_old.buffer(INSIDE_M).contains(flat_new)
    return bool(within and (poorer or elsewhere))


def _same_shape(one: Any, other: Any) -> bool:
    if shapely.get_dimensions(one) != shapely.get_dimensions(other):
        return False
    return bool(one.hausdorff_distance(other) <= SAME_SHAPE_M)


def differences(zone: Zone, before: Zone) -> tuple[str, ...]:
    """The fields that differ, in the words of the report."""
    facts = {
        "shape": not zone.footprint.equals_exact(before.footprint, 0.0),
        "name": zone.name != before.name,
        "category": zone.category != before.category,
        "datum": zone.source_datum != before.source_datum,
        "standoff": zone.standoff_m != before.standoff_m,
        "warning": zone.warning_m != before.warning_m,
        "schedule": zone.schedule != before.schedule,
    }
    return tuple(name for name, differs in facts.items() if differs)

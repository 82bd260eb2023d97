"""A zone in plain words: the members that files, reports, maps and the API share, under the same names."""

from typing import Any

from geofences.zone import Zone

SHOWN = ("id", "name", "category", "standoff_m", "warning_m")
"""What a map or a list needs."""
KEPT = (*SHOWN, "source", "source_datum")
"""What reading the same zone again needs, beside its shape and its hours."""
HOURS = ("schedule", "time_zone")
"""The hours of a zone in a file, as iCalendar text; "" where it counts at all of them."""


def shown(zone: Zone) -> dict[str, Any]:
    """The members of `SHOWN`."""
    return {name: getattr(zone, name) for name in SHOWN}


def kept(zone: Zone) -> dict[str, Any]:
    """The members of `KEPT`."""
    return {name: getattr(zone, name) for name in KEPT}


def hours(zone: Zone) -> dict[str, str]:
    """The members of `HOURS`."""
    known = zone.schedule
    return dict(zip(HOURS, (known.text, known.time_zone) if known else ("", ""), strict=True))

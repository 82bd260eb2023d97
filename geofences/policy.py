"""What a category of zones has in common, what a zone overrides, and what an edit or a new import makes of it.

The category of a zone (court, police, school, or a word of one's own) is its group. A group without a policy leaves
each zone its own figures. Pure: a zone goes in, the zone as its next version shall be comes out.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from geofences.schedule import Schedule
from geofences.zone import DEFAULT_STANDOFF_M, DEFAULT_WARNING_M, MAX_STANDOFF_M, MAX_WARNING_M, Zone, check_metres

GOVERNED: Final = ("standoff_m", "warning_m", "schedule")


@dataclass(frozen=True, slots=True)
class Policy:
    """Metres and hours of every zone of a category that doesn't say otherwise.

    Raises:
        StandoffError: the metres are none.
    """

    category: str
    standoff_m: float = DEFAULT_STANDOFF_M
    warning_m: float = DEFAULT_WARNING_M
    schedule: Schedule | None = None
    version: int = 1

    def __post_init__(self) -> None:
        check_metres("standoff_m", self.standoff_m, MAX_STANDOFF_M)
        check_metres("warning_m", self.warning_m, MAX_WARNING_M)


@dataclass(frozen=True, slots=True)
class Edit:
    """What to change; None leaves a field as it is.

    `always` takes the schedule away; `follow` names governed fields that shall be the policy's again.
    """

    name: str | None = None
    category: str | None = None
    footprint: Any = None
    standoff_m: float | None = None
    warning_m: float | None = None
    schedule: Schedule | None = None
    always: bool = False
    follow: tuple[str, ...] = ()
    source_datum: str | None = None

    def fields(self) -> dict[str, Any]:
        """The fields it sets, by name."""
        names = ("name", "category", "footprint", "source_datum", *GOVERNED)
        given = {name: value for name in names if (value := getattr(self, name)) is not None}
        return given | ({"schedule": None} if self.always else {})


def edited(zone: Zone, edit: Edit, policy: Policy | None) -> Zone:
    """The zone after an edit; `policy` is that of the category it then has.

    Raises:
        ZoneError: the result can't be.
    """
    given = edit.fields()
    own = (set(zone.overrides) | (given.keys() & set(GOVERNED))) - set(edit.follow)
    return under(replace(zone, **given, overrides=_named(own)), policy)


def under(zone: Zone, policy: Policy | None) -> Zone:
    """The zone with its category's policy in every governed field that it doesn't override."""
    if policy is None:
        return zone
    governed = {name: getattr(policy, name) for name in GOVERNED if name not in zone.overrides}
    return replace(zone, **governed)


def imported(zone: Zone, known: Zone | None, policy: Policy | None) -> Zone:
    """A zone as a source gives it, over the one that stands (None: there is none yet).

    `zone.overrides` names what the source itself states. What was set by hand stays, unless the source states
    something else; a statement that merely repeats what stands overrides nothing.
    """
    if known is None:
        stated = {name for name in zone.overrides if policy is None or getattr(zone, name) != getattr(policy, name)}
        return under(replace(zone, overrides=_named(stated)), policy)
    stated = {name for name in zone.overrides if getattr(zone, name) != getattr(known, name)}
    kept = {name: getattr(known, name) for name in known.overrides if name not in stated}
    hours = {} if "schedule" in stated else {"schedule": known.schedule}
    return under(replace(zone, **{**hours, **kept}, overrides=_named(stated | set(kept))), policy)


def _named(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in GOVERNED if name in names)

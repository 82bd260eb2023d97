"""The payloads of the zones API. Times are seconds since 1970 UTC, metres metres, coordinates lon, lat (WGS-84)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from geofences.policy import Edit
from geofences.properties import kept
from geofences.schedule import DEFAULT_TIME_ZONE, Schedule
from geofences.zone import Zone

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Governed = Literal["standoff_m", "warning_m", "schedule"]


class Hours(BaseModel):
    """The hours in which a zone counts: iCalendar lines (DTSTART, DURATION, RRULE, ...) in a time zone."""

    text: str = Field(max_length=20_000)
    time_zone: str = DEFAULT_TIME_ZONE

    def schedule(self) -> Schedule:
        """As the house has it; ScheduleError when it is none."""
        return Schedule(self.text, self.time_zone)


class Members(BaseModel):
    """What the API says of one version of a zone; `valid_to` null: until further notice."""

    id: str
    name: str
    category: str
    standoff_m: float
    warning_m: float
    source: str
    source_datum: str
    version: int
    valid_from: float | None
    valid_to: float | None
    schedule: Hours | None
    overrides: list[str]


class Geometry(BaseModel):
    """A GeoJSON geometry (RFC 7946)."""

    type: str
    coordinates: list[Any]


class FindingDocument(BaseModel):
    """What was found in a shape or a file: a stable code with its parameters, and the same in English."""

    code: str
    params: dict[str, Any]
    reason: str
    mend: str


class ZoneDocument(BaseModel):
    """One version of a zone as a GeoJSON Feature; `notes` and `findings` say what was repaired when it was written."""

    type: Literal["Feature"]
    id: str
    properties: Members
    geometry: Geometry
    notes: list[str] = []
    findings: list[FindingDocument] = []


class ZonePage(BaseModel):
    """Some zones; `next` is what to give as `after` for those that follow, null at the end."""

    type: Literal["FeatureCollection"]
    features: list[ZoneDocument]
    next: str | None


class VersionDocument(BaseModel):
    """One version: the zone as it then was, who wrote it and why; `changed` null: there was none before."""

    zone: ZoneDocument
    by: str
    why: str
    approver: str | None
    recorded_at: float
    changed: list[str] | None
    ended_by: str | None
    ended_why: str | None


class Versions(BaseModel):
    """Every version of a zone, the first one first."""

    id: str
    versions: list[VersionDocument]


class Signed(BaseModel):
    """Why a change is made, for the record; who makes it is the account that is logged in."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason
    approver: Reason | None = None


class NewZone(Signed):
    """A zone to be. Without metres the policy of its category counts, else the site's own."""

    id: str = ""
    name: str = ""
    category: str = "other"
    geometry: dict[str, Any]
    datum: str = "wgs84"
    standoff_m: float | None = None
    warning_m: float | None = None
    schedule: Hours | None = None


class Change(BaseModel):
    """What to change; the rest stays. `schedule` null: at all hours; `follow`: what the policy shall decide."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    category: str | None = None
    geometry: dict[str, Any] | None = None
    datum: str = "wgs84"
    standoff_m: float | None = None
    warning_m: float | None = None
    schedule: Hours | None = None
    follow: list[Governed] = []

    def edit(self, footprint: Any, datum: str | None) -> Edit:
        """The edit; `footprint` is the shape in WGS-84 and `datum` what it came in, or both None."""
        hours = self.schedule.schedule() if self.schedule else None
        always = "schedule" in self.model_fields_set and hours is None
        return Edit(
            self.name,
            self.category,
            footprint,
            self.standoff_m,
            self.warning_m,
            hours,
            always,
            tuple(self.follow),
            datum,
        )


class ZonePatch(Change, Signed):
    """A change and why it is made."""


class Sketch(Change):
    """A zone while it is drawn: a new one, or a change of `zone_id`; nothing is written.

    `reaches` is a place (lon, lat in `datum`) that the edge shall pass through: it sets the standoff to whole metres.
    """

    zone_id: str = ""
    reaches: tuple[float, float] | None = None


class Preview(BaseModel):
    """What a sketch would be: its shape in WGS-84, footprint, edge and ring to draw, and the metres that would count.

    `opens`: when it would count in the next seven days, as [from, to]; null: always. `notes` and `findings`: what was
    repaired.
    """

    geometry: Geometry
    parts: dict[Literal["footprint", "edge", "ring"], Geometry]
    standoff_m: float
    warning_m: float
    schedule: Hours | None
    opens: list[tuple[float, float]] | None
    notes: list[str]
    findings: list[FindingDocument]


class WayDocument(BaseModel):
    """A straight way: the bearing to set out on (degrees from north), its metres, and where it ends."""

    bearing_deg: float
    metres: float
    lon: float
    lat: float


class TouchDocument(BaseModel):
    """A zone at the place; `signed_m` to its edge, negative inside; `out` leads out of this zone alone."""

    id: str
    name: str
    category: str
    signed_m: float
    out: WayDocument | None


class Answer(BaseModel):
    """Whether one may stop at a place (WGS-84) at a moment; `out` leads to the nearest place where one may."""

    lon: float
    lat: float
    at: float
    allowed: bool
    out: WayDocument | None
    touches: list[TouchDocument]


class ImportReport(BaseModel):
    """What becomes of every row, as `keepclear zones import --json` says it.

    With `shapes`, what is added, changed or removed has its `geometry`, and what changes the one `before`.
    """

    applied: bool
    sources: list[dict[str, Any]]
    added: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    unchanged: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    merged: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    datum_doubts: list[dict[str, Any]]


def members(zone: Zone) -> dict[str, Any]:
    """`Members` of a zone."""
    hours = None if zone.schedule is None else {"text": zone.schedule.text, "time_zone": zone.schedule.time_zone}
    return kept(zone) | {
        "version": zone.version,
        "valid_from": zone.valid_from,
        "valid_to": zone.valid_to,
        "schedule": hours,
        "overrides": list(zone.overrides),
    }

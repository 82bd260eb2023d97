"""`keepclear zones edit | versions | policy | retire | allowed`: what a zone is, was, and means for a place."""

from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Annotated

import typer

from geofences.allowed import Way, allowed, place_of
from geofences.policy import GOVERNED, Edit, Policy
from geofences.schedule import DEFAULT_TIME_ZONE, Schedule
from geofences.zone import DEFAULT_STANDOFF_M, DEFAULT_WARNING_M, Zone
from tracker.cli.context import database, running_settings
from tracker.cli.rejudging import moment as moment_of
from tracker.errors import KeepClearError
from tracker.store.neighbourhood import Neighbourhood
from tracker.store.policies import policies
from tracker.store.zones import edit_zone, put_policy, retire_zones, standing, zone_records
from tracker.zones.record import Signature, ZoneRecord

StandoffM = Annotated[float | None, typer.Option(help="Forbidden metres round the footprint.", min=0.0)]
WarningM = Annotated[float | None, typer.Option(help="Width of the warning ring outside that, in metres.", min=0.0)]
Hours = Annotated[
    Path | None, typer.Option("--schedule", help="iCalendar file of opening hours.", exists=True, dir_okay=False)
]
TimeZone = Annotated[str, typer.Option(help="Time zone of the schedule.")]
Why = Annotated[str, typer.Option(help="The reason, for the record.")]
By = Annotated[str, typer.Option(help="Who changes it.")]
Approver = Annotated[str | None, typer.Option("--approver", help="Who approved of it.")]


class EditError(KeepClearError):
    """An edit can't be made as it is."""


def add_to(zones: typer.Typer) -> None:
    """Register the commands of this module."""
    zones.command("edit")(edit)
    zones.command("versions")(versions)
    zones.command("policy")(policy)
    zones.command("allowed")(is_allowed)
    zones.command("retire")(retire)


def edit(
    zone_id: Annotated[str, typer.Argument(help="The zone.")],
    why: Why,
    by: By,
    approver: Approver = None,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    category: Annotated[str | None, typer.Option(help="The group it belongs to: court, police, school, ...")] = None,
    standoff_m: StandoffM = None,
    warning_m: WarningM = None,
    hours: Hours = None,
    time_zone: TimeZone = DEFAULT_TIME_ZONE,
    always: Annotated[bool, typer.Option("--always", help="Take the schedule away.")] = False,
    follow: Annotated[
        list[str] | None, typer.Option(help=f"Let the policy decide again: {', '.join(GOVERNED)}.")
    ] = None,
) -> None:
    """Write the next version of a zone. It is valid from a second later; fixes before that keep the version before."""
    if unknown := set(follow or ()) - set(GOVERNED):
        raise typer.BadParameter(f"--follow is one of {', '.join(GOVERNED)}, not {', '.join(sorted(unknown))}")
    try:
        change = Edit(
            name, category, None, standoff_m, warning_m, schedule(hours, time_zone), always, tuple(follow or ())
        )
        with database(running_settings()) as connection:
            zone = edit_zone(connection, zone_id, change, Signature(by, why, approver))
    except ValueError as error:
        raise EditError(f"Zone {zone_id} can't be edited so.", str(error)) from error
    typer.echo(f"{line(zone)}\tvalid from {moment(zone.valid_from)}")


def versions(zone_id: Annotated[str, typer.Argument(help="The zone.")]) -> None:
    """Every version of a zone: from when to when, what it said, who wrote it and why."""
    with database(running_settings()) as connection:
        records = zone_records(connection, zone_id)
    if not records:
        raise EditError(f"There never was a zone {zone_id}.", "`keepclear zones list` has those in force.")
    for record in records:
        typer.echo(record_line(record))


def policy(
    category: Annotated[str | None, typer.Argument(help="The group; left out: list all policies.")] = None,
    why: Why = "",
    by: By = "",
    approver: Approver = None,
    standoff_m: StandoffM = None,
    warning_m: WarningM = None,
    hours: Hours = None,
    time_zone: TimeZone = DEFAULT_TIME_ZONE,
    always: Annotated[bool, typer.Option("--always", help="Take the schedule away.")] = False,
) -> None:
    """What the zones of a category have in common unless they override it. An edit makes new versions of them."""
    with database(running_settings()) as connection:
        known = policies(connection)
        if category is None:
            for each in known.values():
                typer.echo(policy_line(each))
            return
        if not (why and by):
            raise typer.BadParameter("a policy needs --why and --by, for the record")
        was = known.get(category, Policy(category, DEFAULT_STANDOFF_M, DEFAULT_WARNING_M))
        try:
            made = Policy(
                category,
                was.standoff_m if standoff_m is None else standoff_m,
                was.warning_m if warning_m is None else warning_m,
                None if always else schedule(hours, time_zone) or was.schedule,
                was.version + (category in known),
            )
            changed = put_policy(connection, made, Signature(by, why, approver))
        except ValueError as error:
            raise EditError(f"The policy of {category} can't be so.", str(error)) from error
    typer.echo(f"{policy_line(made)}\t{changed} zones changed")


def is_allowed(
    lon: Annotated[float, typer.Option(help="Longitude in degrees.")],
    lat: Annotated[float, typer.Option(help="Latitude in degrees.")],
    datum: Annotated[str, typer.Option(help="Datum of the coordinates: wgs84, gcj02 or bd09.")] = "wgs84",
    at: Annotated[str, typer.Option(help="When: now, ISO 8601 with its zone, or seconds since 1970.")] = "now",
) -> None:
    """Whether one may stop at a place, and if not, the way to the nearest place where one may (WGS-84)."""
    try:
        place = place_of(lon, lat, datum)
    except ValueError as error:
        raise EditError("The place can't be judged.", str(error)) from error
    with database(running_settings()) as connection:
        when = moment_of(at)
        found = allowed(Neighbourhood(connection, *place, when), *place, when)
    typer.echo("allowed" if found.out is None else f"NOT ALLOWED\t{way_line(found.out)}")
    for touch in found.touches:
        out = "in the warning ring" if touch.out is None else f"out of it: {way_line(touch.out)}"
        typer.echo(f"{touch.zone.id}\t{touch.signed_m:.1f} m\t{touch.zone.name}\t{out}")


def way_line(way: Way) -> str:
    """A way for people, rounded up to the whole metre."""
    return f"walk {ceil(way.metres)} m at {way.bearing_deg:.0f} deg to {way.lon:.6f}, {way.lat:.6f}"


def retire(
    zone_ids: Annotated[list[str], typer.Argument(help="Ids as `keepclear zones list` shows them.")],
    why: Why = "",
    by: By = "cli",
    approver: Approver = None,
) -> None:
    """End zones from now on; fixes from before are still judged by them."""
    with database(running_settings()) as connection:
        known = standing(connection, zone_ids)
        missing = [zone_id for zone_id in zone_ids if zone_id not in known]
        if missing:
            raise EditError(
                f"No zone in force is called {missing[0]}: nothing was ended.", "See `keepclear zones list`."
            )
        typer.echo(f"{retire_zones(connection, zone_ids, Signature(by, why, approver))} ended")


def schedule(hours: Path | None, time_zone: str) -> Schedule | None:
    """The schedule of a file."""
    return None if hours is None else Schedule(hours.read_text("utf-8"), time_zone)


def line(zone: Zone) -> str:
    """A zone in one line."""
    at_hours = "" if zone.schedule is None else f"\tby schedule ({zone.schedule.time_zone})"
    metres = f"{zone.standoff_m:g} m + {zone.warning_m:g} m"
    return f"{zone.id}\tv{zone.version}\t{zone.category}\t{metres}\t{zone.name}{at_hours}"


def record_line(record: ZoneRecord) -> str:
    """A version with its signature in one line."""
    zone, signed = record.zone, record.signature
    approved = f", approved by {signed.approver}" if signed.approver else ""
    ended = f"\tretired by {record.ended_by}: {record.ended_why}" if record.ended_by else ""
    span = f"{moment(zone.valid_from)} to {moment(zone.valid_to)}"
    return f"{line(zone)}\t{span}\t{signed.by}{approved}: {signed.why or 'no reason given'}\t{zone.source}{ended}"


def policy_line(made: Policy) -> str:
    """A policy in one line."""
    at_hours = "at all hours" if made.schedule is None else f"by schedule ({made.schedule.time_zone})"
    return f"{made.category}\tv{made.version}\t{made.standoff_m:g} m + {made.warning_m:g} m\t{at_hours}"


def moment(at: float | None) -> str:
    """A time in UTC, to the second."""
    return "..." if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

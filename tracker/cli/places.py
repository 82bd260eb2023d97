"""`keepclear zones | datum`: where visitors must not be."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import orjson
import typer
from psycopg import Connection
from tqdm import tqdm

from geofences.check import PointCheck, check_points, convert_csv
from geofences.reading import Problem, Report, SourceError
from geofences.sources import read_zones
from geofences.zone import Zone, ZoneError
from tracker.cli import zone_edits
from tracker.cli.context import database, running_settings
from tracker.errors import KeepClearError
from tracker.store.connection import Row
from tracker.store.zones import displaced, put_zones, standing

zones = typer.Typer(help="Exclusion zones.", no_args_is_help=True)

DATUMS = "wgs84, gcj02 or bd09"


class PlaceError(KeepClearError):
    """A file of zones or points can't be used as it is."""


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    zone_edits.add_to(zones)
    cli.add_typer(zones, name="zones")
    cli.command()(datum)


@zones.command("check")
def check(
    zones_file: Annotated[Path, typer.Option("--zones", help="GeoJSON in WGS-84.", exists=True, dir_okay=False)],
    points: Annotated[Path, typer.Option(help="CSV with columns lon and lat (WGS-84).", exists=True, dir_okay=False)],
    standoff_m: Annotated[
        float | None, typer.Option(help="Metres instead of each zone's own (200 where it gives none).", min=0.0)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """For each point the nearest zone, the signed metres to its edge and whether it is inside."""
    try:
        for found in check_points(zones_file, points, standoff_m, warn):
            typer.echo(json_line(found) if as_json else text_line(found))
    except (SourceError, ZoneError, ValueError) as error:
        raise PlaceError("The points can't be checked.", str(error)) from error


@zones.command("import")
def import_zones(
    source: Annotated[Path, typer.Argument(help="GeoJSON or CSV.", exists=True, dir_okay=False)],
    datum: Annotated[str | None, typer.Option(help=f"Datum of the file's coordinates: {DATUMS}.")] = None,
    category: Annotated[str, typer.Option(help="Category of rows that name none.")] = "other",
    prefix: Annotated[str, typer.Option(help="Put before every id, where two sources number alike.")] = "",
) -> None:
    """Add zones, or new versions of zones that changed. Good rows are taken even if others are refused."""
    settings = running_settings()
    report = read_report(source, datum, settings.standoff_m, settings.warning_m, category)
    for problem in (*report.notes, *report.problems):
        warn(problem)
    found = [replace(zone, id=prefix + zone.id) for zone in report.zones]
    with database(settings) as connection:
        refuse_displaced(connection, found)
        written = put_zones(connection, tqdm(found, unit=" zones", disable=None), "cli")
    typer.echo(f"{written} written, {len(found) - written} unchanged, {len(report.problems)} refused")
    if report.problems:
        raise typer.Exit(1)


@zones.command("list")
def list_zones() -> None:
    """The zones in force."""
    with database(running_settings()) as connection:
        for zone in standing(connection).values():
            typer.echo(zone_edits.line(zone))


def datum(
    source: Annotated[str, typer.Option("--from", help=f"Datum of the input: {DATUMS}.")],
    target: Annotated[str, typer.Option("--to", help=f"Datum of the output: {DATUMS}.")],
) -> None:
    """Convert a CSV on standard input (columns lon and lat) from one datum to another, in full precision."""
    try:
        convert_csv(sys.stdin.buffer, sys.stdout, source, target)
    except ValueError as error:
        raise PlaceError("The points can't be converted.", str(error)) from error


def refuse_displaced(connection: "Connection[Row]", zones: list[Zone]) -> None:
    """Stop before one source's numbers replace another's zones.

    Raises:
        PlaceError: a zone in force has the same id and lies elsewhere.
    """
    for zone, other, metres in displaced(connection, zones):
        known = f"{other.name or 'an unnamed zone'}, {metres / 1000:.0f} km away"
        raise PlaceError(
            f"Zone {zone.id} is in force already as {known}: nothing was imported.",
            "If the two files merely number alike, give this one a --prefix.",
        )


def read_report(source: Path, datum: str | None, standoff_m: float, warning_m: float, category: str) -> Report:
    """Read a file of zones.

    Raises:
        PlaceError: nothing of it can be used.
    """
    try:
        return read_zones(source, datum, standoff_m=standoff_m, warning_m=warning_m, category=category)
    except ValueError as error:
        raise PlaceError(f"{source} can't be imported.", str(error)) from error


def json_line(found: PointCheck) -> str:
    """A check with full float precision."""
    return orjson.dumps(found).decode()


def text_line(found: PointCheck) -> str:
    """A check for people."""
    if found.signed_m is None:
        return f"{found.row}\tno zones"
    return f"{found.row}\t{'INSIDE' if found.inside else 'outside'}\t{found.signed_m:.3f} m\t{found.zone}"


def warn(problem: Problem) -> None:
    """Say what is wrong with a row and how to mend it."""
    typer.echo(str(problem), err=True)

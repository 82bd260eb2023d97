"""`keepclear zones | datum`: where visitors must not be."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from geofences.check import PointCheck, check_points, convert_csv
from geofences.crs import noted_datum
from geofences.report import Problem
from tracker.cli import zone_edits, zone_files
from tracker.cli.context import database, running_settings
from tracker.errors import KeepClearError
from tracker.store.zones import standing

zones = typer.Typer(help="Exclusion zones.", no_args_is_help=True)

DATUMS = "wgs84, gcj02 or bd09"


class PlaceError(KeepClearError):
    """A file of zones or points can't be used as it is."""


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    zone_edits.add_to(zones)
    zone_files.add_to(zones)
    cli.add_typer(zones, name="zones")
    cli.command()(datum)


@zones.command("check")
def check(
    zones_file: Annotated[Path, typer.Option("--zones", help="GeoJSON or any other file of zones.", exists=True)],
    points: Annotated[Path, typer.Option(help="CSV with columns lon and lat.", exists=True, dir_okay=False)],
    standoff_m: Annotated[
        float | None, typer.Option(help="Metres instead of each zone's own (200 where it gives none).", min=0.0)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    datum: Annotated[str | None, typer.Option(help=f"Datum of the points: {DATUMS}; wgs84 unless given.")] = None,
    zones_datum: Annotated[
        str | None, typer.Option(help="Datum of the zones, if their file states none: the same or EPSG:n.")
    ] = None,
) -> None:
    """For each point the nearest zone, the signed metres to its edge and whether it is inside."""
    doubt_points(points, datum)
    try:
        for found in check_points(
            zones_file, points, standoff_m, warn, datum=datum or "wgs84", zones_datum=zones_datum
        ):
            typer.echo(json_line(found) if as_json else text_line(found))
    except ValueError as error:
        do = str(error) if datum else str(error).replace("--datum", "--zones-datum")
        raise PlaceError("The points can't be checked.", do) from error


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


def doubt_points(points: Path, datum: str | None) -> None:
    """Warn where the name of a file of points speaks of a datum that nobody declared."""
    named = noted_datum(points.stem)
    if named not in (None, "wgs84", datum):
        typer.echo(
            f"{points.name} is called {named} and read as {datum or 'wgs84'}: say --datum {named} if it is.", err=True
        )


def json_line(found: PointCheck) -> str:
    """A check with full float precision."""
    return orjson.dumps(found).decode()


def text_line(found: PointCheck) -> str:
    """A check for people."""
    if found.signed_m is None:
        return f"point {found.row + 1}\tno zones"
    return f"point {found.row + 1}\t{'INSIDE' if found.inside else 'outside'}\t{found.signed_m:.3f} m\t{found.zone}"


def warn(problem: Problem) -> None:
    """Say what is wrong with a row and how to mend it."""
    typer.echo(str(problem), err=True)

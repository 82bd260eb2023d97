"""`keepclear zones import | convert | export`: files of zones, always with a report of what becomes of every row."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import orjson
import typer
from tqdm import tqdm

from geofences.export import export_zones
from geofences.imports.intake import Wanted, read_sources
from geofences.imports.plan import Plan, plan
from geofences.imports.summary import as_json, as_text
from geofences.policy import Policy
from geofences.report import SourceError
from geofences.sources.columns import where_of
from geofences.sources.reading import Progress
from geofences.zone import DEFAULT_STANDOFF_M, DEFAULT_WARNING_M, ZoneError
from tracker.cli.context import database, running_settings
from tracker.errors import KeepClearError
from tracker.store.policies import policies
from tracker.store.zones import carry_out, standing
from tracker.zones.record import Signature

SHOWN_FROM_ROWS = 2_000
"""Shorter files are read before anybody could look at a progress bar."""

Sources = Annotated[
    list[Path], typer.Argument(help="GeoJSON, CSV, Excel, Shapefile, GeoPackage, KML or OSM.", exists=True)
]
Datums = Annotated[
    list[str] | None,
    typer.Option("--datum", help="wgs84, gcj02, bd09 or EPSG:n, for files that state none; FILE=gcj02 for one file."),
]
Wheres = Annotated[list[str] | None, typer.Option("--where", help="Only rows such as amenity=courthouse|police.")]
Standoff = Annotated[float | None, typer.Option(help="Metres for rows that give none.", min=0.0)]
Category = Annotated[str, typer.Option(help="Category of rows that name none.")]
Trust = Annotated[bool, typer.Option("--trust-datum", help="Go on although the datum looks wrong.")]
Json = Annotated[bool, typer.Option("--json", help="The report as one JSON object.")]


class ZoneFileError(KeepClearError):
    """A file of zones can't be used as it is."""


def add_to(zones: typer.Typer) -> None:
    """Register the commands of this module."""
    zones.command("import")(import_zones)
    zones.command("convert")(convert_zones)
    zones.command("export")(export)


def import_zones(
    sources: Sources,
    datum: Datums = None,
    where: Wheres = None,
    standoff_m: Standoff = None,
    category: Category = "other",
    prefix: Annotated[str, typer.Option(help="Put before every id, where two sources number alike.")] = "",
    replace_source: Annotated[
        bool, typer.Option("--replace-source", help="End zones of these files that are no longer in them.")
    ] = False,
    trust_datum: Trust = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json_: Json = False,
) -> None:
    """Add zones, or new versions of zones that changed. Good rows are taken even if others are refused."""
    settings = running_settings()
    metres = settings.standoff_m if standoff_m is None else standoff_m
    wanted = wanted_of(
        datum, where, metres, settings.warning_m, category, names(sources) if trust_datum else frozenset()
    )
    with database(settings) as connection:
        planned = planned_of(
            sources, wanted, list(standing(connection).values()), prefix=prefix, replace_source=replace_source,
            as_json_=as_json_, apply=not dry_run, policies=policies(connection),
        )  # fmt: skip
        if not dry_run:
            carry_out(connection, planned, Signature("cli"))
    say(planned, as_json_=as_json_, applied=not dry_run)
    if planned.refused or planned.doubts:
        raise typer.Exit(1)


def convert_zones(
    sources: Sources,
    out: Annotated[Path, typer.Option(help="GeoJSON to write (.gpkg and .csv work, too).", dir_okay=False)],
    datum: Datums = None,
    where: Wheres = None,
    standoff_m: Standoff = None,
    category: Category = "other",
    trust_datum: Trust = False,
    as_json_: Json = False,
) -> None:
    """Read, match and check files of zones without a service, and write them as one file in WGS-84."""
    metres = DEFAULT_STANDOFF_M if standoff_m is None else standoff_m
    wanted = wanted_of(
        datum, where, metres, DEFAULT_WARNING_M, category, names(sources) if trust_datum else frozenset()
    )
    planned = planned_of(sources, wanted, (), as_json_=as_json_, apply=True)
    if not planned.zones:
        say(planned, as_json_=as_json_, applied=False)
        raise ZoneFileError("No row gives a zone: nothing was written.", "The report above says why for each row.")
    try:
        export_zones(planned.zones, out)
    except SourceError as error:
        raise ZoneFileError(f"{out} can't be written.", str(error)) from error
    say(planned, as_json_=as_json_, applied=True)


def export(
    out: Annotated[Path, typer.Option(help="File to write: .geojson, .gpkg or .csv (shapes as WKT).", dir_okay=False)],
) -> None:
    """Write the zones in force to a file that can be imported again."""
    with database(running_settings()) as connection:
        zones = list(standing(connection).values())
    try:
        export_zones(zones, out)
    except SourceError as error:
        raise ZoneFileError(f"{out} can't be written.", str(error)) from error
    typer.echo(f"{len(zones)} zones written to {out}")


def wanted_of(
    datum: list[str] | None,
    where: list[str] | None,
    standoff_m: float,
    warning_m: float,
    category: str,
    trusted: frozenset[str],
) -> Wanted:
    """The options of a call.

    Raises:
        ZoneFileError: a filter is none.
    """
    try:
        wheres = tuple(map(where_of, where or ()))
    except SourceError as error:
        raise ZoneFileError("The files can't be read.", str(error)) from error
    return Wanted(tuple(datum or ()), wheres, standoff_m, warning_m, category, trusted)


def planned_of(
    paths: Sequence[Path], wanted: Wanted, known: Iterable[Any], *, as_json_: bool, apply: bool,
    prefix: str = "", replace_source: bool = False, policies: Mapping[str, Policy] = MappingProxyType({}),
) -> Plan:  # fmt: skip
    """Read the files and plan what becomes of them.

    Raises:
        ZoneFileError: a file can't be read, or, before anything is applied, a datum looks wrong.
    """
    try:
        sources = read_sources(paths, wanted, progress_of)
        planned = plan(
            sources, known, prefix=prefix, replace_source=replace_source, trusted=wanted.trusted, policies=policies
        )
    except (SourceError, ZoneError) as error:
        raise ZoneFileError("The files can't be read.", str(error)) from error
    unread = next((source for source in sources if source.refused), None)
    if unread is not None or (planned.doubts and apply):
        say(planned, as_json_=as_json_, applied=False)
    if unread is not None:
        raise ZoneFileError(f"{unread.file} can't be read; nothing was written.", str(unread.refused))
    if planned.doubts and apply:
        doubt = planned.doubts[0]
        raise ZoneFileError(f"{doubt.file}: {doubt.finding.reason} Nothing was written.", doubt.finding.mend)
    return planned


def names(paths: Iterable[Path]) -> frozenset[str]:
    """The names of files, by which they are trusted."""
    return frozenset(path.name for path in paths)


def progress_of(name: str) -> Progress:
    """A progress bar on the terminal for a file with many rows."""

    def shown(rows: Sequence[Any]) -> Iterable[Any]:
        hidden = True if len(rows) < SHOWN_FROM_ROWS else None
        return tqdm(rows, desc=name, unit=" rows", disable=hidden, leave=False)

    return shown


def say(planned: Plan, *, as_json_: bool, applied: bool) -> None:
    """The report, on standard output."""
    if as_json_:
        typer.echo(orjson.dumps(as_json(planned, applied=applied), option=orjson.OPT_INDENT_2).decode())
        return
    for line in as_text(planned):
        typer.echo(line)
    if not applied:
        typer.echo("Nothing was written.")

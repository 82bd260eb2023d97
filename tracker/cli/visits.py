"""`keepclear visits`: where a visitor is meant to be, by case reference."""

import time
from datetime import datetime
from typing import Annotated

import typer

from tracker.cli.context import database, running_settings
from tracker.cli.people import BY, VisitorId
from tracker.store.visits import Visits

visits = typer.Typer(help="Visits: when a visitor works on which case; no names, no addresses.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.add_typer(visits, name="visits")


@visits.command("add")
def add_visit(
    visitor: VisitorId,
    case: Annotated[str, typer.Argument(help="The reference of the case file, e.g. (2026)外访第101号.")],
    begins: Annotated[datetime | None, typer.Option("--from", help="Local time; now if not given.")] = None,
    hours: Annotated[float, typer.Option(help="How long it takes.", min=0.01)] = 2.0,
) -> None:
    """Plan a visit; the live map shows its reference meanwhile."""
    from_at = time.time() if begins is None else begins.astimezone().timestamp()
    with database(running_settings()) as connection:
        number = Visits(connection).add(visitor, case, from_at, from_at + hours * 3600, by=BY)
    typer.echo(f"Visit {number} of visitor {visitor}, {case.strip()}: from {local(from_at)} for {hours:g} h.")


@visits.command("list")
def list_visits(visitor: VisitorId) -> None:
    """What is planned for a visitor and isn't over."""
    with database(running_settings()) as connection:
        for each in Visits(connection).of(visitor):
            typer.echo(f"{each.id}\t{each.case}\t{local(each.from_at)}\t{local(each.to_at)}")


@visits.command("cancel")
def cancel_visit(visit: Annotated[int, typer.Argument(help="The visit's number.")]) -> None:
    """Take a visit back; it stays on record."""
    with database(running_settings()) as connection:
        Visits(connection).cancel(visit, by=BY)
    typer.echo(f"Visit {visit} is cancelled.")


def local(at: float) -> str:
    """A moment as people here write it."""
    return datetime.fromtimestamp(at).astimezone().isoformat(sep=" ", timespec="minutes")

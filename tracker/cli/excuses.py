"""`keepclear excuses`: leave to be in a zone, before the fact or after it."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tracker.cli.context import database, running_settings
from tracker.cli.people import VisitorId
from tracker.excuse import Cause, Excuse
from tracker.store.excuses import Excuses

ANYWHERE = "every zone"
By = Annotated[str, typer.Option("--by", help="Who decides it.")]
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z"]

excuses = typer.Typer(help="Leave to be in a zone: detection goes on, nobody is alarmed.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.add_typer(excuses, name="excuses")


@excuses.command("add")
def add_excuse(
    visitor: VisitorId,
    cause: Cause,
    by: By,
    zone: Annotated[str | None, typer.Option(help="One zone's id; every zone if not given.")] = None,
    begin: Annotated[
        datetime | None,
        typer.Option("--from", formats=FORMATS, help="Local time, e.g. 2026-11-24T09:00; now if left out."),
    ] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="Until withdrawn if not given.")] = None,
    note: Annotated[str, typer.Option(help="A file number or a reason, kept with the excuse.")] = "",
) -> None:
    """Excuse a visitor's presence, before or after the fact; prints the excuse's number."""
    excuse = Excuse(zone, seconds(begin or datetime.now(UTC)), None if end is None else seconds(end))
    with database(running_settings()) as connection:
        number = Excuses(connection).add(visitor, excuse, cause, approved_by=by, note=note)
    typer.echo(f"Excuse {number}: visitor {visitor} may be in {zone or ANYWHERE} {period(excuse)}.")


@excuses.command("list")
def list_excuses() -> None:
    """The newest hundred, withdrawn ones too."""
    with database(running_settings()) as connection:
        for each in Excuses(connection).recorded():
            state = "withdrawn" if each.withdrawn else "in force"
            where = each.excuse.zone or ANYWHERE
            words = (each.id, each.visitor, where, period(each.excuse), each.cause, each.approved_by, state, each.note)
            typer.echo("\t".join(str(word) for word in words))


@excuses.command("withdraw")
def withdraw_excuse(excuse: Annotated[int, typer.Argument(help="Its number.")], by: By) -> None:
    """Take an excuse back; it stays on record."""
    with database(running_settings()) as connection:
        Excuses(connection).withdraw(excuse, by=by)
    typer.echo(f"Excuse {excuse} is withdrawn.")


def seconds(moment: datetime) -> float:
    """Seconds UTC; a time without an offset is this machine's local time."""
    return moment.timestamp()


def period(excuse: Excuse) -> str:
    """In local time."""
    begin = local(excuse.from_at)
    return f"from {begin} until withdrawn" if excuse.to_at is None else f"from {begin} to {local(excuse.to_at)}"


def local(at: float) -> str:
    """A moment as this machine's clock shows it."""
    return datetime.fromtimestamp(at, UTC).astimezone().isoformat(timespec="minutes")

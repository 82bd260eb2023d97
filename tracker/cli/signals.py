"""`keepclear signals`: what of each shift is worth asking about."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tracker.cli.context import database, running_settings
from tracker.plausibility import QUESTIONS
from tracker.store.signals import doubtful_shifts


def add_to(cli: typer.Typer) -> None:
    """Register the command of this module."""
    cli.command()(signals)


def signals(limit: Annotated[int, typer.Option(help="How many shifts, the newest first.", min=1)] = 50) -> None:
    """Signs that a phone may not have said what was so: questions for a person, never findings. Times are local."""
    with database(running_settings()) as connection:
        found = doubtful_shifts(connection, limit)
    for shift in found:
        typer.echo(f"{shift.visitor}\t{shift.device}\tshift of {local(shift.opened_at)}\tscore {shift.score} of 100")
        for reason in shift.reasons:
            times = f"{reason.fixes} fixes, {local(reason.first_at)} to {local(reason.last_at)}"
            typer.echo(f"  {QUESTIONS[reason.signal]} ({times})")
    if not found:
        typer.echo("No shift shows anything worth asking about.")


def local(at: float) -> str:
    """A moment in local time, to the minute."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")

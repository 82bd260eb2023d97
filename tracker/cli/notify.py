"""`keepclear notify | deliveries`: alerts that leave by e-mail, chat, SMS and webhooks."""

from typing import Annotated

import typer

from tracker.cli.context import database, running_settings
from tracker.cli.services import configure_logs, stop_on_signal
from tracker.errors import NotFoundError

deliveries = typer.Typer(help="What channels have not delivered.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.command()(notify)
    cli.add_typer(deliveries, name="deliveries")


def notify() -> None:
    """Tell supervisors by the channels of KEEPCLEAR_NOTIFY_FILE, until stopped."""
    settings = running_settings()
    configure_logs(settings)
    from tracker.app import run_notify  # noqa: PLC0415  see context.database

    run_notify(settings, stop_on_signal())


@deliveries.command("list")
def list_deliveries(dead: Annotated[bool, typer.Option("--dead", help="Only those given up.")] = False) -> None:
    """What recipients don't have yet: still tried, or dead, with the last error."""
    from tracker.store.deliveries import Deliveries  # noqa: PLC0415  see context.database

    with database(running_settings()) as connection:
        for each in Deliveries(connection).undelivered(dead_only=dead):
            state = "dead" if each.dead_at is not None else "tried again"
            typer.echo(f"{each.recipient}  {each.dedup_key}  {state}  attempts {each.attempts}  {each.last_error}")


@deliveries.command("retry")
def retry_deliveries(recipient: str) -> None:
    """Try a recipient's dead deliveries again."""
    from tracker.store.deliveries import Deliveries  # noqa: PLC0415  see context.database

    with database(running_settings()) as connection:
        count = Deliveries(connection).retry(recipient)
    if not count:
        what = f"{recipient} has no dead deliveries."
        raise NotFoundError(what, "`keepclear deliveries list --dead` shows those there are.")
    typer.echo(f"{count} will be tried again.")

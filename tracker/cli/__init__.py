"""The command line: thin commands over `tracker.app`; every error says what was wrong and what to do."""

import sys
from typing import NoReturn

import typer
from sqlalchemy.exc import ArgumentError

from tracker.cli import (
    detection,
    excuses,
    notify,
    people,
    places,
    recordings,
    services,
    signals,
    teams,
    visits,
    watchers,
)
from tracker.errors import KeepClearError
from tracker.ports import StoreUnavailableError

cli = typer.Typer(
    name="keepclear",
    help="Geofenced field-visit tracking: fixes over MQTT, exclusion zones, alerts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
services.add_to(cli)
people.add_to(cli)
visits.add_to(cli)
excuses.add_to(cli)
watchers.add_to(cli)
notify.add_to(cli)
teams.add_to(cli)
places.add_to(cli)
recordings.add_to(cli)
detection.add_to(cli)
signals.add_to(cli)


def main() -> None:
    """Run a command; what goes wrong leaves as two sentences and exit code 1."""
    try:
        cli()
    except KeepClearError as error:
        fail(error.what, error.do)
    except StoreUnavailableError as error:
        fail(f"The database can't be reached: {error}", "Look with `keepclear doctor`.")
    except (OSError, ArgumentError) as error:
        fail(str(error), "Look at the paths and addresses given; `keepclear doctor` may tell more.")
    except KeyboardInterrupt:
        sys.exit(130)


def fail(what: str, do: str) -> NoReturn:
    """Say what was wrong and what to do."""
    typer.echo(f"keepclear: {what}\n  {do}", err=True)
    sys.exit(1)

"""The command line: thin commands over `tracker.app`; every error says what was wrong and what to do."""

import sys

import typer

from tracker.cli import people, places, recordings, services
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
places.add_to(cli)
recordings.add_to(cli)


def main() -> None:
    """Run a command; what goes wrong leaves as two sentences and exit code 1."""
    try:
        cli()
    except KeepClearError as error:
        print(f"keepclear: {error.what}\n  {error.do}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except StoreUnavailableError as error:
        print(f"keepclear: The database can't be reached: {error}\n  Look with `keepclear doctor`.", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

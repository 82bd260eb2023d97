"""`keepclear accounts | consumers`: people who log in to the live map, and systems that hear its alerts."""

import getpass
import secrets
import sys
from typing import Annotated

import argon2
import typer

from mqtt.network import Endpoint
from mqtt.topics import SUPERVISOR_TOPIC
from tracker.cli.context import broker_access, running_settings
from tracker.names import checked_name

MIN_PASSWORD = 10

ConsumerName = Annotated[str, typer.Argument(help="What the system is called here: letters, digits, '-', '_', '.'.")]

accounts = typer.Typer(help="People who log in to the live map.", no_args_is_help=True)
consumers = typer.Typer(help="Your own systems that read the supervisors' alerts over MQTT.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.add_typer(accounts, name="accounts")
    cli.add_typer(consumers, name="consumers")


@accounts.command("add")
def add_account(username: str) -> None:
    """Add somebody who may log in, or change their password (asked for, or one line on standard input)."""
    from tracker.app import accounts_of  # noqa: PLC0415  see context.database

    username = checked_name("account", username)
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < MIN_PASSWORD:
        raise typer.BadParameter(f"a password has {MIN_PASSWORD} characters or more")
    is_new = accounts_of(running_settings()).put(username, argon2.PasswordHasher().hash(password))
    typer.echo(f"{username} may log in." if is_new else f"{username} has a new password; older sessions end.")


@accounts.command("list")
def list_accounts() -> None:
    """Everybody who may log in."""
    from tracker.app import accounts_of  # noqa: PLC0415  see context.database

    for username in accounts_of(running_settings()).usernames():
        typer.echo(username)


@accounts.command("remove")
def remove_account(username: str) -> None:
    """Take an account away; whoever is logged in with it is out within half a minute."""
    from tracker.app import accounts_of  # noqa: PLC0415  see context.database

    accounts_of(running_settings()).remove(username)
    typer.echo(f"{username} may no longer log in.")


@consumers.command("add")
def add_consumer(name: ConsumerName) -> None:
    """Let a system read the supervisors' alerts; prints its MQTT credentials. A second time: a new password."""
    settings, password = running_settings(), secrets.token_urlsafe(24)
    with broker_access(settings) as access:
        username = access.admit_consumer(name, password)
    endpoint = Endpoint.parse(settings.mqtt_admin_url or "")
    typer.echo(f"broker:                      {endpoint.host}:{endpoint.port}")
    typer.echo(f"MQTT user name and client id: {username}")
    typer.echo(f"password (shown only now):   {password}")
    typer.echo(f"topic (read only, QoS 1):    {SUPERVISOR_TOPIC}")


@consumers.command("list")
def list_consumers() -> None:
    """Every system that may read the supervisors' alerts."""
    with broker_access(running_settings()) as access:
        for name in access.consumers():
            typer.echo(name)


@consumers.command("remove")
def remove_consumer(name: ConsumerName) -> None:
    """Shut a system out and disconnect it."""
    with broker_access(running_settings()) as access:
        access.remove_consumer(name)
    typer.echo(f"{name} can no longer read the alerts.")

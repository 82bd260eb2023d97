"""`keepclear visitors | devices | shift | accounts`: who is tracked, and who watches."""

import getpass
import secrets
import sys
import time
from typing import Annotated

import argon2
import typer

from mqtt.enrolment import DeviceAccess
from mqtt.owntracks_link import configuration_link
from mqtt.topics import base_topic, shard_of
from tracker.cli.context import database, running_settings
from tracker.errors import ServiceError
from tracker.settings import Settings
from tracker.store.people import People

VisitorId = Annotated[int, typer.Argument(help="The visitor's number, as `keepclear visitors list` shows it.")]

visitors = typer.Typer(help="Field visitors: the people who may be tracked during a shift.", no_args_is_help=True)
devices = typer.Typer(help="Phones: who carries them and how they log in.", no_args_is_help=True)
shift = typer.Typer(help="Shifts: the only time in which anything is tracked.", no_args_is_help=True)
accounts = typer.Typer(help="People who log in to the live map.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    for name, group in (("visitors", visitors), ("devices", devices), ("shift", shift), ("accounts", accounts)):
        cli.add_typer(group, name=name)


@visitors.command("add")
def add_visitor(
    name: str,
    consented: Annotated[bool, typer.Option("--consented", help="The visitor has given separate consent.")] = False,
) -> None:
    """Enrol a field visitor; prints the visitor's number."""
    with database(running_settings()) as connection:
        typer.echo(People(connection).add_visitor(name, consented=consented))


@visitors.command("list")
def list_visitors() -> None:
    """Everybody, with devices and open shifts."""
    with database(running_settings()) as connection:
        for visitor in People(connection).visitors():
            consent = "consented" if visitor.consented else "NO CONSENT"
            duty = "on shift" if visitor.shift_opened_at else "off shift"
            typer.echo(f"{visitor.id}\t{visitor.name}\t{consent}\t{duty}\t{', '.join(visitor.devices)}")


@visitors.command("consent")
def record_consent(
    visitor: VisitorId,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="The visitor takes consent back.")] = False,
) -> None:
    """Record that a visitor gave, or took back, separate consent to tracking during shifts."""
    with database(running_settings()) as connection:
        People(connection).consent(visitor, given=not withdraw)


@devices.command("add")
def add_device(
    visitor: VisitorId,
    name: Annotated[str | None, typer.Option(help="Device id; made up if not given.")] = None,
    platform: Annotated[str, typer.Option(help="android, ios or web: what its accuracy means.")] = "android",
) -> None:
    """Give a visitor a phone; prints its MQTT credentials, topic and an OwnTracks configuration link."""
    settings = running_settings()
    device, secret = name or f"phone-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    with database(settings) as connection, connection.transaction():
        People(connection).add_device(device, visitor, platform=platform, shard=shard_of(device), secret=secret)
        with broker_access(settings) as access:
            access.enrol(device, secret)
    print_credentials(settings, device, secret)


@devices.command("revoke")
def revoke_device(device: str) -> None:
    """Take a phone's access away, at the broker and in the service."""
    settings = running_settings()
    with database(settings) as connection, connection.transaction():
        People(connection).revoke_device(device)
        with broker_access(settings) as access:
            access.revoke(device)


@shift.command("open")
def open_shift(
    visitor: VisitorId,
    hours_ago: Annotated[float, typer.Option(help="Let it begin earlier, e.g. to replay a recording.", min=0.0)] = 0.0,
) -> None:
    """Start a visitor's shift: from its beginning on their phone may be tracked."""
    with database(running_settings()) as connection:
        typer.echo(People(connection).open_shift(visitor, time.time() - hours_ago * 3600))


@shift.command("close")
def close_shift(visitor: VisitorId) -> None:
    """End a visitor's shift: what is measured later is refused."""
    with database(running_settings()) as connection:
        typer.echo(People(connection).close_shift(visitor))


@accounts.command("add")
def add_account(username: str) -> None:
    """Add somebody who may log in, or change their password (asked for, or one line on standard input)."""
    from tracker.app import accounts_of  # noqa: PLC0415  see context.database

    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < MIN_PASSWORD:
        raise typer.BadParameter(f"a password has {MIN_PASSWORD} characters or more")
    accounts_of(running_settings()).put(username, argon2.PasswordHasher().hash(password))


MIN_PASSWORD = 10


def broker_access(settings: Settings) -> DeviceAccess:
    """The broker's administrator.

    Raises:
        ServiceError: no broker is configured or running.
    """
    if settings.mqtt_admin_url is None:
        raise ServiceError(
            "No MQTT broker is running.", "Run `keepclear up` in another terminal, or set KEEPCLEAR_MQTT_URL."
        )
    return DeviceAccess(settings.mqtt_admin_url)


def print_credentials(settings: Settings, device: str, secret: str) -> None:
    """Everything a phone needs, once: the secret is not kept in clear."""
    typer.echo(f"device id, MQTT user name and client id: {device}")
    typer.echo(f"password:                                {secret}")
    typer.echo(f"topic:                                   {base_topic(device)}")
    typer.echo(f"OwnTracks:                               {configuration_link(settings, device, secret)}")

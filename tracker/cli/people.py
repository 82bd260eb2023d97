"""`keepclear visitors | devices | shift`: who is tracked, by which phone, and when."""

import time
from typing import Annotated

import typer

from geofences.containment import Platform
from mqtt.topics import base_topic
from tracker.cli.context import broker_access, database, iso, running_settings
from tracker.people.administration import NewPhone
from tracker.store.people import People, Removal

BY = "command line"
VisitorId = Annotated[int, typer.Argument(help="The visitor's number, as `keepclear visitors list` shows it.")]

visitors = typer.Typer(help="Field visitors: the people who may be tracked during a shift.", no_args_is_help=True)
devices = typer.Typer(help="Phones: who carries them and how they log in.", no_args_is_help=True)
shift = typer.Typer(help="Shifts: the only time in which anything is tracked.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    for name, group in (("visitors", visitors), ("devices", devices), ("shift", shift)):
        cli.add_typer(group, name=name)


@visitors.command("add")
def add_visitor(
    name: str,
    consented: Annotated[bool, typer.Option("--consented", help="The visitor has given separate consent.")] = False,
) -> None:
    """Enrol a field visitor; prints the visitor's number."""
    with database(running_settings()) as connection:
        number = People(connection).add_visitor(name, consented=consented)
    typer.echo(f"Visitor {number} is enrolled: {name.strip()}.")
    if consented:
        typer.echo(f"  Next, a phone: keepclear devices add {number}")
    else:
        typer.echo(f"  Tracking waits for consent; record it with: keepclear visitors consent {number}")


@visitors.command("rename")
def rename_visitor(visitor: VisitorId, name: str) -> None:
    """Correct a visitor's name; everything recorded stays with the visitor's number."""
    with database(running_settings()) as connection:
        People(connection).rename_visitor(visitor, name)
    typer.echo(f"Visitor {visitor} is now called {name.strip()}.")


@visitors.command("remove")
def remove_visitor(visitor: VisitorId) -> None:
    """Remove a visitor who was never tracked; of anybody else consent ends and phones are shut out."""
    settings = running_settings()
    with database(settings) as connection, connection.transaction():
        removal = People(connection).remove_visitor(visitor)
        if removal.visitor.devices:
            with broker_access(settings) as access:
                for device in removal.visitor.devices:
                    access.revoke(device)
    typer.echo(removed(removal))


def removed(removal: Removal) -> str:
    """What `visitors remove` did, and why it may have been less than was asked."""
    number, name = removal.visitor.id, removal.visitor.name
    if removal.deleted:
        return f"Visitor {number} ({name}) is removed; nothing was ever recorded of them."
    phones = ", ".join(removal.visitor.devices) or "none"
    return (
        f"Visitor {number} ({name}) stays on record: something was recorded of them and expires in its own time.\n"
        f"  Consent is withdrawn, the shift closed, phones revoked: {phones}."
    )


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
    if withdraw:
        typer.echo(f"Visitor {visitor} has taken consent back: nothing is stored of them from now on.")
    else:
        typer.echo(f"Visitor {visitor} has consented to tracking during shifts.")


@devices.command("add")
def add_device(
    visitor: VisitorId,
    name: Annotated[str | None, typer.Option(help="Device id; made up if not given.")] = None,
    platform: Annotated[Platform, typer.Option(help="What the accuracy of its fixes means.")] = "android",
) -> None:
    """Give a visitor a phone; prints its MQTT credentials, topic and an OwnTracks configuration link."""
    from tracker.app import phones_of  # noqa: PLC0415  see context.database

    print_credentials(phones_of(running_settings()).enrol(BY, visitor, name, platform))


@devices.command("list")
def list_devices() -> None:
    """Every phone: whose, its topic, whether it is shut out, and when its newest fix came."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    for phone in rights_of(running_settings()).devices():
        state = "in use" if phone.revoked_at is None else f"REVOKED {iso(phone.revoked_at)}"
        heard = "never heard" if phone.heard_at is None else f"last heard {iso(phone.heard_at)}"
        typer.echo(f"{phone.name}\tvisitor {phone.visitor_id}\t{base_topic(phone.name)}\t{state}\t{heard}")


@devices.command("revoke")
def revoke_device(device: str) -> None:
    """Take a phone's access away, at the broker and in the service."""
    from tracker.app import phones_of  # noqa: PLC0415  see context.database

    phones_of(running_settings()).revoke(BY, device)
    typer.echo(f"{device} is shut out: at the broker at once, over HTTP within a minute.")


@shift.command("open")
def open_shift(
    visitor: VisitorId,
    hours_ago: Annotated[float, typer.Option(help="Let it begin earlier, e.g. to replay a recording.", min=0.0)] = 0.0,
) -> None:
    """Start a visitor's shift: from its beginning on their phone may be tracked."""
    since = time.time() - hours_ago * 3600
    with database(running_settings()) as connection:
        number = People(connection).open_shift(visitor, since)
    typer.echo(f"Shift {number} of visitor {visitor} is open since {iso(since)}: what their phones measure is kept.")


@shift.command("close")
def close_shift(visitor: VisitorId) -> None:
    """End a visitor's shift: what is measured later is refused."""
    with database(running_settings()) as connection:
        number = People(connection).close_shift(visitor)
    typer.echo(f"Shift {number} of visitor {visitor} is closed: what is measured from now on is refused.")


def print_credentials(phone: NewPhone) -> None:
    """Everything a phone needs, once: the secret is not kept in clear."""
    typer.echo(f"device id, MQTT user name and client id: {phone.name}")
    typer.echo(f"password:                                {phone.secret}")
    typer.echo(f"topic:                                   {phone.topic}")
    typer.echo(f"OwnTracks:                               {phone.link}")

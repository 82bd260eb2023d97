"""`keepclear accounts | consumers`: people who log in to the live map, and systems that hear its alerts."""

import getpass
import hashlib
import secrets
import sys
from typing import Annotated

import argon2
import typer

from mqtt.network import Endpoint
from mqtt.topics import SUPERVISOR_TOPIC
from tracker.cli.context import broker_access, running_settings
from tracker.people.accounts import LINK_LASTS_S, MIN_PASSWORD
from tracker.people.administration import Rights
from tracker.people.names import checked_name
from tracker.people.roles import Role
from tracker.store.rights import PostgresRights
from tracker.store.teams import no_team

BY = "command line"

Roles = Annotated[list[Role] | None, typer.Option("--role", help="What the account is for; may be repeated.")]
TeamNames = Annotated[
    list[str] | None, typer.Option("--team", help="A team whose people it may see; everybody's if none is given.")
]
ConsumerName = Annotated[str, typer.Argument(help="What the system is called here: letters, digits, '-', '_', '.'.")]

accounts = typer.Typer(help="People who log in to the live map.", no_args_is_help=True)
consumers = typer.Typer(help="Your own systems that read the supervisors' alerts over MQTT.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.add_typer(accounts, name="accounts")
    cli.add_typer(consumers, name="consumers")


@accounts.command("add")
def add_account(username: str, role: Roles = None, team: TeamNames = None) -> None:
    """Add somebody who may log in, or change their password (asked for, or one line on standard input)."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    username = checked_name("account", username)
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < MIN_PASSWORD:
        raise typer.BadParameter(f"a password has {MIN_PASSWORD} characters or more")
    rights = rights_of(running_settings())
    given = wanted(rights, role or [Role.SUPERVISOR], team or [])
    if rights.let_in(BY, username, argon2.PasswordHasher().hash(password), given):
        typer.echo(f"{username} may log in.\n  {described(given)}")
    else:
        typer.echo(f"{username} has a new password; older sessions end. Roles and teams stay as they were.")


@accounts.command("grant")
def grant(username: str, role: Roles = None, team: TeamNames = None) -> None:
    """Give an account these roles and teams instead of what it had; without --team it sees everybody."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    rights = rights_of(running_settings())
    given = wanted(rights, role or [], team or [])
    rights.set_rights(BY, rights.account_id(username), given)
    typer.echo(f"{username}: {described(given)}")


@accounts.command("visitor")
def name_visitor(
    username: str,
    visitor: Annotated[int | None, typer.Argument(help="The visitor's number; none if not given.")] = None,
) -> None:
    """Say which field visitor somebody is: with the role `visitor` they read who looked at their tracks."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    rights = rights_of(running_settings())
    rights.set_visitor(BY, rights.account_id(username), visitor)
    typer.echo(f"{username} is {'no field visitor' if visitor is None else f'visitor {visitor}'}.")


@accounts.command("link")
def password_link(username: str) -> None:
    """Print a one-time link with which somebody sets their password; it lasts three days."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    settings, token = running_settings(), secrets.token_urlsafe(32)
    rights = rights_of(settings)
    rights.make_link(BY, rights.account_id(username), hashlib.sha256(token.encode()).digest(), LINK_LASTS_S)
    host = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    typer.echo(f"{host.rstrip('/')}/password/{token}")


@accounts.command("deactivate")
def deactivate(username: str) -> None:
    """Keep an account out without deleting it; its sessions end at once."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    rights = rights_of(running_settings())
    rights.set_active(BY, rights.account_id(username), active=False)
    typer.echo(f"{username} may no longer log in; `keepclear accounts activate {username}` undoes it.")


@accounts.command("activate")
def activate(username: str) -> None:
    """Let a deactivated account log in again."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    rights = rights_of(running_settings())
    rights.set_active(BY, rights.account_id(username), active=True)
    typer.echo(f"{username} may log in again.")


@accounts.command("list")
def list_accounts() -> None:
    """Everybody who may log in."""
    from tracker.app import accounts_of  # noqa: PLC0415  see context.database

    for username in accounts_of(running_settings()).usernames():
        typer.echo(username)


def wanted(rights: PostgresRights, roles: list[Role], names: list[str]) -> Rights:
    """Roles, and teams by name."""
    numbers = {team.name: team.id for team in rights.teams()}
    for name in names:
        if name not in numbers:
            raise no_team(name)
    return Rights(frozenset(roles), all_teams=not names, teams=frozenset(numbers[name] for name in names))


def described(rights: Rights) -> str:
    """Rights in a line."""
    whose = "everybody" if rights.all_teams else f"{len(rights.teams)} team(s)"
    return f"roles: {', '.join(sorted(rights.roles)) or 'none'}; sees: {whose}"


@accounts.command("remove")
def remove_account(username: str) -> None:
    """Take an account away; whoever is logged in with it is out at once, an open live map within half a minute."""
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

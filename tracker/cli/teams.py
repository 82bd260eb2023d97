"""`keepclear teams`: which visitors are watched by the same supervisors."""

from typing import Annotated

import typer

from tracker.cli.context import running_settings
from tracker.cli.people import VisitorId
from tracker.cli.watchers import BY
from tracker.store.teams import Teams, no_team

teams = typer.Typer(help="Teams: a supervisor sees the visitors of their teams.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.add_typer(teams, name="teams")


@teams.command("add")
def add_team(name: str) -> None:
    """Make a team."""
    kept().add_team(BY, name)
    typer.echo(f"Team {name.strip()} is there.\n  Next, its visitors: keepclear teams join VISITOR {name.strip()}")


@teams.command("list")
def list_teams() -> None:
    """Every team with the number of its visitors."""
    for team in kept().teams():
        typer.echo(f"{team.id}\t{team.name}\t{team.visitors}")


@teams.command("rename")
def rename_team(name: str, new_name: str) -> None:
    """Give a team another name."""
    there = kept()
    there.rename_team(BY, number_of(there, name), new_name)
    typer.echo(f"Team {name} is now called {new_name.strip()}.")


@teams.command("join")
def join_team(
    visitor: VisitorId,
    name: Annotated[str | None, typer.Argument(help="The team; out of all teams if not given.")] = None,
) -> None:
    """Move a visitor to a team, or out of all: then only those see them who see everybody."""
    there = kept()
    there.put_in_team(BY, visitor, None if name is None else number_of(there, name))
    typer.echo(f"Visitor {visitor} is in {f'team {name}' if name else 'no team'}.")


def number_of(there: Teams, name: str) -> int:
    """The team of a name."""
    found = next((team.id for team in there.teams() if team.name == name), None)
    if found is None:
        raise no_team(name)
    return found


def kept() -> Teams:
    """The teams of this installation."""
    from tracker.app import rights_of  # noqa: PLC0415  see context.database

    return rights_of(running_settings())

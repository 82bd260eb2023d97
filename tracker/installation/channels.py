"""Does the file of recipients read, and is there somebody in it for everybody who may need one?"""

from collections.abc import Iterator

from tracker.answers.rota import uncovered
from tracker.errors import KeepClearError
from tracker.installation.diagnosis import Check
from tracker.notify.rota_file import Rota, read_rota
from tracker.settings import Settings
from tracker.store.connection import connect, translated
from tracker.store.deliveries import Deliveries

NAME = "Channels"


def check_channels(settings: Settings, database_url: str | None) -> Iterator[Check]:
    """Nothing where no channels are set up; whom nobody hears of is asked of the database, where one answers."""
    if settings.notify_file is None:
        return
    try:
        rota = read_rota(settings.notify_file)
        unheard = _unheard(rota, database_url) if database_url else []
    except KeepClearError as error:
        yield Check(NAME, ok=False, what=error.what, do=error.do)
        return
    if unheard:
        what = f"no recipient hears of {', '.join(unheard)}"
        yield Check(NAME, ok=False, what=what, do="Add one with an account of theirs, or without `account`.")
    else:
        yield Check(NAME, ok=True, what=f"{len(rota.recipients)} recipients")


def _unheard(rota: Rota, database_url: str) -> list[str]:
    with connect(database_url, "keepclear doctor", fenced=False) as connection, translated(connection):
        deliveries = Deliveries(connection)
        teams = deliveries.teams()
        alone = uncovered(teams, rota.recipients, deliveries.watchers())
    return ["visitors without a team" if team is None else f"team {teams[team]}" for team in alone]

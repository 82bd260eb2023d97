"""Visits through the command line, as the live map shows them."""

import time
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from tracker.cli import cli
from tracker.errors import NotFoundError
from tracker.store.connection import connect, engine
from tracker.store.live import PostgresLiveView
from tracker.store.people import People
from tracker.visit import VisitRefusedError

CASE = "(2026)外访第101号"


@pytest.fixture
def visits(database_url):
    def run(*arguments):
        return CliRunner().invoke(cli, ["visits", *map(str, arguments)], env={"KEEPCLEAR_DATABASE_URL": database_url})

    return run


def shown(view):
    [device] = view.devices(0.0)
    return device.visit


def hours_from_now(hours: float) -> str:
    local = datetime.fromtimestamp(time.time() + hours * 3600, UTC).astimezone().replace(tzinfo=None)
    return local.isoformat(timespec="seconds")


@pytest.fixture
def visitor(database_url):
    """Somebody on shift whose phone has sent a fix."""
    with connect(database_url, "test", fenced=False) as connection:
        people = People(connection)
        number = people.add_visitor("Li", consented=True)
        people.add_device("phone-1", number, platform="android", shard=0, secret="s")
        people.open_shift(number)
        connection.execute(
            "INSERT INTO track (device_id, shift_id, version, fix_at, lon, lat, received_at, state, fold) "
            "SELECT d.id, s.id, 1, now(), 118.79, 32.045, now(), 'clear', '{}' "
            "FROM device d JOIN shift s USING (visitor_id)"
        )
    return number


@pytest.fixture
def view(database_url):
    made = engine(database_url)
    yield PostgresLiveView(made)
    made.dispose()


def test_the_visit_of_now_is_on_the_live_map_until_it_is_cancelled(visits, visitor, view):
    since = time.time()
    assert visits("add", visitor, CASE).exit_code == 0
    assert shown(view) == CASE
    assert [each.visit for each in view.devices(since)] == [CASE]

    assert visits("cancel", 1).stdout == "Visit 1 is cancelled.\n"

    assert shown(view) is None
    assert visits("list", visitor).stdout == ""


@pytest.mark.parametrize("begins", [1.0, -3.0], ids=["later", "over"])
def test_a_visit_is_shown_while_it_lasts(visits, visitor, view, begins):
    assert visits("add", visitor, CASE, "--from", hours_from_now(begins), "--hours", 2).exit_code == 0
    assert shown(view) is None
    assert len(visits("list", visitor).stdout.splitlines()) == (begins > 0)


def test_of_two_visits_at_once_the_later_one_is_shown(visits, visitor, view):
    visits("add", visitor, "A-2", "--from", hours_from_now(-0.5))
    visits("add", visitor, "A-1", "--from", hours_from_now(-1.0), "--hours", 3)
    assert shown(view) == "A-2"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("add", 1, "王小明"), VisitRefusedError),
        (("add", 99, CASE), NotFoundError),
        (("cancel", 99), NotFoundError),
    ],
)
def test_what_is_wrong_is_refused_with_what_to_do(visits, visitor, arguments, error):
    assert isinstance(visits(*arguments).exception, error)

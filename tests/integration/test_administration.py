"""People, phones, accounts and consumers by the command line, on a real database and a real broker."""

import time

import pytest
from typer.testing import CliRunner

from mqtt.enrolment import DeviceAccess
from mqtt.topics import base_topic
from tests.builders import a_fix
from tracker.admission import Limits
from tracker.batch import Arrival
from tracker.cli import cli
from tracker.errors import AccessError, ConflictError, NotFoundError
from tracker.people.names import NameRefusedError
from tracker.pipeline import Pipeline
from tracker.store.connection import connect
from tracker.store.people import People
from tracker.store.postgres import PostgresStore

LATE_S = 7 * 86_400.0


@pytest.fixture
def keepclear(database_url, broker, var_dir):
    """keepclear(*arguments) -> what it prints; a refusal raises."""
    env = {
        "KEEPCLEAR_VAR_DIR": str(var_dir),
        "KEEPCLEAR_DATABASE_URL": database_url,
        "KEEPCLEAR_MQTT_URL": broker.worker_url,
        "KEEPCLEAR_MQTT_ADMIN_URL": broker.admin_url,
    }

    def run(*arguments, typed=None, apart=False, **changed):
        result = CliRunner().invoke(cli, arguments, env=env | changed, input=typed)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return (result.stdout, result.stderr) if apart else result.output

    return run


@pytest.fixture
def people(database_url):
    with connect(database_url, "keepclear test", fenced=False) as connection:
        yield People(connection)


@pytest.fixture
def enrolled(broker):
    """Device ids at the broker."""
    with DeviceAccess(broker.admin_url) as access:
        yield access.devices


def track(database_url, device):
    """One fix of the device is stored."""
    now = time.time()
    with PostgresStore(database_url, "keepclear test", fenced=False, late_s=LATE_S) as store:
        fix = a_fix(start=now, device=device)
        assert Pipeline(store, Limits()).process([Arrival(device, now, [fix])]).stored == 1


def test_each_step_says_what_it_did_and_what_comes_next(keepclear):
    assert "Visitor 1 is enrolled: 王伟." in keepclear("visitors", "add", "王伟")
    assert "has consented" in keepclear("visitors", "consent", "1")
    assert "phone-1" in keepclear("devices", "add", "1", "--name", "phone-1")
    assert "is open since" in keepclear("shift", "open", "1")
    assert "is closed" in keepclear("shift", "close", "1")
    assert "shut out" in keepclear("devices", "revoke", "phone-1")
    assert "taken consent back" in keepclear("visitors", "consent", "1", "--withdraw")


def test_phones_are_listed_with_whose_and_when_they_were_heard_and_no_place(keepclear, database_url):
    keepclear("visitors", "add", "王伟", "--consented")
    for name in ("phone-1", "phone-2"):
        keepclear("devices", "add", "1", "--name", name)
    keepclear("shift", "open", "1", "--hours-ago", "1")
    track(database_url, "phone-1")
    keepclear("devices", "revoke", "phone-2")
    heard, revoked = (line.split("\t") for line in keepclear("devices", "list").splitlines())
    assert heard[:4] == ["phone-1", "visitor 1", base_topic("phone-1"), "in use"]
    assert heard[4].startswith("last heard 20")
    assert (revoked[3][:10], revoked[4:]) == ("REVOKED 20", ["never heard"])


def test_an_empty_quarantine_is_said_beside_the_output(keepclear):
    assert keepclear("quarantine", apart=True) == ("", "Nothing is in quarantine, and nothing was refused.\n")


def test_a_visitor_is_renamed(keepclear, people):
    keepclear("visitors", "add", "王偉")
    keepclear("visitors", "rename", "1", "王伟")
    assert [visitor.name for visitor in people.visitors()] == ["王伟"]


@pytest.mark.parametrize("name", ["", "王\n伟", "x" * 101, "a\x00b"])
def test_names_that_cannot_be_read_are_refused_before_anything_is_written(keepclear, people, name):
    keepclear("visitors", "add", "王伟")
    for command in (["visitors", "add", name], ["visitors", "rename", "1", name]):
        with pytest.raises(NameRefusedError):
            keepclear(*command)
    assert [visitor.name for visitor in people.visitors()] == ["王伟"]


def test_a_visitor_who_was_never_tracked_goes_without_a_trace(keepclear, people, enrolled):
    keepclear("visitors", "add", "王伟", "--consented")
    keepclear("devices", "add", "1", "--name", "phone-1")
    keepclear("shift", "open", "1")
    assert "is removed" in keepclear("visitors", "remove", "1")
    assert (people.visitors(), enrolled()) == ([], [])


def test_a_tracked_visitor_stays_on_record_but_is_tracked_no_more(keepclear, people, enrolled, database_url):
    keepclear("visitors", "add", "王伟", "--consented")
    keepclear("devices", "add", "1", "--name", "phone-1")
    keepclear("shift", "open", "1", "--hours-ago", "1")
    track(database_url, "phone-1")
    assert "stays on record" in keepclear("visitors", "remove", "1")
    [visitor] = people.visitors()
    assert (visitor.consented, visitor.devices, visitor.shift_opened_at, enrolled()) == (False, (), None, [])


def test_a_phone_that_the_broker_cannot_be_told_of_is_not_enrolled(keepclear, people, enrolled):
    keepclear("visitors", "add", "王伟")
    keepclear("devices", "add", "1", "--name", "phone-1")
    with pytest.raises(ConflictError):
        keepclear("devices", "add", "1", "--name", "phone-1")
    with pytest.raises(NameRefusedError):
        keepclear("devices", "add", "1", "--name", "kc-publisher")
    with pytest.raises(AccessError):
        keepclear("devices", "add", "1", "--name", "phone-2", KEEPCLEAR_MQTT_ADMIN_URL="mqtt://a:b@127.0.0.1:1")
    assert [visitor.devices for visitor in people.visitors()] == [("phone-1",)]
    assert enrolled() == ["phone-1"]


def test_a_visitor_who_was_excused_stays_on_record(keepclear, people):
    keepclear("visitors", "add", "王伟")
    keepclear("excuses", "add", "1", "party", "--by", "anna")
    assert "stays on record" in keepclear("visitors", "remove", "1")
    assert len(people.visitors()) == 1


def test_nobody_is_removed_or_renamed_by_a_number_that_does_not_exist(keepclear):
    for command in (["visitors", "remove", "9"], ["visitors", "rename", "9", "x"]):
        with pytest.raises(NotFoundError, match="no visitor 9"):
            keepclear(*command)


def test_a_platform_is_one_of_three(keepclear, people):
    visitor = people.add_visitor("王伟", consented=True)
    assert "'web' is not one of" in keepclear("devices", "add", str(visitor), "--platform", "web")
    with pytest.raises(ConflictError, match="no platform 'web'"):
        people.add_device("phone-1", visitor, platform="web", shard=0, secret="s")


def test_accounts_are_added_listed_and_removed(keepclear):
    assert "anna may log in" in keepclear("accounts", "add", "anna", typed="long enough\n")
    assert "new password" in keepclear("accounts", "add", "anna", typed="another one\n")
    assert keepclear("accounts", "list") == "anna\n"
    assert "no longer" in keepclear("accounts", "remove", "anna")
    assert keepclear("accounts", "list") == ""
    with pytest.raises(NotFoundError, match="no account anna"):
        keepclear("accounts", "remove", "anna")


def test_consumers_are_added_listed_and_removed(keepclear, enrolled):
    assert "kc-consumer-siem" in keepclear("consumers", "add", "siem")
    assert (keepclear("consumers", "list"), enrolled()) == ("siem\n", [])
    keepclear("consumers", "remove", "siem")
    assert keepclear("consumers", "list") == ""
    with pytest.raises(NotFoundError, match="no consumer siem"):
        keepclear("consumers", "remove", "siem")

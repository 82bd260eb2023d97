"""A stream ends when what opened it ends."""

import asyncio

import pytest
from fake_live import PASSWORD, FakeAccounts
from starlette.requests import Request

from maps.api import while_allowed
from maps.entrance.login import Gate, SessionRules
from maps.entrance.tries import digest_of
from tracker.people.roles import EVERYBODY, Role, Scope

MANY = 1000


def seen(change, *, recheck_s=0.0) -> int:
    """How many of many events somebody gets if something happens after the third."""
    accounts = FakeAccounts(anna=PASSWORD)
    gate = Gate(accounts, accounts, SessionRules())
    accounts.open(1, digest_of("token"), "open", 12 * 3600.0, ("10.0.0.1", "a browser"))
    request = Request({"type": "http", "headers": [(b"cookie", b"kc_session=token")]})

    async def events():
        for number in range(MANY):
            if number == 3:
                change(accounts)
            yield number

    async def watch():
        watcher = gate.principal(request)
        return [event async for event in while_allowed(gate, request, watcher, events(), recheck_s=recheck_s)]

    return len(asyncio.run(watch()))


def nothing(accounts):
    pass


def logged_out(accounts):
    accounts.end(digest_of("token"))


def ended_from_elsewhere(accounts):
    accounts.end_all(1)


def too_old(accounts):
    accounts.now += 13 * 3600.0


def removed(accounts):
    del accounts.accounts[1]


def another_role(accounts):
    accounts.rights[1] = (frozenset({Role.ZONE_EDITOR}), EVERYBODY)


def another_team(accounts):
    accounts.rights[1] = (accounts.rights[1][0], Scope(frozenset({7})))


@pytest.mark.parametrize("change", [logged_out, ended_from_elsewhere, too_old, removed, another_role, another_team])
def test_a_stream_ends_with_the_session_or_its_rights(change):
    assert seen(change) == 3


def test_a_stream_goes_on_while_nothing_changes():
    assert seen(nothing) == MANY


def test_the_store_is_not_asked_for_each_event():
    assert seen(logged_out, recheck_s=3600.0) == MANY

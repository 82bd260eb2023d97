"""`/api/v1/people/accounts`: who may log in, as what, and how; for administrators."""

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from maps.entrance.permission import Permit, session
from maps.entrance.tries import digest_of
from maps.problems import Problem
from maps.refusals import problems, refusals
from tracker.errors import ConflictError, NotFoundError
from tracker.people.accounts import LINK_LASTS_S, Sessions
from tracker.people.administration import AccountRow, Administration, Rights
from tracker.people.names import LONGEST, NameRefusedError
from tracker.people.roles import Action, Principal, Role

Administrator = Annotated[Principal, Depends(Permit(Action.MANAGE_PEOPLE))]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]
NO_CONTENT = HTTPStatus.NO_CONTENT
refusing = refusals(
    {
        NotFoundError: (HTTPStatus.NOT_FOUND, "not_there"),
        ConflictError: (HTTPStatus.CONFLICT, "conflict"),
        NameRefusedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "name"),
    }
)


class GivenRights(BaseModel):
    """What an account may do and whose people it may see: `teams`, or everybody's with `all_teams`."""

    model_config = ConfigDict(extra="forbid")
    roles: list[Role] = Field(max_length=len(Role))
    all_teams: bool = False
    teams: list[int] = Field(default=[], max_length=1000)

    def rights(self) -> Rights:
        """As the administration takes them."""
        return Rights(frozenset(self.roles), self.all_teams, frozenset(self.teams))


class NewAccount(GivenRights):
    """An account to be; its owner sets the password by the link."""

    username: Name


class Link(BaseModel):
    """A path that sets a password once; shown now and never again."""

    account_id: int
    path: str
    lasts_s: float = LINK_LASTS_S


class Identity(BaseModel):
    """The field visitor that somebody is; null: none."""

    model_config = ConfigDict(extra="forbid")
    visitor: int | None


def not_oneself(by: Principal, account_id: int) -> None:
    """Rights are given by somebody else: one administrator alone can't make themselves a supervisor unseen.

    Raises:
        Problem: 409, it is the caller's own account.
    """
    if by.account_id == account_id:
        what = "Nobody changes the rights of their own account. Ask another administrator."
        raise Problem(HTTPStatus.CONFLICT, "own_account", what)


def router(people: Administration, sessions: Sessions) -> APIRouter:
    """The routes; each change is recorded with who made it."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"], dependencies=[Depends(session)])
    add_account_routes(routes, people)
    add_access_routes(routes, people, sessions)
    return routes


def link_for(people: Administration, by: Principal, account_id: int) -> Link:
    """A fresh one-time link; older ones die."""
    token = secrets.token_urlsafe(32)
    people.make_link(by.username, account_id, digest_of(token), LINK_LASTS_S)
    return Link(account_id=account_id, path=f"/password/{token}")


def add_account_routes(routes: APIRouter, people: Administration) -> None:
    """Accounts, and what each is for."""

    @routes.get("/accounts", responses=problems(), summary="Everybody who may log in, or might")
    def accounts(_by: Administrator) -> list[AccountRow]:
        """By user name."""
        return list(people.accounts())

    @routes.post(
        "/accounts", status_code=HTTPStatus.CREATED, responses=problems(404, 409), summary="Add an account"
    )  # fmt: skip
    def add_account(by: Administrator, body: NewAccount) -> Link:
        """It has no password until its owner uses the link."""
        with refusing():
            return link_for(people, by, people.add_account(by.username, body.username, body.rights()))

    @routes.put(
        "/accounts/{account_id}/rights", status_code=NO_CONTENT, responses=problems(404, 409), summary="Change rights"
    )
    def set_rights(by: Administrator, account_id: int, body: GivenRights) -> None:
        """They hold from the next request on."""
        not_oneself(by, account_id)
        with refusing():
            people.set_rights(by.username, account_id, body.rights())

    @routes.put(
        "/accounts/{account_id}/visitor", status_code=NO_CONTENT, responses=problems(404, 409), summary="Say who it is"
    )
    def set_visitor(by: Administrator, account_id: int, body: Identity) -> None:
        """Whoever is a field visitor reads who looked at their tracks."""
        not_oneself(by, account_id)
        with refusing():
            people.set_visitor(by.username, account_id, body.visitor)


def add_access_routes(routes: APIRouter, people: Administration, sessions: Sessions) -> None:
    """Who gets in, and how."""

    @routes.put("/accounts/{account_id}/active", status_code=NO_CONTENT, responses=problems(404, 409), summary="Let in")
    def activate(by: Administrator, account_id: int) -> None:
        """An account that was kept out may log in again."""
        with refusing():
            people.set_active(by.username, account_id, active=True)

    @routes.delete(
        "/accounts/{account_id}/active", status_code=NO_CONTENT, responses=problems(404, 409), summary="Keep out"
    )
    def deactivate(by: Administrator, account_id: int) -> None:
        """Its sessions end at once; what it did stays on record."""
        not_oneself(by, account_id)
        with refusing():
            people.set_active(by.username, account_id, active=False)

    @routes.post("/accounts/{account_id}/link", responses=problems(404), summary="A link to set a password with")
    def link(by: Administrator, account_id: int) -> Link:
        """Older links die; the present password holds until it is used."""
        with refusing():
            return link_for(people, by, account_id)

    @routes.delete(
        "/accounts/{account_id}/sessions", status_code=NO_CONTENT, responses=problems(404), summary="End its sessions"
    )
    def end_sessions(by: Administrator, account_id: int) -> None:
        """At once."""
        with refusing():
            people.note_sessions_ended(by.username, account_id)
        sessions.end_all(account_id)

    @routes.delete(
        "/accounts/{account_id}/totp", status_code=NO_CONTENT, responses=problems(404), summary="Forget its code"
    )  # fmt: skip
    def drop_totp(by: Administrator, account_id: int) -> None:
        """For somebody who lost the authenticator."""
        not_oneself(by, account_id)
        with refusing():
            people.drop_totp(by.username, account_id)

    @routes.delete(
        "/accounts/{account_id}/identity",
        status_code=NO_CONTENT,
        responses=problems(404),
        summary="Forget its provider",
    )
    def forget_identity(by: Administrator, account_id: int) -> None:
        """Somebody else has the user name at the OpenID provider now; its sessions end."""
        not_oneself(by, account_id)
        with refusing():
            people.forget_identity(by.username, account_id)
        sessions.end_all(account_id)

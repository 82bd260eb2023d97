"""`/api/v1/me`: one's own account, its sessions, password and second factor."""

from http import HTTPStatus
from typing import Annotated

import pyotp
import segno
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from maps.entrance.login import matching_step
from maps.entrance.permission import Caller, permit
from maps.entrance.tries import digest_of
from maps.parts import Parts, PartsOf
from maps.problems import Problem
from tracker.people.accounts import MAX_PASSWORD, MIN_PASSWORD, SessionRow
from tracker.people.roles import Action, Principal, Role, granted

ISSUER = "KeepClear"

router = APIRouter(prefix="/api/v1/me", tags=["account"], dependencies=[permit(Action.OWN_ACCOUNT)])
OldPassword = Annotated[str, Field(max_length=MAX_PASSWORD)]


class Me(BaseModel):
    """Who is logged in. `teams` null: everybody; `may`: the actions that the table of roles grants.

    `visitor_id`: the field visitor they are, if somebody said so.
    """

    user: str
    roles: list[Role]
    teams: list[int] | None
    may: list[Action]
    totp: bool
    visitor_id: int | None


class NewPassword(BaseModel):
    """The password so far and the next one."""

    old: OldPassword
    new: Annotated[str, Field(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]


class TotpOffer(BaseModel):
    """A secret for an authenticator; nothing is asked for until a code of it was shown."""

    secret: str
    uri: str
    qr: str = Field(description="The address as a QR code: a data: URL of an SVG picture.")


class TotpConfirmation(BaseModel):
    """The offered secret, a code of it, and the password: a borrowed session must not lock its owner out."""

    secret: Annotated[str, Field(pattern="^[A-Z2-7]{32}$")]
    code: Annotated[str, Field(max_length=20)]
    password: OldPassword


class Proof(BaseModel):
    """The password once more."""

    password: OldPassword


@router.get("")
def me(principal: Caller, parts: PartsOf) -> Me:
    """The account of this session."""
    credential = parts.gate.accounts.credential_of(principal.account_id)
    return Me(
        user=principal.username,
        roles=sorted(principal.roles),
        teams=None if principal.scope.everybody else sorted(principal.scope.teams),
        may=[action for action in Action if granted(principal.roles, action)],
        totp=credential is not None and credential.totp_secret is not None,
        visitor_id=principal.visitor_id,
    )


@router.get("/sessions")
def sessions(request: Request, principal: Caller, parts: PartsOf) -> list[SessionRow]:
    """The open sessions, the last used first."""
    gate = parts.gate
    here = digest_of(gate.token_of(request))
    return list(gate.sessions.of_account(principal.account_id, gate.rules.idle_s, here))


@router.delete("/sessions", status_code=HTTPStatus.NO_CONTENT)
def end_other_sessions(request: Request, principal: Caller, parts: PartsOf) -> None:
    """End all of them but this one."""
    parts.gate.sessions.end_all(principal.account_id, digest_of(parts.gate.token_of(request)))


@router.delete("/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
def end_session(session_id: int, principal: Caller, parts: PartsOf) -> None:
    """End one of them."""
    if not parts.gate.sessions.end_one(principal.account_id, session_id):
        raise Problem(HTTPStatus.NOT_FOUND, "no_session", "There is no such session of yours.")


@router.put("/password", status_code=HTTPStatus.NO_CONTENT)
def change_password(body: NewPassword, request: Request, response: Response, principal: Caller, parts: PartsOf) -> None:
    """Change the password: every session ends, and this one goes on under a new token."""
    prove(parts, request, principal, body.old)
    parts.gate.accounts.set_password(principal.account_id, parts.gate.passwords.hash(body.new))
    parts.gate.sessions.end_all(principal.account_id)
    parts.gate.give(response, parts.gate.admit(request, principal.account_id))


@router.post("/totp")
def offer_totp(principal: Caller) -> TotpOffer:
    """A fresh secret for an authenticator."""
    secret = pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=principal.username, issuer_name=ISSUER)
    return TotpOffer(secret=secret, uri=uri, qr=segno.make(uri, error="m").svg_data_uri(scale=4, light="#fff"))


@router.put("/totp", status_code=HTTPStatus.NO_CONTENT)
def confirm_totp(body: TotpConfirmation, request: Request, principal: Caller, parts: PartsOf) -> None:
    """Ask for the second factor from the next log-in on."""
    prove(parts, request, principal, body.password)
    step = matching_step(body.secret, body.code)
    if step is None or not parts.gate.accounts.use_code(principal.account_id, step):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_code", "The code is wrong or was used before.")
    parts.gate.accounts.set_totp(principal.account_id, body.secret)


@router.post("/totp/off", status_code=HTTPStatus.NO_CONTENT)
def drop_totp(body: Proof, request: Request, principal: Caller, parts: PartsOf) -> None:
    """Ask for the password alone again."""
    prove(parts, request, principal, body.password)
    parts.gate.accounts.set_totp(principal.account_id, None)


def prove(parts: Parts, request: Request, principal: Principal, password: str) -> None:
    """The caller knows the password; guessing costs what it costs at the log-in.

    Raises:
        Problem: 403 wrong password, 429 too many tries.
    """
    wait_s = parts.gate.prove(request, principal, password)
    if wait_s is None:
        raise Problem(HTTPStatus.FORBIDDEN, "wrong_password", "The password is wrong.")
    if wait_s > 0.0:
        headers = {"Retry-After": f"{max(1.0, wait_s):.0f}"}
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "locked", "Too many tries; wait a little.", headers)

"""What anybody may ask: the log-in, the frames of the pages behind it, and whether the process lives."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from maps.entrance.landing import LIVE_MAP, landing
from maps.entrance.login import Attempt, Verdict
from maps.entrance.own_path import safe_next, way_in
from maps.entrance.permission import permit
from maps.entrance.tries import digest_of
from maps.parts import Parts, PartsOf
from tracker.people.accounts import MAX_PASSWORD, MIN_PASSWORD
from tracker.people.roles import Action

MAX_NAME, MAX_CODE, MAX_TOKEN = 200, 20, 100

router = APIRouter(dependencies=[permit(Action.ENTER)])
Next = Annotated[str | None, Form(alias="next")]


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """Whether the process lives; says nothing of the store."""
    return Health()


@router.get("/", include_in_schema=False)
def live_page(request: Request, parts: PartsOf) -> Response:
    """The live map; for who may not see visitors the page of their work; or the way to the log-in."""
    principal = parts.gate.principal(request)
    if principal is None:
        return to_login(request)
    if (page := landing(principal)) != LIVE_MAP:
        return RedirectResponse(page, HTTPStatus.SEE_OTHER)
    return parts.pages.live(request, parts.basemap.shown())


@router.get("/replay", include_in_schema=False)
def replay_page(request: Request, parts: PartsOf) -> Response:
    """The replay by itself, without the present; what it shows, the API grants."""
    principal = parts.gate.principal(request)
    if principal is None:
        return to_login(request)
    if not principal.may(Action.READ_TRACKS):
        return RedirectResponse(landing(principal), HTTPStatus.SEE_OTHER)
    return parts.pages.replay(request, parts.basemap.shown())


@router.get("/account", include_in_schema=False)
def account_page(request: Request, parts: PartsOf) -> Response:
    """One's own account, and what one administers; what it shows, the API grants."""
    if parts.gate.principal(request) is None:
        return to_login(request)
    return parts.pages.account(request)


@router.get("/figures", include_in_schema=False)
def figures_page(request: Request, parts: PartsOf) -> Response:
    """The dashboard of alerts; what it shows, the API grants."""
    principal = parts.gate.principal(request)
    if principal is None:
        return to_login(request)
    if not principal.may(Action.ANSWER_ALERTS):
        return RedirectResponse("/account", HTTPStatus.SEE_OTHER)
    return parts.pages.figures(request)


@router.get("/zones", include_in_schema=False)
def zones_page(request: Request, parts: PartsOf) -> Response:
    """The zones; what it shows and changes, the API grants."""
    if parts.gate.principal(request) is None:
        return to_login(request)
    return parts.pages.zones(request, parts.basemap.shown())


@router.get("/login", include_in_schema=False)
def login_form(
    request: Request, parts: PartsOf, next_path: Annotated[str | None, Query(alias="next")] = None
) -> Response:
    """The form."""
    return parts.pages.login(request, next_path=safe_next(next_path))


@router.post("/login", include_in_schema=False)
def log_in(
    request: Request,
    parts: PartsOf,
    username: Annotated[str, Form(max_length=MAX_NAME)],
    password: Annotated[str, Form(max_length=MAX_PASSWORD)],
    next_path: Next = None,
) -> Response:
    """Opens a session, asks for the second factor, or shows the form again with the reason (401 or 429)."""
    target, name = safe_next(next_path), username.strip()
    attempt = parts.gate.log_in(request, name, password)
    if attempt.token:
        return admitted(request, parts, attempt, target)
    error = parts.pages.said(request, attempt.verdict.value, seconds=_seconds(attempt))
    return refused(parts.pages.login(request, next_path=target, username=name, error=error), attempt)


@router.post("/login/code", include_in_schema=False)
def confirm(
    request: Request, parts: PartsOf, code: Annotated[str, Form(max_length=MAX_CODE)], next_path: Next = None
) -> Response:
    """The second factor; without a log-in that waits for one, back to the first form."""
    target = safe_next(next_path)
    attempt = parts.gate.confirm(request, code)
    if attempt.token:
        return admitted(request, parts, attempt, target)
    if attempt.verdict is Verdict.WRONG:
        return RedirectResponse(way_in(target), HTTPStatus.SEE_OTHER)
    error = parts.pages.said(request, attempt.verdict.value, seconds=_seconds(attempt))
    return refused(parts.pages.code(request, next_path=target, error=error), attempt)


@router.post("/logout", include_in_schema=False)
def log_out(request: Request, parts: PartsOf) -> Response:
    """Ends the session."""
    parts.gate.log_out(request)
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    parts.gate.take_back(answer)
    return answer


@router.get("/password/{token}", include_in_schema=False)
def password_form(request: Request, parts: PartsOf, token: str) -> Response:
    """The form behind a one-time link; looking at it doesn't use the link up."""
    return password_page(request, parts, token[:MAX_TOKEN])


@router.post("/password/{token}", include_in_schema=False)
def first_password(
    request: Request,
    parts: PartsOf,
    token: str,
    password: Annotated[str, Form(max_length=MAX_PASSWORD)],
    repeated: Annotated[str, Form(max_length=MAX_PASSWORD)],
) -> Response:
    """Sets the password of the account that the link was made for, and ends its sessions."""
    if len(password) < MIN_PASSWORD or password != repeated:
        error = "password_short" if len(password) < MIN_PASSWORD else "password_differs"
        return password_page(request, parts, token[:MAX_TOKEN], error)
    if parts.gate.accounts.linked(digest_of(token[:MAX_TOKEN])) is None:  # before the hash, which costs time and memory
        return password_page(request, parts, "")
    hashed = parts.gate.passwords.hash(password)
    account_id = parts.gate.accounts.redeem(digest_of(token[:MAX_TOKEN]))
    if account_id is None:
        return password_page(request, parts, "")
    parts.gate.accounts.set_password(account_id, hashed)
    parts.gate.sessions.end_all(account_id)
    return RedirectResponse("/login", HTTPStatus.SEE_OTHER)


def password_page(request: Request, parts: Parts, token: str, error: str = "") -> Response:
    """The form with its account, or the news that the link is dead (404)."""
    account = parts.gate.accounts.linked(digest_of(token))
    said = parts.pages.said(request, error if account else "link_dead") if error or not account else ""
    answer = parts.pages.password(request, account=account or "", error=said)
    if answer.status_code == HTTPStatus.OK and said:
        answer.status_code = HTTPStatus.UNPROCESSABLE_ENTITY if account else HTTPStatus.NOT_FOUND
    return answer


def to_login(request: Request) -> Response:
    """The way to the log-in and back to this page; what stands behind `#` the browser carries along."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(way_in(safe_next(asked)), HTTPStatus.SEE_OTHER)


def admitted(request: Request, parts: Parts, attempt: Attempt, target: str) -> Response:
    """On to where one wanted, or to the question for the second factor, with the new session."""
    asked = attempt.verdict is Verdict.CODE
    answer = parts.pages.code(request, next_path=target) if asked else RedirectResponse(target, HTTPStatus.SEE_OTHER)
    parts.gate.give(answer, attempt.token)
    return answer


def refused(answer: Response, attempt: Attempt) -> Response:
    """The form again, with the status that says why."""
    answer.status_code = HTTPStatus.UNAUTHORIZED
    if attempt.verdict is Verdict.LOCKED:
        answer.headers["Retry-After"] = _seconds(attempt)
        answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
    return answer


def _seconds(attempt: Attempt) -> str:
    return f"{max(1.0, attempt.wait_s):.0f}"

"""What anybody may ask: the log-in, the page behind it, and whether the process lives."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from maps.login import Attempt, Verdict, safe_next
from maps.pages import LOGIN_WORDS, language_of
from maps.parts import PartsOf

MAX_NAME, MAX_PASSWORD = 200, 1024

router = APIRouter()


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """Whether the process lives; says nothing of the store."""
    return Health()


@router.get("/", include_in_schema=False)
def live_page(request: Request, parts: PartsOf) -> Response:
    """The live map, or the way to the log-in."""
    if parts.gate.user(request) is None:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    return parts.pages.live(request)


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
    next_path: Annotated[str | None, Form(alias="next")] = None,
) -> Response:
    """Opens a session, or shows the form again with the reason (401, or 429 after too many tries)."""
    target, name = safe_next(next_path), username.strip()
    attempt = parts.gate.log_in(request, name, password)
    if attempt.verdict is Verdict.WELCOME:
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    error = LOGIN_WORDS[language_of(request)][attempt.verdict.value].format(seconds=_seconds(attempt))
    page = parts.pages.login(request, next_path=target, username=name, error=error)
    if attempt.verdict is Verdict.LOCKED:
        page.headers["Retry-After"] = _seconds(attempt)
        page.status_code = HTTPStatus.TOO_MANY_REQUESTS
    else:
        page.status_code = HTTPStatus.UNAUTHORIZED
    return page


@router.post("/logout", include_in_schema=False)
def log_out(request: Request) -> Response:
    """Ends the session."""
    request.session.clear()
    return RedirectResponse("/login", HTTPStatus.SEE_OTHER)


def _seconds(attempt: Attempt) -> str:
    return f"{max(1.0, attempt.wait_s):.0f}"

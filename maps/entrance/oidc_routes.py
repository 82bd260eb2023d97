"""`/login/oidc`: away to the provider and back. The account must exist; the provider only says whose it is."""

from hmac import compare_digest
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from maps.entrance.login import log_refusal
from maps.entrance.oidc import Departure, Provider, ProviderError
from maps.entrance.own_path import safe_next
from maps.entrance.permission import permit
from maps.parts import Parts, PartsOf
from maps.problems import Problem
from maps.routes import admitted, refused
from tracker.people.roles import Action

AWAY_S = 600
MAX_PARAMETER = 4096

log = structlog.get_logger(__name__)
Parameter = Annotated[str | None, Query(max_length=MAX_PARAMETER)]


def router(provider: Provider | None) -> APIRouter:
    """The routes; without a provider they are not there."""
    routes = APIRouter(dependencies=[permit(Action.ENTER)])

    def found() -> Provider:
        if provider is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no_oidc", "No OpenID provider is configured.")
        return provider

    @routes.get("/login/oidc", include_in_schema=False)
    def away(
        request: Request, parts: PartsOf, next_path: Annotated[str | None, Query(alias="next")] = None
    ) -> Response:
        """To the provider, with what must come back in a cookie."""
        departure = Departure.to(safe_next(next_path))
        try:
            answer: Response = RedirectResponse(found().address(departure), HTTPStatus.SEE_OTHER)
        except ProviderError as error:
            return failed(request, parts, error)
        answer.set_cookie(
            cookie(parts), departure.packed(), max_age=AWAY_S, httponly=True, samesite="lax",
            secure=parts.gate.rules.https, path="/",
        )  # fmt: skip
        return answer

    @routes.get("/login/oidc/back", include_in_schema=False)
    def back(
        request: Request, parts: PartsOf, state: Parameter = None, code: Parameter = None, iss: Parameter = None
    ) -> Response:
        """From the provider: a session, the question for the account's own second factor, or the form again."""
        departure = Departure.unpacked(request.cookies.get(cookie(parts), ""))
        answer = entered(request, parts, found(), departure, (state, code, iss))
        answer.delete_cookie(cookie(parts), httponly=True, samesite="lax", secure=parts.gate.rules.https, path="/")
        return answer

    return routes


def entered(
    request: Request,
    parts: Parts,
    provider: Provider,
    departure: Departure | None,
    given: tuple[str | None, str | None, str | None],
) -> Response:
    """What becomes of somebody who comes back with (state, code, issuer)."""
    state, code, issuer = given
    if departure is None or not compare_digest(departure.state, state or "") or not provider.is_issuer(issuer):
        return failed(request, parts, ProviderError("The browser came back without what it left with."))
    try:
        identity = provider.identity(departure, code or "")
    except ProviderError as error:
        return failed(request, parts, error, departure.next_path)
    attempt = parts.gate.enter(request, parts.gate.accounts.by_identity(identity))
    target = safe_next(departure.next_path)
    if attempt.token:
        return admitted(request, parts, attempt, target)
    log_refusal("no_account", identity.username, request)
    unknown = parts.pages.said(request, "oidc_unknown", name=identity.username)
    return refused(parts.pages.login(request, next_path=target, error=unknown), attempt)


def failed(request: Request, parts: Parts, why: ProviderError, next_path: str = "/") -> Response:
    """The form with a sentence; the reason stands in the log, where no code or token is."""
    log.warning("oidc_failed", why=str(why))
    answer = parts.pages.login(request, next_path=safe_next(next_path), error=parts.pages.said(request, "oidc_failed"))
    answer.status_code = HTTPStatus.BAD_GATEWAY
    return answer


def cookie(parts: Parts) -> str:
    """With HTTPS a name that no other host of the domain can set: nobody is logged in as somebody else unawares."""
    return "__Host-kc_oidc" if parts.gate.rules.https else "kc_oidc"

"""Two pure-ASGI layers round every answer: security headers, and the defence against cross-site requests."""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maps.problems import problem_response

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
}
STRICT_TRANSPORT = "max-age=31536000"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def content_security_policy(tiles_from: str | None = None) -> str:
    """This origin only, and the server of a raster basemap if there is one."""
    also = f" {tiles_from}" if tiles_from else ""
    return (
        f"default-src 'self'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'{also}; "
        f"img-src 'self' data: blob:{also}; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class SecurityHeaders:
    """Adds what tells a browser to trust this origin only; an answer's own header wins."""

    def __init__(self, app: ASGIApp, *, https: bool, tiles_from: str | None = None) -> None:
        self._app = app
        self._headers = SECURITY_HEADERS | {"Content-Security-Policy": content_security_policy(tiles_from)}
        self._headers |= {"Strict-Transport-Security": STRICT_TRANSPORT} if https else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def is_cross_site(method: str, headers: Headers) -> bool:
    """Whether a browser sent a state-changing request from another origin.

    The rule of Go's `http.CrossOriginProtection`: `Sec-Fetch-Site` decides; without it `Origin` must name our
    host; a request with neither doesn't come from a browser and so carries nobody's cookie by accident.
    """
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


class CrossSiteDefence:
    """Refuses state-changing requests that another site made a browser send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] == "http" and is_cross_site(scope["method"], Headers(scope=scope)):
            refusal = problem_response(HTTPStatus.FORBIDDEN, "cross_site", "The request came from another site.")
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

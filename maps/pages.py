"""The HTML that Vite built, filled in here: language, theme and the log-in form work without JavaScript."""

import html
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson
from fastapi import Request
from fastapi.responses import HTMLResponse

from maps.entrance.login_words import LOGIN_WORDS

LANGUAGE_COOKIE = "kc_lang"
THEME_COOKIE = "kc_theme"
LANGUAGES: Final = ("zh-CN", "en")
THEMES: Final = ("auto", "light", "dark")
PREFERENCE_S = 365 * 24 * 3600

NOT_BUILT = "The front end isn't built: run `npm ci && npm run build` in the project's root."
_SLOT = re.compile(r"\{\{(\w+)\}\}")


def language_of(request: Request) -> str:
    """The reader's language: asked for, remembered, accepted by the browser, or Chinese."""
    for choice in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if choice in LANGUAGES:
            return str(choice)
    for accepted in request.headers.get("accept-language", "").split(","):
        primary = accepted.split(";")[0].strip().lower().split("-")[0]
        if primary in {"zh", "en"}:
            return "zh-CN" if primary == "zh" else "en"
    return LANGUAGES[0]


def theme_of(request: Request) -> str:
    """The reader's theme; `auto` follows the device."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else THEMES[0]


class Pages:
    """The built pages of one directory (`dist`), read for every answer: small, and they may be rebuilt."""

    def __init__(self, dist: Path, *, https: bool, oidc: bool = False) -> None:
        self._dist = dist
        self._oidc = oidc
        self._https = https

    def live(self, request: Request, basemap: Mapping[str, Any]) -> HTMLResponse:
        """The live map; `basemap` is `maps.basemap.Basemap.shown`."""
        return self._map("index.html", request, basemap)

    def replay(self, request: Request, basemap: Mapping[str, Any]) -> HTMLResponse:
        """Past tracks on a map; `basemap` as for the live map."""
        return self._map("replay.html", request, basemap)

    def account(self, request: Request) -> HTMLResponse:
        """One's own account, and people."""
        return self._page("account.html", request, {}, HTTPStatus.OK)

    def figures(self, request: Request) -> HTMLResponse:
        """The dashboard of alerts."""
        return self._page("figures.html", request, {}, HTTPStatus.OK)

    def zones(self, request: Request, basemap: Mapping[str, Any]) -> HTMLResponse:
        """The zones: list, map, drawing and import; `basemap` as for the live map."""
        return self._map("zones.html", request, basemap)

    def login(self, request: Request, *, next_path: str, username: str = "", error: str = "") -> HTMLResponse:
        """The log-in form; `error` is shown above it."""
        slots = {"next": next_path, "next_quoted": quote(next_path, safe="/"), "name": username, "error": error}
        return self._form("login.html", request, slots | {"oidc": "on" if self._oidc else "off"})

    def code(self, request: Request, *, next_path: str, error: str = "") -> HTMLResponse:
        """The form for the second factor."""
        return self._form("code.html", request, {"next": next_path, "error": error})

    def password(self, request: Request, *, account: str, error: str = "") -> HTMLResponse:
        """The form behind a one-time link; its address is given to nobody."""
        slots = {"account": self.said(request, "password_for", name=account) if account else "", "error": error}
        page = self._form("password.html", request, slots | {"state": "open" if account else "dead"})
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    def said(self, request: Request, key: str, **values: str) -> str:
        """A sentence in the reader's language."""
        return LOGIN_WORDS[language_of(request)][key].format(**values)

    def _form(self, file: str, request: Request, slots: dict[str, str]) -> HTMLResponse:
        language = language_of(request)
        current = {"zh_current": str(language == "zh-CN").lower(), "en_current": str(language == "en").lower()}
        return self._page(file, request, LOGIN_WORDS[language] | current | slots, HTTPStatus.OK)

    def _map(self, name: str, request: Request, basemap: Mapping[str, Any]) -> HTMLResponse:
        return self._page(name, request, {"basemap": orjson.dumps(basemap).decode()}, HTTPStatus.OK)

    def _page(self, name: str, request: Request, slots: dict[str, str], status: HTTPStatus) -> HTMLResponse:
        file = self._dist / name
        if not file.is_file():
            return HTMLResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, {"Cache-Control": "no-store"})
        language = language_of(request)
        values = slots | {"lang": language, "theme": theme_of(request)}
        body = _SLOT.sub(lambda slot: html.escape(values.get(slot[1], "")), file.read_text(encoding="utf-8"))
        response = HTMLResponse(body, status, {"Cache-Control": "no-store", "Content-Language": language})
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=PREFERENCE_S, samesite="lax", secure=self._https)
        return response

"""The HTML that Vite built, filled in here: language, theme and the log-in form work without JavaScript."""

import html
import re
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

LANGUAGE_COOKIE = "kc_lang"
THEME_COOKIE = "kc_theme"
LANGUAGES: Final = ("zh-CN", "en")
THEMES: Final = ("auto", "light", "dark")
PREFERENCE_S = 365 * 24 * 3600

LOGIN_WORDS: dict[str, dict[str, str]] = {
    "zh-CN": {
        "title": "登录 · KeepClear",
        "heading": "登录",
        "tagline": "外访人员实时地图",
        "username": "用户名",
        "password": "密码",
        "submit": "登录",
        "language": "语言",
        "wrong": "用户名或密码不正确。",
        "locked": "尝试次数过多，请在 {seconds} 秒后重试。",
        "note": "仅限获授权人员使用。",
    },
    "en": {
        "title": "Log in · KeepClear",
        "heading": "Log in",
        "tagline": "Live map of field visits",
        "username": "User name",
        "password": "Password",
        "submit": "Log in",
        "language": "Language",
        "wrong": "The user name or the password is wrong.",
        "locked": "Too many tries. Try again in {seconds} s.",
        "note": "For authorised staff only.",
    },
}
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

    def __init__(self, dist: Path, *, https: bool) -> None:
        self._dist = dist
        self._https = https

    def live(self, request: Request) -> HTMLResponse:
        """The live map."""
        return self._page("index.html", request, {}, HTTPStatus.OK)

    def login(self, request: Request, *, next_path: str, username: str = "", error: str = "") -> HTMLResponse:
        """The log-in form; `error` is shown above it."""
        language = language_of(request)
        slots = LOGIN_WORDS[language] | {
            "next": next_path,
            "name": username,
            "error": error,
            "zh_current": str(language == "zh-CN").lower(),
            "en_current": str(language == "en").lower(),
        }
        return self._page("login.html", request, slots, HTTPStatus.OK)

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

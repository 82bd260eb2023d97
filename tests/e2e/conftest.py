"""One Chromium a module; a fresh profile, and a record of what the console says, for every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_site import FakeSite
from pages import CHROMIUM, CHROMIUM_ARGS, DESK, ROOT
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

DIST = ROOT / "maps" / "web" / "dist"


@pytest.fixture(scope="session")
def built() -> Path:
    """The built front end."""
    if not (DIST / "index.html").is_file():
        pytest.fail("The front end isn't built: run `npm ci && npm run build` (or `make e2e`).", pytrace=False)
    return DIST


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its module: Playwright keeps an event loop running, under which no later test could start one."""
    if CHROMIUM is None:
        pytest.fail("Chromium is missing: `apt-get install chromium-headless-shell fonts-noto-cjk`.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def console() -> list[str]:
    """What the pages of this test complain about: errors, warnings, exceptions."""
    return []


@pytest.fixture
def open_page(chromium: Browser, console: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a page of its own profile; animations are off so that the camera is where it is sent.

    Without a graphics card every pixel is a processor's work: one in four is drawn, positions stay as they are.
    """
    contexts = []

    def open_one(**options: Any) -> Page:
        usual = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESK, "reduced_motion": "reduce"}
        usual |= {"device_scale_factor": 0.5}
        context = chromium.new_context(**(usual | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: is_complaint(said) and console.append(said.text))
        page.on("pageerror", lambda error: console.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()


def is_complaint(said: ConsoleMessage) -> bool:
    """An error or a warning of the page; not the remark of WebGL in software that its canvas is read to be shown."""
    return said.type in {"error", "warning"} and "GPU stall due to ReadPixels" not in said.text


@pytest.fixture
def site(built: Path) -> Iterator[FakeSite]:
    """The live page with a fake store."""
    assert built
    with FakeSite() as running:
        yield running

"""What a person sees and does in the browser, so that tests read like it.

`wait_for_function` needs eval and dies under the page's security policy; `expect` polls without it.
"""

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Debian's shell of Chromium has the same engine without the browser's own windows, and is much lighter."""
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 20_000
"""How long something that must happen may take on a busy machine."""
TRIES = 100


class LoginPage:
    """The log-in form."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self) -> "LoginPage":
        self.page.goto(f"{self.url}/login")
        return self

    def log_in(self, username: str, password: str) -> "LivePage":
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("button[type=submit]").click()
        return LivePage(self.page)

    @property
    def error(self) -> Locator:
        return self.page.locator(".login-error")


class LivePage:
    """The live map and its lists."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def visitors(self) -> Locator:
        """The rows of the visitor list that are in view."""
        return self.page.get_by_role("listbox").get_by_role("option")

    def visitor(self, name: str) -> Locator:
        return self.visitors.filter(has_text=name)

    @property
    def alerts(self) -> Locator:
        return self.page.locator(".alert-row")

    def alert(self, alert_id: str) -> Locator:
        return self.page.locator(f'[data-alert="{alert_id}"]')

    @property
    def zones(self) -> Locator:
        return self.page.locator(".zone-list li")

    @property
    def scale(self) -> Locator:
        """The map's scale bar."""
        return self.page.locator(".maplibregl-ctrl-scale")

    @property
    def card(self) -> Locator:
        return self.page.locator(".card")

    @property
    def banner(self) -> Locator:
        return self.page.locator(".banner")

    @property
    def announced(self) -> Locator:
        return self.page.get_by_role("status")

    def open_tab(self, tab: str) -> None:
        """`visitors`, `alerts` (not where they have a panel of their own) or `zones`."""
        self.page.locator(f"#tab-{tab}").click()

    def expect_link(self, state: str) -> None:
        """`live`, `delayed` or `disconnected`."""
        expect(self.page.locator(".link")).to_have_attribute("data-link", state, timeout=PATIENCE_MS)

    def expect_visitor(self, name: str, text: str) -> None:
        expect(self.visitor(name)).to_contain_text(text, timeout=PATIENCE_MS)

    def centre(self, name: str) -> None:
        """Put a visitor in the middle of what can be seen of the map, and close the card again."""
        self.visitor(name).click()
        self.card.locator("header button").first.click()
        self.card.locator("header button").last.click()
        expect(self.card).to_have_count(0)

    def expect_on_map(self, name: str, at: dict[str, float]) -> None:
        """Click a point of the map until the visitor drawn there opens; tiles are drawn when they are ready."""
        for _ in range(TRIES):
            self.page.locator(".map canvas").click(position=at)
            self.page.wait_for_timeout(100)
            if self.card.count() and name in self.card.inner_text():
                return
        raise AssertionError(f"{name} isn't drawn at {at}")

    def expect_nobody_on_map(self, at: dict[str, float]) -> None:
        """Click a point of the map until it opens nobody: who goes is drawn for a moment longer."""
        for _ in range(TRIES):
            self.page.locator(".map canvas").click(position=at)
            self.page.wait_for_timeout(300)
            if not self.card.count():
                return
            self.page.keyboard.press("Escape")
        raise AssertionError(f"somebody is drawn at {at}")

    def map_size(self) -> dict[str, float]:
        box = self.page.locator(".map").bounding_box()
        assert box
        return {"width": box["width"], "height": box["height"]}


def enter(page: Page, site: Any, at: str = "/") -> LivePage:
    """A page, the live one if no other is named, of somebody who has logged in already."""
    page.context.add_cookies([{"name": "kc_session", "value": site.session(), "url": site.url}])
    page.goto(f"{site.url}{at}")
    return LivePage(page)


def colour_beside(shown: Locator, classes: str) -> str:
    """The colour that the page gives to a new element of these classes in the same place."""
    colour: str = shown.evaluate(
        """(shown, classes) => {
            const probe = shown.parentNode.appendChild(document.createElement("i"));
            probe.className = classes;
            const { color } = getComputedStyle(probe);
            probe.remove();
            return color;
        }""",
        classes,
    )
    return colour


def accessibility_problems(page: Page) -> list[str]:
    """What axe finds serious or critical, as `rule: element`."""
    assert AXE.is_file(), "axe-core is missing: run `npm ci`."
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
    )
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]

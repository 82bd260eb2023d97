"""At 320 px, a desk's window at 400 %, nothing that can be pressed lies beside the window (WCAG 1.4.10)."""

import pytest
from fake_live import PASSWORD
from fake_site import USER
from pages import PATIENCE_MS, LoginPage
from playwright.sync_api import expect

from tracker.people.roles import EVERYBODY, Role

BESIDE = """() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((each) => each.checkVisibility() && !each.closest(".chips, .tabs"))
  .map((each) => [each.getBoundingClientRect(), each.textContent || each.outerHTML])
  .filter(([box]) => box.width > 0 && (box.right > innerWidth + 1 || box.left < -1))
  .map(([, text]) => text)"""


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("path", ["/", "/zones", "/replay", "/figures", "/account"])
def test_nothing_lies_beside_a_narrow_window(site, open_page, path, locale):
    site.accounts.rights[1] = (frozenset(Role), EVERYBODY)
    page = open_page(viewport={"width": 320, "height": 640}, locale=locale)
    LoginPage(page, site.url).open().log_in(USER, PASSWORD)
    page.goto(site.url + path)
    expect(page.locator("header").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate(BESIDE) == []

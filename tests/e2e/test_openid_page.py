"""The log-in by an OpenID provider on another site, with a real browser's rules for cookies."""

import pytest
from fake_site import USER, FakeSite
from openid_provider import CLIENT, SECRET, OpenIdProvider
from playwright.sync_api import expect

from maps.app import create_maps_app
from maps.entrance.oidc import Client, Provider


class CompanySite(FakeSite):
    """The live page with a provider that is another site to the browser."""

    def __init__(self, provider: OpenIdProvider) -> None:
        super().__init__()
        self.provider = provider

    def application(self):
        client = Client(self.provider.issuer, CLIENT, SECRET, f"{self.url}/login/oidc/back")
        return create_maps_app(self.accounts, self.accounts, self.view, basemap=self.basemap, provider=Provider(client))


@pytest.fixture
def company(built):
    assert built
    provider = OpenIdProvider(host="localhost")
    provider.user = {"sub": "u-1", "preferred_username": USER}
    with provider, CompanySite(provider) as site:
        yield site


def test_one_click_leads_to_the_live_map_and_to_what_the_address_looks_at(company, open_page):
    page = open_page()
    page.goto(f"{company.url}/#visitor=phone-1")
    page.get_by_role("link", name="使用企业账号登录").click()
    expect(page).to_have_title("实时地图 · KeepClear")
    page.wait_for_url("**/#**visitor=phone-1**")


def test_whoever_has_no_account_is_told_so(company, open_page):
    company.provider.user = {"sub": "u-9", "preferred_username": "stranger"}
    page = open_page()
    page.goto(f"{company.url}/login")
    page.get_by_role("link", name="使用企业账号登录").click()
    expect(page.get_by_role("alert")).to_have_text("企业账号 stranger 没有对应的账户，请联系管理员。")


def test_without_a_provider_nothing_is_offered(site, open_page):
    page = open_page()
    page.goto(f"{site.url}/login")
    expect(page.get_by_role("link", name="使用企业账号登录")).to_have_count(0)

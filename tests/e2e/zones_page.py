"""The zones page over a real database, and what a person does there."""

import math
from pathlib import Path
from typing import Any

from fake_site import FakeSite
from fastapi import FastAPI
from pages import enter
from playwright.sync_api import Locator, Page, expect

from geofences.zone import Zone
from maps.zoning import zone_api
from tracker.store.connection import engine
from tracker.store.live import PostgresLiveView
from tracker.store.zone_book import PostgresZoneBook
from tracker.zones.record import Signature

HERE = (118.79, 32.045)
ZOOM = 16.0
CAMERA = f"&map={ZOOM}/{HERE[1]}/{HERE[0]}"


def mercator(lat: float) -> float:
    """Degrees of longitude that are as far from the equator on the map."""
    return math.degrees(math.asinh(math.tan(math.radians(lat))))


class ZonesSite(FakeSite):
    """The pages over a database with one zone, edited once; the live map reads the same database."""

    def __init__(self, url: str, *zones: Zone) -> None:
        super().__init__()
        self.database = engine(url)
        self.view: Any = PostgresLiveView(self.database)
        self.book = PostgresZoneBook(self.database)
        for zone in zones:
            self.book.create(zone, Signature("li na", "list of May"))

    def application(self) -> FastAPI:
        app = super().application()
        app.include_router(zone_api.router(self.book, 200.0, 100.0))
        return app


class ZonesPage:
    """The list, a zone's card, the editor, the wizard and the question about a place."""

    def __init__(self, page: Page, site: FakeSite) -> None:
        self.page = page
        self.site = site

    def open(self, address: str = "") -> "ZonesPage":
        enter(self.page, self.site, f"/zones{address}")
        expect(self.page.locator(".maplibregl-canvas")).to_be_visible()
        return self

    @property
    def side(self) -> Locator:
        return self.page.locator("#side")

    def row(self, zone_id: str) -> Locator:
        return self.page.locator(f'[data-zone="{zone_id}"]')

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def tool(self, name: str) -> None:
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def tap(self, *places: tuple[float, float]) -> None:
        """Click the map at shares of its width and height, as a person does: a move, then a press."""
        box = self.page.locator(".map").bounding_box()
        assert box
        for x, y in places:
            self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
            self.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is drawn, by shares of the map, when the address has `CAMERA` (Web Mercator, 512 px tiles)."""
        box = self.page.locator(".map").bounding_box()
        assert box
        world_px = 512.0 * 2.0**ZOOM
        x = (lon - HERE[0]) / 360.0 * world_px
        y = (mercator(HERE[1]) - mercator(lat)) / 360.0 * world_px
        return 0.5 + x / box["width"], 0.5 + y / box["height"]

    def drag(self, place: tuple[float, float], by_px: tuple[float, float]) -> None:
        """Press at shares of the map, pull, let go."""
        box = self.page.locator(".map").bounding_box()
        assert box
        x, y = box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by_px[0], y + by_px[1], steps=5)
        self.page.mouse.up()

    def sign(self, reason: str) -> None:
        self.page.get_by_label("修改原因").fill(reason)

    def press(self, name: str) -> None:
        """By the keyboard."""
        self.button(name).focus()
        self.page.keyboard.press("Enter")

    def choose_file(self, path: Path) -> None:
        self.page.get_by_label("文件", exact=True).set_input_files(path)

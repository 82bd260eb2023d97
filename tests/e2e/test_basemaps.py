"""Each kind of basemap in a browser: what is asked of whom, and everything shifted alike onto a GCJ-02 one."""

import base64
import io
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fake_live import a_court, a_device
from pages import PATIENCE_MS, TRIES, enter
from PIL import Image, ImageColor
from playwright.sync_api import expect

from geofences.datum import convert
from maps.basemap import Basemap
from tests.pmtiles_file import write_pmtiles
from tests.vector_tiles import write_vector_pmtiles

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
HERE = (118.79, 32.045)
COLOURS = {"land": "#f3f1ec", "building": "#e5e0d7", "green": "#d9e7cf", "major": "#fbeec9", "minor": "#ffffff"}
"""Of the light palette, see maps/web/src/map/palette.ts."""
MANY = 200


@pytest.fixture
def tiles():
    """A server of pictures; its address, and what was asked of it."""
    asked = []

    class Pictures(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(PICTURE)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png", asked
    server.shutdown()


@pytest.fixture
def watch(site, open_page):
    def look(basemap, address=""):
        site.stop()
        site.basemap = basemap
        site.start()
        site.view.put_zones(a_court())
        site.view.put(a_device(fix_at=time.time(), received_at=time.time()), changed_at=time.time())
        live = enter(open_page(), site, f"/#{address}")
        live.expect_link("live")
        live.expect_visitor("王芳", "正常")
        return live

    return look


def centre(live):
    return {axis: size / 2 for axis, size in zip("xy", live.map_size().values(), strict=True)}


def eventually(page, ready):
    for _ in range(TRIES):
        if ready():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it didn't happen")


def test_raster_tiles_are_asked_of_their_server_and_named(watch, tiles, console):
    address, asked = tiles

    live = watch(Basemap(address, attribution="测绘院 审图号 GS(2026)1"))

    expect(live.page.locator(".attribution")).to_have_text("测绘院 审图号 GS(2026)1")
    eventually(live.page, lambda: asked)
    assert console == []


def test_on_a_gcj02_basemap_everything_is_shifted_and_the_page_says_so(watch, tiles):
    lon, lat = convert(*HERE, "wgs84", "gcj02")

    live = watch(Basemap(tiles[0], "gcj02"), f"map=16.00/{lat:.5f}/{lon:.5f}")

    expect(live.page.locator(".attribution")).to_contain_text("GCJ-02")
    live.expect_on_map("王芳", centre(live))
    expect(live.card).to_contain_text("118.79000, 32.04500")


def test_a_pmtiles_file_is_read_by_parts(watch, tmp_path, console):
    live = watch(Basemap(str(write_pmtiles(tmp_path / "map.pmtiles", PICTURE))))
    answers = []
    live.page.on("response", lambda answer: answers.append((answer.url.rsplit("/", 1)[1], answer.status)))

    live.page.reload()

    eventually(live.page, lambda: ("basemap.pmtiles", 206) in answers)
    live.expect_link("live")
    assert console == []


@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")
def test_vector_tiles_are_drawn_in_a_style_of_ours(watch, tmp_path, console):
    file = write_vector_pmtiles(tmp_path / "map.pmtiles")
    live = watch(Basemap(str(file)), "map=15.00/32.0480/118.7860")
    drawn = set()

    def everything() -> bool:
        picture = Image.open(io.BytesIO(live.page.locator(".map").screenshot())).convert("RGB")
        drawn.update(name for name, colour in COLOURS.items() if count_of(picture, colour) > MANY)
        return drawn == set(COLOURS)

    eventually(live.page, everything)
    assert console == []


def count_of(picture: Image.Image, colour: str) -> int:
    """How many pixels have exactly a colour of the palette."""
    wanted = ImageColor.getrgb(colour)
    return sum(count for count, found in picture.getcolors(1 << 24) if found == wanted)


def test_without_a_basemap_the_zones_and_visitors_are_drawn(watch, console):
    live = watch(Basemap("none"), f"map=16.00/{HERE[1]}/{HERE[0]}")

    live.expect_on_map("王芳", centre(live))
    expect(live.page.locator(".attribution")).to_have_count(0)
    expect(live.scale).to_be_visible(timeout=PATIENCE_MS)
    assert console == []

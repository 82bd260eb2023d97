"""The whole way as a new user goes it: `keepclear up`, enrol, a phone publishes over MQTT, the page shows it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pages import LivePage, LoginPage
from playwright.sync_api import Page, expect

from mqtt.phone import Connection, Phone
from mqtt.phone_loop import PhoneLoop
from tests.builders import COURT, a_place
from tests.conftest import make_var_dir
from tests.eventually import eventually
from tracker.fix import Fix

USER, PASSWORD = "supervisor", "a long password"
STARTED_WITHIN_S = 120.0
ZONES = f"""{{"type": "FeatureCollection", "features": [{{"type": "Feature", "id": "court",
  "properties": {{"name": "南京市中级人民法院", "kind": "court"}},
  "geometry": {{"type": "Point", "coordinates": [{COURT[0]}, {COURT[1]}]}}}}]}}"""


@dataclass(frozen=True)
class House:
    """A running installation, used through its command line as its owner would."""

    environ: dict[str, str]
    url: str
    mqtt_port: int

    def keepclear(self, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tracker.cli", *arguments],
            env=self.environ, input=typed, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    var = make_var_dir()
    ports = {"KEEPCLEAR_MQTT_PORT": "0", "KEEPCLEAR_HTTP_PORT": "0"}
    environ = os.environ | {"KEEPCLEAR_VAR_DIR": str(var), **ports}
    said = var / "up.txt"
    with said.open("w") as out:
        up = subprocess.Popen([sys.executable, "-m", "tracker.cli", "up"], env=environ, stdout=out, stderr=out)
    try:
        eventually(lambda: up.poll() is not None or "Ctrl-C" in said.read_text(), STARTED_WITHIN_S)
        found = re.search(r"live map\s+(\S+)\s+MQTT\s+\S+:(\d+)", said.read_text())
        assert found, said.read_text()
        yield House(environ, found[1].rstrip("/"), int(found[2]))
    finally:
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0, said.read_text()
        shutil.rmtree(var)


@pytest.fixture(scope="module")
def phone(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    zones: Path = tmp_path_factory.mktemp("zones") / "zones.geojson"
    zones.write_text(ZONES)
    house.keepclear("zones", "import", str(zones), "--datum", "wgs84")
    assert "Visitor 1 is enrolled" in house.keepclear("visitors", "add", "王芳", "--consented")
    enrolled = house.keepclear("devices", "add", "1", "--name", "phone-1")
    found = re.search(r"password: +(\S+)", enrolled)
    assert found
    house.keepclear("shift", "open", "1")
    house.keepclear("accounts", "add", USER, typed=f"{PASSWORD}\n")
    phone = Phone("phone-1", Connection("127.0.0.1", house.mqtt_port, "phone-1", found[1]))
    loop = PhoneLoop([phone])
    loop.start()
    yield phone
    loop.stop()


@pytest.fixture
def live(built: Path, house: House, phone: Phone, open_page: Callable[..., Page]) -> LivePage:
    assert built
    assert phone
    return LoginPage(open_page(), house.url).open().log_in(USER, PASSWORD)


def report(phone: Phone, *signed_ms: float, every_s: float = 11.0) -> None:
    """Fixes so many metres from the zone's edge, from now on; a phone's clock may be a minute ahead."""
    began = round(time.time(), 3)
    for number, signed_m in enumerate(signed_ms):
        at, place = began + number * every_s, a_place(signed_m)
        phone.report(Fix("phone-1", at, *place, at, accuracy_m=5.0))
    eventually(lambda: phone.waiting() == 0, 60.0)


def test_a_fix_published_over_mqtt_appears_on_the_map_and_an_incursion_in_the_list(
    live: LivePage, phone: Phone
) -> None:
    report(phone, 900.0)
    live.expect_visitor("王芳", "正常")
    expect(live.alerts).to_have_count(0)

    report(phone, 80.0, -60.0, -90.0, -90.0, -90.0)

    live.expect_visitor("王芳", "在禁入区内")
    expect(live.alerts).to_have_count(1, timeout=15_000)
    expect(live.alerts.first).to_contain_text("南京市中级人民法院")
    expect(live.alerts.first).to_contain_text("已进入")


def test_the_service_says_that_it_is_ready(house: House, open_page: Callable[..., Page]) -> None:
    answer = open_page().request.get(f"{house.url}/readyz")
    assert (answer.status, answer.json()) == (200, {"database": True, "broker": True, "ingest": True})

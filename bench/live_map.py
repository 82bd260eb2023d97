"""The live map with 5,000 visitors who all move every second: what 1, 50 and 200 open pages cost, and one in a browser.

Real PostgreSQL, the real web service in a process of its own, and bare sockets as pages: they read every byte, and
note when a diff has arrived whole. The lag is from the moment at which the service began to read the store.
"""

import asyncio
import json
import multiprocessing
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import psutil
import uvicorn
from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine

from bench.result import Line, Note, Result
from bench.site import say
from maps.app import create_maps_app
from maps.entrance.login import Passwords
from tests.conftest import make_var_dir
from tests.e2e.pages import CHROMIUM, CHROMIUM_ARGS, DESK
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.store import embedded
from tracker.store.accounts import PostgresAccounts
from tracker.store.connection import connect, engine
from tracker.store.embedded import EmbeddedPostgres
from tracker.store.live import PostgresLiveView
from tracker.store.migrate import upgrade
from tracker.store.rights import PostgresRights
from tracker.store.sessions import PostgresSessions

VISITORS = 5000
PAGES = (1, 50, 200)
USER, PASSWORD = "bench", "a sentence is easily remembered"
BASEMAP = Path("data/basemap/nanjing_osm.geojson")
WARM_UP_S = 6.0
FILL = (
    "INSERT INTO visitor (name, consented_at) SELECT '外访' || n, now() FROM generate_series(1, %s) n",
    "INSERT INTO device (name, visitor_id, shard) SELECT 'phone-' || id, id, 0 FROM visitor LIMIT %s",
    "INSERT INTO shift (visitor_id, opened_at) SELECT id, now() - interval '1 hour' FROM visitor LIMIT %s",
    """INSERT INTO track (device_id, shift_id, version, fix_at, lon, lat, accuracy_m, heading_deg, speed_mps,
      received_at, state, fold)
    SELECT d.id, s.id, 1, now(), 118.6 + random() * 0.4, 31.9 + random() * 0.3, 8, random() * 360, 1.4, now(),
      CASE WHEN d.id %% 20 = 0 THEN 'approach' ELSE 'clear' END, '{}'
    FROM device d JOIN shift s USING (visitor_id) LIMIT %s""",
)
MOVE = """
UPDATE track SET lon = lon + (random() - 0.5) * 2e-4, lat = lat + (random() - 0.5) * 2e-4, fix_at = now(),
  received_at = now(), changed_at = now()"""
DIFF = re.compile(rb'event: diff\r?\ndata: \{"at":([0-9.]+)')
FRAMES = """seconds => new Promise(done => {
  const gaps = []; let last = performance.now(); const end = last + seconds * 1000;
  const step = now => { gaps.push(now - last); last = now; now < end ? requestAnimationFrame(step) : done(gaps); };
  requestAnimationFrame(step);
})"""


def results(seconds: float) -> list[Line]:
    """Server: CPU and lag for each number of pages. Browser: frames and main thread of one page."""
    lines: list[Line] = []
    with _site() as (url, cookie, service, database):
        for pages in PAGES:
            say(f"{pages} pages ...")
            lines += _served(url, cookie, service, database, pages, seconds)
        lines += _browser(url, seconds)
    return lines


@contextmanager
def _site() -> Iterator[tuple[str, str, psutil.Process, psutil.Process]]:
    """The web service over a database whose visitors move every second: its address, a session, both processes."""
    var_dir, stopping = make_var_dir(), Event()
    try:
        with EmbeddedPostgres(var_dir, durable=False) as server:
            database_url = server.url_of(embedded.DATABASE)
            upgrade(create_engine(database_url))
            _fill(database_url)
            port = _free_port()
            service = multiprocessing.Process(target=_serve, args=(database_url, port), daemon=True)
            service.start()
            mover = Thread(target=_move, args=(database_url, stopping), daemon=True)
            mover.start()
            url = f"http://127.0.0.1:{port}"
            cookie = _log_in(port)
            yield url, cookie, psutil.Process(service.pid), psutil.Process(_postmaster(var_dir))
            stopping.set()
            mover.join()
            service.terminate()
            service.join()
    finally:
        shutil.rmtree(var_dir, ignore_errors=True)


def _fill(database_url: str) -> None:
    with connect(database_url, "bench", fenced=False) as connection:
        for statement in FILL:
            connection.execute(statement, (VISITORS,))
    rights = Rights(frozenset({Role.SUPERVISOR}), all_teams=True)
    PostgresRights(engine(database_url)).let_in("bench", USER, Passwords().hash(PASSWORD), rights)


def _serve(database_url: str, port: int) -> None:
    database = engine(database_url)
    app = create_maps_app(
        PostgresAccounts(database), PostgresSessions(database), PostgresLiveView(database), basemap=BASEMAP
    )
    uvicorn.run(app, port=port, log_level="warning")


def _move(database_url: str, stopping: Event) -> None:
    with connect(database_url, "bench mover", fenced=False) as connection:
        while not stopping.wait(1.0 - time.time() % 1.0):
            connection.execute(MOVE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postmaster(var_dir: Path) -> int:
    (found,) = var_dir.rglob("postmaster.pid")
    return int(found.read_text().split()[0])


def _log_in(port: int) -> str:
    """The session's cookie, once the service answers."""
    body = f"username={USER}&password={PASSWORD.replace(' ', '+')}"
    request = (
        f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    )
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 10.0) as connection:
                connection.sendall(request.encode())
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            return re.search(rb"set-cookie: (kc_session=[^;]+)", answer, re.IGNORECASE)[1].decode()  # type: ignore[index]
        except OSError:
            time.sleep(0.1)
    raise ConnectionError("The web service didn't start.")


class _Page(asyncio.Protocol):
    """One open page: counts bytes, and notes the lag of each diff at its last byte."""

    def __init__(self, request: bytes, started: list[float]) -> None:
        self._request, self._started = request, started
        self._tail = b""
        self._at: float | None = None
        self.lags_s: list[float] = []
        self.bytes = 0

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if now < self._started[0]:
            return
        self.bytes += len(data)
        seen = self._tail + data
        for found in DIFF.finditer(seen):
            if found.end() > len(self._tail):
                self._at = float(found[1])
        if self._at is not None and seen.endswith((b"\n\n", b"\r\n\r\n")):
            self.lags_s.append(now - self._at)
            self._at = None
        self._tail = seen[-80:]


def _served(
    url: str, cookie: str, service: psutil.Process, database: psutil.Process, pages: int, seconds: float
) -> list[Line]:
    open_pages, cpu_s = asyncio.run(_listen(url, cookie, service, database, pages, seconds))
    lags_ms = np.array([each for page in open_pages for each in page.lags_s]) * 1000
    p50, p95 = np.percentile(lags_ms, [50, 95]) if len(lags_ms) else (float("nan"), float("nan"))
    rate = sum(page.bytes for page in open_pages) / seconds / pages
    diffs = len(lags_ms) / pages / seconds
    return [
        Result(f"live map, {VISITORS:,} moving visitors, {pages} pages: lag p95", 2000.0, p95, "ms", at_most=True),
        Note("lag p50; diffs a page; bytes a page", f"{p50:.0f} ms; {diffs:.2f}/s; {rate / 1e6:.2f} MB/s"),
        Note("CPU of web service, of PostgreSQL", " + ".join(f"{each / seconds * 100:.0f} %" for each in cpu_s)),
    ]


async def _listen(
    url: str, cookie: str, service: psutil.Process, database: psutil.Process, pages: int, seconds: float
) -> tuple[list[_Page], tuple[float, float]]:
    loop = asyncio.get_running_loop()
    host, port = url.removeprefix("http://").split(":")
    request = f"GET /api/v1/live HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    started = [float("inf")]
    made = [await loop.create_connection(lambda: _Page(request, started), host, int(port)) for _ in range(pages)]
    await asyncio.sleep(WARM_UP_S)
    started[0] = time.time()
    before = _cpu_s(service), _cpu_s(database)
    await asyncio.sleep(seconds)
    after = _cpu_s(service), _cpu_s(database)
    for transport, _ in made:
        transport.abort()
    return [page for _, page in made], (after[0] - before[0], after[1] - before[1])


def _cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process and its children, alive or ended."""
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    return float(total + sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True)))


def _browser(url: str, seconds: float) -> list[Line]:
    """One page in headless Chromium with software GL: frames, and how busy its main thread is."""
    with sync_playwright() as playwright:
        # The tests let WebGL alone use the software GPU, which is quicker to start and slower to show frames.
        arguments = [each.replace("swiftshader-webgl", "swiftshader") for each in CHROMIUM_ARGS]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport=DESK)
        page.goto(f"{url}/login")
        page.fill("[name=username]", USER)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_selector('.link[data-link="live"]', timeout=60_000)
        page.wait_for_timeout(WARM_UP_S * 1000)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        before = _metrics(session)
        gaps_ms = np.array(page.evaluate(FRAMES, seconds))
        after = _metrics(session)
        browser.close()
    spent = {name: (after[name] - before[name]) / seconds * 100 for name in ("TaskDuration", "ScriptDuration")}
    p50, p95, worst = np.percentile(gaps_ms, [50, 95, 100])
    return [
        Result("one page in Chromium, software GL: time between frames, p50", 50.0, float(p50), "ms", at_most=True),
        Note("p95, longest", f"{p95:.0f} ms, {worst:.0f} ms"),
        Note("main thread busy, of this scripts", f"{spent['TaskDuration']:.0f} %, {spent['ScriptDuration']:.0f} %"),
        Note("JavaScript heap", f"{after['JSHeapUsedSize'] / 1e6:.0f} MB"),
    ]


def _metrics(session: Any) -> dict[str, float]:
    answer = session.send("Performance.getMetrics")
    return {each["name"]: each["value"] for each in json.loads(json.dumps(answer))["metrics"]}
